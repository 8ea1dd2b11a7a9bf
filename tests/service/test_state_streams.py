"""State streams beside a sequencer: what they tell, when, how many at once, and how they end."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from riskengine.api.v1.state_pb2 import StreamStateRequest, StreamStateResponse
from riskengine.machine.frozen_state import FrozenState
from riskengine.machine.view import ViewError
from riskengine.metrics.statistics import StateStreamResult
from riskengine.service import state_streams
from riskengine.service.clone_turns import CloneKind
from riskengine.service.errors import CallError, CallReason
from riskengine.service.state_streams import MAX_ACCOUNT_IDS, MAX_MARKET_IDS, StateStreams
from tests.machine.told import of_dump, split
from tests.service import requests
from tests.service.bench import Bench, make_bench_told, running_bench
from tests.service.venue import open_venue

ALL = StreamStateRequest()


class Client:
    """Takes messages; once it is stuck, no more of them."""

    def __init__(self, *, is_stuck: bool = False) -> None:
        self.messages: list[bytes] = []
        self.asked = asyncio.Event()
        self._may_go_on = asyncio.Event()
        if not is_stuck:
            self._may_go_on.set()

    async def write(self, message: bytes) -> None:
        self.asked.set()
        await self._may_go_on.wait()
        self.messages.append(message)

    def read(self) -> Iterator[StreamStateResponse]:
        return map(StreamStateResponse.FromString, self.messages)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with running_bench(tmp_path) as running:
        await open_venue(running)
        yield running
        await until_read()
        assert running.statistics.state_streams.open == 0
        assert running.statistics.state_streams.waiting_bytes == 0


async def until_read() -> None:
    """Wait for the clones to end: this process has no other children."""
    async with asyncio.timeout(10):
        while children():  # noqa: ASYNC110 - nobody tells when a process ends
            await asyncio.sleep(0.001)


def children() -> list[str]:
    found: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has ended meanwhile has none
            found += (task / "children").read_text().split()
    return found


def results(bench: Bench) -> dict[str, int]:
    counted = bench.statistics.state_streams.results
    return {result.name: counted[result] for result in StateStreamResult if counted[result]}


async def failed(streams: StateStreams, client: Client) -> CallError:
    with pytest.raises(CallError) as caught:
        await streams.send(ALL, client.write)
    return caught.value


async def test_a_stream_is_the_state_and_what_comes_next(bench: Bench) -> None:
    client = Client()
    assert await bench.state_streams().send(ALL, client.write) == len(client.messages) == 2
    head, told = split(client.read())
    assert told == of_dump(bench.engine)
    assert told.orders
    assert head.sequence == bench.engine.sequence
    assert head.next_instruction_sequence == bench.ring.last_sequence + 1
    assert results(bench) == {"SENT": 1}


async def test_a_stream_of_nothing_is_a_head(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        client = Client()
        assert await bench.state_streams().send(ALL, client.write) == 1
        head, told = split(client.read())
        assert (head.sequence, head.next_instruction_sequence) == (0, 1)
        assert not told.accounts


async def test_nothing_is_told_before_it_is_durable(tmp_path: Path) -> None:
    bench, _ = make_bench_told(tmp_path)
    await bench.submit(requests.create_asset())
    await bench.submit(requests.deposit(1, 5))
    client = Client()
    sending = asyncio.create_task(bench.state_streams().send(ALL, client.write))
    await asyncio.sleep(0.05)
    await bench.submit(requests.deposit(2, 5))
    assert not client.asked.is_set()
    bench.sync()
    assert await sending == 2
    head, told = split(client.read())
    assert head.sequence == 2
    assert [name[0] for name in told.accounts] == [1]
    bench.log.close()


async def test_no_more_are_open_than_may_be(bench: Bench) -> None:
    streams = bench.state_streams(streams=2)
    stuck = [Client(is_stuck=True) for _ in range(2)]
    sending = [asyncio.create_task(streams.send(ALL, client.write)) for client in stuck]
    for client in stuck:
        await client.asked.wait()
    assert bench.statistics.state_streams.open == 2
    error = await failed(streams, Client())
    assert error.reason is CallReason.TOO_MANY_STATE_STREAMS
    assert error.metadata == {"limit": "2"}
    sending[0].cancel()
    await asyncio.wait(sending[:1])
    assert await streams.send(ALL, Client().write) == 2
    sending[1].cancel()
    await asyncio.wait(sending)
    assert results(bench) == {"SENT": 1, "REFUSED": 1, "GIVEN_UP": 2}


async def test_a_stream_is_open_until_its_clone_has_ended(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who opens streams and leaves them at once can have no more clones than who reads them."""
    reading, may_end = Event(), Event()

    class Lasting(FrozenState):
        def rows(self) -> Iterator[bytes]:
            reading.set()
            assert may_end.wait(10)
            return super().rows()

    monkeypatch.setattr(state_streams, "FrozenState", Lasting)
    streams, statistics = bench.state_streams(streams=2), bench.statistics.state_streams
    left = [asyncio.create_task(streams.send(ALL, Client().write)) for _ in range(2)]
    await asyncio.to_thread(reading.wait, 10)
    assert (bench.views.open, bench.views.waiting) == (1, 1)
    for one in left:
        one.cancel()
    await asyncio.wait(left[1:])
    assert (statistics.open, bench.views.open, bench.views.waiting) == (1, 1, 0)
    for _ in range(3):
        left[0].cancel()
        await asyncio.sleep(0)
    assert not left[0].done()
    may_end.set()
    await asyncio.wait(left)
    assert (statistics.open, bench.views.open) == (0, 0)
    assert results(bench) == {"GIVEN_UP": 2}


