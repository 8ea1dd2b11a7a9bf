"""The thread that makes the log durable: all that is buffered at once, then a word to the loop."""

import asyncio
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic_ns

from riskengine.metrics.statistics import JournalStatistics
from riskengine.persistence import CommandLog

IDLE_SECONDS = 0.05
"""After this long without a record the log is synced once more (see `CommandLog.sync`)."""

GATHERED_BYTES = 1 << 20
"""Of records that may wait: with so many the sync waits no longer."""

LOOKS = 4
"""Times, while records are held back, that it is seen whether more came; if not, they go."""


class JournalWriter:
    """Sync a log in groups on a thread of its own, from `start` to `stop`.

    `on_durable` gets the last durable sequence and `on_failure` the error that ended it, both on
    the event loop. `gather_seconds` is how long records that may wait are held back at most, so
    that others are synced with them; as soon as no more come for a while they wait no longer.
    """

    def __init__(
        self,
        log: CommandLog,
        statistics: JournalStatistics,
        on_durable: Callable[[int], None],
        on_failure: Callable[[Exception], None],
        *,
        gather_seconds: float,
    ) -> None:
        self._log = log
        self._statistics = statistics
        self._on_durable = on_durable
        self._on_failure = on_failure
        self._gather_seconds = gather_seconds
        self._timer: asyncio.TimerHandle | None = None
        self._looks = 0
        self._gathered_bytes = 0
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
        """Have what was appended synced at once."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._wake.is_set():
            self._wake.set()

    def gather(self) -> None:
        """Have what was appended synced soon, together with what is appended until then."""
        if self._log.pending_bytes >= GATHERED_BYTES:
            self.wake()
        elif self._timer is None:
            self._looks = 0
            self._look_later()

    def _look_later(self) -> None:
        self._gathered_bytes = self._log.pending_bytes
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._gather_seconds / LOOKS, self._look)

    def _look(self) -> None:
        """Go on waiting as long as more is appended."""
        self._looks += 1
        if self._looks == LOOKS or self._log.pending_bytes == self._gathered_bytes:
            self.wake()
        else:
            self._look_later()

    async def stop(self) -> None:
        """Sync what is left and end the thread."""
        self._stopping = True
        self.wake()
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
