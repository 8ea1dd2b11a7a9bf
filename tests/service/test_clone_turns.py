"""Turns to clone the process: one at a time, with rests, few alive, snapshots before all others."""

import asyncio
from collections.abc import Callable

import pytest

from riskengine.service.clone_turns import RESTS, CloneKind, CloneTurns
from tests.service.clock import LoopClock

COST_SECONDS = 0.02


class Clones:
    """Take turns, each clone of which costs the same, and note when each was made."""

    def __init__(self, clock: LoopClock) -> None:
        self.turns = CloneTurns()
        self.made: list[tuple[str, float]] = []
        self._clock = clock
        self._began_at = asyncio.get_running_loop().time()

    def ask(self, name: str, kind: CloneKind = CloneKind.ANSWER) -> "asyncio.Task[None]":
        return asyncio.create_task(self._clone(name, kind))

    async def until(self, seconds: float) -> None:
        """Let time pass until so many seconds since the beginning, and run what is due."""
        loop = asyncio.get_running_loop()
        self._clock.move(self._began_at + seconds - loop.time())
        await self._clock.settled()

    @property
    def seconds(self) -> float:
        return asyncio.get_running_loop().time() - self._began_at

    async def _clone(self, name: str, kind: CloneKind) -> None:
        await self.turns.begin(kind)
        with self.turns.cloning(kind):
            self.made.append((name, round(self.seconds, 6)))
            self._clock.move(COST_SECONDS)


@pytest.fixture
async def clones(monkeypatch: pytest.MonkeyPatch) -> Clones:
    return Clones(LoopClock(monkeypatch))


async def test_a_clone_is_followed_by_nine_times_what_it_cost(clones: Clones) -> None:
    await clones.ask("first")
    clones.turns.ended(CloneKind.ANSWER)
    second = clones.ask("second")
    await clones.until((1 + RESTS) * COST_SECONDS - 1e-6)
    assert not second.done()
    await clones.until((1 + RESTS) * COST_SECONDS + 1e-6)
    assert second.done()
    assert [name for name, _ in clones.made] == ["first", "second"]
    assert clones.made[1][1] >= 0.2


async def test_one_of_each_kind_is_alive_and_others_wait_for_its_end(clones: Clones) -> None:
    await clones.ask("stream")
    snapshot, hashed = clones.ask("snapshot", CloneKind.SNAPSHOT), clones.ask("hash")
    await clones.until(0.3)
    assert (snapshot.done(), hashed.done(), clones.turns.alive) == (True, False, 2)
    await clones.until(60)
    assert not hashed.done()
    clones.turns.ended(CloneKind.ANSWER)
    await clones.until(60)
    assert hashed.done()
    assert clones.turns.alive == 2


async def test_who_asks_before_one_has_cloned_in_its_turn_waits_for_its_rest(
    clones: Clones,
) -> None:
    clones.turns.began(CloneKind.ANSWER)
    clones.ask("stream")
    await clones.until(0)
    clones.ask("snapshot", CloneKind.SNAPSHOT)
    clones.turns.ended(CloneKind.ANSWER)  # it is the stream's turn, and the snapshot asks first
    await clones.until(0)
    await clones.until(1)
    assert [name for name, _ in clones.made] == ["stream", "snapshot"]
    assert clones.made[1][1] >= RESTS * COST_SECONDS


async def test_nobody_has_a_turn_once_they_have_stopped(clones: Clones) -> None:
    await clones.ask("first")
    snapshot = clones.ask("snapshot", CloneKind.SNAPSHOT)
    await clones.until(0.1)
    clones.turns.stop()
    await clones.until(60)
    assert not snapshot.done()
    snapshot.cancel()


async def test_a_snapshot_waits_for_no_stream_that_waits(clones: Clones) -> None:
    await clones.ask("first")
    clones.turns.ended(CloneKind.ANSWER)
    for number in range(16):
        clones.ask(f"stream {number}")
    await clones.until(0.05)
    clones.ask("snapshot", CloneKind.SNAPSHOT)
    await clones.until(0.25)
    await clones.until(0.5)
    assert [name for name, _ in clones.made] == ["first", "snapshot", "stream 0"]
    assert clones.turns.waiting == 15


async def test_who_leaves_at_once_has_no_more_clones_than_who_stays(clones: Clones) -> None:
    """Sixteen callers at a time, each gone as soon as it has a clone: a tenth of the time."""
    asked: set[asyncio.Task[None]] = set()
    clones.turns.began(CloneKind.ANSWER)
    clones.turns.ended(CloneKind.ANSWER)
    while clones.seconds < 10:
        asked = {task for task in asked if not task.done()}
        asked |= {clones.ask("left at once") for _ in range(16 - len(asked))}
        await clones.until(clones.seconds + 0.01)
        if clones.turns.alive:
            clones.turns.ended(CloneKind.ANSWER)
    assert 0.05 * 10 < len(clones.made) * COST_SECONDS <= 0.1 * 10 + COST_SECONDS
    for task in asked:
        task.cancel()
    await asyncio.wait(asked)
    assert clones.turns.waiting == 0
    clones.turns.stop()


def _at_once(task: "asyncio.Task[None]", _clones: Clones) -> None:
    task.cancel()


def _as_it_would_be_let_go(task: "asyncio.Task[None]", clones: Clones) -> None:
    task.cancel()
    clones.turns.ended(CloneKind.ANSWER)
    clones.turns.began(CloneKind.SNAPSHOT)


def _when_it_was_let_go(task: "asyncio.Task[None]", clones: Clones) -> None:
    clones.turns.ended(CloneKind.ANSWER)
    assert clones.turns.alive == 1, "the turn is its own, and it has not run yet"
    task.cancel()
    clones.turns.began(CloneKind.SNAPSHOT)


@pytest.mark.parametrize("leave", [_at_once, _as_it_would_be_let_go, _when_it_was_let_go])
async def test_who_leaves_leaves_nothing_and_the_next_goes_on(
    clones: Clones, leave: Callable[["asyncio.Task[None]", Clones], None]
) -> None:
    clones.turns.began(CloneKind.ANSWER)
    leaving, staying = clones.ask("leaving"), clones.ask("staying")
    await clones.until(0)
    assert clones.turns.waiting == 2
    leave(leaving, clones)
    await clones.until(0)
    assert leaving.cancelled()
    if leave is _at_once:
        assert clones.turns.waiting == 1
        clones.turns.ended(CloneKind.ANSWER)
    await clones.until(0)
    assert staying.done()
    assert [name for name, _ in clones.made] == ["staying"]
    assert clones.turns.waiting == 0


async def test_one_that_cannot_be_made_is_not_alive_and_is_rested_from(clones: Clones) -> None:
    await clones.turns.begin(CloneKind.ANSWER)

    def fail() -> None:
        clones._clock.move(COST_SECONDS)
        raise OSError("no memory")

    with pytest.raises(OSError, match="no memory"), clones.turns.cloning(CloneKind.ANSWER):
        fail()
    assert clones.turns.alive == 0
    later = clones.ask("later")
    await clones.until(0.1)
    assert not later.done()
    await clones.until(0.21)
    assert later.done()
