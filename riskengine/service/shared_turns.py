"""A long piece of work that many ask for: one turn at a time, and who waits shares the next."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from riskengine.service.errors import CallError, CallReason

ResultT = TypeVar("ResultT")


class SharedTurns(Generic[ResultT]):
    """Do the work for all who ask, one turn at a time; used on the event loop alone.

    A turn that nobody waits for any more does not begin. One that has begun goes on, unless the
    work is `for_askers_alone`.
    """

    def __init__(self, *, for_askers_alone: bool = False) -> None:
        self._for_askers_alone = for_askers_alone
        self._askers: Counter[asyncio.Task[ResultT]] = Counter()
        self._one_at_a_time = asyncio.Lock()
        self._next: asyncio.Task[ResultT] | None = None
        self._turns: set[asyncio.Task[ResultT]] = set()

    async def take(self, work: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Return what a turn comes to that begins now, or once the one under way is done.

        Who waits for that shares the next, of which the first brings the work: it is the same for
        all. Raises what the work raises, and `CallError` when the turns are stopped.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._turn(work))
            self._turns.add(self._next)
            self._next.add_done_callback(self._done)
        turn = self._next
        self._askers[turn] += 1
        try:
            await asyncio.wait([turn])
        finally:
            self._leave(turn)
        if turn.cancelled():
            raise CallError(CallReason.SHUTTING_DOWN)
        error = turn.exception()
        if isinstance(error, CallError):
            raise error.fresh()
        return turn.result()

    def _leave(self, turn: asyncio.Task[ResultT]) -> None:
        """Wait for a turn no longer; the last one gives it up."""
        if turn.done():
            return
        self._askers[turn] -= 1
        if self._askers[turn]:
            return
        is_due = turn is self._next
        if is_due or self._for_askers_alone:
            turn.cancel()
        if is_due:
            self._next = None  # who comes now is not told of the end of this one

    async def stop(self) -> None:
        """Give up the turns that are under way or due, and return once they have ended."""
        turns = list(self._turns)
        for turn in turns:
            turn.cancel()
        if turns:
            await asyncio.wait(turns)

    async def _turn(self, work: Callable[[], Awaitable[ResultT]]) -> ResultT:
        async with self._one_at_a_time:
            self._next = None
            return await work()

    def _done(self, turn: asyncio.Task[ResultT]) -> None:
        self._turns.discard(turn)
        self._askers.pop(turn, None)
        if self._next is turn:
            self._next = None
        if not turn.cancelled():
            turn.exception()  # those who wait for it are told; there may be none left
