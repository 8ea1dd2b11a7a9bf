"""The subscribers of instructions: each reads what is kept at its own pace."""

from collections.abc import AsyncGenerator
from itertools import count

from riskengine.machine.instruction_ring import InstructionRing
from riskengine.metrics.statistics import InstructionStatistics
from riskengine.service.availability import Availability
from riskengine.service.errors import CallError, CallReason, invalid_field
from riskengine.service.gate import Gate


class Subscriptions:
    """Serve any number of subscribers from one ring; `published` is looked at when it grows.

    A subscriber holds nothing but the number that it reads next, so a slow one costs no memory:
    once the ring has gone past it, it is told so.
    """

    def __init__(
        self,
        ring: InstructionRing,
        published: Gate,
        availability: Availability,
        statistics: InstructionStatistics,
        *,
        max_instructions_per_message: int,
    ) -> None:
        self._ring = ring
        self._published = published
        self._availability = availability
        self._statistics = statistics
        self._limit = max_instructions_per_message
        self._ids = count(1)

    async def stream(self, from_sequence: int) -> AsyncGenerator[tuple[bytes, int], None]:
        """Yield serialised responses and their number of instructions, from a number on.

        Numbers as in StreamInstructionsRequest. Raises `CallError` for one below 0, when
        instructions that are wanted are not kept, when they are not even due, and when calls are no
        longer taken.
        """
        next_sequence = self._first(from_sequence)
        subscription = next(self._ids)
        ring, sent = self._ring, self._statistics.sent_sequences
        try:
            with self._availability.notify(self._published.look):
                while True:
                    sent[subscription] = next_sequence - 1
                    pieces = ring.read(next_sequence, self._limit)
                    if pieces:
                        yield b"".join(pieces), len(pieces)
                        next_sequence += len(pieces)
                    else:
                        self._availability.check()
                        await self._wait_for(next_sequence)
                    self._check_kept(next_sequence, CallReason.SUBSCRIBER_TOO_SLOW)
        finally:
            sent.pop(subscription, None)

    async def _wait_for(self, sequence: int) -> None:
        """Return when an instruction is published, or when calls are no longer taken."""
        ring, availability = self._ring, self._availability
        await self._published.until(
            lambda: ring.last_sequence >= sequence or availability.refusal is not None
        )

    def _first(self, from_sequence: int) -> int:
        last = self._ring.last_sequence
        if from_sequence < 0:
            raise invalid_field("from_instruction_sequence", from_sequence, "0 or more")
        if from_sequence == 0:
            return last + 1
        if from_sequence > last + 1:
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
