"""The next segment, filled with zeros ahead of need.

Zeros are written, not merely reserved: a later sync of a record then changes no metadata of the
file, which halves its cost, and what follows the last record is known to be zero.
"""

import os
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from riskengine.persistence.files import (
    ZERO_BLOCK,
    Files,
    put_in_place,
    write_all,
    write_zeros,
)
from riskengine.persistence.segment import SegmentHeader, segment_name

SPARE_NAME = "spare.tmp"


class SpareSegment:
    """Prepare one spare file at a time and turn it into a segment.

    Not for several threads: `take` and `close` belong to the thread that syncs.
    """

    def __init__(self, files: Files, folder: Path, *, segment_bytes: int, background: bool) -> None:
        self._files = files
        self._folder = folder
        self._path = folder / SPARE_NAME
        self._segment_bytes = segment_bytes
        self._background = background
        self._cancel = Event()
        self._thread: Thread | None = None
        self._ready_fd: int | None = None

    def prepare(self) -> None:
        """Begin to fill the next spare in the background, unless that is under way or done."""
        if self._background and self._thread is None:
            self._thread = Thread(target=self._fill_quietly, name="journal-spare", daemon=True)
            self._thread.start()

    def take(self, header: SegmentHeader) -> tuple[int, Path]:
        """Return the open file and path of a new durable segment; raises OSError."""
        self._join()
        fd = self._ready_fd if self._ready_fd is not None else self._fill()
        self._ready_fd = None
        try:
            write_all(self._files, fd, [header.encode()], 0)
            self._files.fdatasync(fd)
            path = self._folder / segment_name(header.first_sequence)
            put_in_place(self._files, self._path, path)
        except BaseException:
            self._files.close(fd)
            raise
        return fd, path

    def close(self) -> None:
        """Stop filling and remove the spare; one that stays is removed at the next opening."""
        self._cancel.set()
        self._join()
        if self._ready_fd is not None:
            self._files.close(self._ready_fd)
            self._ready_fd = None
            with suppress(OSError):
                self._files.unlink(self._path)

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _fill_quietly(self) -> None:
        """Fill ahead; upon an error `take` tries once more in the foreground, and reports it.

        What was filled of it is removed: whoever else writes on a full disk needs the room.
        """
        try:
            self._ready_fd = self._fill()
        except OSError:
            self._ready_fd = None
            with suppress(OSError):
                self._files.unlink(self._path)

    def _fill(self) -> int:
        fd = self._files.open(self._path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        try:
            for offset in range(0, self._segment_bytes, len(ZERO_BLOCK)):
                if self._cancel.is_set():
                    break
                end = min(self._segment_bytes, offset + len(ZERO_BLOCK))
                write_zeros(self._files, fd, offset, end)
            self._files.fdatasync(fd)
        except BaseException:
            self._files.close(fd)
            raise
        return fd
