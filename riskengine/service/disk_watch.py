"""A disk that does not answer: calls are refused until it does, and health says so."""

from collections.abc import Awaitable, Callable

import structlog

from riskengine.metrics.readiness import NOT_ANSWERING, READY, Readiness
from riskengine.metrics.statistics import JournalStatistics
from riskengine.service.availability import Availability
from riskengine.service.errors import CallError, CallReason
from riskengine.service.schedule import Schedule
from riskengine.units import NANOS_PER_MILLI

LOOK_SECONDS = 0.1

_LOG = structlog.get_logger("riskengine.journal")


class DiskWatch:
    """Look how long the journal's thread has been at one write; used on the event loop alone.

    What was taken before is answered once the disk goes on; it may, so nothing has failed yet.
    """

    def __init__(
        self,
        busy_nanos: Callable[[], int],
        availability: Availability,
        readiness: Readiness,
        statistics: JournalStatistics,
        say_serving: Callable[[bool], Awaitable[object]],
        *,
        limit_millis: int,
    ) -> None:
        self._busy_nanos = busy_nanos
        self._availability = availability
        self._readiness = readiness
        self._say_serving = say_serving
        self._limit_millis = limit_millis
        self._is_hung = False
        self._schedule = Schedule("disk", self.look, statistics)

    def start(self) -> None:
        """Begin to look."""
        self._schedule.start(LOOK_SECONDS)

    async def stop(self) -> None:
        """Look no more."""
        await self._schedule.stop()

    async def look(self) -> None:
        """Refuse calls when one write takes too long, and take them again once it is done."""
        is_hung = self._busy_nanos() >= self._limit_millis * NANOS_PER_MILLI
        if is_hung is self._is_hung or self._availability.refusal is not None:
            return
        self._is_hung = is_hung
        if is_hung:
            refusal = CallError(CallReason.DISK_NOT_ANSWERING, millis=self._limit_millis)
            _LOG.error("disk.not_answering", millis=self._limit_millis)
            self._availability.pause(refusal)
            self._readiness.enter(NOT_ANSWERING, reason=str(refusal))
        else:
            _LOG.warning("disk.answers")
            self._availability.resume()
            self._readiness.enter(READY)
        await self._say_serving(not is_hung)
