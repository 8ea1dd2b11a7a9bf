"""The views that are open, and what the memory needs once none is.

While a clone shares the memory, the huge pages that commands write to are split, and afterwards the
first write to each of the others is a fault; both are mended on another thread, a few at a time.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

from riskengine.core.engine import Engine
from riskengine.core.face.pages import mend_pages
from riskengine.machine.state_hash import hash_of
from riskengine.machine.view import View
from riskengine.service.shared_turns import SharedTurns
from riskengine.service.threads import on_thread

SeenT = TypeVar("SeenT")

PAGES = 16
"""How many are mended at once."""


class OpenViews:
    """Count views of an engine; used on the event loop alone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open = 0
        self._mending: asyncio.Task[None] | None = None
        self._begun = 0
        self._hashes: SharedTurns[tuple[Any, str]] = SharedTurns()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count a view from before it is begun until it is closed."""
        self._open += 1
        self._begun += 1
        try:
            yield
        finally:
            self._open -= 1
            if not self._open and self._mending is None:
                self._mending = asyncio.create_task(self._mend())

    async def stop(self) -> None:
        """Make no hash any more, and leave the memory as it is."""
        await self._hashes.stop()
        if self._mending is not None:
            self._mending.cancel()
            with suppress(asyncio.CancelledError):
                await self._mending

    async def mended(self) -> None:
        """Return when nothing is left to be mended, for now."""
        if self._mending is not None:
            await asyncio.wait([self._mending])

    async def hashed(self, see: Callable[[], SeenT]) -> tuple[SeenT, str]:
        """Return what `see` sees and the hash of that state; raises OSError and ViewError.

        One is made at a time, since each holds up the event loop while the process is cloned, and
        those who wait share the next: `see` is the same for all.
        """
        return await self._hashes.take(partial(self._hash, see))

    async def _hash(self, see: Callable[[], SeenT]) -> tuple[SeenT, str]:
        with self.one(), View(self._engine) as view:
            seen = see()
            digest = await on_thread(partial(hash_of, view.read()), view.give_up)
            return seen, digest.hex()

    async def _mend(self) -> None:
        """Mend the pages, and all of them once more when a view was open meanwhile."""
        try:
            begun = -1
            while begun != self._begun and not self._open:
                begun = self._begun
                pages = self._engine.memory_pages()
                for first in range(0, len(pages), PAGES):
                    if begun != self._begun:
                        break
                    await asyncio.to_thread(mend_pages, pages[first : first + PAGES])
        finally:
            self._mending = None
