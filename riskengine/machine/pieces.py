"""Pieces of bytes one behind the other, each with its length: what is kept beside the core."""

from collections.abc import Iterable, Iterator
from struct import Struct

_LENGTH = Struct("<I")
_NUMBER = Struct("<q")


class PiecesError(ValueError):
    """Report bytes that are not pieces, or not those that are due."""


def number(value: int) -> bytes:
    """Return a number of 64 bits as a piece's content."""
    return _NUMBER.pack(value)


def joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield each piece with its length before it."""
    for piece in pieces:
        yield _LENGTH.pack(len(piece))
        yield piece


class Pieces:
    """Take pieces from the front of bytes."""

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._data = memoryview(data)
        self._at = 0

    @property
    def is_empty(self) -> bool:
        """Return whether all are taken."""
        return self._at == len(self._data)

    def take(self) -> bytes:
        """Return the next piece; raises PiecesError when there is no whole one."""
        begin = self._at + _LENGTH.size
        if begin > len(self._data):
            raise PiecesError("the last piece is cut off")
        (length,) = _LENGTH.unpack_from(self._data, self._at)
        self._at = begin + length
        if self._at > len(self._data):
            raise PiecesError("the last piece is cut off")
        return bytes(self._data[begin : self._at])

    def take_number(self) -> int:
        """Return the number that the next piece is; raises PiecesError when it is none."""
        piece = self.take()
        if len(piece) != _NUMBER.size:
            raise PiecesError(f"a piece of {len(piece)} bytes is no number")
        value: int = _NUMBER.unpack(piece)[0]
        return value
