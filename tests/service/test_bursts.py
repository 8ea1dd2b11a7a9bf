"""Batches wait for each other as long as more may come, and none is lost or overtaken."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias, cast

import grpc
import pytest
import structlog

from riskengine.api.v1 import risk_service_pb2 as pb
from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.api.v1.risk_service_pb2 import SubmitResponse
from riskengine.machine.command import Received
from riskengine.machine.machine import Machine
from riskengine.machine.request_kinds import SUBMIT, RequestKind
from riskengine.service import bursts
from riskengine.service.availability import Availability
from riskengine.service.bursts import BURST_BATCHES, BURST_ROWS, PAUSE_SECONDS, Burst
from riskengine.service.durability import Durability
from riskengine.service.identity import Identity
from riskengine.service.rpc import Call, Context, Edge
from riskengine.service.sequencer import Sequencer, Ticket
from riskengine.service.submit_stream import InFlight, SubmitStream
from tests.service import requests
from tests.service.bench import everybody_may
from tests.service.clock import LoopClock
from tests.service.test_submit_stream import BEFORE, RISK_SERVICE, Disk, of_bank, served_channel


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> LoopClock:
    """The clock of the loop's timers, which goes only when it is moved."""
    return LoopClock(monkeypatch)


@pytest.fixture
def no_pause_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a test does ends a pause."""
    monkeypatch.setattr(bursts, "PAUSE_SECONDS", 3_600.0)


def received(number: int, rows: int = 1) -> Received:
    deposits = [(account_id, 10) for account_id in range(1, rows + 1)]
    raw = of_bank(requests.submit_deposits("bank", number, *deposits)).SerializeToString()
    return Received(raw, SUBMIT.read(raw), nanos=number)


def numbers(burst: Iterable[Received]) -> list[int]:
    return [batch.asked.key.batch_sequence for batch in burst]


def held(burst: Burst, *numbers_and_rows: tuple[int, int]) -> Burst:
    for number, rows in numbers_and_rows:
        burst.add(received(number, rows))
    return burst


def test_a_burst_is_taken_in_order_and_leaves_nothing() -> None:
    burst = held(Burst(), (1, 1), (2, 1))
    assert numbers(burst.take()) == [1, 2]
    assert burst.take() == []


def test_a_burst_is_full_with_so_many_batches() -> None:
    burst = held(Burst(), *((number, 1) for number in range(1, BURST_BATCHES)))
    assert not burst.is_full
    assert held(burst, (BURST_BATCHES, 1)).is_full


def test_a_burst_is_full_with_so_many_rows_which_are_counted_anew() -> None:
    burst = Burst()
    for number in (1, 3):
        assert not held(burst, (number, BURST_ROWS - 1)).is_full
        assert held(burst, (number + 1, 1)).is_full
        assert numbers(burst.take()) == [number, number + 1]


def test_a_batch_joins_others_only_within_so_many_rows() -> None:
    burst = Burst()
    assert burst.has_room(received(1, 2 * BURST_ROWS))
    held(burst, (1, BURST_ROWS - 1))
    assert burst.has_room(received(2, 1))
    assert not burst.has_room(received(2, 2))


async def test_a_pause_ends_by_itself_and_is_not_prolonged(clock: LoopClock) -> None:
    burst = held(Burst(), (1, 1))
    burst.pause()
    clock.move(PAUSE_SECONDS / 2)
    held(burst, (2, 1)).pause()
    await clock.settled()
    assert not burst.is_due.is_set()
    clock.move(PAUSE_SECONDS / 2)
    await clock.settled()
    assert burst.is_due.is_set()
    burst.take()
    assert not burst.is_due.is_set()


async def test_the_pause_of_what_was_taken_is_over(clock: LoopClock) -> None:
    burst = Burst()
    for number in (1, 2):
        held(burst, (number, 1)).pause()
    burst.take()
    clock.move(PAUSE_SECONDS)
    await clock.settled()
    assert not burst.is_due.is_set()


RawStream: TypeAlias = "grpc.aio.StreamStreamCall[bytes, bytes]"
RawMethod: TypeAlias = "grpc.aio.StreamStreamMultiCallable[bytes, bytes]"


@asynccontextmanager
async def open_raw(folder: Path) -> AsyncIterator[tuple[Disk, RawStream]]:
    async with served_channel(folder, in_flight=20) as (disk, channel):
        method: RawMethod = channel.stream_stream(f"/{RISK_SERVICE.full_name}/Submit")
        yield disk, method()


async def answers(stream: RawStream, count: int) -> list[int]:
    async with asyncio.timeout(5):
        raws = [await stream.read() for _ in range(count)]
    parsed = [SubmitResponse.FromString(raw) for raw in raws if isinstance(raw, bytes)]
    return [response.batch_sequence for response in parsed]


async def first_then_others(disk: Disk, stream: RawStream, others: int) -> None:
    """Send batches: the first is taken, for nothing is unanswered; the others wait."""
    await stream.write(received(1).raw)
    await disk.take(1)
    for number in range(2, others + 2):
        await stream.write(received(number).raw)


@pytest.mark.usefixtures("no_pause_ends")
async def test_a_mark_waits_for_nobody_and_overtakes_nobody(tmp_path: Path) -> None:
    async with open_raw(tmp_path) as (disk, stream):
        await first_then_others(disk, stream, 2)
        mark = pb.SubmitRequest(mark_prices=requests.mark(9_000).mark_prices)
        of_bank(mark).key.client_id, mark.key.batch_sequence = "bank", 4
        await stream.write(mark.SerializeToString())
        await disk.take(2)
        disk.bench.sync()
        assert await answers(stream, 4) == [1, 2, 3, 4]
        await stream.done_writing()


@pytest.mark.usefixtures("no_pause_ends")
async def test_the_last_batches_of_a_client_wait_no_longer(tmp_path: Path) -> None:
    async with open_raw(tmp_path) as (disk, stream):
        await first_then_others(disk, stream, 2)
        await stream.done_writing()
        await disk.take(2)
        disk.bench.sync()
        assert await answers(stream, 3) == [1, 2, 3]


@pytest.mark.usefixtures("no_pause_ends")
async def test_what_came_before_bad_bytes_is_taken_and_answered(tmp_path: Path) -> None:
    async with open_raw(tmp_path) as (disk, stream):
        await first_then_others(disk, stream, 2)
        await stream.write(b"\xff\xff")
        await disk.take(2)
        disk.bench.sync()
        assert await answers(stream, 3) == [1, 2, 3]
        assert await stream.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.usefixtures("no_pause_ends")
async def test_a_shutdown_takes_nothing_of_what_waits(tmp_path: Path) -> None:
    async with open_raw(tmp_path) as (disk, stream):
        await first_then_others(disk, stream, 2)
        await asyncio.sleep(0.05)
        disk.bench.availability.shut_down()
        disk.bench.sync()
        assert await answers(stream, 1) == [1]
        assert await stream.code() is grpc.StatusCode.UNAVAILABLE
        assert disk.bench.engine.sequence == BEFORE + 1


@pytest.mark.usefixtures("no_pause_ends")
async def test_a_full_burst_waits_no_longer(tmp_path: Path) -> None:
    async with open_raw(tmp_path) as (disk, stream):
        await first_then_others(disk, stream, BURST_BATCHES)
        await disk.take(BURST_BATCHES)
        disk.bench.sync()
        assert len(await answers(stream, 1 + BURST_BATCHES)) == 1 + BURST_BATCHES
        await stream.done_writing()


@pytest.mark.usefixtures("no_pause_ends")
async def test_a_batch_that_does_not_fit_is_taken_after_those_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bursts, "BURST_ROWS", 100)
    async with open_raw(tmp_path) as (disk, stream):
        await stream.write(received(1).raw)
        await disk.take(1)
        await stream.write(received(2, 2).raw)
        await stream.write(received(3, 99).raw)
        await disk.take(1)
        assert disk.bench.engine.sequence == BEFORE + 2, "the third waits"
        await stream.done_writing()
        await disk.take(1)
        disk.bench.sync()
        assert await answers(stream, 3) == [1, 2, 3]


class Answers:
    """The context of a call whose answers are kept."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.written = asyncio.Semaphore(0)

    def time_remaining(self) -> None:
        return None

    async def write(self, raw: bytes) -> None:
        self.numbers.append(SubmitResponse.FromString(raw).batch_sequence)
        self.written.release()


