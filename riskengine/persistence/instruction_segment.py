"""The bytes of a segment of instructions.

    segment header, 64 bytes            frame header, 48 bytes, then lengths and instructions
     0  magic                 8s         0  magic                        4s
     8  CRC-32C               u32        4  CRC-32C of the header        u32
    12  version               u32        8  CRC-32C of the body          u32
    16  log id                8s        12  body bytes                   u32
    24  first instruction     u64       16  instructions                 u32
    32  previous first        u64       20  reserved, 0                  u32
    40  previous size, bytes  u64       24  first instruction            u64
    48  time, nanoseconds     i64       32  sequence of the last command u64
    56  reserved, 0           8s        40  its time, nanoseconds        i64

Little endian. A frame's body is the length of each instruction (u32), then the instructions. The
header's CRC starts from the log's id and covers that of the body, so frames can be passed over
without reading them, and a frame of another log is none of this one. A segment says with which
number the one before it begins and how long that is: one that is missing or shorter is seen without
reading all. Its time is that of the command that gave its first instruction, or a later one's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from struct import Struct, pack, unpack_from
from typing import NamedTuple

from google_crc32c import extend

from riskengine.persistence.errors import InstructionsRefused
from riskengine.persistence.files import Files, read_all
from riskengine.persistence.segment import crc_seed

VERSION = 1
HEADER_BYTES = 64
FRAME_HEADER_BYTES = 48
FRAME_INSTRUCTIONS = 1_024
"""Instructions of a frame at most: what is read at once."""

_SEGMENT_MAGIC = b"REinstrs"
_SEGMENT_PREFIX = Struct("<8sI")
_SEGMENT_BODY = Struct("<I8sQQQq8s")
_FRAME_MAGIC = b"REif"
_FRAME_PREFIX = Struct("<4sI")
_FRAME_BODY = Struct("<IIIIQQq")
_LENGTH_BYTES = 4

assert _SEGMENT_PREFIX.size + _SEGMENT_BODY.size == HEADER_BYTES
assert _FRAME_PREFIX.size + _FRAME_BODY.size == FRAME_HEADER_BYTES


class FlawError(ValueError):
    """Say why bytes are not the segment header or frame that is due there."""


@dataclass(frozen=True, slots=True)
class InstructionSegmentHeader:
    """Describe a segment: its first instruction, and the segment before it (0 and 0 if none)."""

    log_id: bytes
    first_instruction: int
    previous_first: int
    previous_bytes: int
    time_nanos: int

    def encode(self) -> bytes:
        """Return the 64 bytes of the header."""
        body = _SEGMENT_BODY.pack(
            VERSION,
            self.log_id,
            self.first_instruction,
            self.previous_first,
            self.previous_bytes,
            self.time_nanos,
            bytes(8),
        )
        return _SEGMENT_PREFIX.pack(_SEGMENT_MAGIC, extend(0, body)) + body


class FrameHeader(NamedTuple):
    """Describe a frame: its instructions, and the command that gave the last of them."""

    body_crc: int
    body_bytes: int
    instruction_count: int
    first_instruction: int
    sequence: int
    time_nanos: int

    @property
    def next_instruction(self) -> int:
        """Return the number behind its last instruction."""
        return self.first_instruction + self.instruction_count

    @property
    def frame_bytes(self) -> int:
        """Return what the frame takes in its segment."""
        return FRAME_HEADER_BYTES + self.body_bytes


def segment_name(first_instruction: int) -> str:
    """Return the file name of the segment that begins with an instruction."""
    return f"{first_instruction:020d}.ins"


def read_segment_header(
    files: Files, fd: int, path: Path, log_id: bytes
) -> InstructionSegmentHeader:
    """Return the header of a segment; raises FlawError.

    Raises InstructionsRefused for one of another log or of another version, OSError.
    """
    data = read_all(files, fd, HEADER_BYTES, 0)
    if len(data) < HEADER_BYTES:
        raise FlawError(f"segment header of {len(data)} bytes, not {HEADER_BYTES}")
    magic, crc = _SEGMENT_PREFIX.unpack_from(data)
    if magic != _SEGMENT_MAGIC:
        raise FlawError("no magic of a segment of instructions")
    if crc != extend(0, data[_SEGMENT_PREFIX.size :]):
        raise FlawError("segment header checksum differs")
    version, *fields, reserved = _SEGMENT_BODY.unpack_from(data, _SEGMENT_PREFIX.size)
    if version != VERSION:
        raise InstructionsRefused(f"{path} is of version {version}; this one reads {VERSION}")
    header = InstructionSegmentHeader(*fields)
    if header.log_id != log_id:
        raise InstructionsRefused(f"{path} is of another journal than the one beside it")
    if any(reserved):
        raise FlawError("reserved bytes are not zero")
    if path.name != segment_name(header.first_instruction):
        raise FlawError(f"the file is the segment of instruction {header.first_instruction}")
    return header


def encode_frame(
    log_id: bytes, first_instruction: int, sequence: int, time_nanos: int, pieces: Sequence[bytes]
) -> list[bytes]:
    """Return a frame in two buffers; the command is the one that gave the last instruction."""
    count = len(pieces)
    body = b"".join((pack(f"<{count}I", *map(len, pieces)), *pieces))
    fields = _FRAME_BODY.pack(
        extend(0, body), len(body), count, 0, first_instruction, sequence, time_nanos
    )
    crc = extend(crc_seed(log_id), fields)
    return [_FRAME_PREFIX.pack(_FRAME_MAGIC, crc) + fields, body]


def read_frame_header(
    files: Files, fd: int, log_id: bytes, offset: int, end: int, first_instruction: int
) -> FrameHeader:
    """Return the header of the frame at an offset of a segment that ends at `end`.

    Raises FlawError when that is not the one that begins with `first_instruction`, OSError.
    """
    if end - offset < FRAME_HEADER_BYTES:
        raise FlawError("the file ends inside a frame header")
    data = read_all(files, fd, FRAME_HEADER_BYTES, offset)
    if len(data) < FRAME_HEADER_BYTES:
        raise FlawError("the file ends inside a frame header")
    magic, crc = _FRAME_PREFIX.unpack_from(data)
    if magic != _FRAME_MAGIC:
        raise FlawError("no frame magic")
    if crc != extend(crc_seed(log_id), data[_FRAME_PREFIX.size :]):
        raise FlawError("frame header checksum differs")
    body_crc, body_bytes, count, reserved, first, *cause = _FRAME_BODY.unpack_from(
        data, _FRAME_PREFIX.size
    )
    if reserved or not 1 <= count <= FRAME_INSTRUCTIONS:
        raise FlawError(f"a frame of {count} instructions")
    if first != first_instruction:
        raise FlawError(f"the frame begins with instruction {first}")
    if offset + FRAME_HEADER_BYTES + body_bytes > end:
        raise FlawError(f"a frame of {body_bytes} bytes reaches past the end")
    return FrameHeader(body_crc, body_bytes, count, first, *cause)


def read_frame_body(files: Files, fd: int, offset: int, header: FrameHeader) -> list[bytes]:
    """Return the instructions of the frame at an offset; raises FlawError or OSError."""
    body = read_all(files, fd, header.body_bytes, offset + FRAME_HEADER_BYTES)
    if len(body) < header.body_bytes:
        raise FlawError("the file ends inside a frame")
    if extend(0, body) != header.body_crc:
        raise FlawError("frame checksum differs")
    begin = _LENGTH_BYTES * header.instruction_count
    if begin > len(body):
        raise FlawError("a frame shorter than its lengths")
    lengths = unpack_from(f"<{header.instruction_count}I", body)
    ends = list(accumulate(lengths, initial=begin))
    if ends[-1] != len(body):
        raise FlawError("a frame longer or shorter than its instructions")
    return [body[start:end] for start, end in pairwise(ends)]
