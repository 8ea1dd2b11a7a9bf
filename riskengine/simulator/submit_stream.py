"""Sends batches to the engine in order, each exactly once."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple

import grpc.aio

from riskengine.api.v1 import columns_pb2, common_pb2, risk_service_pb2
from riskengine.simulator.client import EngineClient
from riskengine.simulator.pause import Pause

Columns = (
    columns_pb2.TradeColumns
    | columns_pb2.PositionUpdateColumns
    | columns_pb2.MarkPriceColumns
    | columns_pb2.DepositColumns
    | columns_pb2.LiquidationReportColumns
)
WINDOW = 32
"""Batches that may be on their way at the same time."""


class BatchRefusedError(Exception):
    """A batch was refused whole; the text says why."""


class Ack(NamedTuple):
    """The answer to a batch and when it was sent and answered, on the client's monotonic clock."""

    result: common_pb2.CommandResult
    sent_nanos: int
    answered_nanos: int


@dataclass(slots=True)
class _Pending:
    request: risk_service_pb2.SubmitRequest
    answer: asyncio.Future[Ack]
    sent_nanos: int = 0


class SubmitStream:
    """Sends batches in order, many at a time, each exactly once.

    Its client is registered first, or found known: it then goes on where it was.
    When the stream breaks it is opened again and whatever was not answered is sent once more under
    its old number: the engine answers what it had applied already with its first answer.
    """

    def __init__(self, client: EngineClient, client_id: str, first_batch_sequence: int = 1) -> None:
        self._client = client
        self._client_id = client_id
        self._next = first_batch_sequence
        self._pending: deque[_Pending] = deque()
        self._unsent: deque[_Pending] = deque()
        self._more = asyncio.Event()
        self._room = asyncio.Semaphore(WINDOW)
        self._failure: BaseException | None = None
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._ended)

    @property
    def next_batch_sequence(self) -> int:
        """Return the number of the next batch."""
        return self._next

    async def submit(self, columns: Columns) -> asyncio.Future[Ack]:
        """Send one batch; wait only while too many are on their way. Return the coming answer.

        The answer fails with `BatchRefusedError` when the batch is refused whole; those behind it
        go on. When it is not taken at all its number is used again, which is only possible when no
        other batch was sent after it.
        """
        await self._room.acquire()
        if self._failure is not None:
            raise self._failure
        request = _request(self._client_id, self._next, columns)
        self._next += 1
        pending = _Pending(request, asyncio.get_running_loop().create_future())
        self._pending.append(pending)
        self._unsent.append(pending)
        self._more.set()
        return pending.answer

    async def close(self) -> None:
        """End the stream; what was not answered is abandoned."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        pause = Pause()
        incarnation = 0
        while True:
            self._unsent = deque(self._pending)
            self._more = asyncio.Event()
            try:
                incarnation = incarnation or await self._registered()
            except grpc.aio.AioRpcError as error:
                await pause.after(error)
                continue
            call = self._client.risk.Submit(_requests(self._unsent, self._more, incarnation))
            try:
                async for response in call:
                    pause.reset()
                    self._answer(response)
            except grpc.aio.AioRpcError as error:
                await pause.after(error)
            finally:
                call.cancel()

    async def _registered(self) -> int:
        """Return the client's incarnation; raises `BatchRefusedError` when there is no room."""
        request = risk_service_pb2.RegisterClientRequest(client_id=self._client_id)
        answer = await self._client.risk.RegisterClient(request)
        if not answer.result.incarnation:
            raise BatchRefusedError(_refusal(answer.result))
        return answer.result.incarnation

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Let whoever waits for an answer learn why there is none to come."""
        error = None if task.cancelled() else task.exception()
        self._fail(error or asyncio.CancelledError())

    def _answer(self, response: risk_service_pb2.SubmitResponse) -> None:
        pending = self._pending.popleft()
        self._room.release()
        number = pending.request.key.batch_sequence
        assert response.batch_sequence == number, (response.batch_sequence, number)
        if response.result.outcome != common_pb2.COMMAND_OUTCOME_APPLIED:
            refused = BatchRefusedError(_refusal(response.result))
            if response.result.outcome != common_pb2.COMMAND_OUTCOME_REFUSED:
                self._not_taken(number, refused)
            _fail_answer(pending.answer, refused)
        elif not pending.answer.done():
            ack = Ack(response.result, pending.sent_nanos, time.monotonic_ns())
            pending.answer.set_result(ack)

    def _not_taken(self, number: int, refused: BatchRefusedError) -> None:
        if self._pending:
            self._fail(refused)
        else:
            self._next = number

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        while self._pending:
            _fail_answer(self._pending.popleft().answer, error)
            self._room.release()


def _fail_answer(answer: asyncio.Future[Ack], error: BaseException) -> None:
    """Fail an answer; that nobody waits for it any more is no error of its own."""
    if not answer.done():
        answer.set_exception(error)
        answer.exception()


async def _requests(
    unsent: deque[_Pending], more: asyncio.Event, incarnation: int
) -> AsyncIterator[risk_service_pb2.SubmitRequest]:
    """Yield what is not sent yet on one call, for as long as the call lasts."""
    while True:
        while unsent:
            pending = unsent.popleft()
            pending.sent_nanos = time.monotonic_ns()
            pending.request.key.incarnation = incarnation
            yield pending.request
        more.clear()
        await more.wait()


def _request(
    client_id: str, batch_sequence: int, columns: Columns
) -> risk_service_pb2.SubmitRequest:
    request = risk_service_pb2.SubmitRequest(
        key=common_pb2.IdempotencyKey(client_id=client_id, batch_sequence=batch_sequence)
    )
    match columns:
        case columns_pb2.TradeColumns():
            request.trades.CopyFrom(columns)
        case columns_pb2.PositionUpdateColumns():
            request.position_updates.CopyFrom(columns)
        case columns_pb2.MarkPriceColumns():
            request.mark_prices.CopyFrom(columns)
        case columns_pb2.DepositColumns():
            request.deposits.CopyFrom(columns)
        case columns_pb2.LiquidationReportColumns():
            request.liquidation_reports.CopyFrom(columns)
    return request


def _refusal(result: common_pb2.CommandResult) -> str:
    first = result.rejections[0] if result.rejections else None
    return f"batch refused whole: {first.message or first.reason}" if first else "batch refused"
