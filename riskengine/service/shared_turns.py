"""A long piece of work that many ask for: one turn at a time, and who waits shares the next."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from riskengine.service.errors import CallError, CallReason

ResultT = TypeVar("ResultT")


class SharedTurns(Generic[ResultT]):
    """Do the work for all who ask, one turn at a time; used on the event loop alone."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()
        self._next: asyncio.Task[ResultT] | None = None
        self._turns: set[asyncio.Task[ResultT]] = set()

    async def take(self, work: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Return what a turn comes to that begins now, or once the one under way is done.

        Who waits for that shares the next, of which the first brings the work: it is the same for
        all. Who gives up waiting leaves it to go on. Raises what the work raises, and `CallError`
        when the turns are stopped.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._turn(work))
            self._turns.add(self._next)
            self._next.add_done_callback(self._done)
        turn = self._next
        await asyncio.wait([turn])
        if turn.cancelled():
            raise CallError(CallReason.SHUTTING_DOWN)
        error = turn.exception()
        if isinstance(error, CallError):
            raise error.fresh()
        return turn.result()

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
        if self._next is turn:
            self._next = None
        if not turn.cancelled():
            turn.exception()  # those who wait for it are told; there may be none left
