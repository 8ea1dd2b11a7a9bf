"""The folder of snapshots: the newest whole ones are kept, and nothing else is ever in their place.

A snapshot has its name only once it is written, synced, and found whole when read back.
"""

import errno
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from riskengine.persistence.command_log import ReadProgress
from riskengine.persistence.files import Files, make_folder, put_in_place
from riskengine.persistence.snapshot_file import (
    Snapshot,
    SnapshotDamaged,
    SnapshotHeader,
    SnapshotWriter,
    read_snapshot,
)
from riskengine.persistence.verification import size_of

KEPT = 2
TEMPORARY_NAME = "snapshot.tmp"
_NAME = re.compile(r"\d{20}\.snap")


class Dropped(NamedTuple):
    """The oldest whole one that is kept, None while there are too few; those that are damaged."""

    oldest: Path | None
    damaged: list[SnapshotDamaged]


class SnapshotStore:
    """Keep snapshots in one folder; not for several threads at once.

    `left_bytes` is what one that is written leaves free on the disk, for those who cannot do
    without.
    """

    def __init__(self, folder: Path, files: Files | None = None, *, left_bytes: int = 0) -> None:
        self.folder = folder
        self._files = files or Files()
        self._left_bytes = left_bytes

    def open(self) -> None:
        """Make the folder, and remove what an unfinished snapshot left; raises OSError."""
        make_folder(self._files, self.folder)
        with suppress(FileNotFoundError):
            self._files.unlink(self.folder / TEMPORARY_NAME)

    def paths(self) -> list[Path]:
        """Return the snapshots, the newest first."""
        names = [name for name in self._files.list_names(self.folder) if _NAME.fullmatch(name)]
        return [self.folder / name for name in sorted(names, reverse=True)]

    def read(self, path: Path, progress: ReadProgress | None = None) -> Snapshot:
        """Return a snapshot, verified; raises SnapshotDamaged, SnapshotForm or OSError."""
        snapshot = read_snapshot(self._files, path, progress)
        if snapshot.header.sequence != self.sequence_of(path):
            raise SnapshotDamaged(path, 0, f"it is that of sequence {snapshot.header.sequence}")
        return snapshot

    def write(
        self, header: SnapshotHeader, sections: Mapping[int, Iterator[bytes]]
    ) -> "WrittenSnapshot":
        """Write a snapshot that has no name yet, and sync it; raises OSError.

        One that fails leaves no file: a full disk has better use for the room.
        """
        path = self.folder / TEMPORARY_NAME
        with _removed_upon_failure(self._files, path):
            fd = self._files.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            try:
                writer = SnapshotWriter(self._files, fd, header)
                for section, pieces in sections.items():
                    writer.add(section, self._leaving_room(pieces))
                writer.end()
                self._files.drop_cached(fd)  # so that it is read back from the disk
            finally:
                self._files.close(fd)
        return WrittenSnapshot(self._files, path, header.sequence, writer.offset)

    def check_room(self) -> None:
        """See whether a snapshot can be begun, and has room if it is as large as the newest one.

        Raises OSError. Whoever notes in the log that one is taken asks before.
        """
        path = self.folder / TEMPORARY_NAME
        with _removed_upon_failure(self._files, path):
            self._files.close(self._files.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC))
            if self._left_bytes:
                self._check_free(self._newest_bytes())

    def _newest_bytes(self) -> int:
        return next((size_of(self._files, path) for path in self.paths()), 0)

    def drop_old(self) -> Dropped:
        """Remove all but the newest whole ones, which are read before, and those that are damaged.

        Removes nothing while there are fewer whole ones than are to be kept: what came before may
        still be needed. Raises SnapshotForm, and then has removed nothing either, or OSError: what
        could not be removed stays for the next time.
        """
        paths = self.paths()
        whole, damaged = paths[:1], list[SnapshotDamaged]()  # the newest was read to get its name
        for path in paths[1:]:
            if len(whole) == KEPT:
                break
            try:
                self.read(path)
            except SnapshotDamaged as error:
                damaged.append(error)
            else:
                whole.append(path)
        if len(whole) < KEPT:
            return Dropped(None, damaged)
        for path in paths:
            if path not in whole:
                self._files.unlink(path)
        self._files.fsync_folder(self.folder)
        return Dropped(whole[-1], damaged)

    def _leaving_room(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the pieces as long as enough is left on the disk; raises OSError."""
        for piece in pieces:
            if self._left_bytes:
                self._check_free(len(piece))
            yield piece

    def _check_free(self, wanted_bytes: int) -> None:
        free = self._files.free_bytes(self.folder)
        if free < self._left_bytes + wanted_bytes:
            left = f"{free} bytes are free, {self._left_bytes} are to be left"
            reason = f"{os.strerror(errno.ENOSPC)}: {left}, and {wanted_bytes} are needed"
            raise OSError(errno.ENOSPC, reason)

    @staticmethod
    def sequence_of(path: Path) -> int:
        """Return the sequence of which a snapshot is, as its name says."""
        return int(path.stem)


class WrittenSnapshot:
    """A snapshot that is written and synced, and has no name yet."""

    def __init__(self, files: Files, path: Path, sequence: int, size_bytes: int) -> None:
        self.sequence = sequence
        self.size_bytes = size_bytes
        self._files = files
        self._path = path

    def publish(self) -> Path:
        """Read it back, and give it its name; raises SnapshotDamaged or OSError."""
        path = self._path.with_name(f"{self.sequence:020d}.snap")
        with _removed_upon_failure(self._files, self._path):
            read_snapshot(self._files, self._path)
            put_in_place(self._files, self._path, path)
        return path


@contextmanager
def _removed_upon_failure(files: Files, path: Path) -> Iterator[None]:
    try:
        yield
    except Exception:
        with suppress(OSError):
            files.unlink(path)
        raise
