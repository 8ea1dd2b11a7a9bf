"""What two sets of runs say of each other, row by row."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from loadtests.bench.report import number, table

Runs = dict[str, list[float]]
"""The results of several runs by row."""

POSITION_BYTES = "bytes_per_position_1m"

MORE_IS_BETTER = re.compile(r"_per_s(_|$)|_speedup_vs_")
PEERS = re.compile(r"^(numpy|echo)_|_echo$|^journal_sync_|^memory_read_|_speedup_vs_")
"""NumPy, the echo server, the disk and the memory: measured, and not ours. Over a peer or over the
full scan, a ratio is worse when these are better; what it is formed of is held itself."""

LONGEST = re.compile(r"_[mu]s_max(_|$)")
"""The longest of some thousand calls tells of the machine's other users."""

WORK = re.compile(
    r"^crash_(mark_count|most_events|filled_orders|liquidations|margin_calls|take_overs|deleveraged"
    r"|assessed_counterparties|bad_debts)|_orders_per_mark_|^replay_trades$|_count_|^(hedged_)?pos"
)
"""How much there was to do: the same, if nothing but speed has changed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a row may be: its ratio, the bytes of a position, and which rows are held to it."""

    worst_ratio: float
    most_position_bytes: float
    rows: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One result of both."""

    key: str
    here: Sequence[float]
    base: Sequence[float]

    @property
    def ratio(self) -> float:
        """Return how much worse it is here, by medians; 1 is as good, less is better."""
        ours, theirs = median(self.here), median(self.base)
        if MORE_IS_BETTER.search(self.key):
            ours, theirs = theirs, ours
        if theirs == 0:
            return 1.0 if ours == 0 else math.inf
        return ours / theirs

    @property
    def overlaps(self) -> bool:
        """Return whether a run of one is as good as one of the other."""
        return min(self.here) <= max(self.base) and min(self.base) <= max(self.here)

    @property
    def kind(self) -> str:
        """Return why it is not held, empty if it is."""
        for kind, pattern in (("peer", PEERS), ("longest", LONGEST), ("work", WORK)):
            if pattern.search(self.key):
                return kind
        return ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All rows that both have, the worst first, and what is wrong with them."""

    rows: Sequence[Row]
    worse: Sequence[str]
    limits: Limits

    @classmethod
    def of(
        cls, here: Mapping[str, list[float]], base: Mapping[str, list[float]], limits: Limits
    ) -> "Comparison":
        """Compare runs."""
        rows = [Row(key, here[key], base[key]) for key in here.keys() & base.keys()]
        rows.sort(key=lambda row: (bool(row.kind), -row.ratio, row.key))
        worse = [
            row.key for row in rows if _is_held(row, limits) and row.ratio > limits.worst_ratio
        ]
        size = here.get(POSITION_BYTES)
        if size and median(size) > limits.most_position_bytes and POSITION_BYTES not in worse:
            worse.append(POSITION_BYTES)
        return cls(rows, worse, limits)

    @property
    def is_worse(self) -> bool:
        """Return whether a row is worse than the limits, or nothing was compared."""
        return bool(self.worse) or not any(_is_held(row, self.limits) for row in self.rows)


def _is_held(row: Row, limits: Limits) -> bool:
    return not row.kind and limits.rows.search(row.key) is not None


def comparison_lines(comparison: Comparison, base_name: str) -> list[str]:
    """Return the table and the verdict."""
    limits = comparison.limits
    cells = [
        (
            f"`{row.key}`",
            *(number(median(values)) for values in (row.here, row.base)),
            f"{row.ratio:.2f}",
            _verdict(row, comparison),
            *(f"{number(min(values))} to {number(max(values))}" for values in (row.here, row.base)),
        )
        for row in comparison.rows
    ]
    header = ("row", "here", base_name, "ratio", "", "runs here", f"runs of {base_name}")
    held = sum(_is_held(row, limits) for row in comparison.rows)
    verdict = f"worse: {', '.join(comparison.worse)}" if comparison.worse else "none is worse"
    bounds = f"{limits.worst_ratio:g} times, {limits.most_position_bytes:g} bytes a position"
    return [*table(header, cells), "", f"{held} rows held to {bounds}: {verdict}"]


def _verdict(row: Row, comparison: Comparison) -> str:
    if row.key in comparison.worse:
        return "WORSE, runs overlap" if row.overlaps else "WORSE"
    if row.kind == "work" and median(row.here) != median(row.base):
        return "work, differs"
    return row.kind or ("" if _is_held(row, comparison.limits) else "not asked")
