"""Writing a log anew, from any sequence on: it is none until all of it is there.

Until `finish` the folder has no whole mark, and a start is refused.
"""

import os
from pathlib import Path

from riskengine.persistence.command_log import LogRecord
from riskengine.persistence.files import Files, write_all
from riskengine.persistence.group_buffer import Group, GroupBuffer
from riskengine.persistence.mark import MARK_NAME, create_mark
from riskengine.persistence.segment import (
    FIRST_HASH,
    HEADER_BYTES,
    RECORD_HEADER_BYTES,
    SegmentHeader,
    crc_seed,
)
from riskengine.persistence.spare import SpareSegment
from riskengine.persistence.verification import size_of

GROUP_BYTES = 4 << 20


class LogWriter:
    """Write the records of a new log into a folder; each method raises OSError."""

    def __init__(
        self,
        files: Files,
        folder: Path,
        *,
        log_id: bytes,
        first_sequence: int,
        epoch: int,
        segment_bytes: int,
    ) -> None:
        """Begin a log that has been refused to starts before, by `refuse_starts`."""
        self._files = files
        self._folder = folder
        self._log_id = log_id
        self._segment_bytes = segment_bytes
        self._first_sequence = first_sequence
        self._spare = SpareSegment(files, folder, segment_bytes=segment_bytes, background=False)
        self._buffer = GroupBuffer(
            next_sequence=first_sequence,
            epoch=epoch,
            last_hash=FIRST_HASH,
            offset=HEADER_BYTES,
            segment_end=segment_bytes,
            segment_bytes=segment_bytes,
            payload_limit_bytes=segment_bytes - HEADER_BYTES - RECORD_HEADER_BYTES - 7,
            seed=crc_seed(log_id),
        )
        header = SegmentHeader(log_id, segment_bytes, first_sequence, epoch, FIRST_HASH)
        self._fd, _ = self._spare.take(header)

    def append(self, record: LogRecord) -> None:
        """Add the next record; raises `SequenceConflict`, `StaleEpoch` and `RecordTooLarge`."""
        self._buffer.append(record, record.sequence, record.epoch)
        if self._buffer.pending_bytes >= GROUP_BYTES:
            self._write()

    def finish(self) -> None:
        """Write and sync the rest, then give the log its mark: from here on it is one."""
        self._write()
        create_mark(
            self._files,
            self._folder,
            self._log_id,
            sequence=self._buffer.next_sequence - 1,
            first_sequence=self._first_sequence,
        )

    def close(self) -> None:
        """Let go of the files, whether or not the log was finished."""
        self._files.close(self._fd)
        self._spare.close()

    def _write(self) -> None:
        for group in self._buffer.take():
            if group.opens_segment:
                self._roll(group)
            write_all(self._files, self._fd, group.buffers, group.offset)
            self._files.fdatasync(self._fd)
            self._buffer.written(group.size_bytes)

    def _roll(self, group: Group) -> None:
        header = SegmentHeader(
            self._log_id,
            self._segment_bytes,
            group.first_sequence,
            group.first_epoch,
            group.previous_hash,
        )
        fd, _ = self._spare.take(header)
        self._files.close(self._fd)
        self._fd = fd


def refuse_starts(files: Files, folder: Path) -> None:
    """Have every start on a folder refused until a log was written into it: its mark is empty."""
    fd = files.open(folder / MARK_NAME, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        files.fdatasync(fd)
    finally:
        files.close(fd)
    files.fsync_folder(folder)


def is_unfinished(files: Files, folder: Path) -> bool:
    """Return whether a log was begun in a folder and never finished."""
    if MARK_NAME not in files.list_names(folder):
        return False
    return size_of(files, folder / MARK_NAME) == 0
