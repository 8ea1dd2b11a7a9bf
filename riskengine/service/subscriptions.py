"""The instructions that are kept, and the subscribers that read them at their own pace."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from itertools import count

from riskengine.metrics.statistics import InstructionStatistics
from riskengine.service.availability import Availability
from riskengine.service.errors import CallError, CallReason


class InstructionRing:
    """Keep the last durable instructions, serialised; number n lies in slot (n - 1) % kept.

    A subscriber holds nothing but the number that it reads next, so a slow one costs no memory:
    once the ring has gone past it, it is told so.
    """

    def __init__(self, kept: int, statistics: InstructionStatistics) -> None:
        self.last_sequence = 0
        self._kept = kept
        self._slots: list[bytes] = []
        self._statistics = statistics
        self._waiters: list[asyncio.Future[None]] = []

    @property
    def oldest_sequence(self) -> int:
        """Return the oldest number kept, 0 when there is none."""
        return self.last_sequence - len(self._slots) + 1 if self._slots else 0

    def publish(self, pieces: Iterable[bytes]) -> None:
        """Add the next instructions, each a serialised response of one, and wake the readers."""
        for piece in pieces:
            if len(self._slots) < self._kept:
                self._slots.append(piece)
            else:
                self._slots[self.last_sequence % self._kept] = piece
            self.last_sequence += 1
        self._statistics.published_sequence = self.last_sequence
        self.wake()

    def wake(self) -> None:
        """Let every reader look again."""
        waiters, self._waiters = self._waiters, []
        for future in waiters:
            if not future.done():
                future.set_result(None)

    async def changed(self) -> None:
        """Return at the next `wake`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(future)
        await future

    def read(self, from_sequence: int, limit: int) -> list[bytes]:
        """Return at most `limit` pieces from a number that is still kept, or is the next one."""
        end = min(self.last_sequence, from_sequence + limit - 1)
        slots, kept = self._slots, self._kept
        return [slots[(sequence - 1) % kept] for sequence in range(from_sequence, end + 1)]


class Subscriptions:
    """Serve any number of subscribers from one ring."""

    def __init__(
        self,
        ring: InstructionRing,
        availability: Availability,
        statistics: InstructionStatistics,
        *,
        max_instructions_per_message: int,
    ) -> None:
        self._ring = ring
        self._availability = availability
        self._statistics = statistics
        self._limit = max_instructions_per_message
        self._ids = count(1)

    async def stream(self, from_sequence: int) -> AsyncGenerator[tuple[bytes, int], None]:
        """Yield serialised responses and their number of instructions, from a number on.

        Numbers as in StreamInstructionsRequest. Raises `CallError` when instructions that are
        wanted are not kept, when they are not even due, and when calls are no longer taken.
        """
        next_sequence = self._first(from_sequence)
        subscription = next(self._ids)
        sent = self._statistics.sent_sequences
        try:
            with self._availability.notify(self._ring.wake):
                while True:
                    sent[subscription] = next_sequence - 1
                    pieces = self._ring.read(next_sequence, self._limit)
                    if pieces:
                        yield b"".join(pieces), len(pieces)
                        next_sequence += len(pieces)
                    else:
                        self._availability.check()
                        await self._ring.changed()
                    self._check_kept(next_sequence, CallReason.SUBSCRIBER_TOO_SLOW)
        finally:
            sent.pop(subscription, None)

    def _first(self, from_sequence: int) -> int:
        last = self._ring.last_sequence
        if from_sequence == 0:
            return last + 1
        if not 0 < from_sequence <= last + 1:
            raise CallError(
                CallReason.INSTRUCTIONS_NOT_YET_MADE,
                from_instruction_sequence=from_sequence,
                last_instruction_sequence=last,
            )
        self._check_kept(from_sequence, CallReason.INSTRUCTIONS_TRIMMED)
        return from_sequence

    def _check_kept(self, sequence: int, reason: CallReason) -> None:
        oldest = self._ring.oldest_sequence
        if sequence < oldest:
            raise CallError(
                reason,
                from_instruction_sequence=sequence,
                oldest_instruction_sequence=oldest,
            )
