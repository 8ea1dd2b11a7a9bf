"""The bound of what is taken and not yet durable: a full queue makes submitters wait."""

import asyncio
from collections import deque

from riskengine.metrics.statistics import Statistics


class FlowControl:
    """Hold submitters back while the queue is full; used on the event loop alone.

    Each limit is passed by at most one command, the last that found room.
    """

    def __init__(self, statistics: Statistics, *, max_records: int, max_bytes: int) -> None:
        self._statistics = statistics
        self._max_records = max_records
        self._max_bytes = max_bytes
        self.is_full = False
        self._waiters: deque[asyncio.Future[None]] = deque()

    async def room(self) -> None:
        """Return when there is room; who came first goes first."""
        while self.is_full:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(future)
            self._statistics.waiting_submitters += 1
            try:
                await future
            finally:
                self._statistics.waiting_submitters -= 1

    def take(self, records: int, size_bytes: int) -> None:
        """Note how much is queued after a command was taken."""
        self._statistics.journal_queue_commands = records
        self._statistics.journal_queue_bytes = size_bytes
        self.is_full = records >= self._max_records or size_bytes >= self._max_bytes

    def release(self, records: int, size_bytes: int) -> None:
        """Note how much is queued after some became durable, and let submitters go on."""
        self.take(records, size_bytes)
        if not self.is_full:
            self.open()

    def open(self) -> None:
        """Let all submitters look again."""
        self.is_full = False
        waiters, self._waiters = self._waiters, deque()
        for future in waiters:
            if not future.done():
                future.set_result(None)
