import asyncio
from collections.abc import Iterator
from threading import Event, Thread, get_ident

import pytest

from riskengine.metrics.handover import LoopSnapshotProvider
from riskengine.metrics.snapshot import EngineSnapshot
from tests.metrics.builders import snapshot


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread of its own, as the service has it from a scrape's view."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_the_snapshot_is_taken_on_the_thread_of_the_loop(loop: asyncio.AbstractEventLoop) -> None:
    taken_by: list[int] = []

    def take() -> EngineSnapshot:
        taken_by.append(get_ident())
        return snapshot()

    assert LoopSnapshotProvider(loop, take)() == snapshot()
    assert taken_by != [get_ident()]


def test_a_loop_that_is_stuck_gives_none_and_is_not_asked_twice(
    loop: asyncio.AbstractEventLoop,
) -> None:
    stuck, release = Event(), Event()
    taken: list[EngineSnapshot] = []

    def block() -> None:
        stuck.set()
        release.wait()

    def take() -> EngineSnapshot:
        taken.append(snapshot())
        return taken[-1]

    loop.call_soon_threadsafe(block)
    stuck.wait()
    try:
        assert LoopSnapshotProvider(loop, take, timeout_seconds=0.01)() is None
    finally:
        release.set()
    assert LoopSnapshotProvider(loop, take)() == snapshot()
    assert len(taken) == 1


def test_a_closed_loop_gives_none() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    assert LoopSnapshotProvider(loop, snapshot)() is None


def test_a_bug_in_the_taking_is_not_hidden(loop: asyncio.AbstractEventLoop) -> None:
    def take() -> EngineSnapshot:
        raise AssertionError("broken")

    with pytest.raises(AssertionError, match="broken"):
        LoopSnapshotProvider(loop, take)()
