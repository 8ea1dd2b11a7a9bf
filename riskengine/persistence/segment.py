"""The bytes of a segment file.

    segment header, 64 bytes        record header, 56 bytes, then payload and zeros up to 8
     0  magic           8s           0  magic             4s
     8  CRC-32C         u32          4  CRC-32C           u32
    12  version         u32          8  payload bytes     u32
    16  log id          8s          12  kind              u16
    24  segment bytes   u64         14  reserved, 0       u16
    32  first sequence  u64         16  sequence          u64
    40  epoch           u64         24  epoch             u64
    48  previous hash   8s          32  durable sequence  u64
    56  rules           u32         40  time, nanoseconds i64
    60  reserved, 0     4s          48  previous hash     8s

Little endian; every record starts at a multiple of 8. A CRC covers all behind it, a record's
payload included, and starts from the log's id, so that a record of another log is none of this
one. A record's hash is BLAKE2b, 8 bytes, of its header, which holds the CRC and the hash before
it: a chain, across segments too. It shows missing and exchanged records; it is no signature.

The durable sequence says what was durable before the record was written: everything before the
first record of its own group. So each group vouches for the groups before it, at no extra sync.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from struct import Struct

from google_crc32c import extend

from riskengine.commands import RULES
from riskengine.persistence.command_log import LogRecord

VERSION = 1
HEADER_BYTES = 64
RECORD_HEADER_BYTES = 56
RECORD_ALIGNMENT_BYTES = 8
HASH_BYTES = 8
LOG_ID_BYTES = 8
FIRST_HASH = bytes(HASH_BYTES)
"""The previous hash of the first record of a log."""

RECORD_MAGIC = b"RErc"
RECORD_HEADER = Struct("<4sIIHHQQQq8s")
PADDING = tuple(bytes(-length % 8) for length in range(8))
"""Zeros that follow a payload, by its length modulo 8."""

_SEGMENT_MAGIC = b"REsegmnt"
_SEGMENT_PREFIX = Struct("<8sI")
_SEGMENT_BODY = Struct("<I8sQQQ8sI4x")
_RECORD_PREFIX = Struct("<4sI")
_RECORD_BODY = Struct("<IHHQQQq8s")

assert _SEGMENT_PREFIX.size + _SEGMENT_BODY.size == HEADER_BYTES
assert _RECORD_PREFIX.size + _RECORD_BODY.size == RECORD_HEADER.size == RECORD_HEADER_BYTES


class SegmentHeaderError(ValueError):
    """Say why bytes are not a segment header of this version."""


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """Describe a segment: where it begins in the log, what lies before it, which rules decided."""

    log_id: bytes
    segment_bytes: int
    first_sequence: int
    epoch: int
    previous_hash: bytes
    rules: int = field(default_factory=lambda: RULES)

    @property
    def is_of_own_rules(self) -> bool:
        """Return whether this program makes the same of the segment's records as who wrote them."""
        return self.rules == RULES

    def encode(self) -> bytes:
        """Return the 64 bytes of the header."""
        body = _SEGMENT_BODY.pack(
            VERSION,
            self.log_id,
            self.segment_bytes,
            self.first_sequence,
            self.epoch,
            self.previous_hash,
            self.rules,
        )
        return _SEGMENT_PREFIX.pack(_SEGMENT_MAGIC, extend(0, body)) + body


def decode_segment_header(data: bytes) -> SegmentHeader:
    """Return the header in the first 64 bytes; raises `SegmentHeaderError`."""
    if len(data) < HEADER_BYTES:
        raise SegmentHeaderError(f"segment header of {len(data)} bytes, not {HEADER_BYTES}")
    magic, crc = _SEGMENT_PREFIX.unpack_from(data)
    if magic != _SEGMENT_MAGIC:
        raise SegmentHeaderError("no segment header magic")
    if crc != extend(0, data[_SEGMENT_PREFIX.size : HEADER_BYTES]):
        raise SegmentHeaderError("segment header checksum differs")
    version, *fields = _SEGMENT_BODY.unpack_from(data, _SEGMENT_PREFIX.size)
    if version != VERSION:
        raise SegmentHeaderError(f"segment version {version}, this program reads {VERSION}")
    return SegmentHeader(*fields)


def padded_bytes(payload_bytes: int) -> int:
    """Return the payload's length rounded up to the alignment of records."""
    return payload_bytes + (-payload_bytes & (RECORD_ALIGNMENT_BYTES - 1))


def record_bytes(payload_bytes: int) -> int:
    """Return what a record of that payload takes in a segment."""
    return RECORD_HEADER_BYTES + padded_bytes(payload_bytes)


def crc_seed(log_id: bytes) -> int:
    """Return the value from which the CRC of each record of a log starts."""
    return int(extend(0, log_id))


def encode_record_header(
    record: LogRecord, durable_sequence: int, previous_hash: bytes, seed: int
) -> bytes:
    """Return the 56 bytes that go before the payload; raises struct.error out of range."""
    payload = record.payload
    fields = _RECORD_BODY.pack(
        len(payload),
        record.kind,
        0,
        record.sequence,
        record.epoch,
        durable_sequence,
        record.time_nanos,
        previous_hash,
    )
    return _RECORD_PREFIX.pack(RECORD_MAGIC, extend(extend(seed, fields), payload)) + fields


def record_hash(header: bytes) -> bytes:
    """Return the chain hash of a record from its 56 header bytes."""
    return blake2b(header, digest_size=HASH_BYTES).digest()


def segment_name(first_sequence: int) -> str:
    """Return the file name of the segment that begins with a sequence."""
    return f"{first_sequence:020d}.log"
