"""The clock of the log's time: set at the start, then as fast as a monotonic clock (TM-6)."""

from collections.abc import Callable
from time import monotonic_ns, time_ns


class LogClock:
    """Tell the log's time, which no step of the wall clock moves; used on the event loop alone.

    `wall_nanos` is the clock that a start believes, if it is ahead of the log.
    """

    def __init__(
        self,
        log_nanos: int,
        *,
        wall_nanos: Callable[[], int] = time_ns,
        monotonic_nanos: Callable[[], int] = monotonic_ns,
    ) -> None:
        """Go on from the log's last time."""
        self.wall_nanos = wall_nanos
        self._monotonic_nanos = monotonic_nanos
        self._ahead_nanos = 0
        self.set(log_nanos)

    def now_nanos(self) -> int:
        """Return the log's time."""
        return self._monotonic_nanos() + self._ahead_nanos

    def set(self, log_nanos: int) -> None:
        """Have it be that time now."""
        self._ahead_nanos = log_nanos - self._monotonic_nanos()

    def not_before(self, log_nanos: int) -> None:
        """Have it be that time now, unless it is later already."""
        self._ahead_nanos = max(self._ahead_nanos, log_nanos - self._monotonic_nanos())

    @property
    def offset_nanos(self) -> int:
        """Return how far the wall clock is ahead of the log's time."""
        return self.wall_nanos() - self.now_nanos()
