"""Coroutines wait until a condition holds, in the order in which they came."""

import asyncio

from riskengine.service.gate import Gate


class Shelf:
    """Has so many things; whoever finds one takes it."""

    def __init__(self) -> None:
        self.things = 0
        self.gate = Gate()
        self.taken: list[str] = []

    async def take(self, who: str) -> None:
        await self.gate.until(lambda: self.things > 0)
        self.things -= 1
        self.taken.append(who)


async def started(*tasks: "asyncio.Task[None]") -> None:
    for _ in range(3):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


async def test_what_holds_already_is_not_waited_for() -> None:
    shelf = Shelf()
    shelf.things = 1
    await shelf.take("a")
    assert shelf.taken == ["a"]


async def test_who_finds_the_condition_undone_waits_again() -> None:
    shelf = Shelf()
    tasks = [asyncio.create_task(shelf.take(who)) for who in "abc"]
    await started(*tasks)
    shelf.gate.look()
    await started(*tasks)
    for taken in (["a"], ["a", "b"], ["a", "b", "c"]):
        shelf.things = 1
        shelf.gate.look()
        for _ in range(3):
            await asyncio.sleep(0)
        assert shelf.taken == taken
        assert shelf.things == 0


async def test_only_those_whose_condition_holds_are_let_go() -> None:
    gate, reached = Gate(), 0
    passed: list[int] = []

    async def wait(number: int) -> None:
        await gate.until(lambda: number <= reached)
        passed.append(number)

    tasks = [asyncio.create_task(wait(number)) for number in (8, 6, 7)]
    await started(*tasks)
    reached = 7
    gate.look()
    await asyncio.gather(tasks[1], tasks[2])
    assert passed == [6, 7]
    assert not tasks[0].done()
    reached = 8
    gate.look()
    await tasks[0]


async def test_one_that_gave_up_is_passed_over() -> None:
    shelf = Shelf()
    gone, here = (asyncio.create_task(shelf.take(who)) for who in "ab")
    await started(gone, here)
    gone.cancel()
    await asyncio.sleep(0)
    shelf.things = 1
    shelf.gate.look()
    await here
    assert shelf.taken == ["b"]


async def test_who_gives_up_leaves_nothing_behind() -> None:
    """Also when nobody ever changes what it waited for."""
    gate = Gate()
    tasks = [asyncio.create_task(gate.until(lambda: False)) for _ in range(200)]
    await started(*tasks)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert not gate._waiting
