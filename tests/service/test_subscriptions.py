"""Readers of memory and disk: no gap, no copy, bounded, and each end of a stream has its reason."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random
from threading import Event

import pytest
from structlog.testing import capture_logs

from riskengine.machine.instruction_ring import InstructionRing
from riskengine.metrics.statistics import InstructionStatistics
from riskengine.persistence.instruction_log import SEGMENT_BYTES
from riskengine.persistence.instruction_reader import Place
from riskengine.persistence.instruction_recovery import InstructionRecovery
from riskengine.service.availability import Availability
from riskengine.service.errors import CallError, CallReason
from riskengine.service.gate import Gate
from riskengine.service.kept_instructions import KeptInstructions
from riskengine.service.subscriptions import Subscriptions

LATE = 10**9


class Venue:
    """A ring that keeps few, segments that hold few, and the subscribers of both."""

    def __init__(
        self, folder: Path, kept: int = 10, per_message: int = 3, segment_bytes: int = 200
    ) -> None:
        self.log = InstructionRecovery(
            folder, b"8 bytes.", oldest=1, last=0, segment_bytes=segment_bytes
        ).finish()
        self.sequence = 0
        self.statistics = InstructionStatistics()
        self.kept = kept
        self.ring = InstructionRing(kept)
        self.kept_ones = KeptInstructions(self.ring, self.log)
        self.published = Gate()
        self.availability = Availability()
        self.subscriptions = Subscriptions(
            self.kept_ones,
            self.published,
            self.availability,
            self.statistics,
            max_instructions_per_message=per_message,
        )

    def publish(self, count: int) -> None:
        first = self.ring.last_sequence + 1
        pieces = [b"%d," % number for number in range(first, first + count)]
        self.sequence += 1
        self.log.append(self.sequence, self.sequence, pieces)
        self.log.write(self.sequence)
        self.ring.publish(pieces, self.kept)
        self.statistics.published_sequence = self.ring.last_sequence
        self.published.look()

    async def take(self, from_sequence: int, messages: int) -> list[bytes]:
        stream = self.subscriptions.stream(from_sequence)
        taken = [(await anext(stream))[0] for _ in range(messages)]
        await stream.aclose()
        return taken

    async def read(self, first: int, last: int) -> bytes:
        """Read from one number to another, in however many messages."""
        stream, found = self.subscriptions.stream(first), b""
        while not found.endswith(b",%d," % last) and found != b"%d," % last:
            found += (await anext(stream))[0]
        await stream.aclose()
        return found

    async def ends_with(self, from_sequence: int) -> CallError:
        with pytest.raises(CallError) as caught:
            async for _ in self.subscriptions.stream(from_sequence):
                pass
        return caught.value


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    made = Venue(tmp_path)
    yield made
    made.kept_ones.close()
    made.log.close()


@pytest.fixture
def short(tmp_path: Path) -> Iterator[Venue]:
    """Return a venue of which four instructions are kept in memory."""
    made = Venue(tmp_path, kept=4)
    yield made
    made.kept_ones.close()
    made.log.close()


def numbered(first: int, last: int) -> bytes:
    return b"".join(b"%d," % number for number in range(first, last + 1))


async def test_instructions_come_in_order_and_in_bounded_messages(venue: Venue) -> None:
    venue.publish(7)
    assert await venue.take(1, 3) == [b"1,2,3,", b"4,5,6,", b"7,"]
    assert await venue.take(6, 1) == [b"6,7,"]


async def test_a_reader_waits_for_what_is_published_next(venue: Venue) -> None:
    venue.publish(2)
    reader = asyncio.create_task(venue.take(3, 2))
    late = asyncio.create_task(venue.take(0, 1))
    await asyncio.sleep(0)
    venue.publish(1)
    assert await late == [b"3,"]
    venue.publish(1)
    assert await reader == [b"3,", b"4,"]


async def test_what_memory_has_no_more_is_read_from_disk(short: Venue) -> None:
    """By one who was there before, and by one who resumes, from any number on."""
    short.publish(1)
    there = short.subscriptions.stream(1)
    assert await anext(there) == (b"1,", 1)
    waiting = asyncio.ensure_future(anext(there))
    await asyncio.sleep(0)
    short.publish(100)
    found, count = await waiting
    while count < 100:
        piece, more = await anext(there)
        assert more <= 3
        found, count = found + piece, count + more
    await there.aclose()
    assert (found, count) == (numbered(2, 101), 100)
    for first in (1, 2, 50, 96, 97, 98, 101):
        assert await short.read(first, 101) == numbered(first, 101)


async def test_as_many_as_one_command_has_given_are_read_whole(tmp_path: Path) -> None:
    """With what is kept by default: a third of them is behind memory at once."""
    count, kept = 1_500_900, 1_000_000
    venue = Venue(tmp_path, kept, per_message=1_000, segment_bytes=SEGMENT_BYTES)
    stream = venue.subscriptions.stream(1)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    venue.publish(count)
    assert venue.ring.oldest_sequence == count - kept + 1
    found, numbers = await waiting
    pieces = [found]
    while numbers < count:
        found, more = await anext(stream)
        pieces.append(found)
        numbers += more
    await stream.aclose()
    assert b"".join(pieces) == numbered(1, count)
    resumed = b"".join(await venue.take(400_000, 3))
    assert numbered(400_000, 401_000) in resumed
    assert numbered(400_000, 403_000).startswith(resumed)
    venue.kept_ones.close()
    venue.log.close()


async def test_readers_and_the_venue_go_on_beside_one_another(short: Venue) -> None:
    rng = Random(5)

    async def read(first: int) -> bytes:
        found = b""
        async for piece, _ in short.subscriptions.stream(first):
            found += piece
            if rng.random() < 0.3:
                await asyncio.sleep(0)
            if found.endswith(b"300,"):
                break
        return found

    short.publish(5)
    readers = [asyncio.create_task(read(first)) for first in (1, 3, 6)]
    while short.ring.last_sequence < 300:
        short.publish(min(rng.randint(1, 30), 300 - short.ring.last_sequence))
        await asyncio.sleep(0)
    assert await asyncio.gather(*readers) == [numbered(first, 300) for first in (1, 3, 6)]


async def test_what_is_trimmed_is_out_of_range_and_the_oldest_is_named(short: Venue) -> None:
    for _ in range(30):
        short.publish(2)
    assert short.log.drop(50, LATE)
    oldest = short.log.oldest_instruction
    assert short.kept_ones.oldest_sequence == oldest
    error = await short.ends_with(oldest - 1)
    assert error.reason is CallReason.INSTRUCTIONS_TRIMMED
    assert error.metadata == {
        "from_instruction_sequence": str(oldest - 1),
        "oldest_instruction_sequence": str(oldest),
    }
    assert await short.take(oldest, 1) == [numbered(oldest, oldest + 2)]


@pytest.mark.parametrize("from_sequence", [8, 2**63 - 1])
async def test_what_is_more_than_one_ahead_is_out_of_range(
    venue: Venue, from_sequence: int
) -> None:
    venue.publish(6)
    error = await venue.ends_with(from_sequence)
    assert error.reason is CallReason.INSTRUCTIONS_NOT_YET_MADE
    assert error.metadata["last_instruction_sequence"] == "6"


@pytest.mark.parametrize("from_sequence", [-1, -(2**63)])
async def test_a_number_below_0_is_a_wrong_field(venue: Venue, from_sequence: int) -> None:
    error = await venue.ends_with(from_sequence)
    assert error.reason is CallReason.INVALID_FIELD
    assert error.metadata == {
        "field": "from_instruction_sequence",
        "value": str(from_sequence),
        "allowed": "0 or more",
    }


async def test_a_reader_that_the_disk_has_left_behind_is_told_so(short: Venue) -> None:
    short.publish(4)
    stream = short.subscriptions.stream(1)
    assert await anext(stream) == (b"1,2,3,", 3)
    for _ in range(30):
        short.publish(2)
    short.log.drop(50, LATE)
    with pytest.raises(CallError) as caught:
        await anext(stream)
    assert caught.value.reason is CallReason.SUBSCRIBER_TOO_SLOW
    assert caught.value.metadata["from_instruction_sequence"] == "4"
    oldest = caught.value.metadata["oldest_instruction_sequence"]
    assert oldest == str(short.log.oldest_instruction) != "4"


async def test_damage_on_disk_ends_a_stream_and_is_named_in_the_log(short: Venue) -> None:
    for _ in range(30):
        short.publish(2)
    path = sorted(short.log.folder.iterdir())[0]
    path.write_bytes(path.read_bytes()[:-1])
    with capture_logs() as logs:
        error = await short.ends_with(1)
    assert error.reason is CallReason.INSTRUCTIONS_DAMAGED
    assert error.metadata["last_instruction_sequence"] == "60"
    (said,) = logs
    assert (said["event"], said["path"]) == ("instructions.damaged", str(path))


async def test_the_loop_goes_on_while_a_subscriber_waits_for_the_disk(short: Venue) -> None:
    entered, may_go_on = Event(), Event()
    read = short.log.read

    def slow(place: Place, limit: int) -> tuple[list[bytes], Place]:
        entered.set()
        assert may_go_on.wait(10)
        return read(place, limit)

    short.log.read = slow  # type: ignore[method-assign]
    short.publish(20)
    reader = asyncio.create_task(short.take(1, 1))
    await asyncio.to_thread(entered.wait, 10)
    short.publish(1)
    assert await short.take(21, 1) == [b"21,"]
    may_go_on.set()
    assert await reader == [b"1,2,3,"]


async def test_a_shutdown_ends_a_stream_after_what_is_published(venue: Venue) -> None:
    venue.publish(2)
    stream = venue.subscriptions.stream(1)
    assert await anext(stream) == (b"1,2,", 2)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    venue.availability.shut_down()
    with pytest.raises(CallError) as caught:
        await waiting
    assert caught.value.reason is CallReason.SHUTTING_DOWN


async def test_the_lag_of_the_slowest_is_counted_while_it_lasts(venue: Venue) -> None:
    venue.publish(5)
    slow, fast = venue.subscriptions.stream(1), venue.subscriptions.stream(4)
    await anext(slow)
    await anext(fast)
    assert sorted(venue.statistics.sent_sequences.values()) == [0, 3]
    assert venue.statistics.slowest_lag == 5
    for stream in (slow, fast):
        await stream.aclose()
    assert venue.statistics.sent_sequences == {}


async def test_one_that_leaves_leaves_nothing_and_the_others_still_end(venue: Venue) -> None:
    streams = [venue.subscriptions.stream(0) for _ in range(3)]
    readers = [asyncio.ensure_future(anext(stream)) for stream in streams]
    await asyncio.sleep(0)
    for reader in readers[:2]:
        reader.cancel()
    await asyncio.wait(readers[:2])
    assert len(venue.published._waiting) == len(venue.statistics.sent_sequences) == 1
    venue.availability.shut_down()
    with pytest.raises(CallError) as caught:
        await asyncio.wait_for(readers[2], 10)
    assert caught.value.reason is CallReason.SHUTTING_DOWN
    assert not venue.availability._listeners
