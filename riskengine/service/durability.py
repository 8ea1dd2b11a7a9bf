"""How far the log is durable, and who waits for it."""

import asyncio
from heapq import heappop, heappush
from itertools import count

from riskengine.service.errors import CallError


class Durability:
    """Hold the last durable sequence; used on the event loop alone."""

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        self._failure: CallError | None = None
        self._waiters: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = count()

    async def wait(self, sequence: int) -> None:
        """Return when `sequence` is durable; raise `CallError` when it never will be."""
        if sequence <= self.sequence:
            return
        if self._failure is not None:
            raise self._failure.fresh()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiters, (sequence, next(self._arrivals), future))
        await future

    def reached(self, sequence: int) -> None:
        """Let go whoever waits for a sequence up to this one."""
        self.sequence = sequence
        waiters = self._waiters
        while waiters and waiters[0][0] <= sequence:
            future = heappop(waiters)[2]
            if not future.done():
                future.set_result(None)

    def fail(self, failure: CallError) -> None:
        """Fail all who wait, now and later."""
        self._failure = failure
        for _, _, future in self._waiters:
            if not future.done():
                future.set_exception(failure.fresh())
        self._waiters.clear()
