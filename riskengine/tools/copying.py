"""Copying a file under a temporary name: synced, read back, and only then given its own."""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from riskengine.persistence.files import ZERO_BLOCK, Files, read_all, write_all
from riskengine.persistence.verification import opened
from riskengine.tools.manifest import CHUNK_BYTES, file_digest


class CopyError(Exception):
    """Report that a copy is not what was read."""


class SourceGone(Exception):  # noqa: N818 - named for the condition
    """Report that a running server has removed a file before it was copied."""


class Piece(NamedTuple):
    """What is copied of a file: the bytes before `end`, and zeros up to `size_bytes`."""

    files: Files
    path: Path
    end: int
    size_bytes: int


def copy_file(source: Piece, files: Files, temporary: Path, moved: Callable[[int], None]) -> str:
    """Copy into a new file; return the copy's SHA-256.

    The copy is synced and read back from the disk. `moved` is told how many bytes each step was.
    Raises `SourceGone`, `CopyError` and OSError.
    """
    try:
        source_fd = source.files.open(source.path, os.O_RDONLY)
    except FileNotFoundError as error:
        raise SourceGone(str(source.path)) from error
    try:
        fd = files.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        try:
            digest = _copy(source, source_fd, files, fd, moved)
            files.fdatasync(fd)
            files.drop_cached(fd)
        finally:
            files.close(fd)
    finally:
        source.files.close(source_fd)
    with opened(files, temporary) as fd:
        if file_digest(files, fd) != digest:
            raise CopyError(f"{temporary} is not what was read from {source.path}")
    return digest


def _copy(
    source: Piece, source_fd: int, files: Files, fd: int, moved: Callable[[int], None]
) -> str:
    digest, offset = sha256(), 0
    while offset < source.size_bytes:
        data = _next(source, source_fd, offset)
        digest.update(data)
        offset = write_all(files, fd, [data], offset)
        moved(len(data))
    return digest.hexdigest()


def _next(source: Piece, fd: int, offset: int) -> bytes:
    if offset >= source.end:
        return ZERO_BLOCK[: source.size_bytes - offset]
    data = read_all(source.files, fd, min(CHUNK_BYTES, source.end - offset), offset)
    if not data:
        raise CopyError(f"{source.path} ends at offset {offset}, and not at {source.end}")
    return data
