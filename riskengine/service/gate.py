"""Where coroutines wait for what others change."""

import asyncio
from collections.abc import Callable

Condition = Callable[[], object]


class Gate:
    """Let coroutines wait until a condition holds; used on the event loop alone.

    Whoever changes what a condition reads calls `look`. Who came first goes first; one that finds
    its condition undone by another that went before waits again.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Condition, asyncio.Future[None]]] = []

    async def until(self, holds: Condition) -> None:
        """Return when the condition holds, at once if it does already."""
        while not holds():
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((holds, future))
            await future

    def look(self) -> None:
        """Let go those whose condition holds now."""
        waiting, self._waiting = self._waiting, []
        for holds, future in waiting:
            if future.done():  # it gave up
                continue
            if holds():
                future.set_result(None)
            else:
                self._waiting.append((holds, future))
