"""Opening a segment log: verify all of it, cut a torn tail, refuse damage.

What is damage, and what was merely never finished, is said in `verification`. The bytes of what
was not finished are zeroed, synced and reported.

Assumed of the disk: what a sync confirmed stays, and writing a range leaves the bytes outside of
it alone. The records of a killed process may be valid yet only in the page cache, and a failed
sync may have marked pages clean that never reached the disk: so the last group is written again,
byte for byte, and synced before the log says that it is durable.
"""

import os
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from riskengine.persistence.command_log import ReadProgress
from riskengine.persistence.files import Files, read_all, write_all, write_zeros
from riskengine.persistence.mark import MARK_NAME, Mark
from riskengine.persistence.meter import Meter
from riskengine.persistence.rules import Admit, replayable_from
from riskengine.persistence.segment import SegmentHeader
from riskengine.persistence.spare import SPARE_NAME
from riskengine.persistence.verification import (
    End,
    checked_header,
    first_sequence_of,
    opened,
    segment_paths,
    size_of,
    verify_last,
    verify_sealed,
)

TEMPORARY_NAMES = (SPARE_NAME, f"{MARK_NAME}.tmp")


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
    files: Files, folder: Path, mark: Mark, admit: Admit, progress: ReadProgress | None = None
) -> Recovered | None:
    """Verify and repair a folder whose lock is held; return None if it has no segment yet.

    `admit` is asked before anything is repaired. Raises `JournalDamaged`, or OSError when a call of
    the system fails.
    """
    paths = _cleared_paths(files, folder, mark)
    if not paths:
        return None
    meter = Meter(progress, sum(size_of(files, path) for path in paths))
    segments: list[Segment] = []
    previous_hash: bytes | None = None
    for path, later in pairwise(paths):
        with opened(files, path) as fd:
            header = checked_header(files, fd, path, mark, previous_hash)
            walk = verify_sealed(files, fd, path, header, first_sequence_of(later), meter)
        segments.append(Segment(path, header, walk.offset))
        previous_hash = walk.last_hash
        meter.base_bytes += header.segment_bytes
    fd = files.open(paths[-1], os.O_RDWR)
    try:
        header = checked_header(files, fd, paths[-1], mark, previous_hash)
        end = verify_last(files, fd, paths[-1], header, mark, meter)
        walk = end.walk
        segments.append(Segment(paths[-1], header, walk.offset))
        _ask(admit, segments, walk.next_sequence - 1)
        report = _settle_last(files, fd, segments[-1], mark, end)
        files.fsync_folder(folder)
    except BaseException:
        files.close(fd)
        raise
    meter.finish()
    return Recovered(segments, fd, walk.next_sequence, walk.epoch, walk.last_hash, report)


def _cleared_paths(files: Files, folder: Path, mark: Mark) -> list[Path]:
    """Return the segments in order, after removing what an unfinished trim or roll left over."""
    for name in files.list_names(folder):
        if name in TEMPORARY_NAMES:
            files.unlink(folder / name)
    paths, left_over = segment_paths(files, folder, mark)
    for path in left_over:
        files.unlink(path)
    return paths


def _ask(admit: Admit, segments: list[Segment], last_sequence: int) -> None:
    """Ask whether a log goes on whose last record is of other rules."""
    if replayable_from([segment.header for segment in segments], last_sequence) <= last_sequence:
        return
    for segment in reversed(segments):
        if segment.header.first_sequence <= last_sequence:
            admit(segment.path, segment.header, last_sequence)
            return


def _settle_last(files: Files, fd: int, last: Segment, mark: Mark, end: End) -> RecoveryReport:
    """Cut the torn tail of the last segment, and make what is left durable."""
    path, header = last.path, last.header
    walk, used, size = end.walk, end.used_offset, end.size_bytes
    last_sequence = walk.next_sequence - 1
    if used > walk.offset:
        write_zeros(files, fd, walk.offset, used)
    write_zeros(files, fd, size, header.segment_bytes)
    if last_sequence > mark.sequence:
        last_group = read_all(files, fd, walk.offset - walk.group_offset, walk.group_offset)
        write_all(files, fd, [last_group], walk.group_offset)
    files.fdatasync(fd)
    report = RecoveryReport(last_sequence, max(mark.sequence, walk.durable_sequence))
    if used > walk.offset or size < header.segment_bytes:
        report = replace(
            report,
            cut_path=path,
            cut_offset=walk.offset,
            cut_bytes=used - walk.offset,
            cut_reason=walk.flaw,
        )
    return report
