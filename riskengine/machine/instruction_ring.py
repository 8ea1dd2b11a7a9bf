"""The instructions that are kept, so that a stream of them can be resumed."""

from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from riskengine.machine.pieces import Pieces, PiecesError, number

CHUNK = 4_096
"""Pieces that lie together: dropping many takes a step for each chunk, not for each piece."""


class InstructionRing:
    """Keep the last instructions, serialised, in chunks of which only the last is not full."""

    def __init__(self, kept: int) -> None:
        self.last_sequence = 0
        self.kept = kept
        self._oldest = 1
        self._chunks: deque[list[bytes]] = deque()
        self._start = 1
        """The number of the first piece in the first chunk."""

    @property
    def oldest_sequence(self) -> int:
        """Return the oldest number kept, 0 when there is none."""
        return self._oldest if self.last_sequence else 0

    def publish(self, pieces: Sequence[bytes], kept: int) -> None:
        """Add the next instructions, each a serialised response of one, and keep the last ones."""
        for piece in pieces:
            if not self._chunks or len(self._chunks[-1]) == CHUNK:
                self._chunks.append([])
            self._chunks[-1].append(piece)
        self.last_sequence += len(pieces)
        self.kept = kept
        self._oldest = max(self._oldest, self.last_sequence - kept + 1)
        while self._oldest >= self._start + CHUNK:
            self._chunks.popleft()
            self._start += CHUNK

    def read(self, from_sequence: int, limit: int) -> list[bytes]:
        """Return at most `limit` pieces from a number that is still kept, or is the next one."""
        pieces: list[bytes] = []
        at = from_sequence - self._start
        end = min(self.last_sequence - self._start, at + limit - 1)
        while at <= end:
            number, first = divmod(at, CHUNK)
            found = self._chunks[number][first : first + end - at + 1]
            pieces += found
            at += len(found)
        return pieces

    def copy(self) -> "InstructionRing":
        """Return a copy that stays as it is; full chunks are shared, for they never change."""
        copy = InstructionRing(self.kept)
        copy.last_sequence = self.last_sequence
        copy._oldest, copy._start = self._oldest, self._start
        copy._chunks = self._chunks.copy()
        if copy._chunks:
            copy._chunks[-1] = list(copy._chunks[-1])
        return copy

    def saved(self) -> Iterator[bytes]:
        """Yield pieces of which `read_back` makes the same ring."""
        yield number(self._oldest)
        yield number(self.last_sequence)
        for first in range(self._oldest, self.last_sequence + 1, CHUNK):
            instructions = self.read(first, CHUNK)
            yield array("I", map(len, instructions)).tobytes()
            yield b"".join(instructions)

    @classmethod
    def read_back(cls, kept: int, pieces: Pieces) -> "InstructionRing":
        """Return the ring that was saved; raises PiecesError."""
        ring = cls(kept)
        ring._oldest = ring._start = pieces.take_number()
        ring.last_sequence = pieces.take_number()
        while not pieces.is_empty:
            lengths = array("I", pieces.take())
            joined = pieces.take()
            ends = list(accumulate(lengths, initial=0))
            if ends[-1] != len(joined):
                raise PiecesError("instructions are longer or shorter than they were")
            ring._chunks.append([joined[begin:end] for begin, end in pairwise(ends)])
        if sum(map(len, ring._chunks)) != ring.last_sequence - ring._start + 1:
            raise PiecesError("instructions are missing")
        return ring

    def canonical(self) -> Iterator[bytes]:
        """Yield all that is kept, and its numbers, in one order."""
        yield b"%d:%d" % (self.oldest_sequence, self.last_sequence)
        yield from self.read(self._oldest, self.kept)

    def check_invariants(self, given: int) -> None:
        """Raise AssertionError that names what is broken; for tests."""
        assert self.last_sequence <= given, "instructions made up"
        assert self.last_sequence - self._oldest < self.kept, "more than are to be kept"
        held = sum(map(len, self._chunks))
        assert held == self.last_sequence - self._start + 1, "a gap"
        assert self._start <= self._oldest < self._start + CHUNK, "chunks that nobody reads"
