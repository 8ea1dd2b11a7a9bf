"""The durable mark: a small file that says how far the log was durable.

Two slots of 64 bytes in sectors of their own, written in turn, so that one torn write leaves the
other. A slot is written after each group's sync and not synced itself: that costs no sync, a
killed process leaves it exact, and a power cut leaves it a little old, never ahead of the log.
Closing, idling and trimming sync it.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

from google_crc32c import extend

from riskengine.persistence.errors import JournalDamaged, JournalUnfinished
from riskengine.persistence.files import Files, put_file, read_all, write_all

MARK_NAME = "durable.mark"
TEMPORARY_NAME = f"{MARK_NAME}.tmp"
MARK_BYTES = 8192
SLOT_OFFSETS = (0, 4096)

_MAGIC = b"REmark01"
_PREFIX = Struct("<8sI")
_BODY = Struct("<4x8sQQQ16x")
_SLOT_BYTES = _PREFIX.size + _BODY.size

assert _SLOT_BYTES == 64


@dataclass(frozen=True, slots=True)
class Mark:
    """State that everything up to `sequence` is durable, and what the oldest segment kept is.

    `counter` orders the slots. No segment that begins before `first_sequence` is part of the log.
    """

    log_id: bytes
    counter: int
    sequence: int
    first_sequence: int

    def encode(self) -> bytes:
        """Return the 64 bytes of a slot."""
        body = _BODY.pack(self.log_id, self.counter, self.sequence, self.first_sequence)
        return _PREFIX.pack(_MAGIC, extend(0, body)) + body


def decode_mark(data: bytes) -> Mark | None:
    """Return the mark in a slot, or None if the slot does not hold a whole one."""
    if len(data) < _SLOT_BYTES:
        return None
    magic, crc = _PREFIX.unpack_from(data)
    if magic != _MAGIC or crc != extend(0, data[_PREFIX.size : _SLOT_BYTES]):
        return None
    return Mark(*_BODY.unpack_from(data, _PREFIX.size))


class DurableMark:
    """Write the slots of an open mark file; `current` is the newest mark."""

    def __init__(self, files: Files, fd: int, current: Mark) -> None:
        self.current = current
        self._files = files
        self._fd = fd
        self._synced = False
        self._settled: tuple[int, int] | None = None

    @property
    def fd(self) -> int:
        """Return the open file."""
        return self._fd

    def advance(self, sequence: int) -> None:
        """State that everything up to a sequence is durable; not synced."""
        self._write(sequence, self.current.first_sequence)

    def seal(self) -> None:
        """Sync what was stated, if it is not yet."""
        if not self._synced:
            self._files.fdatasync(self._fd)
            self._synced = True

    def settle(self, sequence: int, first_sequence: int) -> None:
        """State in both slots, synced, what is durable and which the oldest segment is.

        In both, so that a slot that is lost later takes no trim back with it.
        """
        if self._settled != (sequence, first_sequence):
            for _ in SLOT_OFFSETS:
                self._write(sequence, first_sequence)
            self.seal()
            self._settled = (sequence, first_sequence)

    def close(self) -> None:
        """Close the file without syncing it."""
        self._files.close(self._fd)

    def _write(self, sequence: int, first_sequence: int) -> None:
        mark = Mark(self.current.log_id, self.current.counter + 1, sequence, first_sequence)
        slot = SLOT_OFFSETS[mark.counter % len(SLOT_OFFSETS)]
        write_all(self._files, self._fd, [mark.encode()], slot)
        self.current = mark
        self._synced = False
        self._settled = None


def create_mark(
    files: Files, folder: Path, log_id: bytes, *, sequence: int = 0, first_sequence: int = 1
) -> None:
    """Create the mark of a log, durable before it has its name; without more, of an empty one."""
    image = bytearray(MARK_BYTES)
    for counter, slot in enumerate(SLOT_OFFSETS):
        mark = Mark(log_id, counter, sequence, first_sequence)
        image[slot : slot + _SLOT_BYTES] = mark.encode()
    put_file(files, folder / MARK_NAME, TEMPORARY_NAME, [bytes(image)])


def open_mark(files: Files, folder: Path) -> DurableMark:
    """Open the mark file on its newest whole slot; raises `JournalDamaged` if neither is."""
    path = folder / MARK_NAME
    fd = files.open(path, os.O_RDWR)
    try:
        current = _newest_slot(files, fd, path)
    except BaseException:
        files.close(fd)
        raise
    return DurableMark(files, fd, current)


def read_mark(files: Files, folder: Path) -> Mark:
    """Return the newest mark of a log, which may be open elsewhere.

    Raises `JournalDamaged` if neither slot is whole, and OSError.
    """
    path = folder / MARK_NAME
    fd = files.open(path, os.O_RDONLY)
    try:
        return _newest_slot(files, fd, path)
    finally:
        files.close(fd)


def _newest_slot(files: Files, fd: int, path: Path) -> Mark:
    if not files.size(fd):
        raise JournalUnfinished(path)
    slots = [decode_mark(read_all(files, fd, _SLOT_BYTES, slot)) for slot in SLOT_OFFSETS]
    marks = [mark for mark in slots if mark is not None]
    if not marks:
        raise JournalDamaged(path, 0, 0, "neither slot of the durable mark is whole")
    return max(marks, key=lambda mark: mark.counter)
