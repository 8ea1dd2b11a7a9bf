"""A clock for the timers of the running loop, so that no test waits for time to pass."""

import asyncio

import pytest


class LoopClock:
    """Replaces the running loop's clock until the test ends; it goes only when it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self._seconds = loop.time()
        monkeypatch.setattr(loop, "time", lambda: self._seconds)

    def move(self, seconds: float) -> None:
        """Let time pass, and no timer yet."""
        self._seconds += seconds

    async def settled(self) -> None:
        """Let the loop come round until the timers that are due have run."""
        for _ in range(5):
            await asyncio.sleep(0)
