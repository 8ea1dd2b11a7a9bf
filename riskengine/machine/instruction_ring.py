"""The instructions that are kept, so that a stream of them can be resumed."""

from collections.abc import Iterable, Iterator


class InstructionRing:
    """Keep the last instructions, serialised; number n lies in slot (n - 1) % kept."""

    def __init__(self, kept: int) -> None:
        self.last_sequence = 0
        self._kept = kept
        self._slots: list[bytes] = []

    @property
    def oldest_sequence(self) -> int:
        """Return the oldest number kept, 0 when there is none."""
        return self.last_sequence - len(self._slots) + 1 if self._slots else 0

    def publish(self, pieces: Iterable[bytes]) -> None:
        """Add the next instructions, each a serialised response of one."""
        for piece in pieces:
            if len(self._slots) < self._kept:
                self._slots.append(piece)
            else:
                self._slots[self.last_sequence % self._kept] = piece
            self.last_sequence += 1

    def read(self, from_sequence: int, limit: int) -> list[bytes]:
        """Return at most `limit` pieces from a number that is still kept, or is the next one."""
        end = min(self.last_sequence, from_sequence + limit - 1)
        slots, kept = self._slots, self._kept
        return [slots[(sequence - 1) % kept] for sequence in range(from_sequence, end + 1)]

    def canonical(self) -> Iterator[bytes]:
        """Yield all that is kept, and its numbers, in one order."""
        yield b"%d:%d" % (self.oldest_sequence, self.last_sequence)
        if self._slots:
            yield from self.read(self.oldest_sequence, len(self._slots))
