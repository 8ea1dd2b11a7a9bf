"""The core's timers: when one is due and no other command has let it run, a tick does."""

import asyncio
from collections.abc import Callable

from riskengine.core.engine import Engine
from riskengine.units import NANOS_PER_MILLI, NANOS_PER_SECOND

DELAY_NANOS_MIN = NANOS_PER_MILLI
DELAY_NANOS_MAX = NANOS_PER_SECOND
"""The clock is looked at anew this often: the log's time may be put forward meanwhile."""


class TickTimer:
    """Call `tick` when the engine's next timer is due by the clock; `arm` it after each command.

    While work is pending none is due: it fires in the first command after that.
    """

    def __init__(
        self, engine: Engine, now_nanos: Callable[[], int], tick: Callable[[], object]
    ) -> None:
        self._engine = engine
        self._now_nanos = now_nanos
        self._tick = tick
        self._armed_nanos = 0
        self._handle: asyncio.TimerHandle | None = None

    def arm(self) -> None:
        """Wait for the next timer, if there is one."""
        next_nanos = self._next_nanos
        if next_nanos == self._armed_nanos:
            return
        self.disarm()
        self._armed_nanos = next_nanos
        if next_nanos:
            wanted_nanos = next_nanos - self._now_nanos()
            delay_nanos = min(max(wanted_nanos, DELAY_NANOS_MIN), DELAY_NANOS_MAX)
            loop = asyncio.get_running_loop()
            self._handle = loop.call_later(delay_nanos / NANOS_PER_SECOND, self._look)

    def disarm(self) -> None:
        """Wait for nothing any more."""
        self._armed_nanos = 0
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    @property
    def _next_nanos(self) -> int:
        return 0 if self._engine.has_work else self._engine.next_timer_nanos

    def _look(self) -> None:
        self.disarm()
        due_nanos = self._next_nanos
        if due_nanos and due_nanos <= max(self._now_nanos(), self._engine.time_nanos):
            self._tick()
        self.arm()
