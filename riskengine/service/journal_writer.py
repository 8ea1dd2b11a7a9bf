"""The thread that makes the log durable: all that is buffered at once, then a word to the loop.

Before that word it writes the instructions of what became durable: who hears of one finds it kept.
"""

import asyncio
from threading import Thread
from time import monotonic_ns
from typing import Protocol

from riskengine.metrics.statistics import JournalStatistics
from riskengine.persistence import CommandLog
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.service.sync_schedule import SyncSchedule

IDLE_SECONDS = 0.05
"""After this long without a record the log is synced once more (see `CommandLog.sync`)."""


class Waiting(Protocol):
    """Whoever waits for the disk; told on the event loop."""

    def reached(self, sequence: int) -> None:
        """Hear of the last durable sequence."""

    def fail(self, cause: Exception) -> None:
        """Hear that nothing will be durable any more."""


class JournalWriter:
    """Sync a log in groups on a thread of its own, from `start` to `stop`.

    A sync begins when the schedule says so; `outbox` hears what it came to.
    """

    def __init__(
        self,
        log: CommandLog,
        instructions: InstructionLog,
        schedule: SyncSchedule,
        outbox: Waiting,
        statistics: JournalStatistics,
    ) -> None:
        self._log = log
        self._instructions = instructions
        self._schedule = schedule
        self._due = schedule.due
        self._outbox = outbox
        self._statistics = statistics
        self._stopping = False
        self._busy_since_nanos = 0
        head = log.head
        self._reported_sequence = head.sequence
        self._reported_bytes = head.written_bytes
        statistics.size_bytes = head.size_bytes
        self._thread = Thread(target=self._run, name="journal-writer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def busy_nanos(self) -> int:
        """Return for how long the write under way has lasted, 0 if there is none."""
        since = self._busy_since_nanos
        return monotonic_ns() - since if since else 0

    def start(self) -> None:
        """Begin; call it on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        """Sync what is left and end the thread."""
        self._stopping = True
        self._schedule.at_once()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        assert self._loop is not None
        try:
            while not self._stopping:
                if not self._due.wait(IDLE_SECONDS):
                    self._sync()
                    self._due.wait()
                self._due.clear()
                self._sync()
            self._sync()
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing is durable any more
            self._loop.call_soon_threadsafe(self._outbox.fail, error)

    def _sync(self) -> None:
        """Sync once, and report if the log is durable further than it was reported to be."""
        assert self._loop is not None
        start_nanos = self._busy_since_nanos = monotonic_ns()
        last = self._log.sync()
        nanos = monotonic_ns() - start_nanos
        if last != self._reported_sequence:
            self._instructions.write(last)
        self._busy_since_nanos = 0
        if last == self._reported_sequence:
            return
        self._loop.call_soon_threadsafe(self._outbox.reached, last)
        head, statistics = self._log.head, self._statistics
        statistics.synced(
            last - self._reported_sequence, head.written_bytes - self._reported_bytes, nanos
        )
        statistics.size_bytes = head.size_bytes
        self._reported_sequence = last
        self._reported_bytes = head.written_bytes
