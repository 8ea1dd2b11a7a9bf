"""What a journal's folder holds, read as it lies: nothing is locked, repaired or removed.

The log may be open elsewhere. It then is what the durable mark says: everything up to it is synced
and never changes, what lies behind it is none of the log yet. A log that nobody has open ends where
a start would find its end.

A running log moves on while it is looked at: segments are trimmed, new ones begin. So a look that
finds something missing is taken again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from riskengine.persistence.command_log import LogRecord, ReadProgress
from riskengine.persistence.errors import JournalDamaged, JournalError, SequenceTrimmed
from riskengine.persistence.files import Files
from riskengine.persistence.folder_lock import is_locked
from riskengine.persistence.mark import Mark, read_mark
from riskengine.persistence.meter import Meter
from riskengine.persistence.reader import SegmentSpan, read_spans, spans_from
from riskengine.persistence.rules import RulesSpan, replayable_from, rules_spans
from riskengine.persistence.segment import SegmentHeader
from riskengine.persistence.verification import (
    End,
    checked_header,
    first_sequence_of,
    opened,
    segment_paths,
    verify_last,
)
from riskengine.persistence.walk import SegmentWalk, first_time

ATTEMPTS = 20

FoundT = TypeVar("FoundT")


class JournalEmpty(JournalError):  # noqa: N818 - named for the condition, as the others
    """Report a log that has no segment yet."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A log as it was found: its spans in order, and where it ends.

    `last_hash` is the chain's hash behind the last record, `unfinished_bytes` what lies behind that
    and was never finished; 0 while the log is open, for it is not looked at then. `damage` is what
    is wrong with the last segment: the log was longer than this once.
    """

    folder: Path
    mark: Mark
    is_open: bool
    spans: tuple[SegmentSpan, ...]
    epoch: int
    last_hash: bytes
    unfinished_bytes: int
    damage: JournalDamaged | None = None

    @property
    def log_id(self) -> bytes:
        """Return the 8 bytes that tell this log from every other one."""
        return self.mark.log_id

    @property
    def first_sequence(self) -> int:
        """Return the oldest sequence kept, or the next one if there is none."""
        return self.spans[0].header.first_sequence

    @property
    def last_sequence(self) -> int:
        """Return the last durable sequence."""
        return self.spans[-1].last_sequence

    @property
    def replayable_from(self) -> int:
        """Return from which sequence on all records are of this program's rules."""
        return replayable_from([span.header for span in self.spans], self.last_sequence)

    @property
    def rules(self) -> list[RulesSpan]:
        """Return under which rules the records were decided, in order."""
        return rules_spans([span.header for span in self.spans], self.last_sequence)

    @property
    def segment_bytes(self) -> int:
        """Return the size of the largest segment."""
        return max(span.header.segment_bytes for span in self.spans)

    def read(
        self,
        files: Files,
        from_sequence: int,
        progress: ReadProgress | None = None,
        *,
        until_sequence: int | None = None,
    ) -> Iterator[LogRecord]:
        """Yield the records from a sequence up to another, else the last one, verified again.

        Raises `SequenceTrimmed` when they are no longer kept, `JournalDamaged` and OSError.
        """
        if from_sequence < self.first_sequence:
            raise SequenceTrimmed(from_sequence, self.first_sequence)
        last = self.last_sequence if until_sequence is None else until_sequence
        spans = [
            replace(span, last_sequence=min(last, span.last_sequence))
            for span in spans_from(self.spans, from_sequence)
            if span.header.first_sequence <= last
        ]

        def oldest_sequence() -> int:
            return read_mark(files, self.folder).first_sequence

        if not spans:
            return iter(())
        return read_spans(files, spans, from_sequence, progress, oldest_sequence)

    def time_of(self, files: Files, span: SegmentSpan) -> int | None:
        """Return the time of the first record of a span, None if it has no record."""
        with opened(files, span.path) as fd:
            return first_time(files, fd, span.header) or None

    def hash_behind(self, files: Files, sequence: int) -> bytes | None:
        """Return the chain's hash behind a sequence, None if the log does not reach it.

        Raises OSError, FileNotFoundError when the segment was trimmed since.
        """
        for span in self.spans:
            if span.header.first_sequence == sequence + 1:
                return span.header.previous_hash
            if span.header.first_sequence <= sequence <= span.last_sequence:
                with opened(files, span.path) as fd:
                    walk = SegmentWalk(files, fd, span.header, sequence)
                    for _ in walk:
                        pass
                return walk.last_hash if walk.next_sequence > sequence else None
        return None


