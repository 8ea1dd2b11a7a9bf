"""Where coroutines wait for what others change."""

import asyncio
from collections.abc import Callable

Condition = Callable[[], object]


class Gate:
    """Let coroutines wait until a condition holds; used on the event loop alone.

    Whoever changes what a condition reads calls `look`. Who came first goes first; one that finds
    its condition undone by another that went before waits again. Who gives up leaves nothing
    behind.
    """

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[None], Condition] = {}

    async def until(self, holds: Condition) -> None:
        """Return when the condition holds, at once if it does already."""
        while not holds():
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting[future] = holds
            try:
                await future
            except asyncio.CancelledError:
                self._waiting.pop(future, None)
                raise

    def look(self) -> None:
        """Let go those whose condition holds now."""
        for future, holds in list(self._waiting.items()):
            if future.done():  # it gives up, and is about to hear of it
                del self._waiting[future]
            elif holds():
                del self._waiting[future]
                future.set_result(None)
