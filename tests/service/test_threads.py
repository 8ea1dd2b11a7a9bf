"""Work on other threads: what it comes to, and that nobody goes on before it has ended."""

import asyncio
from threading import Event

import pytest

from riskengine.service.threads import on_thread


async def test_it_returns_and_raises_what_the_work_does() -> None:
    assert await on_thread(lambda: 5) == 5
    with pytest.raises(ZeroDivisionError):
        await on_thread(lambda: 1 // 0)


@pytest.mark.parametrize("cancels", [1, 3])
async def test_who_is_cancelled_gives_up_and_waits_for_the_end(cancels: int) -> None:
    entered, given_up, may_end, ended = Event(), Event(), Event(), Event()

    def work() -> None:
        entered.set()
        assert may_end.wait(10)
        ended.set()

    asked = asyncio.create_task(on_thread(work, given_up.set))
    await asyncio.to_thread(entered.wait, 10)
    for _ in range(cancels):
        asked.cancel()
        await asyncio.sleep(0.01)
        assert given_up.is_set()
        assert not asked.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert ended.is_set()
