"""A Submit call over a real channel: bounded in flight, answers in order, an end with a reason."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest

from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.risk_service_pb2_grpc import RiskServiceStub
from riskengine.service import commands
from riskengine.service.risk_servicer import RiskServicer
from riskengine.service.server import RISK_SERVICE, GrpcServer
from riskengine.service.subscriptions import Subscriptions
from tests.service import requests
from tests.service.bench import Bench, make_bench
from tests.service.test_rpc import LIMITS, error_info

if TYPE_CHECKING:
    from riskengine.api.v1.risk_service_pb2_grpc import RiskServiceAsyncStub

IN_FLIGHT = 3


class Gate:
    """Makes the log durable only when the test says so, and tells of each append."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.appended = asyncio.Semaphore(0)
        self.told: list[str] = []
        bench.sequencer.writer = self

    def wake(self) -> None:
        self.told.append("wake")
        self.appended.release()

    def gather(self) -> None:
        self.told.append("gather")
        self.appended.release()

    def sync(self) -> None:
        self.bench.sequencer.durable(self.bench.log.sync())

    async def take(self, count: int) -> None:
        """Wait until so many more commands were appended."""
        for _ in range(count):
            async with asyncio.timeout(5):
                await self.appended.acquire()


@asynccontextmanager
async def served_channel(
    folder: Path, in_flight: int
) -> AsyncIterator[tuple[Gate, "grpc.aio.Channel"]]:
    """Serve with a log that the test makes durable."""
    bench = make_bench(folder)
    gate = Gate(bench)
    await bench.submit(commands.CREATE_ASSET, requests.create_asset())
    await gate.take(1)
    gate.sync()
    statistics = bench.statistics
    subscriptions = Subscriptions(
        bench.ring, bench.availability, statistics.instructions, max_instructions_per_message=10
    )
    servicer = RiskServicer(
        bench.sequencer, subscriptions, statistics, max_in_flight_batches=in_flight
    )
    server = GrpcServer({RISK_SERVICE: servicer}, bench.availability, LIMITS)
    port = server.bind("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield gate, channel
    await server.stop(1)
    bench.log.close()


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[Gate, "RiskServiceAsyncStub"]]:
    async with served_channel(folder, IN_FLIGHT) as (gate, channel):
        yield gate, RiskServiceStub(channel)


def deposits(count: int) -> list[risk_pb.SubmitRequest]:
    return [
        requests.submit_deposits("bank", number, (number, 10)) for number in range(1, count + 1)
    ]


async def test_a_stream_takes_no_more_than_its_bound_until_they_are_durable(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as (gate, stub):
        stream = stub.Submit(iter(deposits(IN_FLIGHT + 2)))
        await gate.take(IN_FLIGHT)
        await asyncio.sleep(0.1)
        assert gate.bench.engine.sequence == 1 + IN_FLIGHT
        gate.sync()
        await gate.take(2)
        gate.sync()
        answers = [answer.batch_sequence async for answer in stream]
        assert answers == list(range(1, IN_FLIGHT + 3))


async def test_a_refused_batch_is_answered_in_its_place(tmp_path: Path) -> None:
    async with served(tmp_path) as (gate, stub):
        good, bad = deposits(1)[0], requests.submit_deposits("bank", 9, (1, 10))
        stream = stub.Submit(iter([good, bad]))
        await gate.take(1)
        gate.sync()
        answers = [answer async for answer in stream]
        assert [answer.batch_sequence for answer in answers] == [1, 9]
        assert [answer.result.sequence for answer in answers] == [2, 0]


async def test_a_shutdown_answers_what_was_taken_and_takes_no_more(tmp_path: Path) -> None:
    async with served(tmp_path) as (gate, stub):
        stream = stub.Submit(iter(deposits(10)))
        await gate.take(IN_FLIGHT)
        gate.bench.availability.shut_down()
        gate.sync()
        responses = aiter(stream)
        answers = [(await anext(responses)).batch_sequence for _ in range(IN_FLIGHT)]
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await anext(responses)
        assert answers == [1, 2, 3]
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert error_info(caught.value).reason == "SHUTTING_DOWN"
        assert gate.bench.engine.sequence == 1 + IN_FLIGHT


async def test_a_client_that_goes_away_leaves_what_was_taken(tmp_path: Path) -> None:
    async with served(tmp_path) as (gate, stub):
        stream = stub.Submit(iter(deposits(2)))
        await gate.take(2)
        stream.cancel()
        async with asyncio.timeout(5):
            await gate.bench.availability.idle()
        gate.sync()
        again = stub.Submit(iter(deposits(2)))
        answers = [answer.result async for answer in again]
        assert [answer.duplicate for answer in answers] == [True, True]
        assert [answer.sequence for answer in answers] == [2, 3]


async def test_only_batches_between_others_wait_for_company(tmp_path: Path) -> None:
    async with served(tmp_path) as (gate, stub):
        gate.told.clear()
        stream = stub.Submit()
        first, second, third, fourth, fifth = deposits(5)
        await stream.write(first)
        await gate.take(1)
        assert gate.told == ["wake"], "nothing before it is unanswered"
        await stream.write(second)
        await gate.take(1)
        assert gate.told == ["wake", "gather"]
        await stream.write(third)
        await gate.take(1)
        assert gate.told == ["wake", "gather", "wake"], "no more is taken before an answer"
        gate.sync()
        for _ in range(IN_FLIGHT):
            await stream.read()
        await stream.write(fourth)
        await gate.take(1)
        assert gate.told[-1] == "wake", "its client has every answer before it"
        await stream.write(fifth)
        await gate.take(1)
        assert gate.told[-1] == "gather"
        gate.sync()
        for _ in range(2):
            await stream.read()
        await stream.done_writing()


async def test_the_end_of_a_stream_ends_the_wait_for_company(tmp_path: Path) -> None:
    async with served(tmp_path) as (gate, stub):
        stream = stub.Submit()
        for batch in deposits(2):
            await stream.write(batch)
        await gate.take(2)
        assert gate.told[-1] == "gather"
        await stream.done_writing()
        await gate.take(1)
        assert gate.told[-1] == "wake"
        gate.sync()
        assert [answer.batch_sequence async for answer in stream] == [1, 2]
