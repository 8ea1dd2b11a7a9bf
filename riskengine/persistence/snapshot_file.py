"""The form of a snapshot: a header, blocks of sections, and an end that says that it is whole.

    header   magic, CRC-32C of the rest; form, log, sequence, epoch and time of the last command
    block    CRC-32C of the rest, section, length, content; sections in ascending order
    end      a block of section 0: the number of blocks before it, and the digest of the contents

What the contents mean is not known here. A file without its end, or with a flipped bit, is none.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from struct import Struct

from google_crc32c import extend

from riskengine.persistence.command_log import ReadProgress
from riskengine.persistence.files import Files, read_all, write_all

FORM = 1
"""What this version writes, and the only one that it reads."""

BLOCK_BYTES = 1 << 20
DIGEST_BYTES = 16

_MAGIC = b"REsnap01"
_PREFIX = Struct("<8sI")
_HEADER = Struct("<I8sQQQ24x")
_BLOCK = Struct("<III")
_BLOCK_REST = Struct("<II")
_END = Struct(f"<Q{DIGEST_BYTES}s")
_END_SECTION = 0

HEADER_BYTES = _PREFIX.size + _HEADER.size


class SnapshotDamaged(Exception):  # noqa: N818 - named for the condition, as the journal's errors
    """Report that a snapshot is not what was written; `offset` is in bytes from its start."""

    def __init__(self, path: Path, offset: int, reason: str) -> None:
        super().__init__(f"{path} is damaged at offset {offset}: {reason}")
        self.path = path
        self.offset = offset
        self.reason = reason


class SnapshotForm(Exception):  # noqa: N818
    """Refuse a snapshot of a form that this version does not read."""

    def __init__(self, path: Path, form: int) -> None:
        super().__init__(f"{path} is of form {form}; this version reads form {FORM}")
        self.path = path
        self.form = form


@dataclass(frozen=True, slots=True)
class SnapshotHeader:
    """Say which state it is: after the command of that sequence, in the log of that id."""

    log_id: bytes
    sequence: int
    epoch: int
    time_nanos: int

    def encode(self) -> bytes:
        """Return the bytes of the header."""
        rest = _HEADER.pack(FORM, self.log_id, self.sequence, self.epoch, self.time_nanos)
        return _PREFIX.pack(_MAGIC, extend(0, rest)) + rest


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that was read and found whole: its header, and the content of each section."""

    header: SnapshotHeader
    sections: Mapping[int, bytearray]


class SnapshotWriter:
    """Write one snapshot into an open file, section by section."""

    def __init__(self, files: Files, fd: int, header: SnapshotHeader) -> None:
        self._files = files
        self._fd = fd
        self._digest = blake2b(digest_size=DIGEST_BYTES)
        self._blocks = 0
        self.offset = write_all(files, fd, [header.encode()], 0)

    def add(self, section: int, pieces: Iterable[bytes]) -> None:
        """Add a section, of a higher number than the last one; raises OSError."""
        for content in _blocks(pieces):
            self._digest.update(content)
            self._put(section, content)
            self._blocks += 1

    def end(self) -> None:
        """Say that it is whole, and make it durable; raises OSError."""
        self._put(_END_SECTION, _END.pack(self._blocks, self._digest.digest()))
        self._files.fdatasync(self._fd)

    def _put(self, section: int, content: bytes) -> None:
        rest = _BLOCK_REST.pack(section, len(content))
        crc = extend(extend(0, rest), content)
        head = _BLOCK.pack(crc, section, len(content))
        self.offset = write_all(self._files, self._fd, [head, content], self.offset)


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces in blocks; what is large goes as it is."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= BLOCK_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def read_snapshot(files: Files, path: Path, progress: ReadProgress | None = None) -> Snapshot:
    """Read a snapshot and verify all of it.

    Raises SnapshotDamaged, SnapshotForm, or OSError when it cannot be read.
    """
    fd = files.open(path, os.O_RDONLY)
    try:
        return _Reading(files, fd, path).read(progress or _nobody)
    finally:
        files.close(fd)


def _nobody(_done_bytes: int, _all_bytes: int) -> None:
    """Be told of progress, for nobody."""


class _Reading:
    def __init__(self, files: Files, fd: int, path: Path) -> None:
        self._files = files
        self._fd = fd
        self._path = path
        self._offset = 0
        self._digest = blake2b(digest_size=DIGEST_BYTES)

    def read(self, progress: ReadProgress) -> Snapshot:
        size_bytes = self._files.size(self._fd)
        header = self._read_header()
        sections: dict[int, bytearray] = {}
        blocks = 0
        while True:
            section, content = self._read_block()
            if section == _END_SECTION:
                break
            if section not in sections and sections and section < max(sections):
                self._refuse(f"section {section} comes after section {max(sections)}")
            sections.setdefault(section, bytearray()).extend(content)
            self._digest.update(content)
            blocks += 1
            progress(self._offset, size_bytes)
        if len(content) != _END.size or _END.unpack(content) != (blocks, self._digest.digest()):
            self._refuse("its end is that of another snapshot")
        if self._files.size(self._fd) != self._offset:
            self._refuse("bytes behind its end")
        progress(self._offset, size_bytes)
        return Snapshot(header, sections)

    def _read_header(self) -> SnapshotHeader:
        data = self._take(HEADER_BYTES)
        magic, crc = _PREFIX.unpack_from(data)
        if magic != _MAGIC:
            self._refuse("it is no snapshot", 0)
        if crc != extend(0, data[_PREFIX.size :]):
            self._refuse("its header does not match its checksum", 0)
        form, *rest = _HEADER.unpack_from(data, _PREFIX.size)
        if form != FORM:
            raise SnapshotForm(self._path, form)
        return SnapshotHeader(*rest)

    def _read_block(self) -> tuple[int, bytes]:
        begin = self._offset
        head = self._take(_BLOCK.size)
        crc, section, length = _BLOCK.unpack(head)
        if length > self._files.size(self._fd) - self._offset:
            self._refuse("a block is longer than the file", begin)
        content = self._take(length)
        if crc != extend(extend(0, head[_BLOCK.size - _BLOCK_REST.size :]), content):
            self._refuse("a block does not match its checksum", begin)
        return section, content

    def _take(self, length: int) -> bytes:
        data = read_all(self._files, self._fd, length, self._offset)
        if len(data) < length:
            self._refuse("it ends there")
        self._offset += length
        return data

    def _refuse(self, reason: str, offset: int | None = None) -> None:
        raise SnapshotDamaged(self._path, self._offset if offset is None else offset, reason)
