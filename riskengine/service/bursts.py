"""Batches of one stream on their way to the core: several at once while more come.

The core works on more memory than a processor's caches hold, so after it all that receives, reads
and answers a batch must be fetched anew. A burst pays for that once.
"""

import asyncio

from riskengine.service.command import Received

BURST_BATCHES = 8
BURST_ROWS = 4_000
"""With so many a burst is full: other calls wait until the core is done with it."""

PAUSE_SECONDS = 0.001
"""How long the first batch of a burst waits for the others at most."""


class Bursts:
    """Hold batches for whoever takes them; used on the event loop alone."""

    def __init__(self) -> None:
        self._held: list[Received] = []
        self._rows = 0
        self._released = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._held)

    def add(self, received: Received, *, may_wait: bool) -> None:
        """Hold a batch; with `may_wait` others may join it, else it is taken with those held."""
        self._held.append(received)
        command = received.asked.command
        self._rows += command.rows if command else 0
        is_full = len(self._held) >= BURST_BATCHES or self._rows >= BURST_ROWS
        if is_full or not may_wait:
            self._release()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._release)

    def close(self) -> None:
        """Hold nothing more; what is held is still taken."""
        self._is_closed = True
        self._release()

    async def take(self) -> list[Received]:
        """Return the next burst; empty at the end."""
        await self._released.wait()
        burst, self._held, self._rows = self._held, [], 0
        self._disarm()
        if not self._is_closed:
            self._released.clear()
        return burst

    def _release(self) -> None:
        self._disarm()
        self._released.set()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
