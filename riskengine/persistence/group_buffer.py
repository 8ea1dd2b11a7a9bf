"""What is appended and not yet written: the records of the groups to come, encoded.

The place of each record in the segments is settled here, at the append, so that the thread that
syncs only writes. No I/O and no locks: the log guards it.
"""

from riskengine.persistence.command_log import LogRecord
from riskengine.persistence.errors import RecordTooLarge, SequenceConflict, StaleEpoch
from riskengine.persistence.segment import (
    HEADER_BYTES,
    PADDING,
    encode_record_header,
    record_bytes,
    record_hash,
)

JOIN_BYTES = 4096
"""Payloads up to this are copied into one buffer with their header: fewer buffers a write."""


class Group:
    """Records that are written and synced together, in one segment."""

    __slots__ = (
        "buffers",
        "epoch",
        "first_epoch",
        "first_sequence",
        "last_sequence",
        "offset",
        "opens_segment",
        "previous_hash",
        "size_bytes",
    )

    def __init__(
        self,
        first_sequence: int,
        epoch: int,
        offset: int,
        previous_hash: bytes,
        opens_segment: bool,
    ) -> None:
        self.first_sequence = first_sequence
        self.last_sequence = first_sequence - 1
        self.first_epoch = epoch
        self.epoch = epoch
        self.offset = offset
        self.previous_hash = previous_hash
        self.opens_segment = opens_segment
        self.size_bytes = 0
        self.buffers: list[bytes] = []


class GroupBuffer:
    """Collect groups at the end of the log; `next_sequence` and `epoch` are those of the end."""

    def __init__(
        self,
        *,
        next_sequence: int,
        epoch: int,
        last_hash: bytes,
        offset: int,
        segment_end: int,
        segment_bytes: int,
        payload_limit_bytes: int,
        seed: int,
    ) -> None:
        self.next_sequence = next_sequence
        self.epoch = epoch
        self.pending_bytes = 0
        self._last_hash = last_hash
        self._offset = offset
        self._segment_end = segment_end
        self._segment_bytes = segment_bytes
        self._payload_limit_bytes = payload_limit_bytes
        self._seed = seed
        self._groups: list[Group] = []

    def append(self, record: LogRecord, expected_sequence: int, epoch: int) -> None:
        """Encode a record into the open group, or refuse it and leave everything as it was.

        A field out of its range is a bug of the caller: struct.error.
        """
        next_sequence = self.next_sequence
        if expected_sequence != next_sequence or record.sequence != next_sequence:
            raise SequenceConflict(expected_sequence, next_sequence)
        if epoch < self.epoch or record.epoch != epoch:
            raise StaleEpoch(min(epoch, record.epoch), max(epoch, self.epoch))
        payload = record.payload
        length = len(payload)
        if length > self._payload_limit_bytes:
            raise RecordTooLarge(length, self._payload_limit_bytes)
        size = record_bytes(length)
        rolls = self._offset + size > self._segment_end
        opens = rolls or not self._groups
        first_sequence = next_sequence if opens else self._groups[-1].first_sequence
        header = encode_record_header(record, first_sequence - 1, self._last_hash, self._seed)
        group = self._open_group(epoch, rolls) if opens else self._groups[-1]
        if length <= JOIN_BYTES:
            group.buffers.append(header + payload + PADDING[length & 7])
        else:
            group.buffers += (header, payload, PADDING[length & 7])
        group.size_bytes += size
        group.last_sequence = next_sequence
        group.epoch = epoch
        self._last_hash = record_hash(header)
        self._offset += size
        self.pending_bytes += size
        self.next_sequence = next_sequence + 1
        self.epoch = epoch

    def take(self) -> list[Group]:
        """Hand over what was collected; the next append begins a new group."""
        groups, self._groups = self._groups, []
        return groups

    def written(self, size_bytes: int) -> None:
        """Count bytes as no longer pending."""
        self.pending_bytes -= size_bytes

    def _open_group(self, epoch: int, rolls: bool) -> Group:
        if rolls:
            self._offset = HEADER_BYTES
            self._segment_end = self._segment_bytes
        group = Group(self.next_sequence, epoch, self._offset, self._last_hash, rolls)
        self._groups.append(group)
        return group
