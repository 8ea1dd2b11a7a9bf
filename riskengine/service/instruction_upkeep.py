"""What is done beside the instructions on disk: old ones dropped, confirmations written, alarms.

An instruction is dropped once it is older than is kept in any case, by the log's time, and every
consumer has confirmed it. The log's time goes by the server's clock, and that may be set forward:
here it goes on from the start no faster than the process gets older. Nothing is dropped for its
size: from a number of bytes on there is an alarm, and an operator decides which consumer is to be
forgotten.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic_ns, time_ns
from typing import NamedTuple

import structlog

from riskengine.machine.machine import Machine
from riskengine.metrics.statistics import InstructionStatistics
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.service.consumers import Consumers
from riskengine.service.kept_instructions import KeptInstructions
from riskengine.service.schedule import Schedule
from riskengine.service.threads import on_thread
from riskengine.units import NANOS_PER_SECOND

LOOK_SECONDS = 1.0
"""How often it is looked after them: confirmations are on disk so soon."""

_LOG = structlog.get_logger("riskengine.instructions")


class Keeping(NamedTuple):
    """How long instructions are kept in any case, and at which size there is an alarm."""

    seconds: int
    alarm_bytes: int


class InstructionUpkeep:
    """Look after the instructions on disk while the server serves; used on the event loop alone."""

    def __init__(
        self,
        machine: Machine,
        log: InstructionLog,
        kept: KeptInstructions,
        consumers: Consumers,
        statistics: InstructionStatistics,
        keeping: Keeping,
        *,
        now_nanos: Callable[[], int] = time_ns,
        monotonic_nanos: Callable[[], int] = monotonic_ns,
    ) -> None:
        """Begin; when consumers were lost, nothing is dropped before all have had time to come.

        `now_nanos` is the server's clock, of which a start believes the earlier of it and the log's
        time; a log without commands has no time yet, and goes by the clock.
        """
        self._machine = machine
        self._log = log
        self._kept = kept
        self._consumers = consumers
        self._statistics = statistics
        self._keeping = keeping
        self._failures: set[str] = set()
        """What failed the last time: it is told once, and not again each time that it is tried."""
        self._monotonic_nanos = monotonic_nanos
        self._begun_nanos = monotonic_nanos()
        clock_nanos = now_nanos()
        self._begun_time_nanos = min(machine.engine.time_nanos or clock_nanos, clock_nanos)
        self._schedule = Schedule("instructions", self.work, statistics)
        self.look()

    def start(self) -> None:
        """Begin to look after them, now and then."""
        self._schedule.start(LOOK_SECONDS)

    async def stop(self) -> None:
        """Look after them no more, and write the last confirmations."""
        await self._schedule.stop()
        with self._telling("consumers.not_written"):
            await asyncio.to_thread(self._consumers.close)
        await asyncio.to_thread(self._kept.close)

    async def work(self) -> None:
        """Write confirmations and drop what is not kept any more, then see where all stands."""
        with self._telling("consumers.not_written"):
            await self._consumers.write()
        if not self._may_drop():
            self.look()
            return
        published = self._machine.ring.last_sequence
        through = min(published, self._consumers.lowest_confirmed)
        before_nanos = self._time_nanos() - self._kept_nanos
        with self._telling("instructions.not_dropped"):
            count = await on_thread(partial(self._log.drop, through, before_nanos))
            if count:
                _LOG.info(
                    "instructions.dropped",
                    segments=count,
                    oldest_instruction_sequence=self._log.oldest_instruction,
                )
        self.look()

    @property
    def _kept_nanos(self) -> int:
        return self._keeping.seconds * NANOS_PER_SECOND

    def _up_nanos(self) -> int:
        """Return for how long these instructions have been looked after."""
        return self._monotonic_nanos() - self._begun_nanos

    def _may_drop(self) -> bool:
        """Return whether consumers that were lost have had their time to confirm again."""
        statistics = self._statistics
        if statistics.consumers_lost and self._up_nanos() >= self._kept_nanos:
            statistics.consumers_lost = False
            _LOG.info("consumers.waited_for", consumers=len(self._consumers.confirmed))
        return not statistics.consumers_lost

    def _time_nanos(self) -> int:
        """Return the log's time, as far as it can have come since the start."""
        return min(self._machine.engine.time_nanos, self._begun_time_nanos + self._up_nanos())

    def look(self) -> None:
        """Note sizes and lags for the metrics, and tell when the alarm begins or ends."""
        statistics, consumers = self._statistics, self._consumers
        lowest = consumers.lowest_confirmed
        statistics.size_bytes = self._log.size_bytes
        statistics.oldest_sequence = self._kept.oldest_sequence
        statistics.consumers = len(consumers.confirmed)
        statistics.slowest_consumer = consumers.slowest
        statistics.consumer_lag = self._kept.last_sequence - lowest
        (behind,) = self._log.bytes_behind((lowest,))
        statistics.consumer_lag_bytes = behind if consumers.confirmed else 0
        is_alarm = statistics.size_bytes >= self._keeping.alarm_bytes
        if is_alarm is not statistics.is_alarm:
            statistics.is_alarm = is_alarm
            self._tell_alarm(is_alarm)

    def _tell_alarm(self, is_alarm: bool) -> None:
        confirmed, slowest = self._consumers.confirmed, self._consumers.slowest
        tell = _LOG.error if is_alarm else _LOG.info
        tell(
            "instructions.alarm" if is_alarm else "instructions.alarm_over",
            size_bytes=self._statistics.size_bytes,
            alarm_bytes=self._keeping.alarm_bytes,
            slowest_consumer=slowest,
            confirmed_instruction_sequence=confirmed.get(slowest, 0),
            last_instruction_sequence=self._kept.last_sequence,
        )

    @contextmanager
    def _telling(self, event: str) -> Iterator[None]:
        """Log an OSError of the body, once until the body goes well again; it is tried again."""
        try:
            yield
        except OSError as error:
            if event not in self._failures:
                self._failures.add(event)
                _LOG.error(event, error=str(error))
        else:
            self._failures.discard(event)
