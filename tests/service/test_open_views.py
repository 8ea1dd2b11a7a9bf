"""Views beside a server: one hash at a time, and the memory mended once none is open."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from riskengine.api.v1.admin_service_pb2 import GetStateRequest
from riskengine.core.engine import Engine
from riskengine.machine.view import View
from riskengine.service.clone_turns import CloneKind
from riskengine.service.errors import CallError, CallReason
from riskengine.service.open_views import PAGES
from tests.service import requests
from tests.service.bench import Bench, running_bench

Page = tuple[int, int]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with running_bench(tmp_path / "bench") as running:
        await running.execute(requests.create_asset())
        await running.execute(requests.deposit(1, 100))
        yield running


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> list[Page]:
    pages: list[Page] = []
    monkeypatch.setattr("riskengine.service.open_views.mend_pages", pages.extend)
    return pages


async def test_a_hash_is_that_of_what_was_seen_with_it(bench: Bench) -> None:
    views = bench.views
    first = asyncio.create_task(views.hashed(bench.engine.state_hash))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # it has begun
    second = asyncio.create_task(views.hashed(bench.engine.state_hash))
    await bench.execute(requests.deposit(2, 5))
    seen, found = await first
    assert seen == found
    later, found_later = await second
    assert not views._hashes._askers
    assert later == found_later == bench.engine.state_hash() != seen
    await views.mended()


async def test_who_asks_while_a_hash_is_made_shares_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []

    class Counted(View):
        def __init__(self, engine: Engine) -> None:
            made.append(engine)
            super().__init__(engine)

    monkeypatch.setattr("riskengine.service.open_views.View", Counted)
    views = bench.views
    first = asyncio.create_task(views.hashed(bench.engine.state_hash))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(made) == 1
    await bench.execute(requests.deposit(2, 5))
    others = [asyncio.create_task(views.hashed(bench.engine.state_hash)) for _ in range(100)]
    await asyncio.sleep(0)
    others[0].cancel()
    seen, found = await first
    later = set(await asyncio.gather(*others[1:]))
    assert later == {(bench.engine.state_hash(), bench.engine.state_hash())}
    assert seen == found != bench.engine.state_hash()
    assert len(made) == 2
    await views.mended()


async def test_the_end_waits_for_no_hash(bench: Bench) -> None:
    waiting = [asyncio.create_task(bench.views.hashed(lambda: None)) for _ in range(3)]
    await asyncio.sleep(0)
    await bench.views.stop()
    for waited in waiting:
        with pytest.raises(CallError) as caught:
            await waited
        assert caught.value.reason is CallReason.SHUTTING_DOWN


async def test_pages_are_mended_once_no_view_is_open(bench: Bench, mended: list[Page]) -> None:
    views = bench.views
    with views.one(CloneKind.ANSWER):
        with closing(await views.begin(lambda: View(bench.engine), CloneKind.SNAPSHOT)):
            assert views.open == 2
        await asyncio.sleep(0.01)
        assert not mended
    await views.mended()
    assert mended == bench.engine.memory_pages()
    assert [size for _, size in mended] == [2 << 20]  # accounts; nobody has a position


async def test_mending_stops_for_the_next_view(bench: Bench, mended: list[Page]) -> None:
    views = bench.views
    with views.one(CloneKind.ANSWER):
        pass
    with views.one(CloneKind.ANSWER):
        await views.mended()
        assert not mended
    await views.mended()
    assert mended


async def test_mending_begins_anew_after_a_view_that_was_open_meanwhile(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    slices: list[list[Page]] = []
    pages = [(number << 21, 2 << 20) for number in range(3 * PAGES + 1)]
    loop = asyncio.get_running_loop()

    def mend(some: list[Page]) -> None:
        slices.append(some)
        if len(slices) == 2:
            asyncio.run_coroutine_threadsafe(another(), loop).result(10)

    async def another() -> None:
        with bench.views.one(CloneKind.ANSWER):
            pass

    class Paged:
        def memory_pages(self) -> list[Page]:
            return pages

    monkeypatch.setattr("riskengine.service.open_views.mend_pages", mend)
    monkeypatch.setattr(bench.views, "_engine", Paged())
    with bench.views.one(CloneKind.ANSWER):
        pass
    await bench.views.mended()
    assert [page for some in slices for page in some] == [*pages[: 2 * PAGES], *pages]


async def test_a_hash_that_is_given_up_leaves_no_clone(bench: Bench) -> None:
    views = bench.views
    asked = asyncio.create_task(views.hashed(lambda: None))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await views.stop()
    assert (await views.hashed(bench.engine.state_hash))[1] == bench.engine.state_hash()


async def test_a_hash_that_nobody_waits_for_any_more_is_not_made(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither one that waits for its turn, nor one that waits for the hash before it."""
    made: list[object] = []
    views = bench.views

    def see() -> None:
        made.append(len(made))

    with views.one(CloneKind.ANSWER):
        asked = [asyncio.create_task(views.hashed(see))]
        await asyncio.sleep(0.01)
        asked += [asyncio.create_task(views.hashed(see)) for _ in range(3)]
        await asyncio.sleep(0)
        assert views.waiting == 1
        for one in asked:
            one.cancel()
        await asyncio.wait(asked)
        await asyncio.sleep(0.01)
        assert views.waiting == 0
    await views.mended()
    assert made == []
    assert not views._hashes._askers
    assert (await views.hashed(bench.engine.state_hash))[1] == bench.engine.state_hash()


async def test_a_view_that_cannot_be_made_is_not_open(bench: Bench) -> None:
    def no_clone() -> View:
        raise OSError(errno.EAGAIN, "no more processes")

    for _ in range(2):
        with pytest.raises(OSError, match="no more processes"):
            await bench.views.begin(no_clone, CloneKind.ANSWER)
    assert bench.views.open == bench.views.waiting == 0
    await bench.views.mended()


async def test_a_hash_that_cannot_be_read_is_said_to_be_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_clone(_engine: object) -> None:
        raise OSError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr("riskengine.service.open_views.View", no_clone)
    with pytest.raises(CallError) as caught:
        await bench.asked("AdminService.GetState", GetStateRequest(with_state_hash=True))
    assert caught.value.reason is CallReason.STATE_UNREADABLE
    assert "no more processes" in str(caught.value.metadata)
