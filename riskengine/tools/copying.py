"""Copying a file under a temporary name: synced, read back, and only then given its own."""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from riskengine.persistence.files import ZERO_BLOCK, Files, read_all, write_all
from riskengine.persistence.verification import opened
from riskengine.tools.manifest import CHUNK_BYTES, file_digest


class CopyError(Exception):
    """Report that a copy is not what was read."""


class SourceGone(Exception):  # noqa: N818 - named for the condition
    """Report that a running server has removed a file before it was copied."""


def copy_file(
    files: Files,
    source: Path,
    temporary: Path,
    *,
    end: int,
    size_bytes: int,
    moved: Callable[[int], None],
) -> str:
    """Copy the bytes before `end`, and zeros up to `size_bytes`; return the copy's SHA-256.

    The copy is synced and read back from the disk. `moved` is told how many bytes each step was.
    Raises `SourceGone`, `CopyError` and OSError.
    """
    try:
        source_fd = files.open(source, os.O_RDONLY)
    except FileNotFoundError as error:
        raise SourceGone(str(source)) from error
    try:
        fd = files.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        try:
            digest = _copy(files, source_fd, fd, end, size_bytes, moved)
            files.fdatasync(fd)
            files.drop_cached(fd)
        finally:
            files.close(fd)
    finally:
        files.close(source_fd)
    with opened(files, temporary) as fd:
        if file_digest(files, fd) != digest:
            raise CopyError(f"{temporary} is not what was read from {source}")
    return digest


def _copy(
    files: Files, source_fd: int, fd: int, end: int, size_bytes: int, moved: Callable[[int], None]
) -> str:
    digest, offset = sha256(), 0
    while offset < size_bytes:
        if offset < end:
            data = read_all(files, source_fd, min(CHUNK_BYTES, end - offset), offset)
            if not data:
                raise CopyError(f"the file ends at {offset}, and not at {end}")
        else:
            data = ZERO_BLOCK[: min(len(ZERO_BLOCK), size_bytes - offset)]
        digest.update(data)
        offset = write_all(files, fd, [data], offset)
        moved(len(data))
    return digest.hexdigest()
