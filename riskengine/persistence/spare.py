"""The next segment, filled with zeros ahead of need.

Zeros are written, not merely reserved: a later sync of a record then changes no metadata of the
file, which halves its cost, and what follows the last record is known to be zero.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

from riskengine.persistence.descriptors import NONE_LEFT
from riskengine.persistence.files import (
    ZERO_BLOCK,
    Files,
    put_in_place,
    write_all,
    write_zeros,
)
from riskengine.persistence.segment import SegmentHeader, segment_name

SPARE_NAME = "spare.tmp"
AGAIN_SECONDS = 1.0
"""After this long a spare that could not be made is tried again."""

PATIENCE_SECONDS = 10.0
"""How long a roll waits for a descriptor that connections have taken, before it fails."""


class SpareSegment:
    """Prepare one spare file at a time and turn it into a segment.

    Not for several threads: `take` and `close` belong to the thread that syncs. One that cannot be
    made ahead is tried again and again, and is no failure of the journal before it is needed.
    """

    def __init__(
        self,
        files: Files,
        folder: Path,
        *,
        segment_bytes: int,
        background: bool,
        seconds: Callable[[], float] = monotonic,
        pause: Callable[[float], object] = sleep,
    ) -> None:
        self._files = files
        self._folder = folder
        self._path = folder / SPARE_NAME
        self._segment_bytes = segment_bytes
        self._background = background
        self._cancel = Event()
        self._thread: Thread | None = None
        self._ready_fd: int | None = None
        self._seconds = seconds
        self._pause = pause
        self._begun_seconds = 0.0

    def prepare(self) -> None:
        """Begin to fill the next spare in the background, unless that is under way or done."""
        if self._thread is not None and self._has_failed():
            self._join()
        if self._background and self._thread is None:
            self._begun_seconds = self._seconds()
            self._thread = Thread(target=self._fill_quietly, name="journal-spare", daemon=True)
            self._thread.start()

    def take(self, header: SegmentHeader) -> tuple[int, Path]:
        """Return the open file and path of a new durable segment; raises OSError."""
        self._join()
        fd = self._ready_fd if self._ready_fd is not None else self._fill_patiently()
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

    def _has_failed(self) -> bool:
        """Return whether the last attempt came to nothing, a while ago."""
        assert self._thread is not None
        is_over = not self._thread.is_alive() and self._ready_fd is None
        return is_over and self._seconds() - self._begun_seconds >= AGAIN_SECONDS

    def _fill_patiently(self) -> int:
        """Fill it now; where no descriptor is left, connections that end make room for it."""
        end = self._seconds() + PATIENCE_SECONDS
        while True:
            try:
                return self._fill()
            except OSError as error:
                if error.errno not in NONE_LEFT or self._seconds() >= end:
                    raise
            self._pause(AGAIN_SECONDS / 10)

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
