"""Opening a segment log: verify all of it, cut a torn tail, refuse damage.

The log is right up to the first bytes that are not the record due there (its *end*, at a sequence
`s`). What the end means depends on what can be proved about `s`. It was durable, if

- a segment that begins after it exists: a segment is opened only when all before it is synced;
- a valid record behind it in its segment has a durable sequence of at least `s`: it was written
  after `s` had been synced, in a later group;
- the durable mark says at least `s`.

If so, something acknowledged is gone, and opening raises `JournalDamaged` with file, offset and
sequence. If not, `s` belongs to the group that was being written when the process or the power
went; the bytes are zeroed, synced and reported. A valid record behind the end that belongs to the
same group proves nothing: a power cut keeps the pages of an unfinished group in any order.

So one flipped bit in the very last acknowledged group is damage, and is refused, whenever the mark
has reached the disk: always after a killed process and after `close`, after an idle `sync`, and
after a power cut once the kernel has written the mark back by itself (about 30 seconds). Only if
the power went sooner, and a bit of exactly that last group flipped as well, does it look like a
torn write. To exclude this too would take a second sync of each group before its acknowledgement.

Assumed of the disk: what a sync confirmed stays, and writing a range leaves the bytes outside of
it alone. The records of a killed process may be valid yet only in the page cache, and a failed
sync may have marked pages clean that never reached the disk: so the last group is written again,
byte for byte, and synced before the log says that it is durable.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from riskengine.persistence.command_log import ReadProgress
from riskengine.persistence.errors import JournalDamaged
from riskengine.persistence.files import Files, read_all, write_all, write_zeros
from riskengine.persistence.mark import MARK_NAME, Mark
from riskengine.persistence.meter import Meter
from riskengine.persistence.segment import (
    HEADER_BYTES,
    SegmentHeader,
    SegmentHeaderError,
    decode_segment_header,
    segment_name,
)
from riskengine.persistence.spare import SPARE_NAME
from riskengine.persistence.tail import last_nonzero, proof_behind
from riskengine.persistence.walk import SegmentWalk

TEMPORARY_NAMES = (SPARE_NAME, f"{MARK_NAME}.tmp")
_SEGMENT_NAME = re.compile(r"\d{20}\.log")


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """Say what opening found: the last sequence kept, and the torn tail that was cut, if any.

    `cut_bytes` counts from the first to the last byte that was not zero; `cut_offset` is where in
    `cut_path` the first cut record began, and `cut_reason` why it was no record. `proven_sequence`
    is how far the log itself and the mark proved durability.
    """

    last_sequence: int
    proven_sequence: int
    cut_path: Path | None = None
    cut_offset: int = 0
    cut_bytes: int = 0
    cut_reason: str = ""


@dataclass(slots=True)
class Segment:
    """A segment in place; `end_offset` is the end of its records."""

    path: Path
    header: SegmentHeader
    end_offset: int


@dataclass(slots=True)
class Recovered:
    """What the log goes on from; `fd` is the last segment, open for writing."""

    segments: list[Segment]
    fd: int
    next_sequence: int
    epoch: int
    last_hash: bytes
    report: RecoveryReport


def recover(
    files: Files, folder: Path, mark: Mark, progress: ReadProgress | None = None
) -> Recovered | None:
    """Verify and repair a folder whose lock is held; return None if it has no segment yet.

    Raises `JournalDamaged`, or OSError when a call of the system fails.
    """
    paths = _segment_paths(files, folder, mark)
    if not paths:
        return None
    meter = Meter(progress, sum(_size(files, path) for path in paths))
    segments: list[Segment] = []
    previous_hash: bytes | None = None
    for path, later in pairwise(paths):
        with _opened(files, path) as fd:
            header = _checked_header(files, fd, path, mark, previous_hash)
            walk = _verify_sealed(files, fd, path, header, _first_sequence(later), meter)
        segments.append(Segment(path, header, walk.offset))
        previous_hash = walk.last_hash
        meter.base_bytes += header.segment_bytes
    fd = files.open(paths[-1], os.O_RDWR)
    try:
        header = _checked_header(files, fd, paths[-1], mark, previous_hash)
        walk, report = _settle_last(files, fd, paths[-1], header, mark, meter)
        files.fsync_folder(folder)
    except BaseException:
        files.close(fd)
        raise
    segments.append(Segment(paths[-1], header, walk.offset))
    meter.finish()
    return Recovered(segments, fd, walk.next_sequence, walk.epoch, walk.last_hash, report)


def _segment_paths(files: Files, folder: Path, mark: Mark) -> list[Path]:
    """Return the segments in order, after removing what an unfinished trim or roll left over."""
    paths: list[Path] = []
    for name in files.list_names(folder):
        path = folder / name
        if name in TEMPORARY_NAMES:
            files.unlink(path)
        elif _SEGMENT_NAME.fullmatch(name):
            if _first_sequence(path) < mark.first_sequence:
                files.unlink(path)
            else:
                paths.append(path)
    first = folder / segment_name(mark.first_sequence)
    if (not paths and mark != replace(mark, sequence=0, first_sequence=1)) or (
        paths and paths[0] != first
    ):
        raise JournalDamaged(first, 0, mark.first_sequence, "the first segment is missing")
    return paths


def _first_sequence(path: Path) -> int:
    return int(path.stem)


def _size(files: Files, path: Path) -> int:
    with _opened(files, path) as fd:
        return files.size(fd)


@contextmanager
def _opened(files: Files, path: Path) -> Iterator[int]:
    fd = files.open(path, os.O_RDONLY)
    try:
        yield fd
    finally:
        files.close(fd)


def _checked_header(
    files: Files, fd: int, path: Path, mark: Mark, previous_hash: bytes | None
) -> SegmentHeader:
    first_sequence = _first_sequence(path)
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


def _verify_sealed(
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


def _settle_last(
    files: Files, fd: int, path: Path, header: SegmentHeader, mark: Mark, meter: Meter
) -> tuple[SegmentWalk, RecoveryReport]:
    """Verify the last segment, cut its torn tail, and make what is left durable."""
    walk = _walk_all(path, SegmentWalk(files, fd, header), meter)
    due = walk.next_sequence
    if mark.sequence >= due:
        reason = f"{walk.flaw}; the durable mark proves sequence {mark.sequence}"
        raise JournalDamaged(path, walk.offset, due, reason)
    used = last_nonzero(files, fd, walk.offset, header.segment_bytes)
    if used > walk.offset:
        proof = proof_behind(files, fd, header, walk.offset, due)
        if proof is not None:
            reason = f"{walk.flaw}; sequence {proof.sequence} at offset {proof.offset} follows it"
            raise JournalDamaged(path, walk.offset, due, reason)
        write_zeros(files, fd, walk.offset, used)
    size = files.size(fd)
    write_zeros(files, fd, size, header.segment_bytes)
    if due - 1 > mark.sequence:
        last_group = read_all(files, fd, walk.offset - walk.group_offset, walk.group_offset)
        write_all(files, fd, [last_group], walk.group_offset)
    files.fdatasync(fd)
    report = RecoveryReport(due - 1, max(mark.sequence, walk.durable_sequence))
    if used > walk.offset or size < header.segment_bytes:
        report = replace(
            report,
            cut_path=path,
            cut_offset=walk.offset,
            cut_bytes=used - walk.offset,
            cut_reason=walk.flaw,
        )
    return walk, report


def _walk_all(path: Path, walk: SegmentWalk, meter: Meter) -> SegmentWalk:
    try:
        for _ in walk:
            meter.reach(walk.offset)
    except OSError as error:
        raise JournalDamaged(path, walk.offset, walk.next_sequence, str(error)) from error
    return walk