class NotingOutbox:
    """Makes all durable once it is hurried."""

    def __init__(self) -> None:
        self.durability = Durability(0)

    def hurry(self) -> None:
        self.durability.reached(1_000)


class NotingSequencer:
    """Notes what it takes and whether that may wait; waits for room with one batch, if told so."""

    def __init__(self, waits_with: int = 0) -> None:
        self.outbox = NotingOutbox()
        self.waits, self.room = asyncio.Event(), asyncio.Event()
        self.taken: list[tuple[int, bool]] = []
        self._waits_with = waits_with

    async def submit(self, _kind: RequestKind, received: Received, *, may_wait: bool) -> Ticket:
        number = received.asked.key.batch_sequence
        if number == self._waits_with:
            self.waits.set()
            await self.room.wait()
        self.taken.append((number, may_wait))
        return Ticket(number, CommandResult(sequence=number))


def stream_to(sequencer: NotingSequencer, context: Answers) -> SubmitStream:
    edge = Edge(Availability(), Identity("1.2.3", 0, ""), everybody_may())
    call = Call("RiskService.Submit", structlog.get_logger(), cast("Context", context), edge)
    call.admission = edge.access.admit(call.rpc, call.context)
    return SubmitStream(cast("Sequencer", sequencer), call, InFlight(20, Machine().sessions))


