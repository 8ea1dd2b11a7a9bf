"""A walk over the records of one segment, which verifies each and stops at the first that is bad.

It reads by pread, not through a mapping: a read error is then an exception with a place, where a
mapping would end the process with a signal.
"""

from collections.abc import Iterator

from google_crc32c import extend

from riskengine.persistence.command_log import LogRecord
from riskengine.persistence.files import Files, read_all
from riskengine.persistence.segment import (
    HEADER_BYTES,
    PADDING,
    RECORD_HEADER,
    RECORD_HEADER_BYTES,
    RECORD_MAGIC,
    SegmentHeader,
    crc_seed,
    record_bytes,
    record_hash,
)

CHUNK_BYTES = 1 << 20
MAX_SEQUENCE = (1 << 64) - 1


class SegmentWalk:
    """Iterate over a segment's records; afterwards the attributes say where and why it ended.

    `offset` is the end of the valid records, `next_sequence` the sequence due there, `last_hash`
    the chain hash before it, `time_nanos` the time of the last record (0 without any), `flaw` why
    the bytes there are no such record (empty if the walk ended at `last_sequence`),
    `durable_sequence` and `group_offset` what the last group says was durable before it, and where
    that group begins. OSError of a read passes through.
    """

    def __init__(
        self, files: Files, fd: int, header: SegmentHeader, last_sequence: int = MAX_SEQUENCE
    ) -> None:
        self.offset = HEADER_BYTES
        self.next_sequence = header.first_sequence
        self.last_hash = header.previous_hash
        self.epoch = header.epoch
        self.time_nanos = 0
        self.durable_sequence = header.first_sequence - 1
        self.group_offset = HEADER_BYTES
        self.flaw = ""
        self._files = files
        self._fd = fd
        self._segment_bytes = header.segment_bytes
        self._last_sequence = last_sequence
        self._seed = crc_seed(header.log_id)
        self._chunk = b""
        self._chunk_offset = HEADER_BYTES

    def __iter__(self) -> Iterator[LogRecord]:
        while self.next_sequence <= self._last_sequence:
            record = self._next_record()
            if record is None:
                return
            yield record

    def _next_record(self) -> LogRecord | None:
        """Verify the record at the offset and step over it, or set the flaw."""
        at = self._load(RECORD_HEADER_BYTES)
        if at < 0:
            return self._stop("the file ends inside a record header")
        header = self._chunk[at : at + RECORD_HEADER_BYTES]
        magic, crc, length, kind, _, sequence, epoch, durable, time_nanos, previous = (
            RECORD_HEADER.unpack(header)
        )
        if magic != RECORD_MAGIC:
            return self._stop("no record magic")
        size = record_bytes(length)
        at = self._load(size)
        if at < 0:
            return self._stop(f"payload of {length} bytes reaches past the end")
        payload_at = at + RECORD_HEADER_BYTES
        payload = self._chunk[payload_at : payload_at + length]
        if extend(extend(self._seed, header[8:]), payload) != crc:
            return self._stop("record checksum differs")
        if self._chunk[payload_at + length : at + size] != PADDING[length & 7]:
            return self._stop("padding is not zero")
        if sequence != self.next_sequence or previous != self.last_hash:
            return self._stop(f"record {sequence} does not follow the one before it")
        self._step(size, epoch, durable, header)
        self.time_nanos = time_nanos
        return LogRecord(sequence, epoch, kind, time_nanos, payload)

    def _step(self, size: int, epoch: int, durable: int, header: bytes) -> None:
        if durable != self.durable_sequence:
            self.durable_sequence = durable
            self.group_offset = self.offset
        self.offset += size
        self.next_sequence += 1
        self.epoch = epoch
        self.last_hash = record_hash(header)

    def _load(self, length: int) -> int:
        """Return where in the chunk the offset lies, with that many bytes behind it, or -1."""
        at = self.offset - self._chunk_offset
        if at + length <= len(self._chunk):
            return at
        wanted = min(max(length, CHUNK_BYTES), self._segment_bytes - self.offset)
        self._chunk = read_all(self._files, self._fd, wanted, self.offset)
        self._chunk_offset = self.offset
        return 0 if len(self._chunk) >= length else -1

    def _stop(self, flaw: str) -> LogRecord | None:
        self.flaw = flaw
        return None


def first_time(files: Files, fd: int, header: SegmentHeader) -> int:
    """Return the time of a segment's first record, 0 without any; raises OSError."""
    walk = SegmentWalk(files, fd, header, header.first_sequence)
    return next((record.time_nanos for record in walk), 0)
