"""A start is a command of the log (TM-6): journalled before any other, or once it is confirmed.

A clock that is years ahead would have the log be years ahead for ever. So after a gap that is
longer than a setting nothing is taken before an operator has looked at it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple

import structlog

from riskengine.core.engine import Engine, bounds
from riskengine.machine.command import STARTED
from riskengine.machine.started import Started
from riskengine.metrics.statistics import ClockStatistics
from riskengine.service.clock_watch import ClockWatch
from riskengine.service.errors import CallError, CallReason, invalid_field
from riskengine.service.log_clock import LogClock
from riskengine.service.sequencer import Sequencer
from riskengine.units import NANOS_PER_SECOND

MAX_TIME_NANOS = bounds()["fund_account_base"]

_LOG = structlog.get_logger("riskengine.start")


class Begun(NamedTuple):
    """A start that is in the log: its sequence, the log's time from it on, and the gap."""

    sequence: int
    time_nanos: int
    gap_nanos: int


class LogStart:
    """Begin the log of a server; used on the event loop alone.

    While work of a command is pending it goes on first, at the log's own time, and deposits pass:
    the start is what comes right behind it. `on_confirmed` is called when an operator has confirmed
    it.
    """

    def __init__(
        self,
        engine: Engine,
        sequencer: Sequencer,
        clock: LogClock,
        statistics: ClockStatistics,
        *,
        max_gap_seconds: int,
        on_confirmed: Callable[[], Awaitable[object]],
    ) -> None:
        self._engine = engine
        self._sequencer = sequencer
        self._clock = clock
        self._statistics = statistics
        self._max_gap_seconds = max_gap_seconds
        self._on_confirmed = on_confirmed
        self._noting: asyncio.Task[Begun] | None = None
        self._watch = ClockWatch(clock, statistics)

    @property
    def refusal(self) -> CallError | None:
        """Return why no command is taken, None once the start is in the log or on its way there."""
        return self._sequencer.held

    async def begin(self) -> bool:
        """Begin, and return True; or hold all commands until the start is confirmed.

        An empty log has no time yet from which it could go on: its time is the wall clock's.
        """
        if not self._engine.sequence:
            self._clock.set(self._clock.wall_nanos())
            self._sequencer.start()
            self._watch.start()
            return True
        gap_nanos = self._clock.wall_nanos() - self._engine.time_nanos
        if gap_nanos > self._max_gap_seconds * NANOS_PER_SECOND:
            self._hold(gap_nanos // NANOS_PER_SECOND)
            return False
        self._note(0, "")
        if not self._engine.has_work:
            await self._noted()
        return True

    async def confirm(self, log_time_nanos: int, caller: str) -> Begun:
        """Begin at the time that an operator gives, 0: that of the wall clock.

        Raises `CallError` when nothing waits for it, and when the time is before the log's last.
        """
        if self._noting is not None or self.refusal is None:
            raise CallError(CallReason.ALREADY_STARTED)
        last_nanos = self._engine.time_nanos
        if log_time_nanos and not last_nanos <= log_time_nanos <= MAX_TIME_NANOS:
            allowed = f"0, or {last_nanos} to {MAX_TIME_NANOS}"
            raise invalid_field("log_time_nanos", log_time_nanos, allowed)
        self._note(log_time_nanos, caller)
        return await self._noted()

    async def stop(self) -> None:
        """Wait for it no more, and compare no clocks."""
        await self._watch.stop()
        if self._noting is not None:
            self._noting.cancel()
            with suppress(asyncio.CancelledError, CallError):
                await self._noting

    def _hold(self, gap_seconds: int) -> None:
        refusal = CallError(
            CallReason.START_NOT_CONFIRMED, gap_seconds=gap_seconds, limit=self._max_gap_seconds
        )
        self._sequencer.hold(refusal)
        self._statistics.is_start_held = True
        _LOG.warning("start.held", gap_seconds=gap_seconds, limit_seconds=self._max_gap_seconds)

    def _note(self, log_time_nanos: int, caller: str) -> None:
        """Have the start be the next command in line; work that is pending goes on before it."""
        self._clock.set(self._engine.time_nanos)
        self._sequencer.start()
        self._noting = asyncio.create_task(self._begun(log_time_nanos, caller))

    async def _noted(self) -> Begun:
        """Wait for the start; it is journalled also when nobody waits any more."""
        assert self._noting is not None
        return await asyncio.shield(self._noting)

    async def _begun(self, log_time_nanos: int, caller: str) -> Begun:
        """Journal the start in its turn, and take commands from then on."""
        was_held = self.refusal is not None
        said: list[Started] = []

        def payload() -> bytes:
            wall_nanos = self._clock.wall_nanos()
            said.append(Started(wall_nanos, self._engine.time_nanos))
            self._clock.not_before(log_time_nanos or wall_nanos)
            self._sequencer.release()
            return said[0].encode()

        sequence = await self._sequencer.note_in_turn(STARTED, payload, caller)
        begun = Begun(
            sequence, self._engine.time_nanos, self._engine.time_nanos - said[0].last_nanos
        )
        self._statistics.start_gap_nanos = begun.gap_nanos
        self._statistics.is_start_held = False
        _LOG.info("start.logged", **begun._asdict(), wall_nanos=said[0].wall_nanos, caller=caller)
        self._watch.start()
        if was_held:
            await self._on_confirmed()
        return begun
