"""Work on other threads that is not left behind: once awaited, what it uses may be closed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

WorkT = TypeVar("WorkT")


def _wait_for_it() -> None:
    """Have work that is short go on to its end."""


async def on_thread(
    work: Callable[[], WorkT], give_up: Callable[[], object] = _wait_for_it
) -> WorkT:
    """Return what `work` comes to on another thread; whatever happens, only once it has ended.

    Who is cancelled meanwhile calls `give_up`, which may have it end soon.
    """
    working = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        give_up()
        await until_done(working)
        raise


async def until_done(work: "asyncio.Future[WorkT]") -> None:
    """Return once the work has ended, however often the caller is cancelled meanwhile."""
    while not work.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([work])
