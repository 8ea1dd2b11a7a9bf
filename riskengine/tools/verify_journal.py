"""Verifying the journal of a folder: each segment, record and link of the chain."""

from functools import partial
from itertools import zip_longest
from pathlib import Path

from riskengine.commands import RULES
from riskengine.persistence import JournalDamaged, ReadProgress
from riskengine.persistence.mark import Mark, read_mark
from riskengine.persistence.meter import Meter
from riskengine.persistence.rules import RulesSpan, rules_spans
from riskengine.persistence.segment import HEADER_BYTES, SegmentHeader
from riskengine.persistence.survey import durable_paths, settled
from riskengine.persistence.verification import (
    checked_header,
    first_sequence_of,
    opened,
    verify_last,
    verify_sealed,
)
from riskengine.persistence.walk import SegmentWalk, first_time
from riskengine.tools.folder import DataFolder
from riskengine.tools.moments import shown_rules, shown_time
from riskengine.tools.reports import Fault, PartReport


def verify_journal(folder: DataFolder, progress: ReadProgress | None) -> PartReport:
    """Read all that is durable of a journal, and report each segment's first fault.

    The folder may be that of a running server: what is trimmed meanwhile is passed over.
    """
    report = PartReport("journal")
    try:
        mark, paths, is_open = settled(folder.journal, partial(_begin, folder))
    except JournalDamaged as error:
        report.faults.append(fault_of(error))
        return report
    reading = _Reading(folder, mark, is_open, report)
    reading.meter = Meter(progress, sum(map(_size, paths)))
    for path, later in zip_longest(paths, paths[1:]):
        reading.take(path, later)
    reading.meter.finish()
    reading.tell(len(paths))
    return report


def fault_of(error: JournalDamaged) -> Fault:
    """Return what is reported of damage in a journal."""
    return Fault(error.path, error.offset, error.sequence, error.reason)


def _begin(folder: DataFolder, is_open: bool) -> tuple[Mark, list[Path], bool]:
    """Return mark and segments, and whether the log is open elsewhere."""
    mark = read_mark(folder.files, folder.journal)
    return mark, durable_paths(folder.files, folder.journal, mark, is_open=is_open), is_open


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


class _Reading:
    """Read a journal's segments in order, and note what is wrong with them."""

    meter: Meter

    def __init__(self, folder: DataFolder, mark: Mark, is_open: bool, report: PartReport) -> None:
        self._folder = folder
        self._files = folder.files
        self._mark = mark
        self._is_open = is_open
        self._report = report
        self._previous_hash: bytes | None = None
        self._last: SegmentWalk | None = None
        self._headers: list[SegmentHeader] = []
        self._record_bytes = 0
        self._unfinished_bytes = 0
        self._first_time_nanos = 0

    def take(self, path: Path, later: Path | None) -> None:
        """Verify a segment, and that it continues the one before it."""
        try:
            with opened(self._files, path) as fd:
                walk = self._verified(fd, path, later)
                self.meter.base_bytes += self._files.size(fd)
        except JournalDamaged as error:
            self._report.faults.append(fault_of(error))
            self._previous_hash = None
        except OSError as error:
            if not self._is_trimmed(path):
                sequence = first_sequence_of(path)
                self._report.faults.append(Fault(path, None, sequence, str(error)))
            self._previous_hash = None
        else:
            self._last, self._previous_hash = walk, walk.last_hash
            self._record_bytes += walk.offset - HEADER_BYTES

    def tell(self, segments: int) -> None:
        """Put what was found into the report."""
        mark, walk = self._mark, self._last
        self._report.facts |= {
            "log_id": mark.log_id.hex(),
            "segments": segments,
            "record_bytes": self._record_bytes,
            "first_sequence": mark.first_sequence,
        }
        if not self._report.faults:
            last = mark.first_sequence - 1 if walk is None else walk.next_sequence - 1
            self._report.facts["last_sequence"] = last
            self._tell_rules(rules_spans(self._headers, last))
        if walk is not None and walk.time_nanos:
            self._report.facts |= {
                "epoch": walk.epoch,
                "first_time": shown_time(self._first_time_nanos),
                "last_time": shown_time(walk.time_nanos),
            }
        self._tell_end()

    def _tell_rules(self, spans: list[RulesSpan]) -> None:
        self._report.facts["rules"] = shown_rules(spans)
        if spans and spans[-1].rules != RULES:
            rules, _, last = spans[-1]
            self._report.notes.append(
                f"sequence {last}, the last one, was decided by rules {rules}, and this release "
                f"decides by rules {RULES}: it starts from a snapshot of that sequence alone"
            )

    def _tell_end(self) -> None:
        if self._is_open:
            self._report.notes.append(
                "the log is open in a server or another tool: verified up to sequence "
                f"{self._mark.sequence}, which was durable; more may have been written since"
            )
        if self._unfinished_bytes:
            self._report.notes.append(
                f"{self._unfinished_bytes} bytes behind the last record were never finished, nor "
                "acknowledged; a start cuts them off"
            )

    def _verified(self, fd: int, path: Path, later: Path | None) -> SegmentWalk:
        header = checked_header(self._files, fd, path, self._mark, self._previous_hash)
        self._headers.append(header)
        if not self._first_time_nanos:
            self._first_time_nanos = first_time(self._files, fd, header)
        if later is not None:
            due = first_sequence_of(later)
            return verify_sealed(self._files, fd, path, header, due, self.meter)
        end = verify_last(
            self._files, fd, path, header, self._mark, self.meter, is_written=self._is_open
        )
        self._unfinished_bytes = max(0, end.used_offset - end.walk.offset)
        return end.walk

    def _is_trimmed(self, path: Path) -> bool:
        """Return whether the log has let go of a segment since its mark was read."""
        try:
            mark = read_mark(self._files, self._folder.journal)
        except (JournalDamaged, OSError):
            return False
        return first_sequence_of(path) < mark.first_sequence
