"""Batches wait for each other as long as more may come, and none is lost or overtaken."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import grpc
import pytest

from riskengine.api.v1 import risk_service_pb2 as pb
from riskengine.api.v1.risk_service_pb2 import SubmitResponse
from riskengine.service import bursts, commands
from riskengine.service.bursts import BURST_BATCHES, BURST_ROWS, Bursts
from riskengine.service.command import Received
from riskengine.service.server import RISK_SERVICE
from tests.service import requests
from tests.service.test_submit_stream import Gate, served_channel

FOREVER_SECONDS = 3_600.0


@pytest.fixture(autouse=True)
def no_pause_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a test does ends a pause."""
    monkeypatch.setattr(bursts, "PAUSE_SECONDS", FOREVER_SECONDS)


def received(number: int, rows: int = 1) -> Received:
    deposits = [(account_id, 10) for account_id in range(1, rows + 1)]
    raw = requests.submit_deposits("bank", number, *deposits).SerializeToString()
    return Received(raw, commands.SUBMIT.read(raw), nanos=number)


def numbers(burst: Iterable[Received]) -> list[int]:
    return [batch.asked.key.batch_sequence for batch in burst]


async def taken(held: Bursts) -> list[int]:
    async with asyncio.timeout(5):
        return numbers(await held.take())


async def is_waiting(held: Bursts) -> bool:
    """Return whether there is no burst to take, though the loop has come round."""
    taker = asyncio.create_task(held.take())
    for _ in range(5):
        await asyncio.sleep(0)
    return taker.cancel()


async def test_a_batch_that_may_not_wait_is_taken_with_those_before_it() -> None:
    held = Bursts()
    held.add(received(1), may_wait=True)
    held.add(received(2), may_wait=True)
    assert await is_waiting(held)
    held.add(received(3), may_wait=False)
    assert await taken(held) == [1, 2, 3]


async def test_a_burst_is_full_with_so_many_batches() -> None:
    held = Bursts()
    for number in range(1, BURST_BATCHES):
        held.add(received(number), may_wait=True)
    assert await is_waiting(held)
    held.add(received(BURST_BATCHES), may_wait=True)
    assert len(await taken(held)) == BURST_BATCHES


async def test_a_burst_is_full_with_so_many_rows_which_are_counted_anew() -> None:
    held = Bursts()
    for number in (1, 3):
        held.add(received(number, BURST_ROWS - 1), may_wait=True)
        assert await is_waiting(held)
        held.add(received(number + 1), may_wait=True)
        assert await taken(held) == [number, number + 1]


async def test_a_pause_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bursts, "PAUSE_SECONDS", 0.001)
    held = Bursts()
    for number in (1, 2):
        held.add(received(number), may_wait=True)
        assert await taken(held) == [number]


async def test_the_pause_of_a_batch_that_was_taken_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bursts, "PAUSE_SECONDS", 0.001)
    held = Bursts()
    held.add(received(1), may_wait=False)
    held.add(received(2), may_wait=True)
    assert await taken(held) == [1, 2]
    await asyncio.sleep(0.01)
    assert await is_waiting(held)


async def test_at_the_end_comes_what_is_held_and_then_nothing() -> None:
    held = Bursts()
    held.add(received(1), may_wait=True)
    held.close()
    assert [await taken(held), await taken(held), await taken(held)] == [[1], [], []]


RawStream: TypeAlias = "grpc.aio.StreamStreamCall[bytes, bytes]"
RawMethod: TypeAlias = "grpc.aio.StreamStreamMultiCallable[bytes, bytes]"


@asynccontextmanager
async def open_raw(folder: Path) -> AsyncIterator[tuple[Gate, RawStream]]:
    async with served_channel(folder, in_flight=10) as (gate, channel):
        method: RawMethod = channel.stream_stream(f"/{RISK_SERVICE.full_name}/Submit")
        yield gate, method()


async def answers(stream: RawStream, count: int) -> list[int]:
    async with asyncio.timeout(5):
        raws = [await stream.read() for _ in range(count)]
    parsed = [SubmitResponse.FromString(raw) for raw in raws if isinstance(raw, bytes)]
    return [response.batch_sequence for response in parsed]


async def first_then_two_held(gate: Gate, stream: RawStream) -> None:
    """Send three batches: the first is taken, for nothing is unanswered; the others wait."""
    for number in (1, 2, 3):
        await stream.write(received(number).raw)
        if number == 1:
            await gate.take(1)


async def test_a_mark_waits_for_nobody_and_overtakes_nobody(tmp_path: Path) -> None:
    async with open_raw(tmp_path) as (gate, stream):
        await first_then_two_held(gate, stream)
        mark = pb.SubmitRequest(mark_prices=requests.mark(9_000).mark_prices)
        mark.key.client_id, mark.key.batch_sequence = "bank", 4
        await stream.write(mark.SerializeToString())
        await gate.take(2)
        gate.sync()
        assert await answers(stream, 4) == [1, 2, 3, 4]
        await stream.done_writing()


async def test_the_last_batches_of_a_client_wait_no_longer(tmp_path: Path) -> None:
    async with open_raw(tmp_path) as (gate, stream):
        await first_then_two_held(gate, stream)
        await stream.done_writing()
        await gate.take(2)
        gate.sync()
        assert await answers(stream, 3) == [1, 2, 3]


async def test_what_came_before_bad_bytes_is_taken_and_answered(tmp_path: Path) -> None:
    async with open_raw(tmp_path) as (gate, stream):
        await first_then_two_held(gate, stream)
        await stream.write(b"\xff\xff")
        await gate.take(2)
        gate.sync()
        assert await answers(stream, 3) == [1, 2, 3]
        assert await stream.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_shutdown_takes_nothing_of_what_waits(tmp_path: Path) -> None:
    async with open_raw(tmp_path) as (gate, stream):
        await first_then_two_held(gate, stream)
        await asyncio.sleep(0.05)
        gate.bench.availability.shut_down()
        gate.sync()
        assert await answers(stream, 1) == [1]
        assert await stream.code() is grpc.StatusCode.UNAVAILABLE
        assert gate.bench.engine.sequence == 2
