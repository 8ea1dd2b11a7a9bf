"""Who waits for the log: until a sequence is durable, until the queue has room, until a failure."""

import asyncio
from collections.abc import Coroutine

import pytest

from riskengine.metrics.statistics import Statistics
from riskengine.service.availability import Availability
from riskengine.service.durability import Durability
from riskengine.service.errors import CallError, CallReason
from riskengine.service.flow_control import FlowControl


async def started(*coroutines: Coroutine[None, None, None]) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    await asyncio.sleep(0)
    return tasks


async def test_waiters_go_when_their_sequence_is_durable() -> None:
    durability = Durability(5)
    await durability.wait(5)
    late, early, same = await started(*(durability.wait(number) for number in (8, 6, 8)))
    durability.reached(7)
    await early
    assert not late.done()
    durability.reached(8)
    await asyncio.gather(late, same)


async def test_a_waiter_that_gave_up_is_passed_over() -> None:
    durability = Durability(0)
    gone, here = await started(durability.wait(1), durability.wait(1))
    gone.cancel()
    await asyncio.sleep(0)
    durability.reached(1)
    await here


async def test_a_failure_fails_who_waits_now_and_later_but_not_the_durable() -> None:
    durability = Durability(3)
    (waiter,) = await started(durability.wait(4))
    durability.fail(CallError(CallReason.JOURNAL_FAILED, cause="gone"))
    for wait in (waiter, durability.wait(9)):
        with pytest.raises(CallError) as caught:
            await wait
        assert caught.value.reason is CallReason.JOURNAL_FAILED
    await durability.wait(3)


@pytest.mark.parametrize(("records", "size_bytes"), [(4, 0), (0, 100)])
async def test_a_full_queue_holds_submitters_back(records: int, size_bytes: int) -> None:
    statistics = Statistics()
    flow = FlowControl(statistics, max_records=4, max_bytes=100)
    flow.note_queued(3, 99)
    await flow.room()
    flow.note_queued(records, size_bytes)
    waiting = await started(flow.room(), flow.room())
    assert statistics.waiting_submitters == 2
    flow.release(records, size_bytes)
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    flow.release(3, 99)
    await asyncio.gather(*waiting)
    assert statistics.waiting_submitters == 0
    assert (statistics.journal_queue_commands, statistics.journal_queue_bytes) == (3, 99)


def test_listeners_hear_of_the_end_once_and_late_ones_at_once() -> None:
    availability = Availability()
    availability.check()
    heard: list[str] = []
    with (
        availability.notify(lambda: heard.append("stays")),
        availability.notify(lambda: heard.append("also")),
    ):
        availability.shut_down()
    with availability.notify(lambda: heard.append("late")):
        assert sorted(heard) == ["also", "late", "stays"]
    with pytest.raises(CallError):
        availability.check()


def test_a_failure_replaces_a_shutdown() -> None:
    availability = Availability()
    failed = []
    for step in (availability.shut_down, lambda: availability.fail(OSError("disk full"))):
        step()
        failed.append(availability.has_failed)
    assert failed == [False, True]
    with pytest.raises(CallError, match="disk full"):
        availability.check()
