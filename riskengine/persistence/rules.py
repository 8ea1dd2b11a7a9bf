"""Under which rules the records of a log were decided: each segment is of one number of them.

A program replays records of its own rules alone. Those of others are read, verified, copied and
trimmed as any, and what they made is known from a snapshot behind the last of them.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from riskengine.commands import RULES
from riskengine.persistence.errors import JournalOfOtherRules
from riskengine.persistence.segment import SegmentHeader

Admit = Callable[[Path, SegmentHeader, int], None]
"""Raises unless a log may go on whose last segment, with records, is of other rules.

It is told the path and header of that, and the last sequence; nothing was changed by then.
"""


class RulesSpan(NamedTuple):
    """Consecutive records that were decided under the same rules; `to_sequence` is inclusive."""

    rules: int
    from_sequence: int
    to_sequence: int


def rules_spans(headers: Sequence[SegmentHeader], last_sequence: int) -> list[RulesSpan]:
    """Return under which rules the records of consecutive segments were decided, in order."""
    found: list[RulesSpan] = []
    ends = [header.first_sequence - 1 for header in headers[1:]]
    for header, end in zip(headers, [*ends, last_sequence], strict=True):
        if end < header.first_sequence:
            continue  # it has no record
        if found and found[-1].rules == header.rules:
            found[-1] = found[-1]._replace(to_sequence=end)
        else:
            found.append(RulesSpan(header.rules, header.first_sequence, end))
    return found


def replayable_from(headers: Iterable[SegmentHeader], last_sequence: int) -> int:
    """Return from which sequence on all records are of this program's rules.

    That is the next sequence when the last record is of others.
    """
    found = last_sequence + 1
    for header in reversed(list(headers)):
        if header.first_sequence < found and not header.is_of_own_rules:
            break
        found = min(found, header.first_sequence)
    return found


def refuse(path: Path, header: SegmentHeader, last_sequence: int) -> None:
    """Admit none."""
    reason = "the state behind them is not known"
    raise JournalOfOtherRules(path, header.rules, RULES, last_sequence, reason)
