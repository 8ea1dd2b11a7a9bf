"""How far the wall clock is from the log's time: reported, and nothing goes by it."""

import structlog

from riskengine.metrics.statistics import ClockStatistics
from riskengine.service.log_clock import LogClock
from riskengine.service.schedule import Schedule
from riskengine.units import NANOS_PER_MILLI, NANOS_PER_SECOND

LOOK_SECONDS = 1.0
MOST_OFFSET_NANOS = NANOS_PER_SECOND
"""Beyond this an operator is told."""

_LOG = structlog.get_logger("riskengine.clock")


class ClockWatch:
    """Look at both clocks now and then; used on the event loop alone."""

    def __init__(self, clock: LogClock, statistics: ClockStatistics) -> None:
        self._clock = clock
        self._statistics = statistics
        self._is_apart = False
        self._schedule = Schedule("clock", self.look, statistics)

    def start(self) -> None:
        """Begin to look."""
        self._schedule.start(LOOK_SECONDS)

    async def stop(self) -> None:
        """Look no more."""
        await self._schedule.stop()

    async def look(self) -> None:
        """Note the offset, and tell when it passes its bound, either way."""
        offset_nanos = self._clock.offset_nanos
        self._statistics.offset_nanos = offset_nanos
        is_apart = abs(offset_nanos) > MOST_OFFSET_NANOS
        if is_apart is self._is_apart:
            return
        self._is_apart = is_apart
        offset_millis = offset_nanos // NANOS_PER_MILLI
        if is_apart:
            _LOG.warning("clock.apart", offset_millis=offset_millis)
        else:
            _LOG.info("clock.together", offset_millis=offset_millis)
