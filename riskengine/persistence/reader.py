"""Reading the durable records back, verified again, while the log goes on."""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from riskengine.persistence.command_log import LogRecord, ReadProgress
from riskengine.persistence.errors import JournalDamaged, SequenceTrimmed
from riskengine.persistence.files import Files
from riskengine.persistence.meter import Meter
from riskengine.persistence.segment import SegmentHeader
from riskengine.persistence.walk import SegmentWalk

READ_FLAGS = os.O_RDONLY


@dataclass(frozen=True, slots=True)
class SegmentSpan:
    """The part of a segment that is read: everything up to `last_sequence` and `end_offset`."""

    path: Path
    header: SegmentHeader
    last_sequence: int
    end_offset: int


def spans_from(spans: Sequence[SegmentSpan], from_sequence: int) -> list[SegmentSpan]:
    """Return the spans that hold the records from a sequence on."""
    kept = [span for span, _ in pairwise(spans) if span.last_sequence >= from_sequence]
    return [*kept, spans[-1]]


def read_spans(
    files: Files,
    spans: Sequence[SegmentSpan],
    from_sequence: int,
    progress: ReadProgress | None,
    oldest_sequence: Callable[[], int],
) -> Iterator[LogRecord]:
    """Yield the records of consecutive spans from a sequence on.

    Raises `JournalDamaged`, or `SequenceTrimmed` if a trim removed a span before it was reached.
    """
    meter = Meter(progress, sum(span.end_offset for span in spans))
    last_hash = spans[0].header.previous_hash
    for span in spans:
        first_sequence = span.header.first_sequence
        if span.header.previous_hash != last_hash:
            reason = "the segment does not continue the one before it"
            raise JournalDamaged(span.path, 0, first_sequence, reason)
        try:
            fd = files.open(span.path, READ_FLAGS)
        except OSError as error:
            if oldest_sequence() > first_sequence:
                raise SequenceTrimmed(first_sequence, oldest_sequence()) from error
            raise JournalDamaged(span.path, 0, first_sequence, str(error)) from error
        try:
            last_hash = yield from _read_span(files, fd, span, from_sequence, meter)
        finally:
            files.close(fd)
        meter.base_bytes += span.end_offset
    meter.finish()


def _read_span(
    files: Files, fd: int, span: SegmentSpan, from_sequence: int, meter: Meter
) -> Generator[LogRecord, None, bytes]:
    """Yield the records of one span; return the chain's hash behind them."""
    walk = SegmentWalk(files, fd, span.header, span.last_sequence)
    try:
        for record in walk:
            if record.sequence >= from_sequence:
                meter.reach(walk.offset)
                yield record
    except OSError as error:
        raise JournalDamaged(span.path, walk.offset, walk.next_sequence, str(error)) from error
    if walk.next_sequence <= span.last_sequence:
        raise JournalDamaged(span.path, walk.offset, walk.next_sequence, walk.flaw)
    return walk.last_hash
