"""The thread that makes the log durable: all that is buffered at once, then a word to the loop."""

import asyncio
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic_ns

from riskengine.metrics.statistics import JournalStatistics
from riskengine.persistence import CommandLog

IDLE_SECONDS = 0.05
"""After this long without a record the log is synced once more (see `CommandLog.sync`)."""


class JournalWriter:
    """Sync a log in groups on a thread of its own, from `start` to `stop`.

    `on_durable` gets the last durable sequence and `on_failure` the error that ended it, both on
    the event loop.
    """

    def __init__(
        self,
        log: CommandLog,
        statistics: JournalStatistics,
        on_durable: Callable[[int], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._log = log
        self._statistics = statistics
        self._on_durable = on_durable
        self._on_failure = on_failure
        self._wake = Event()
        self._stopping = False
        self._reported_sequence = log.head.sequence
        statistics.size_bytes = log.head.size_bytes
        self._thread = Thread(target=self._run, name="journal-writer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin; call it on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def wake(self) -> None:
        """Say that something was appended."""
        self._wake.set()

    async def stop(self) -> None:
        """Sync what is left and end the thread."""
        self._stopping = True
        self._wake.set()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        assert self._loop is not None
        try:
            while not self._stopping:
                if not self._wake.wait(IDLE_SECONDS):
                    self._sync()
                    self._wake.wait()
                self._wake.clear()
                self._sync()
            self._sync()
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing is durable any more
            self._loop.call_soon_threadsafe(self._on_failure, error)

    def _sync(self) -> None:
        """Sync once, and report if the log is durable further than it was reported to be."""
        assert self._loop is not None
        start_nanos = monotonic_ns()
        last = self._log.sync()
        nanos = monotonic_ns() - start_nanos
        if last == self._reported_sequence:
            return
        self._loop.call_soon_threadsafe(self._on_durable, last)
        size_bytes = self._log.head.size_bytes
        statistics = self._statistics
        statistics.synced(last - self._reported_sequence, size_bytes - statistics.size_bytes, nanos)
        statistics.size_bytes = size_bytes
        self._reported_sequence = last