async def test_none_overtakes_a_burst_that_waits_for_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bursts, "PAUSE_SECONDS", 0.001)
    sequencer, context = NotingSequencer(waits_with=2), Answers()

    async def batches() -> AsyncIterator[bytes]:
        for number in (1, 2, 3):
            yield received(number).raw
        await sequencer.waits.wait()
        asyncio.get_running_loop().call_later(0.01, sequencer.room.set)
        mark = pb.SubmitRequest(mark_prices=requests.mark(9_000).mark_prices)
        of_bank(mark).key.client_id, mark.key.batch_sequence = "bank", 4
        yield mark.SerializeToString()

    async with asyncio.timeout(5):
        await stream_to(sequencer, context).run(batches())
    assert [number for number, _ in sequencer.taken] == [1, 2, 3, 4]
    assert context.numbers == [1, 2, 3, 4]


@pytest.mark.usefixtures("no_pause_ends")
async def test_of_what_a_client_may_be_waiting_for_the_last_is_synced_at_once() -> None:
    sequencer, context = NotingSequencer(), Answers()
    burst = range(2, 2 + BURST_BATCHES)

    async def batches() -> AsyncIterator[bytes]:
        yield received(1).raw
        yield received(burst[0]).raw
        sequencer.outbox.durability.reached(1)
        await context.written.acquire()
        for number in burst[1:]:
            yield received(number).raw

    async with asyncio.timeout(5):
        await stream_to(sequencer, context).run(batches())
    last = burst[-1]
    assert sequencer.taken == [(1, False), *((number, number != last) for number in burst)]
    assert context.numbers == [1, *burst]


@pytest.mark.usefixtures("no_pause_ends")
async def test_what_is_sent_while_others_are_unanswered_may_wait() -> None:
    sequencer, context = NotingSequencer(), Answers()

    async def batches() -> AsyncIterator[bytes]:
        for number in range(1, 2 + BURST_BATCHES):
            yield received(number).raw

    async with asyncio.timeout(5):
        await stream_to(sequencer, context).run(batches())
    assert [may_wait for _, may_wait in sequencer.taken] == [False, *[True] * BURST_BATCHES]
    assert context.numbers == [number for number, _ in sequencer.taken]
