"""Whose turn it is to have the process cloned: one at a time, with a rest after each.

While it is cloned the event loop does nothing else, so the rest goes by what the last clone cost:
of any time in which callers ask for more than there may be, clones take a tenth at most. A clone
costs memory while it is alive, so few are: one of each kind.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum

RESTS = 9
"""How often the time that a clone held up the loop passes before the next: a tenth is a clone's."""


class CloneKind(Enum):
    """For what the process is cloned; the first goes before the other, however many wait."""

    SNAPSHOT = 0
    """Also the check of what a start has loaded: none is taken of that before it is checked."""
    ANSWER = 1
    """A state stream, a state hash."""


class CloneTurns:
    """Give turns; used on the event loop alone, whose clock it goes by."""

    def __init__(self) -> None:
        self._waiting: dict[CloneKind, deque[asyncio.Future[None]]] = {
            kind: deque() for kind in CloneKind
        }
        self._alive: set[CloneKind] = set()
        self._is_cloning = False
        self._rested_at = 0.0
        self.held_up_seconds = 0.0
        """How long making the last clone held up the event loop."""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def alive(self) -> int:
        """Return how many clones are alive."""
        return len(self._alive)

    @property
    def waiting(self) -> int:
        """Return how many wait for a turn."""
        return sum(map(len, self._waiting.values()))

    def began(self, kind: CloneKind) -> None:
        """Count a clone that was made before anybody could ask for a turn."""
        self._alive.add(kind)

    def ended(self, kind: CloneKind) -> None:
        """Count a clone no longer: it has ended."""
        self._alive.remove(kind)
        self._look()

    async def begin(self, kind: CloneKind) -> None:
        """Return when it is this caller's turn, who then clones at once, in `cloning`.

        Its clone counts as alive until `ended`. Who is cancelled has no turn.
        """
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[kind].append(turn)
        self._look()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                with suppress(ValueError):  # it may have been passed over already
                    self._waiting[kind].remove(turn)
            else:
                self.gave_up(kind)
            raise

    def gave_up(self, kind: CloneKind) -> None:
        """End a turn in which nothing was cloned."""
        self._is_cloning = False
        self.ended(kind)

    @contextmanager
    def cloning(self, kind: CloneKind) -> Iterator[None]:
        """Clone in the body, of which no await is a part; when that fails there is no clone."""
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        try:
            yield
        except BaseException:
            self._alive.remove(kind)
            raise
        finally:
            ended_at = loop.time()
            self.held_up_seconds = ended_at - began_at
            self._rested_at = ended_at + RESTS * self.held_up_seconds
            self._is_cloning = False
            self._look()

    def stop(self) -> None:
        """Have no timer left; nobody waits any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        """Give the next turn, if there may be one now, or look again once the rest is over."""
        kind = self._next()
        if kind is None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self._rested_at:
            if self._timer is None:
                self._timer = loop.call_at(self._rested_at, self._look_again)
            return
        self._is_cloning = True
        self._alive.add(kind)
        self._waiting[kind].popleft().set_result(None)

    def _look_again(self) -> None:
        self._timer = None
        self._look()

    def _next(self) -> CloneKind | None:
        if self._is_cloning:
            return None
        for kind, waiting in self._waiting.items():
            while waiting and waiting[0].cancelled():
                waiting.popleft()
            if waiting and kind not in self._alive:
                return kind
        return None
