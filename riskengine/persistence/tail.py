"""What lies behind the valid records of a segment: zeros, a torn write, or proof of damage."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.persistence.crc_ranges import Places, PrefixCrcs, Words, range_crcs
from riskengine.persistence.files import ZERO_BLOCK, Files, read_all
from riskengine.persistence.segment import (
    RECORD_ALIGNMENT_BYTES,
    RECORD_HEADER_BYTES,
    RECORD_MAGIC,
    SegmentHeader,
    crc_seed,
)

_HEADERS = np.dtype(
    [
        ("magic", "<u4"),
        ("crc", "<u4"),
        ("length", "<u4"),
        ("kind", "<u2"),
        ("reserved", "<u2"),
        ("sequence", "<u8"),
        ("epoch", "<u8"),
        ("durable", "<u8"),
        ("time_nanos", "<i8"),
        ("previous", "S8"),
    ]
)
_MAGIC_WORD = int.from_bytes(RECORD_MAGIC, "little")
_CHECKED_FROM = 8
"""The first byte of a record that its CRC covers."""

assert _HEADERS.itemsize == RECORD_HEADER_BYTES


@dataclass(frozen=True, slots=True)
class Proof:
    """A valid record behind the end, which was written after the one due at the end was durable."""

    offset: int
    sequence: int


def last_nonzero(files: Files, fd: int, start: int, end: int) -> int:
    """Return the offset behind the last byte in [start, end) that is not zero, or `start`."""
    last = start
    for offset in range(start, end, len(ZERO_BLOCK)):
        block = read_all(files, fd, min(len(ZERO_BLOCK), end - offset), offset)
        # A comparison looks at the memory once, where stripping zeros looks at each byte.
        if block != ZERO_BLOCK[: len(block)]:
            last = offset + len(block.rstrip(b"\0"))
    return last


@dataclass(frozen=True, slots=True)
class _Suspects:
    """Places that may hold a later record, counted from where the search began."""

    begins: Places
    lengths: Places
    crcs: Words
    sequences: NDArray[np.uint64]

    @property
    def ends(self) -> Places:
        """Return where each would end, its padding left out."""
        return self.begins + RECORD_HEADER_BYTES + self.lengths


def proof_behind(
    files: Files, fd: int, header: SegmentHeader, start: int, due_sequence: int
) -> Proof | None:
    """Return the first record from `start` on that says `due_sequence` was durable before it.

    It takes time that is linear in what is searched, whatever stands there: what looks like headers
    may be payloads, of lengths that overlap.
    """
    suspects = _suspects(files, fd, header, start, due_sequence)
    if not len(suspects.begins):
        return None
    checked = suspects.begins + _CHECKED_FROM
    prefixes = PrefixCrcs(np.concatenate((checked, suspects.ends)))
    for offset in range(start, start + int(suspects.ends.max()), len(ZERO_BLOCK)):
        prefixes.add(read_all(files, fd, len(ZERO_BLOCK), offset))
    found = range_crcs(prefixes, checked, suspects.ends, crc_seed(header.log_id)) == suspects.crcs
    if not found.any():
        return None
    first = int(np.argmax(found))
    return Proof(start + int(suspects.begins[first]), int(suspects.sequences[first]))


def _suspects(
    files: Files, fd: int, header: SegmentHeader, start: int, due_sequence: int
) -> _Suspects:
    """Return all places that hold the front of a later record of this segment and its file."""
    end = min(header.segment_bytes, files.size(fd))
    found = [np.empty(0, _HEADERS)]
    places = [np.empty(0, np.int64)]
    for offset in range(start, end, len(ZERO_BLOCK)):
        block = read_all(files, fd, len(ZERO_BLOCK) + RECORD_HEADER_BYTES, offset)
        words = np.frombuffer(block, "<u4", len(block) // 8 * 2)[: len(ZERO_BLOCK) // 4 : 2]
        at = np.flatnonzero(words == _MAGIC_WORD).astype(np.int64) * RECORD_ALIGNMENT_BYTES
        at = at[at + RECORD_HEADER_BYTES <= len(block)]
        if len(at):
            rows = np.frombuffer(block, np.uint8)[at[:, None] + np.arange(RECORD_HEADER_BYTES)]
            heads = np.ascontiguousarray(rows).view(_HEADERS)[:, 0]
            ends = offset + at + RECORD_HEADER_BYTES + heads["length"]
            proves = (heads["durable"] >= due_sequence) & (ends <= end)
            found.append(heads[proves])
            places.append(at[proves] + offset - start)
    heads = np.concatenate(found)
    return _Suspects(
        np.concatenate(places), heads["length"].astype(np.int64), heads["crc"], heads["sequence"]
    )
