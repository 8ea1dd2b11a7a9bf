"""The client's side: a pumped stream, and many unary calls at once."""

import asyncio
from collections.abc import Iterable, Sequence
from time import perf_counter_ns
from typing import Any, TypeAlias

import grpc

from loadtests.bench.wire import Batches
from riskengine.api.v1 import risk_service_pb2, risk_service_pb2_grpc

SERVICE = "/riskengine.api.v1.RiskService"
Channel: TypeAlias = "grpc.aio.Channel"
Stream: TypeAlias = "grpc.aio.StreamStreamCall[bytes, bytes]"
Exchange: TypeAlias = "grpc.aio.StreamStreamMultiCallable[bytes, bytes]"
Check: TypeAlias = "grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]"


class RefusedError(Exception):
    """Rows that should all be taken were refused, or a stream ended early."""


def open_submit(channel: Channel) -> Stream:
    """Open a Submit call that takes and gives bytes."""
    method: Exchange = channel.stream_stream(f"{SERVICE}/Submit")
    return method()


async def registered(channel: Channel, client_id: str) -> Batches:
    """Register a client with the real server and return what numbers its batches."""
    risk = risk_service_pb2_grpc.RiskServiceStub(channel)
    request = risk_service_pb2.RegisterClientRequest(client_id=client_id)
    result = (await risk.RegisterClient(request)).result
    if not result.incarnation:
        raise RefusedError(str(result.rejections[0]))
    return Batches(client_id, result.incarnation)


async def read(call: Any) -> bytes:
    """Return the next message of a call; raise RefusedError at its end."""
    message = await call.read()
    if not isinstance(message, bytes):
        raise RefusedError(f"the stream ended: {await call.code()} {await call.details()}")
    return message


async def pump(channel: Channel, requests: Iterable[bytes], window: int) -> int:
    """Send requests with at most `window` unanswered; return the nanoseconds to the last answer.

    Raises RefusedError if a row was refused; that is looked at after the clock has stopped.
    """
    call = open_submit(channel)
    room = asyncio.Semaphore(window)
    sent = 0

    async def write() -> None:
        nonlocal sent
        for request in requests:
            await room.acquire()
            await call.write(request)
            sent += 1
        await call.done_writing()

    began = perf_counter_ns()
    writer = asyncio.create_task(write())
    answers = []
    while isinstance(answer := await call.read(), bytes):
        answers.append(answer)
        room.release()
    nanos = perf_counter_ns() - began
    await writer
    if len(answers) != sent:
        raise RefusedError(f"{sent} batches, {len(answers)} answers: {await call.details()}")
    for answer in answers:
        require_applied(answer)
    return nanos


def require_applied(answer: bytes) -> None:
    """Raise RefusedError unless a batch was applied whole."""
    result = risk_service_pb2.SubmitResponse.FromString(answer).result
    if result.rejected_rows:
        raise RefusedError(str(result.rejections[0]))


async def storm(channel: Channel, requests: Sequence[bytes], tasks: int) -> int:
    """Make CheckOrder calls, `tasks` at a time; return the nanoseconds to the last answer."""
    check: Check = channel.unary_unary(f"{SERVICE}/CheckOrder")
    waiting = iter(requests)

    async def work() -> None:
        for request in waiting:
            await check(request)

    began = perf_counter_ns()
    await asyncio.gather(*(work() for _ in range(tasks)))
    return perf_counter_ns() - began
