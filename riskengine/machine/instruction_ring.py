"""The instructions that are kept, so that a stream of them can be resumed."""

from collections.abc import Iterator, Sequence


class InstructionRing:
    """Keep the last instructions, serialised; number n lies in slot (n - first) % kept.

    `first` is the number that was the oldest when it was last said how many are kept.
    """

    def __init__(self, kept: int) -> None:
        self.last_sequence = 0
        self.kept = kept
        self._first = 1
        self._slots: list[bytes] = []

    @property
    def oldest_sequence(self) -> int:
        """Return the oldest number kept, 0 when there is none."""
        return self.last_sequence - len(self._slots) + 1 if self._slots else 0

    def publish(self, pieces: Sequence[bytes], kept: int) -> None:
        """Add the next instructions, each a serialised response of one, and keep the last ones."""
        if kept != self.kept:
            self._keep(kept)
        slots, first = self._slots, self._first
        for piece in pieces:
            self.last_sequence += 1
            if len(slots) < kept:
                slots.append(piece)
            else:
                slots[(self.last_sequence - first) % kept] = piece

    def _keep(self, kept: int) -> None:
        self._slots = self._last(min(kept, len(self._slots)))
        self.kept = kept
        self._first = self.last_sequence - len(self._slots) + 1

    def _last(self, count: int) -> list[bytes]:
        return self.read(self.last_sequence - count + 1, count)

    def read(self, from_sequence: int, limit: int) -> list[bytes]:
        """Return at most `limit` pieces from a number that is still kept, or is the next one."""
        end = min(self.last_sequence, from_sequence + limit - 1)
        slots, kept, first = self._slots, self.kept, self._first
        return [slots[(sequence - first) % kept] for sequence in range(from_sequence, end + 1)]

    def canonical(self) -> Iterator[bytes]:
        """Yield all that is kept, and its numbers, in one order."""
        yield b"%d:%d" % (self.oldest_sequence, self.last_sequence)
        yield from self._last(len(self._slots))

    def check_invariants(self, given: int) -> None:
        """Raise AssertionError that names what is broken; for tests."""
        assert self.last_sequence <= given, "instructions made up"
        assert len(self._slots) == min(self.kept, self.last_sequence - self._first + 1), "a gap"
