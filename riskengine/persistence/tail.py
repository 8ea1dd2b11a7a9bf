"""What lies behind the valid records of a segment: zeros, a torn write, or proof of damage."""

from dataclasses import dataclass

from google_crc32c import extend

from riskengine.persistence.files import ZERO_BLOCK, Files, read_all
from riskengine.persistence.segment import (
    RECORD_HEADER,
    RECORD_HEADER_BYTES,
    RECORD_MAGIC,
    SegmentHeader,
    crc_seed,
    record_bytes,
)


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


def proof_behind(
    files: Files, fd: int, header: SegmentHeader, start: int, due_sequence: int
) -> Proof | None:
    """Return a record from `start` on that says that `due_sequence` was durable before it."""
    seed = crc_seed(header.log_id)
    for offset in range(start, header.segment_bytes, len(ZERO_BLOCK)):
        block = read_all(files, fd, len(ZERO_BLOCK), offset)
        at = block.find(RECORD_MAGIC)
        while at >= 0:
            sequence = _later_record(files, fd, header, offset + at, due_sequence, seed)
            if sequence:
                return Proof(offset + at, sequence)
            at = block.find(RECORD_MAGIC, at + 1)
    return None


def _later_record(
    files: Files, fd: int, header: SegmentHeader, offset: int, due_sequence: int, seed: int
) -> int:
    """Return the sequence of the record at an offset if it is valid and proves the due one."""
    head = read_all(files, fd, RECORD_HEADER_BYTES, offset)
    if len(head) < RECORD_HEADER_BYTES:
        return 0
    _, crc, length, _, _, sequence, _, durable, _, _ = RECORD_HEADER.unpack(head)
    if durable < due_sequence or offset + record_bytes(length) > header.segment_bytes:
        return 0
    payload = read_all(files, fd, length, offset + RECORD_HEADER_BYTES)
    valid = len(payload) == length and extend(extend(seed, head[8:]), payload) == crc
    return int(sequence) if valid else 0
