"""The instructions that can be read: the last ones from memory, those before them from disk."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from riskengine.machine.instruction_ring import InstructionRing
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.persistence.instruction_reader import Place

READERS = 2
"""Threads that read from disk, for all subscribers; each reads a bounded piece at a time."""


class KeptInstructions:
    """Read published instructions by number; used on the event loop alone."""

    def __init__(self, ring: InstructionRing, log: InstructionLog) -> None:
        self._ring = ring
        self._log = log
        self._readers = ThreadPoolExecutor(READERS, "instruction-reader")

    @property
    def last_sequence(self) -> int:
        """Return the last number that is published."""
        return self._ring.last_sequence

    @property
    def oldest_sequence(self) -> int:
        """Return the oldest number that can be read, 0 when there is none."""
        return min(self._ring.oldest_sequence, self._log.oldest_instruction)

    @property
    def size_bytes(self) -> int:
        """Return the size of what is on disk."""
        return self._log.size_bytes

    def bytes_behind(self, sequences: Sequence[int]) -> list[int]:
        """Return for each number the size of the files that hold what comes after it."""
        return self._log.bytes_behind(sequences)

    async def read(self, place: Place, limit: int) -> tuple[list[bytes], Place]:
        """Return up to `limit` published instructions from one on, and where to go on.

        None of them when the next one is not published yet. Raises InstructionsTrimmed when one is
        not kept any more, InstructionsDamaged.
        """
        ring, wanted = self._ring, place.instruction
        if wanted >= ring.oldest_sequence:
            pieces = ring.read(wanted, limit)
            return pieces, Place(wanted + len(pieces))
        limit = min(limit, ring.last_sequence - wanted + 1)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._log.read, place, limit)

    def close(self) -> None:
        """End the threads, once what they read has been read."""
        self._readers.shutdown(wait=True, cancel_futures=True)
