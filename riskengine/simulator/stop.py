"""A wish to end a run: it breaks off what is under way, or waits where that would lose a state."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


class Stop:
    """The first request cancels a task; while stops are held it is only noted. Later ones are void.

    A run without a task to cancel can be stopped where stops are held and nowhere else.
    """

    def __init__(self, task: asyncio.Task[Any] | None = None) -> None:
        self.asked = asyncio.Event()
        """Set when a stop was asked for while stops are held."""
        self._task = task
        self._is_held = False
        self._came = False

    def request(self) -> None:
        """Ask for the end."""
        if self._came:
            return
        self._came = True
        if self._is_held:
            self.asked.set()
        elif self._task is not None:
            self._task.cancel()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have what runs within look at `asked` by itself."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False

    async def pause(self, seconds: float) -> None:
        """Wait so long, if that is above 0; a stop that is asked for ends the wait."""
        if seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.asked.wait()
