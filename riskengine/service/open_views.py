"""The views that are open, when one more may be made, and what the memory needs once none is.

All clones of the process are made here: of snapshots, of hashes and of state streams.

While a clone shares the memory, the huge pages that commands write to are split, and afterwards the
first write to each of the others is a fault; both are mended on another thread, a few at a time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from riskengine.core.engine import Engine
from riskengine.core.face.pages import mend_pages
from riskengine.machine.state_hash import hash_of
from riskengine.machine.view import View
from riskengine.service.clone_turns import CloneKind, CloneTurns
from riskengine.service.shared_turns import SharedTurns
from riskengine.service.threads import on_thread

SeenT = TypeVar("SeenT")


class Closable(Protocol):
    """What a clone writes, until it is closed; then the clone has ended."""

    def close(self) -> None:
        """End it, wherever it is."""


ViewT = TypeVar("ViewT", bound=Closable)

PAGES = 16
"""How many are mended at once."""


class OpenView(Generic[ViewT]):
    """A view that was made in its turn; closing it lets others have theirs.

    `held_up_seconds` is how long making it held up the event loop.
    """

    def __init__(self, view: ViewT, held_up_seconds: float, ended: Callable[[], None]) -> None:
        self.view = view
        self.held_up_seconds = held_up_seconds
        self._ended = ended

    def close(self) -> None:
        """End it; once."""
        try:
            self.view.close()
        finally:
            self._ended()


class OpenViews:
    """Make views of an engine, and count them; used on the event loop alone.

    `at_rest` returns when no work is pending: in the middle of it there is no view.
    """

    def __init__(self, engine: Engine, at_rest: Callable[[], Awaitable[None]]) -> None:
        self._engine = engine
        self._at_rest = at_rest
        self._turns = CloneTurns()
        self._mending: asyncio.Task[None] | None = None
        self._begun = 0
        self._hashes: SharedTurns[tuple[Any, str]] = SharedTurns(for_askers_alone=True)

    @property
    def open(self) -> int:
        """Return how many are open."""
        return self._turns.alive

    @property
    def waiting(self) -> int:
        """Return how many wait to be made."""
        return self._turns.waiting

    async def begin(self, make: Callable[[], ViewT], kind: CloneKind) -> OpenView[ViewT]:
        """Make a view when it is its turn: `make` clones the process. Raises what that raises.

        Work that is pending then is done first. Who gives up waiting leaves nothing behind.
        """
        await self._turns.begin(kind)
        try:
            await self._at_rest()
        except BaseException:
            self._turns.gave_up(kind)
            raise
        self._begun += 1
        try:
            with self._turns.cloning(kind):
                view = make()
        except BaseException:
            self._mend_if_none_is_open()
            raise
        return OpenView(view, self._turns.held_up_seconds, partial(self._ended, kind))

    @contextmanager
    def one(self, kind: CloneKind) -> Iterator[None]:
        """Count a view that was made before the service opened, until it is closed."""
        self._begun += 1
        self._turns.began(kind)
        try:
            yield
        finally:
            self._ended(kind)

    async def stop(self) -> None:
        """Make no hash any more, and leave the memory as it is."""
        await self._hashes.stop()
        self._turns.stop()
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

        One is made at a time, and those who wait share the next: `see` is the same for all. When
        all who wait for one have given up, so is the hash.
        """
        return await self._hashes.take(partial(self._hash, see))

    async def _hash(self, see: Callable[[], SeenT]) -> tuple[SeenT, str]:
        seen: list[SeenT] = []

        def make() -> View:
            seen.append(see())
            return View(self._engine)

        with closing(await self.begin(make, CloneKind.ANSWER)) as opened:
            view = opened.view
            digest = await on_thread(partial(hash_of, view.read()), view.give_up)
        return seen[0], digest.hex()

    def _ended(self, kind: CloneKind) -> None:
        self._turns.ended(kind)
        self._mend_if_none_is_open()

    def _mend_if_none_is_open(self) -> None:
        if not self._turns.alive and self._mending is None:
            self._mending = asyncio.create_task(self._mend())

    async def _mend(self) -> None:
        """Mend the pages, and all of them once more when a view was open meanwhile."""
        try:
            begun = -1
            while begun != self._begun and not self._turns.alive:
                begun = self._begun
                pages = self._engine.memory_pages()
                for first in range(0, len(pages), PAGES):
                    if begun != self._begun:
                        break
                    await asyncio.to_thread(mend_pages, pages[first : first + PAGES])
        finally:
            self._mending = None