async def test_a_stream_that_waits_for_its_turn_ends_when_its_time_is_up(bench: Bench) -> None:
    with bench.views.one(CloneKind.ANSWER):
        error = await failed(bench.state_streams(seconds=0.02), Client())
        assert error.reason is CallReason.STATE_READ_TOO_SLOWLY
        assert bench.views.waiting == 0
        ending = asyncio.create_task(failed(bench.state_streams(), Client()))
        await asyncio.sleep(0)
        assert bench.views.waiting == 1
        bench.availability.shut_down()
        assert (await ending).reason is CallReason.SHUTTING_DOWN
        assert bench.views.waiting == 0


async def test_an_account_that_is_closed_while_a_stream_waits_is_named(bench: Bench) -> None:
    await bench.execute(requests.deposit(9, 5))
    request = StreamStateRequest(account_id=[9])
    with bench.views.one(CloneKind.ANSWER):
        sending = asyncio.create_task(bench.state_streams().send(request, Client().write))
        await asyncio.sleep(0)
        assert (await bench.execute(requests.withdraw(9, 5))).applied_rows == 1
        assert (await bench.execute(requests.close_account(9))).applied_rows == 1
    with pytest.raises(CallError) as caught:
        await sending
    assert caught.value.metadata["field"] == "account_id"
    assert bench.views.open == 0


async def test_a_client_that_takes_too_long_is_told_so(bench: Bench) -> None:
    error = await failed(bench.state_streams(seconds=0.02), Client(is_stuck=True))
    assert error.reason is CallReason.STATE_READ_TOO_SLOWLY
    assert error.metadata == {"seconds": "0.02"}
    assert results(bench) == {"GIVEN_UP": 1}


async def test_what_waits_for_a_slow_client_is_counted_and_holds_no_clone(bench: Bench) -> None:
    client = Client(is_stuck=True)
    sending = asyncio.create_task(bench.state_streams().send(ALL, client.write))
    await client.asked.wait()
    await until_read()
    assert bench.statistics.state_streams.waiting_bytes > 100
    sending.cancel()
    await asyncio.wait([sending])
    assert bench.statistics.state_streams.waiting_bytes == 0


