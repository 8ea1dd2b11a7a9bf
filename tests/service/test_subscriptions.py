"""The ring and its readers: no gap, no copy, bounded, and each end of a stream has its reason."""

import asyncio

import pytest

from riskengine.machine.instruction_ring import InstructionRing
from riskengine.metrics.statistics import InstructionStatistics
from riskengine.service.availability import Availability
from riskengine.service.errors import CallError, CallReason
from riskengine.service.gate import Gate
from riskengine.service.subscriptions import Subscriptions


class Venue:
    def __init__(self, kept: int = 10, per_message: int = 3) -> None:
        self.statistics = InstructionStatistics()
        self.kept = kept
        self.ring = InstructionRing(kept)
        self.published = Gate()
        self.availability = Availability()
        self.subscriptions = Subscriptions(
            self.ring,
            self.published,
            self.availability,
            self.statistics,
            max_instructions_per_message=per_message,
        )

    def publish(self, count: int) -> None:
        first = self.ring.last_sequence + 1
        pieces = [b"%d," % number for number in range(first, first + count)]
        self.ring.publish(pieces, self.kept)
        self.statistics.published_sequence = self.ring.last_sequence
        self.published.look()

    async def take(self, from_sequence: int, messages: int) -> list[bytes]:
        stream = self.subscriptions.stream(from_sequence)
        taken = [(await anext(stream))[0] for _ in range(messages)]
        await stream.aclose()
        return taken

    async def ends_with(self, from_sequence: int) -> CallError:
        with pytest.raises(CallError) as caught:
            async for _ in self.subscriptions.stream(from_sequence):
                pass
        return caught.value


async def test_instructions_come_in_order_and_in_bounded_messages() -> None:
    venue = Venue()
    venue.publish(7)
    assert await venue.take(1, 3) == [b"1,2,3,", b"4,5,6,", b"7,"]
    assert await venue.take(6, 1) == [b"6,7,"]


async def test_a_reader_waits_for_what_is_published_next() -> None:
    venue = Venue()
    venue.publish(2)
    reader = asyncio.create_task(venue.take(3, 2))
    late = asyncio.create_task(venue.take(0, 1))
    await asyncio.sleep(0)
    venue.publish(1)
    assert await late == [b"3,"]
    venue.publish(1)
    assert await reader == [b"3,", b"4,"]


async def test_what_is_trimmed_is_out_of_range_and_the_oldest_is_named() -> None:
    venue = Venue(kept=4)
    venue.publish(6)
    error = await venue.ends_with(2)
    assert error.reason is CallReason.INSTRUCTIONS_TRIMMED
    assert error.metadata == {
        "from_instruction_sequence": "2",
        "oldest_instruction_sequence": "3",
    }
    assert await venue.take(3, 1) == [b"3,4,5,"]


@pytest.mark.parametrize("from_sequence", [8, 2**63 - 1])
async def test_what_is_more_than_one_ahead_is_out_of_range(from_sequence: int) -> None:
    venue = Venue()
    venue.publish(6)
    error = await venue.ends_with(from_sequence)
    assert error.reason is CallReason.INSTRUCTIONS_NOT_YET_MADE
    assert error.metadata["last_instruction_sequence"] == "6"


@pytest.mark.parametrize("from_sequence", [-1, -(2**63)])
async def test_a_number_below_0_is_a_wrong_field(from_sequence: int) -> None:
    error = await Venue().ends_with(from_sequence)
    assert error.reason is CallReason.INVALID_FIELD
    assert error.metadata == {
        "field": "from_instruction_sequence",
        "value": str(from_sequence),
        "allowed": "0 or more",
    }


async def test_a_reader_that_falls_behind_the_ring_is_told_so() -> None:
    venue = Venue(kept=4)
    venue.publish(4)
    stream = venue.subscriptions.stream(1)
    assert await anext(stream) == (b"1,2,3,", 3)
    venue.publish(4)
    with pytest.raises(CallError) as caught:
        await anext(stream)
    assert caught.value.reason is CallReason.SUBSCRIBER_TOO_SLOW
    assert caught.value.metadata["from_instruction_sequence"] == "4"
    assert caught.value.metadata["oldest_instruction_sequence"] == "5"


async def test_a_shutdown_ends_a_stream_after_what_is_published() -> None:
    venue = Venue()
    venue.publish(2)
    stream = venue.subscriptions.stream(1)
    assert await anext(stream) == (b"1,2,", 2)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    venue.availability.shut_down()
    with pytest.raises(CallError) as caught:
        await waiting
    assert caught.value.reason is CallReason.SHUTTING_DOWN


async def test_the_lag_of_the_slowest_is_counted_while_it_lasts() -> None:
    venue = Venue()
    venue.publish(5)
    slow, fast = venue.subscriptions.stream(1), venue.subscriptions.stream(4)
    await anext(slow)
    await anext(fast)
    assert sorted(venue.statistics.sent_sequences.values()) == [0, 3]
    assert venue.statistics.slowest_lag == 5
    for stream in (slow, fast):
        await stream.aclose()
    assert venue.statistics.sent_sequences == {}
