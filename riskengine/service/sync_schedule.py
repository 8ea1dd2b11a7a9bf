"""When what was appended to the log is synced: at once, or soon and together with what comes."""

import asyncio
from threading import Event

from riskengine.persistence import CommandLog

GATHERED_BYTES = 1 << 20
"""Of records that may wait: with so many the sync waits no longer."""

LOOKS = 4
"""Times, while records are held back, that it is seen whether more came; if not, they go."""


class SyncSchedule:
    """Say on the event loop when a sync is due; the thread that syncs waits for `due`.

    `gather_seconds` is how long records that may wait are held back at most, so that others are
    synced with them; as soon as no more come for a while they wait no longer.
    """

    def __init__(self, log: CommandLog, *, gather_seconds: float) -> None:
        self.due = Event()
        self._log = log
        self._gather_seconds = gather_seconds
        self._timer: asyncio.TimerHandle | None = None
        self._looks = 0
        self._gathered_bytes = 0

    def at_once(self) -> None:
        """Have what was appended synced at once."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.due.is_set():
            self.due.set()

    def soon(self) -> None:
        """Have what was appended synced soon, together with what is appended until then."""
        if self._log.pending_bytes >= GATHERED_BYTES:
            self.at_once()
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
            self.at_once()
        else:
            self._look_later()
