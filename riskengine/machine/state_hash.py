"""Hashes of the state in the log: what it was is written beside what made it, and compared.

A hash is of one sequence, and takes a while to be had: STATE_HASH_DUE says that the state after it
will be noted, and a later STATE_HASH says which hash it had. A replay computes what is due and
compares, so that no other release makes another state of the same log without a word.
"""

from collections.abc import Iterable
from hashlib import blake2b
from struct import Struct
from struct import error as struct_error
from typing import NamedTuple, Self

_NOTE = Struct("<qI16s")
_WORDS = Struct("<q")

DIGEST_BYTES = 16

STATE_FORM = 5
"""The form of what is hashed and saved: it is raised when fields come, go, or change places."""


class StateHash(NamedTuple):
    """The hash of the state after a sequence, in the form of that release."""

    sequence: int
    form: int
    digest: bytes

    def encode(self) -> bytes:
        """Return the payload of a STATE_HASH."""
        return _NOTE.pack(*self)

    @classmethod
    def decode(cls, payload: bytes) -> Self:
        """Return what a STATE_HASH says; raises ValueError when it says nothing."""
        try:
            return cls(*_NOTE.unpack(payload))
        except struct_error:
            raise ValueError(f"a hash of {len(payload)} bytes") from None


class StateHasher:
    """Hash a state from the pieces that a view gives: what follows the totals in it."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=DIGEST_BYTES)
        self._front = b""
        self._skip = -1

    def update(self, piece: bytes | memoryview) -> None:
        """Take the next piece."""
        if self._skip < 0:
            self._front += piece
            if len(self._front) < _WORDS.size:
                return
            piece = self._front
            self._skip = _WORDS.size * (1 + _WORDS.unpack_from(piece)[0])
        skipped = min(self._skip, len(piece))
        self._skip -= skipped
        self._hash.update(memoryview(piece)[skipped:])

    def digest(self) -> bytes:
        """Return the 16 bytes that `Engine.state_hash` has as hexadecimal digits."""
        return self._hash.digest()


def hash_of(pieces: Iterable[bytes | memoryview]) -> bytes:
    """Return the hash of a state that comes in pieces."""
    hasher = StateHasher()
    for piece in pieces:
        hasher.update(piece)
    return hasher.digest()


def hash_of_saved(saved: bytes | bytearray) -> bytes:
    """Return the hash of a state that was saved."""
    whole = memoryview(saved)
    return hash_of((whole[: _WORDS.size], whole[_WORDS.size :]))


class HashCheck:
    """Compare the hashes that a log notes with those of the states that it makes.

    `known` is the hash of the state at which the log is read on, `compared` how many were compared.
    """

    def __init__(self, known: StateHash | None = None) -> None:
        self.compared = 0
        self._made: dict[int, bytes] = {} if known is None else {known.sequence: known.digest}

    def due(self, sequence: int, digest: bytes) -> None:
        """Take the hash of the state after a STATE_HASH_DUE."""
        self._made[sequence] = digest

    def difference(self, noted: StateHash) -> str:
        """Return how a state differs from what a STATE_HASH says, empty when it does not.

        One of another form, or of a state before those that were made, cannot be compared.
        """
        made = self._made.pop(noted.sequence, None)
        if made is None or noted.form != STATE_FORM:
            return ""
        self.compared += 1
        if made == noted.digest:
            return ""
        return (
            f"the state after sequence {noted.sequence} has the hash {made.hex()}, and had "
            f"{noted.digest.hex()} when it was noted: another release made it"
        )
