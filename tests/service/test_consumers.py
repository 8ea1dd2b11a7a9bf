"""Named consumers: what they confirm never goes back, is bounded, and holds what they need."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from threading import Event

import pytest

from riskengine.machine.instruction_ring import InstructionRing
from riskengine.persistence.consumers_file import ConsumersFile
from riskengine.service.consumers import CONSUMERS_MAX, Consumers
from riskengine.service.errors import CallError, CallReason

LOG_ID = b"8 bytes."
LAST = 20


class File(ConsumersFile):
    """Counts what is written, fails when it is told to, and can be held up."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, LOG_ID)
        self.writes = 0
        self.failure: OSError | None = None
        self.entered, self.may_go_on = Event(), Event()
        self.may_go_on.set()

    def write(self, confirmed: Mapping[str, int]) -> None:
        self.entered.set()
        assert self.may_go_on.wait(10)
        if self.failure is not None:
            raise self.failure
        super().write(confirmed)
        self.writes += 1


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path)


@pytest.fixture
async def consumers(file: File) -> AsyncIterator[Consumers]:
    ring = InstructionRing(5)
    ring.publish([b"instruction"] * LAST, 5)
    made = Consumers(ring, file, {})
    yield made
    file.failure = None
    made.close()


async def refused(consumers: Consumers, consumer_id: str, through: int) -> CallError:
    before = dict(consumers.confirmed)
    with pytest.raises(CallError) as caught:
        await consumers.confirm(consumer_id, through)
    assert consumers.confirmed == before
    return caught.value


async def test_the_first_call_is_answered_once_it_is_on_disk(
    consumers: Consumers, file: File
) -> None:
    file.may_go_on.clear()
    first = asyncio.create_task(consumers.confirm("venue", 3))
    await asyncio.to_thread(file.entered.wait, 10)
    again = asyncio.create_task(consumers.confirm("venue", 4))
    await asyncio.sleep(0.01)
    assert not first.done()
    assert not again.done(), "it would rely on what is not on disk"
    file.may_go_on.set()
    assert (await first, await again) == (3, 4)
    assert file.read() == {"venue": 4}


async def test_what_is_confirmed_never_goes_back(consumers: Consumers, file: File) -> None:
    assert await consumers.confirm("venue", 7) == 7
    assert await consumers.confirm("venue", 3) == 7
    assert await consumers.confirm("venue", 7) == 7
    assert consumers.confirmed == {"venue": 7}
    writes = file.writes
    await consumers.write()
    assert file.writes == writes, "nothing has changed"


async def test_a_flood_of_confirmations_is_written_once(consumers: Consumers, file: File) -> None:
    await consumers.confirm("venue", 0)
    writes = file.writes
    for number in range(LAST + 1):
        assert await consumers.confirm("venue", number) == number
    assert file.writes == writes
    await consumers.write()
    assert file.writes == writes + 1
    assert file.read() == {"venue": LAST}


async def test_a_flood_of_new_ones_is_written_together(consumers: Consumers, file: File) -> None:
    file.may_go_on.clear()
    first = asyncio.create_task(consumers.confirm("venue", 1))
    await asyncio.to_thread(file.entered.wait, 10)
    others = [
        asyncio.create_task(consumers.confirm(f"audit {number % 5}", number % LAST))
        for number in range(500)
    ]
    await asyncio.sleep(0.01)
    file.may_go_on.set()
    await asyncio.wait_for(asyncio.gather(first, *others), 10)
    assert file.writes == 2
    assert file.read() == {
        "venue": 1,
        **{f"audit {number}": LAST - 5 + number for number in range(5)},
    }


async def test_the_last_confirmations_are_written_at_the_end(tmp_path: Path) -> None:
    file, ring = File(tmp_path), InstructionRing(5)
    ring.publish([b"instruction"] * LAST, 5)
    ending = Consumers(ring, file, {"venue": 1})
    await ending.confirm("venue", 9)
    ending.close()
    assert file.read() == {"venue": 9}


@pytest.mark.parametrize("through", [-1, LAST + 1, 2**63 - 1, -(2**63)])
async def test_a_number_that_is_not_published_is_refused(
    consumers: Consumers, through: int
) -> None:
    error = await refused(consumers, "venue", through)
    assert error.reason is CallReason.INVALID_FIELD
    assert error.metadata == {
        "field": "through_instruction_sequence",
        "value": str(through),
        "allowed": f"0 to {LAST}, the last instruction published",
    }


@pytest.mark.parametrize("consumer_id", ["", "a" * 65, "caf\xe9", "a\n", "\x7f", "\U0001f600" * 9])
async def test_an_id_that_is_no_short_text_is_refused(
    consumers: Consumers, consumer_id: str
) -> None:
    error = await refused(consumers, consumer_id, 1)
    assert error.reason is CallReason.INVALID_FIELD
    assert error.metadata["field"] == "consumer_id"
    assert error.metadata["value"].isascii()
    assert len(error.metadata["value"]) < 80


