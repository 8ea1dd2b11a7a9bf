"""The few operating-system calls of the journal, in one class that a test can put faults into."""

import errno
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from riskengine.persistence.descriptors import open_with_reserve

FILE_MODE, FOLDER_MODE = 0o600, 0o700
"""Accounts and their money are nobody's business but this user's."""

IOV_LIMIT = 1024
"""Buffers that Linux takes in one pwritev (IOV_MAX)."""

ZERO_BLOCK = bytes(1 << 20)


class Files:
    """Do the calls as they are; each raises OSError on failure, and a write may be short."""

    def open(self, path: Path, flags: int) -> int:
        return open_with_reserve(path, flags | os.O_CLOEXEC, FILE_MODE)

    def close(self, fd: int) -> None:
        os.close(fd)

    def size(self, fd: int) -> int:
        return os.fstat(fd).st_size

    def pread(self, fd: int, length: int, offset: int) -> bytes:
        return os.pread(fd, length, offset)

    def pwritev(self, fd: int, buffers: Sequence[bytes], offset: int) -> int:
        return os.pwritev(fd, buffers, offset)

    def truncate(self, fd: int, length: int) -> None:
        os.ftruncate(fd, length)

    def fdatasync(self, fd: int) -> None:
        os.fdatasync(fd)

    def lock(self, fd: int) -> None:
        """Lock a file against others, until it is closed; raises BlockingIOError."""
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def drop_cached(self, fd: int) -> None:
        """Have what of the file is synced leave the page cache."""
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def fsync_folder(self, folder: Path) -> None:
        fd = open_with_reserve(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, 0)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def rename(self, source: Path, target: Path) -> None:
        os.rename(source, target)

    def unlink(self, path: Path) -> None:
        os.unlink(path)

    def free_bytes(self, folder: Path) -> int:
        """Return how many bytes the disk of a folder has left for this user."""
        disk = os.statvfs(folder)
        return disk.f_bavail * disk.f_frsize

    def list_names(self, folder: Path) -> list[str]:
        return sorted(os.listdir(folder))

    def is_at(self, path: Path, fd: int) -> bool:
        """Return whether an open file is still the one of that name."""
        try:
            named = os.stat(path)
        except FileNotFoundError:
            return False
        return os.path.samestat(named, os.fstat(fd))


def write_all(files: Files, fd: int, buffers: Sequence[bytes], offset: int) -> int:
    """Write the buffers at an offset and return the offset behind them.

    A short write is continued: what cut it short, as a full disk does, is the error of the next
    call. Raises OSError, and then any part of the buffers may be there.
    """
    for start in range(0, len(buffers), IOV_LIMIT):
        part = buffers[start : start + IOV_LIMIT]
        end = offset + sum(map(len, part))
        offset += files.pwritev(fd, part, offset)
        if offset < end:
            _write_rest(files, fd, b"".join(part)[offset - end :], offset)
        offset = end
    return offset


def _write_rest(files: Files, fd: int, rest: bytes, offset: int) -> None:
    while rest:
        written = files.pwritev(fd, [rest], offset)
        if not written:
            raise OSError(errno.EIO, f"none of {len(rest)} bytes were written, and no reason given")
        rest, offset = rest[written:], offset + written


def make_folder(files: Files, folder: Path) -> None:
    """Have a folder be there durably, and those above it; raises OSError."""
    missing = []
    above = folder
    while not above.exists():
        missing.append(above)
        above = above.parent
    for each in reversed(missing):
        each.mkdir(FOLDER_MODE, exist_ok=True)
        files.fsync_folder(each.parent)
    if not missing:  # who made it may have been stopped before it was durable
        files.fsync_folder(folder.parent)


def put_file(files: Files, path: Path, temporary_name: str, buffers: Sequence[bytes]) -> None:
    """Put a file in the place of the one before, if any: whole or not at all, and durably.

    It is written and synced under a temporary name beside it, then renamed. Raises OSError; what is
    left under the temporary name is overwritten the next time.
    """
    temporary = path.with_name(temporary_name)
    fd = files.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        write_all(files, fd, buffers, 0)
        files.fdatasync(fd)
    finally:
        files.close(fd)
    put_in_place(files, temporary, path)


def put_in_place(files: Files, temporary: Path, path: Path) -> None:
    """Give a synced file its name in the same folder, durably; raises OSError."""
    files.rename(temporary, path)
    files.fsync_folder(path.parent)


def write_zeros(files: Files, fd: int, offset: int, end: int) -> None:
    """Fill [offset, end) with zeros, block by block."""
    while offset < end:
        block = ZERO_BLOCK[: min(len(ZERO_BLOCK), end - offset)]
        offset = write_all(files, fd, [block], offset)


def read_all(files: Files, fd: int, length: int, offset: int) -> bytes:
    """Read `length` bytes at an offset, fewer only at the end of the file."""
    data = files.pread(fd, length, offset)
    while data and len(data) < length:
        more = files.pread(fd, length - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data
