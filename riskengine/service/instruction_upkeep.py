"""What is done beside the instructions on disk: old ones dropped, confirmations written, alarms.

An instruction is dropped once it is older than is kept in any case, by the log's time, and every
consumer has confirmed it. Nothing is dropped for its size: from a number of bytes on there is an
alarm, and an operator decides which consumer is to be forgotten.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import NamedTuple

import structlog

from riskengine.machine.machine import Machine
from riskengine.metrics.statistics import InstructionStatistics
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.service.consumers import Consumers
from riskengine.service.kept_instructions import KeptInstructions
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
    ) -> None:
        self._machine = machine
        self._log = log
        self._kept = kept
        self._consumers = consumers
        self._statistics = statistics
        self._keeping = keeping
        self._failures: set[str] = set()
        """What failed the last time: it is told once, and not again each time that it is tried."""
        self._task: asyncio.Task[None] | None = None
        self.look()

    def start(self) -> None:
        """Begin to look after them, now and then."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Look after them no more, and write the last confirmations."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        with self._telling("consumers.not_written"):
            await asyncio.to_thread(self._consumers.close)
        await asyncio.to_thread(self._kept.close)

    async def work(self) -> None:
        """Write confirmations and drop what is not kept any more, then see where all stands."""
        with self._telling("consumers.not_written"):
            await self._consumers.write()
        published = self._machine.ring.last_sequence
        through = min(published, self._consumers.lowest_confirmed)
        before_nanos = self._machine.engine.time_nanos - self._keeping.seconds * NANOS_PER_SECOND
        with self._telling("instructions.not_dropped"):
            count = await on_thread(partial(self._log.drop, through, before_nanos))
            if count:
                _LOG.info(
                    "instructions.dropped",
                    segments=count,
                    oldest_instruction_sequence=self._log.oldest_instruction,
                )
        self.look()

    def look(self) -> None:
        """Note sizes and lags for the metrics, and tell when the alarm begins or ends."""
        statistics, consumers = self._statistics, self._consumers
        lowest = consumers.lowest_confirmed
        statistics.size_bytes = self._log.size_bytes
        statistics.oldest_sequence = self._kept.oldest_sequence
        statistics.consumers = len(consumers.confirmed)
        statistics.consumer_lag = self._kept.last_sequence - lowest
        statistics.consumer_lag_bytes = self._log.bytes_behind(lowest) if consumers.confirmed else 0
        is_alarm = statistics.size_bytes >= self._keeping.alarm_bytes
        if is_alarm is not statistics.is_alarm:
            statistics.is_alarm = is_alarm
            self._tell_alarm(is_alarm)

    def _tell_alarm(self, is_alarm: bool) -> None:
        confirmed = self._consumers.confirmed
        slowest = min(confirmed, key=lambda consumer_id: confirmed[consumer_id], default="")
        tell = _LOG.error if is_alarm else _LOG.info
        tell(
            "instructions.alarm" if is_alarm else "instructions.alarm_over",
            size_bytes=self._statistics.size_bytes,
            alarm_bytes=self._keeping.alarm_bytes,
            slowest_consumer=slowest,
            confirmed_instruction_sequence=confirmed.get(slowest, 0),
            last_instruction_sequence=self._kept.last_sequence,
        )

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.work()

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
