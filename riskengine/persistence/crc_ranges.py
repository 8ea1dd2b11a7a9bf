"""CRC-32C of many ranges of one run of bytes, in time that is linear in the bytes and the ranges.

A CRC is linear over GF(2). With C(p) the CRC of the bytes up to p, that of [a, b) which starts from
`seed` is C(b) xor shift(seed xor C(a), b - a), where shift(v, n) is v moved on by n zero bytes. So
one pass over the bytes gives all of them, however much the ranges overlap.
"""

import numpy as np
from google_crc32c import extend
from numpy.typing import NDArray

Words = NDArray[np.uint32]
Places = NDArray[np.int64]

_ALL_ONES = 0xFFFFFFFF
_LENGTH_BITS = 31


class PrefixCrcs:
    """Take the bytes in order and hold C(p) for each place p that is asked for."""

    def __init__(self, places: Places) -> None:
        """Begin at 0; `places` are those of interest, in any order, also more than once."""
        self._places = np.unique(places)
        self._crcs = np.zeros(len(self._places), np.uint32)
        self._next = 0
        self._at = 0
        self._crc = 0
        self._note(0)

    def add(self, data: bytes) -> None:
        """Go on over the bytes that come next."""
        begin, end = self._at, self._at + len(data)
        last = int(np.searchsorted(self._places, end, side="left"))
        for place in self._places[self._next : last].tolist():
            self._crc = extend(self._crc, data[self._at - begin : place - begin])
            self._at = place
            self._note(place)
        self._crc = extend(self._crc, data[self._at - begin :])
        self._at = end
        self._note(end)

    def at(self, places: Places) -> Words:
        """Return C(p) of places that were named at the beginning and were passed since."""
        found: Words = self._crcs[np.searchsorted(self._places, places)]
        return found

    def _note(self, place: int) -> None:
        if self._next < len(self._places) and self._places[self._next] == place:
            self._crcs[self._next] = self._crc
            self._next += 1


def range_crcs(prefixes: PrefixCrcs, begins: Places, ends: Places, seed: int) -> Words:
    """Return the CRC of each range, started from `seed`, as `extend(seed, bytes)` gives it."""
    moved = prefixes.at(begins) ^ np.uint32(seed)
    lengths = ends - begins
    step = _one_zero_byte()
    for bit in range(_LENGTH_BITS):
        chosen = (lengths >> bit) & 1 == 1
        if chosen.any():
            moved[chosen] = _apply(step, moved[chosen])
        step = _apply(step, step)
    result: Words = prefixes.at(ends) ^ moved
    return result


def _one_zero_byte() -> Words:
    """Return what one zero byte makes of each single bit of a CRC's register.

    `extend` inverts what it is given and what it returns; the register does not.
    """
    images = [extend(1 << bit ^ _ALL_ONES, b"\0") ^ _ALL_ONES for bit in range(32)]
    return np.array(images, np.uint32)


def _apply(images: Words, values: Words) -> Words:
    """Return the values under the linear map that has these images of single bits."""
    result = np.zeros(len(values), np.uint32)
    for first in range(0, 32, 8):
        table = np.zeros(256, np.uint32)
        for bit in range(8):
            table[1 << bit : 2 << bit] = table[: 1 << bit] ^ images[first + bit]
        result ^= table[(values >> np.uint32(first)) & np.uint32(0xFF)]
    return result
