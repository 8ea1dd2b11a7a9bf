"""The subscribers of instructions: each reads what is kept at its own pace.

A subscriber holds nothing but its place, so a slow one costs no memory: behind what is kept in
memory it reads from disk, and only when the disk does not have it any more it is told so.
"""

from collections.abc import AsyncGenerator
from itertools import count

import structlog

from riskengine.metrics.statistics import InstructionStatistics
from riskengine.persistence.errors import InstructionsDamaged, InstructionsTrimmed
from riskengine.persistence.instruction_reader import Place
from riskengine.service.availability import Availability
from riskengine.service.errors import CallError, CallReason, invalid_field
from riskengine.service.gate import Gate
from riskengine.service.kept_instructions import KeptInstructions

_LOG = structlog.get_logger("riskengine.instructions")


class Subscriptions:
    """Serve any number of subscribers; `published` is looked at when there is more for them."""

    def __init__(
        self,
        kept: KeptInstructions,
        published: Gate,
        availability: Availability,
        statistics: InstructionStatistics,
        *,
        max_instructions_per_message: int,
    ) -> None:
        self._kept = kept
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
        place = Place(self._first(from_sequence))
        subscription = next(self._ids)
        sent = self._statistics.sent_sequences
        try:
            with self._availability.notify(self._published.look):
                while True:
                    sent[subscription] = place.instruction - 1
                    pieces, place = await self._read(place)
                    if pieces:
                        yield b"".join(pieces), len(pieces)
                    else:
                        self._availability.check()
                        await self._wait_for(place.instruction)
        finally:
            sent.pop(subscription, None)

    async def _read(self, place: Place) -> tuple[list[bytes], Place]:
        try:
            return await self._kept.read(place, self._limit)
        except InstructionsTrimmed:
            raise self._not_kept(place.instruction, CallReason.SUBSCRIBER_TOO_SLOW) from None
        except InstructionsDamaged as error:
            _LOG.error(
                "instructions.damaged",
                path=str(error.path),
                offset=error.offset,
                instruction_sequence=error.instruction_sequence,
                reason=error.reason,
            )
            raise CallError(
                CallReason.INSTRUCTIONS_DAMAGED,
                from_instruction_sequence=place.instruction,
                last_instruction_sequence=self._kept.last_sequence,
            ) from error

    async def _wait_for(self, sequence: int) -> None:
        """Return when an instruction is published, or when calls are no longer taken."""
        kept, availability = self._kept, self._availability
        await self._published.until(
            lambda: kept.last_sequence >= sequence or availability.refusal is not None
        )

    def _first(self, from_sequence: int) -> int:
        last = self._kept.last_sequence
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
        if from_sequence < self._kept.oldest_sequence:
            raise self._not_kept(from_sequence, CallReason.INSTRUCTIONS_TRIMMED)
        return from_sequence

    def _not_kept(self, sequence: int, reason: CallReason) -> CallError:
        return CallError(
            reason,
            from_instruction_sequence=sequence,
            oldest_instruction_sequence=self._kept.oldest_sequence,
        )
