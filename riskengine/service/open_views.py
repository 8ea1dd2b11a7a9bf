"""The views that are open, and what the memory needs once none is.

While a clone shares the memory, the huge pages that commands write to are split; they are made huge
again afterwards, one at a time, on another thread.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

from riskengine.core.engine import Engine
from riskengine.core.face.pages import collapse_page
from riskengine.machine.state_hash import hash_of
from riskengine.machine.view import View
from riskengine.service.threads import on_thread

SeenT = TypeVar("SeenT")


class OpenViews:
    """Count views of an engine; used on the event loop alone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open = 0
        self._mending: asyncio.Task[None] | None = None
        self._hashing = asyncio.Lock()
        self._next: asyncio.Task[Any] | None = None
        self._hashes: set[asyncio.Task[Any]] = set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count a view from before it is begun until it is closed."""
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            if not self._open and self._mending is None:
                self._mending = asyncio.create_task(self._mend())

    async def stop(self) -> None:
        """Make no hash any more, and leave the memory as it is."""
        for task in self._hashes:
            task.cancel()
        if self._hashes:
            await asyncio.wait(self._hashes)
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

        One is made at a time: each holds up the event loop while the process is cloned. Who waits
        for that shares the next, with what the first of them sees; `see` is the same for all. Who
        gives up waiting leaves it to go on.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._hash_next(see))
            self._hashes.add(self._next)
            self._next.add_done_callback(self._hash_done)
        shared: asyncio.Task[tuple[SeenT, str]] = self._next
        return await asyncio.shield(shared)

    async def _hash_next(self, see: Callable[[], SeenT]) -> tuple[SeenT, str]:
        async with self._hashing:
            self._next = None
            with self.one(), View(self._engine) as view:
                seen = see()
                digest = await on_thread(partial(hash_of, view.read()), view.give_up)
                return seen, digest.hex()

    def _hash_done(self, task: asyncio.Task[Any]) -> None:
        self._hashes.discard(task)
        if self._next is task:
            self._next = None

    async def _mend(self) -> None:
        try:
            for address in self._engine.page_addresses():
                if self._open:
                    return
                await asyncio.to_thread(collapse_page, address)
        finally:
            self._mending = None