@pytest.mark.parametrize("consumer_id", ["a", "~" * 64, "the venue's 1st"])
async def test_any_short_text_is_an_id(consumers: Consumers, file: File, consumer_id: str) -> None:
    await consumers.confirm(consumer_id, 2)
    assert file.read() == {consumer_id: 2}
    assert await consumers.forget(consumer_id) == 2
    assert file.read() == {}


async def test_there_are_only_so_many(consumers: Consumers) -> None:
    for number in range(CONSUMERS_MAX):
        await consumers.confirm(f"consumer {number}", number % LAST)
    error = await refused(consumers, "one more", 1)
    assert error.reason is CallReason.TOO_MANY_CONSUMERS
    assert error.metadata == {"consumer_id": "'one more'", "limit": str(CONSUMERS_MAX)}
    assert await consumers.confirm("consumer 1", 5) == 5
    await consumers.forget("consumer 0")
    assert await consumers.confirm("one more", 1) == 1


async def test_one_that_is_not_known_cannot_be_forgotten(consumers: Consumers) -> None:
    with pytest.raises(CallError) as caught:
        await consumers.forget("nobody")
    assert caught.value.reason is CallReason.CONSUMER_NOT_FOUND


async def test_a_list_that_cannot_be_written_is_told_and_tried_again(
    consumers: Consumers, file: File
) -> None:
    file.failure = OSError(28, "No space left on device")
    with pytest.raises(CallError) as caught:
        await consumers.confirm("venue", 1)
    assert caught.value.reason is CallReason.CONSUMERS_NOT_WRITTEN
    assert "No space left" in caught.value.metadata["cause"]
    with pytest.raises(CallError):
        await consumers.confirm("venue", 2)
    file.failure = None
    await consumers.write()
    assert file.read() == {"venue": 2}
    assert await consumers.confirm("venue", 3) == 3


async def test_the_lowest_is_what_all_have_confirmed(consumers: Consumers) -> None:
    assert consumers.lowest_confirmed == LAST
    await consumers.confirm("venue", 9)
    await consumers.confirm("audit", 4)
    assert consumers.lowest_confirmed == 4
    await consumers.forget("audit")
    assert consumers.lowest_confirmed == 9


async def test_one_that_cannot_be_forgotten_on_disk_is_not_forgotten(
    consumers: Consumers, file: File
) -> None:
    await consumers.confirm("audit", 4)
    file.failure = OSError(28, "No space left on device")
    for _ in range(2):
        with pytest.raises(CallError) as caught:
            await consumers.forget("audit")
        assert caught.value.reason is CallReason.CONSUMERS_NOT_WRITTEN
        assert consumers.confirmed == file.read() == {"audit": 4}
    file.failure = None
    await consumers.write()
    assert file.read() == {"audit": 4}
    assert await consumers.forget("audit") == 4
    assert consumers.confirmed == file.read() == {}


async def test_one_that_is_being_forgotten_is_waited_for_until_that_is_on_disk(
    consumers: Consumers, file: File
) -> None:
    await consumers.confirm("audit", 4)
    file.may_go_on.clear()
    file.entered.clear()
    forgetting = [asyncio.create_task(consumers.forget("audit")) for _ in range(2)]
    await asyncio.to_thread(file.entered.wait, 10)
    assert consumers.lowest_confirmed == 4
    file.may_go_on.set()
    assert await forgetting[0] == 4
    assert consumers.lowest_confirmed == LAST
    with pytest.raises(CallError) as caught:
        await forgetting[1]
    assert caught.value.reason is CallReason.CONSUMER_NOT_FOUND


@pytest.mark.parametrize("through", [0, 4, 6])
async def test_one_that_confirms_while_it_is_forgotten_is_known_anew(
    consumers: Consumers, file: File, through: int
) -> None:
    await consumers.confirm("audit", 4)
    file.may_go_on.clear()
    file.entered.clear()
    forgetting = asyncio.create_task(consumers.forget("audit"))
    await asyncio.to_thread(file.entered.wait, 10)
    confirming = asyncio.create_task(consumers.confirm("audit", through))
    await asyncio.sleep(0.01)
    assert not confirming.done()
    file.may_go_on.set()
    assert (await forgetting, await confirming) == (4, max(4, through))
    assert consumers.confirmed == file.read() == {"audit": max(4, through)}


async def test_who_gives_up_forgetting_has_forgotten_nothing(
    consumers: Consumers, file: File
) -> None:
    await consumers.confirm("audit", 4)
    file.may_go_on.clear()
    file.entered.clear()
    forgetting = asyncio.create_task(consumers.forget("audit"))
    await asyncio.to_thread(file.entered.wait, 10)
    forgetting.cancel()
    await asyncio.wait([forgetting])
    file.may_go_on.set()
    await consumers.write()
    assert consumers.confirmed == file.read() == {"audit": 4}
