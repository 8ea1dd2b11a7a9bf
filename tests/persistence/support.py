"""What the tests of the journal share: small segments, records made from a number, filled logs."""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from random import Random

from riskengine.persistence import LogRecord, SegmentLog, SegmentOptions, open_segment_log
from riskengine.persistence.files import Files
from riskengine.persistence.mark import MARK_BYTES, MARK_NAME, Mark, decode_mark
from riskengine.persistence.segment import HEADER_BYTES, RECORD_MAGIC, record_bytes

SMALL = SegmentOptions(segment_bytes=4096, payload_limit_bytes=1500, spare_in_background=False)
EPOCH = 3


@cache
def record(sequence: int, payload: bytes | None = None, epoch: int = EPOCH) -> LogRecord:
    """Return the record of a sequence; its payload, 1 to 300 bytes, follows from it."""
    if payload is None:
        random = Random(sequence)
        payload = random.randbytes(random.randint(1, 300))
    return LogRecord(sequence, epoch, sequence % 7, 1_000_000 * sequence, payload)


class Unsynced(Files):
    """Skip each sync: real files, quickly, for tests in which no power is lost."""

    def fdatasync(self, fd: int) -> None:
        """Leave it to the kernel."""

    def fsync_folder(self, folder: Path) -> None:
        """Leave it to the kernel."""


def opened(folder: Path, options: SegmentOptions = SMALL, files: Files | None = None) -> SegmentLog:
    return open_segment_log(folder, options, files=files or Unsynced())


def append(log: SegmentLog, item: LogRecord) -> None:
    log.append(item, expected_sequence=item.sequence, epoch=item.epoch)


def fill(log: SegmentLog, group_sizes: Iterable[int]) -> int:
    """Append and sync groups of such sizes; return the last sequence."""
    sequence = log.head.sequence
    for size in group_sizes:
        for _ in range(size):
            sequence += 1
            append(log, record(sequence))
        assert log.sync() == sequence
    return sequence


def contents(log: SegmentLog) -> list[LogRecord]:
    return list(log.read(log.first_sequence))


def records(first: int, last: int) -> list[LogRecord]:
    return [record(sequence) for sequence in range(first, last + 1)]


def segment_paths(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.log"))


def flip_bit(path: Path, bit: int) -> None:
    """Flip one bit of a file, counted from its start."""
    with path.open("r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ (1 << bit % 8)]))


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset, os.SEEK_SET)
        file.write(data)


GROUP_SIZES = (1, 3, 2, 5, 4, 1, 6, 3, 2, 8, 5, 1, 4, 7, 2, 3)


class LogFolder:
    """A closed log: where each record lies, its files as they were, and copies to damage."""

    def __init__(self, folder: Path, last: int) -> None:
        self.folder = folder
        self.last = last
        self.files = {path.name: path.read_bytes() for path in folder.iterdir()}
        self.places: dict[int, tuple[Path, int, int]] = {}
        for path in segment_paths(folder):
            self._locate(path)

    @classmethod
    def filled(cls, folder: Path) -> "LogFolder":
        log = opened(folder)
        last = fill(log, GROUP_SIZES)
        log.close()
        return cls(folder, last)

    def _locate(self, path: Path) -> None:
        sequence, offset = int(path.stem), HEADER_BYTES
        while sequence <= self.last and path.read_bytes()[offset : offset + 4] == RECORD_MAGIC:
            end = offset + record_bytes(len(record(sequence).payload))
            self.places[sequence] = (path, offset, end)
            sequence, offset = sequence + 1, end

    def forget_mark(self) -> None:
        """Put the mark back to where it was when the log was made."""
        mark = decode_mark(self.files[MARK_NAME])
        assert mark is not None
        slot = Mark(mark.log_id, 1, 0, 1).encode()
        self.files[MARK_NAME] = slot.ljust(MARK_BYTES, b"\0")
        self.restore()

    def restore(self) -> None:
        """Undo all damage."""
        for path in self.folder.iterdir():
            if path.name not in self.files:
                path.unlink()
        for name, data in self.files.items():
            (self.folder / name).write_bytes(data)

    def end_of(self, path: Path) -> int:
        return max((end for where, _, end in self.places.values() if where == path), default=64)

    def reopened(self) -> list[LogRecord]:
        """Open the log, read all of it, and close it again."""
        log = opened(self.folder)
        try:
            return contents(log)
        finally:
            log.close()
