"""Work that is done now and then while the server serves, and does not end by failing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

_LOG = structlog.get_logger("riskengine.schedule")


class Counted(Protocol):
    """Where failures of a schedule are counted."""

    schedule_failures: int


class Schedule:
    """Do some work again and again, with a pause before each time; on the event loop alone.

    What the work raises is told and counted, and the work is tried again after the next pause: it
    looks after what the engine does not need to go on, and to end it for that would help nobody.
    The same error is told once, until the work goes well again.
    """

    def __init__(
        self, name: str, work: Callable[[], Awaitable[object]], statistics: Counted
    ) -> None:
        self._name = name
        self._work = work
        self._statistics = statistics
        self._told = ""
        self._task: asyncio.Task[None] | None = None

    def start(self, pause_seconds: float) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(pause_seconds))

    async def stop(self) -> None:
        """Give up the work that is under way, and do it no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self, pause_seconds: float) -> None:
        while True:
            await asyncio.sleep(pause_seconds)
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next time may go well
                self._statistics.schedule_failures += 1
                self._tell(error)
            else:
                self._told = ""

    def _tell(self, error: Exception) -> None:
        said = f"{type(error).__name__}: {error}"
        if said != self._told:
            self._told = said
            _LOG.error("schedule.failed", schedule=self._name, error=said, exc_info=error)
