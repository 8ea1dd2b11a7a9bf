"""What a stored log must be: the one place that says what is damage. It changes nothing.

The log is right up to the first bytes that are not the record due there (its *end*, at a sequence
`s`). What the end means depends on what can be proved about `s`. It was durable, if

- a segment that begins after it exists: a segment is opened only when all before it is synced;
- a valid record behind it in its segment has a durable sequence of at least `s`: it was written
  after `s` had been synced, in a later group;
- the durable mark says at least `s`.

If so, something acknowledged is gone: `JournalDamaged` says so with file, offset and sequence. If
not, `s` belongs to the group that was being written when the process or the power went, or that is
being written now. A valid record behind the end that belongs to the same group proves nothing: a
power cut keeps the pages of an unfinished group in any order.

So one flipped bit in the very last acknowledged group is damage, and is refused, whenever the mark
has reached the disk: always after a killed process and after `close`, after an idle `sync`, and
after a power cut once the kernel has written the mark back by itself (about 30 seconds). Only if
the power went sooner, and a bit of exactly that last group flipped as well, does it look like a
torn write. To exclude this too would take a second sync of each group before its acknowledgement.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from riskengine.persistence.errors import JournalDamaged
from riskengine.persistence.files import Files, read_all
from riskengine.persistence.mark import Mark
from riskengine.persistence.meter import Meter
from riskengine.persistence.segment import (
    HEADER_BYTES,
    SegmentHeader,
    SegmentHeaderError,
    decode_segment_header,
    segment_name,
)
from riskengine.persistence.tail import last_nonzero, proof_behind
from riskengine.persistence.walk import MAX_SEQUENCE, SegmentWalk

_SEGMENT_NAME = re.compile(r"\d{20}\.log")


@dataclass(frozen=True, slots=True)
class End:
    """The end of a log: `walk` has passed the last record, `used_offset` the last byte not zero.

    What lies between the two was never finished. `size_bytes` is that of the file.
    """

    walk: SegmentWalk
    used_offset: int
    size_bytes: int


def segment_paths(files: Files, folder: Path, mark: Mark) -> tuple[list[Path], list[Path]]:
    """Return the segments of a log in order, and those that an unfinished trim left over.

    Raises `JournalDamaged` when the first one is missing.
    """
    names = [name for name in files.list_names(folder) if _SEGMENT_NAME.fullmatch(name)]
    found = [folder / name for name in names]
    paths = [path for path in found if first_sequence_of(path) >= mark.first_sequence]
    first = folder / segment_name(mark.first_sequence)
    if (not paths and mark != replace(mark, sequence=0, first_sequence=1)) or (
        paths and paths[0] != first
    ):
        raise JournalDamaged(first, 0, mark.first_sequence, "the first segment is missing")
    return paths, [path for path in found if path not in paths]


def first_sequence_of(path: Path) -> int:
    """Return the sequence with which a segment begins, as its name says."""
    return int(path.stem)


@contextmanager
def opened(files: Files, path: Path) -> Iterator[int]:
    """Have a file open for reading."""
    fd = files.open(path, os.O_RDONLY)
    try:
        yield fd
    finally:
        files.close(fd)


def size_of(files: Files, path: Path) -> int:
    """Return the bytes of a file; raises OSError."""
    with opened(files, path) as fd:
        return files.size(fd)


def checked_header(
    files: Files, fd: int, path: Path, mark: Mark, previous_hash: bytes | None
) -> SegmentHeader:
    """Return a segment's header; raises `JournalDamaged` if it is not that of the segment due.

    `previous_hash` is the chain's hash before it, None when that is not known.
    """
    first_sequence = first_sequence_of(path)
    try:
        header = decode_segment_header(read_all(files, fd, HEADER_BYTES, 0))
    except SegmentHeaderError as error:
        raise JournalDamaged(path, 0, first_sequence, str(error)) from error
    reason = ""
    if header.log_id != mark.log_id:
        reason = "the segment is of another log"
    elif header.first_sequence != first_sequence:
        reason = f"the file is the segment of sequence {header.first_sequence}"
    elif previous_hash is not None and header.previous_hash != previous_hash:
        reason = "the segment does not continue the one before it"
    elif files.size(fd) > header.segment_bytes:
        reason = f"the file is longer than the {header.segment_bytes} bytes of its header"
    if reason:
        raise JournalDamaged(path, 0, first_sequence, reason)
    return header


def verify_sealed(
    files: Files, fd: int, path: Path, header: SegmentHeader, next_first: int, meter: Meter
) -> SegmentWalk:
    """Verify a segment that another follows: nothing of it may be missing."""
    walk = _walk_all(path, SegmentWalk(files, fd, header, next_first - 1), meter)
    used = last_nonzero(files, fd, walk.offset, header.segment_bytes)
    if walk.next_sequence != next_first:
        if used > walk.offset:
            raise JournalDamaged(path, walk.offset, walk.next_sequence, walk.flaw)
        raise JournalDamaged(
            path.with_name(segment_name(walk.next_sequence)),
            0,
            walk.next_sequence,
            f"the segment is missing, or {path.name} lost what was behind offset {walk.offset}: "
            f"the next one begins with sequence {next_first}",
        )
    if files.size(fd) != header.segment_bytes:
        raise JournalDamaged(path, files.size(fd), next_first, "the file is shorter than it was")
    if used > walk.offset:
        raise JournalDamaged(path, used - 1, next_first, "bytes behind the last record")
    return walk


def verify_last(
    files: Files,
    fd: int,
    path: Path,
    header: SegmentHeader,
    mark: Mark,
    meter: Meter,
    *,
    is_written: bool = False,
) -> End:
    """Verify the last segment and return where its records end.

    `is_written`: a log has it open. It then ends where the mark says, and what follows is not
    looked at: it may be there in part.
    """
    limit = mark.sequence if is_written else MAX_SEQUENCE
    walk = _walk_all(path, SegmentWalk(files, fd, header, limit), meter)
    due = walk.next_sequence
    if mark.sequence >= due:
        reason = f"{walk.flaw}; the durable mark proves sequence {mark.sequence}"
        raise JournalDamaged(path, walk.offset, due, reason)
    if is_written:
        return End(walk, walk.offset, files.size(fd))
    used = last_nonzero(files, fd, walk.offset, header.segment_bytes)
    if used > walk.offset:
        proof = proof_behind(files, fd, header, walk.offset, due)
        if proof is not None:
            reason = f"{walk.flaw}; sequence {proof.sequence} at offset {proof.offset} follows it"
            raise JournalDamaged(path, walk.offset, due, reason)
    return End(walk, used, files.size(fd))


def _walk_all(path: Path, walk: SegmentWalk, meter: Meter) -> SegmentWalk:
    try:
        for _ in walk:
            meter.reach(walk.offset)
    except OSError as error:
        raise JournalDamaged(path, walk.offset, walk.next_sequence, str(error)) from error
    return walk