def survey(
    files: Files, folder: Path, *, is_held: bool = False, is_damage_told: bool = False
) -> Survey:
    """Look at the log in a folder; `is_held`: the caller has its lock, so that nobody writes to it.

    Of its records only those of the last segment are read. Raises `JournalDamaged`, `JournalEmpty`
    and OSError; with `is_damage_told` damage of the last segment's records is in what is returned.
    """
    found = (
        _look(files, folder, False) if is_held else settled(folder, partial(_look, files, folder))
    )
    if found.damage is not None and not is_damage_told:
        raise found.damage
    return found


def settled(folder: Path, look: Callable[[bool], FoundT]) -> FoundT:
    """Look at a data folder until its log was neither opened nor closed nor trimmed meanwhile.

    `look` is told whether the log in `folder` is open. What it raises for a file that is gone or
    damaged counts only when nobody has the log open, or the last time.
    """
    for _ in range(ATTEMPTS - 1):
        is_open = is_locked(folder)
        try:
            found = look(is_open)
        except (JournalDamaged, FileNotFoundError):
            if is_open or is_locked(folder):
                continue
            raise
        if is_locked(folder) == is_open:
            return found
    return look(is_locked(folder))


def durable_paths(files: Files, folder: Path, mark: Mark, *, is_open: bool) -> list[Path]:
    """Return the segments of a log; of one that is open, without any that the mark is not in yet.

    Raises `JournalDamaged`.
    """
    paths, _ = segment_paths(files, folder, mark)
    if not is_open:
        return paths
    last = max(mark.sequence, mark.first_sequence)
    return [path for path in paths if first_sequence_of(path) <= last]


def _look(files: Files, folder: Path, is_open: bool) -> Survey:
    mark = read_mark(files, folder)
    paths = durable_paths(files, folder, mark, is_open=is_open)
    if not paths:
        raise JournalEmpty(f"{folder} has no segment yet")
    headers = [_header(files, path, mark) for path in paths]
    spans = [
        SegmentSpan(path, header, later.first_sequence - 1, header.segment_bytes)
        for path, (header, later) in zip(paths, pairwise(headers), strict=False)
    ]
    damage = None
    with opened(files, paths[-1]) as fd:
        try:
            end = verify_last(
                files, fd, paths[-1], headers[-1], mark, Meter(None, 0), is_written=is_open
            )
        except JournalDamaged as error:
            damage = error
            end = _end_before(files, fd, headers[-1], error)
    walk = end.walk
    spans.append(SegmentSpan(paths[-1], headers[-1], walk.next_sequence - 1, walk.offset))
    return Survey(
        folder,
        mark,
        is_open,
        tuple(spans),
        walk.epoch,
        walk.last_hash,
        max(0, end.used_offset - walk.offset),
        damage,
    )


def _end_before(files: Files, fd: int, header: SegmentHeader, damage: JournalDamaged) -> End:
    """Return the end of what is whole before the damage of a last segment."""
    walk = SegmentWalk(files, fd, header, damage.sequence - 1)
    for _ in walk:
        pass
    return End(walk, walk.offset, files.size(fd))


def _header(files: Files, path: Path, mark: Mark) -> SegmentHeader:
    with opened(files, path) as fd:
        return checked_header(files, fd, path, mark, None)