async def test_the_memory_is_mended_after_a_stream(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    mended: list[tuple[int, int]] = []
    monkeypatch.setattr("riskengine.service.open_views.mend_pages", mended.extend)
    await bench.state_streams().send(ALL, Client().write)
    async with asyncio.timeout(10):
        while not mended:  # noqa: ASYNC110 - the thread that reads ends when it does
            await asyncio.sleep(0.001)
    await bench.views.mended()
    assert mended == bench.engine.memory_pages()


async def test_streams_end_with_the_server(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        client = Client(is_stuck=True)
        sending = asyncio.create_task(failed(bench.state_streams(), client))
        await client.asked.wait()
        bench.availability.shut_down()
        assert (await sending).reason is CallReason.SHUTTING_DOWN
        await until_read()
        assert results(bench) == {"GIVEN_UP": 1}


async def test_a_state_that_is_never_durable_is_not_told(tmp_path: Path) -> None:
    bench, _ = make_bench_told(tmp_path)
    await bench.submit(requests.create_asset())
    client = Client()
    sending = asyncio.create_task(failed(bench.state_streams(), client))
    await asyncio.sleep(0)
    bench.outbox.fail(OSError("gone"))
    assert (await sending).reason is CallReason.JOURNAL_FAILED
    assert not client.asked.is_set()
    await until_read()
    bench.log.close()


async def test_a_process_that_cannot_be_cloned_is_a_status(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_clone(*_asked: object) -> FrozenState:
        raise OSError(os.strerror(12))

    monkeypatch.setattr(state_streams, "FrozenState", no_clone)
    error = await failed(bench.state_streams(), Client())
    assert error.reason is CallReason.STATE_UNREADABLE
    assert error.metadata == {"cause": "Cannot allocate memory"}
    assert results(bench) == {"FAILED": 1}


async def test_a_thread_that_cannot_be_started_leaves_no_clone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(*_work: object) -> None:
        raise RuntimeError("can't start new thread")

    streams = bench.state_streams()
    monkeypatch.setattr(streams._threads, "submit", no_thread)
    with pytest.raises(RuntimeError, match="new thread"):
        await streams.send(ALL, Client().write)
    assert children() == []
    assert bench.views.open == 0


async def test_a_clone_that_is_ended_is_a_status(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(FrozenState):
        def rows(self) -> Iterator[bytes]:
            yield from super().rows()
            raise ViewError("the clone that reads the state ended with -9")

    monkeypatch.setattr(state_streams, "FrozenState", Killed)
    error = await failed(bench.state_streams(), Client())
    assert error.reason is CallReason.STATE_UNREADABLE
    assert "-9" in error.metadata["cause"]
    assert results(bench) == {"FAILED": 1}


@pytest.mark.parametrize(
    ("request_", "field", "value"),
    [
        (StreamStateRequest(market_id=[1, 2]), "market_id", "2"),
        (StreamStateRequest(market_id=[0]), "market_id", "0"),
        (StreamStateRequest(account_id=[1, 9, 10]), "account_id", "9"),
        (StreamStateRequest(account_id=[-1]), "account_id", "-1"),
        (
            StreamStateRequest(market_id=[1] * (MAX_MARKET_IDS + 1)),
            "market_id",
            f"a list of {MAX_MARKET_IDS + 1}",
        ),
        (
            StreamStateRequest(account_id=[1] * (MAX_ACCOUNT_IDS + 1)),
            "account_id",
            f"a list of {MAX_ACCOUNT_IDS + 1}",
        ),
    ],
)
async def test_what_there_is_not_is_named(
    bench: Bench, request_: StreamStateRequest, field: str, value: str
) -> None:
    with pytest.raises(CallError) as caught:
        await bench.state_streams().send(request_, Client().write)
    assert caught.value.reason is CallReason.INVALID_FIELD
    assert caught.value.metadata["field"] == field
    assert caught.value.metadata["value"] == value
    assert results(bench) == {}
