"""What a panel is, as plain data; `panels.py` turns it into Grafana's JSON."""

from dataclasses import dataclass
from enum import StrEnum

MARKET = 'market=~"$market"'
RATE = "[$__rate_interval]"


class Look(StrEnum):
    """How a panel shows its queries."""

    STAT = "stat"
    LINES = "lines"
    STACK = "stack"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Query:
    """One PromQL expression, and what its series are called."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """From `value` on, a number is shown in `color`; None is the lowest level."""

    value: float | None
    color: str


GREEN = (Level(None, "green"),)
RED_ABOVE_ZERO = (Level(None, "green"), Level(1e-9, "red"))


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """One panel; the description tells what the numbers mean and what to do about them."""

    title: str
    description: str
    unit: str
    queries: tuple[Query, ...]
    look: Look = Look.LINES
    levels: tuple[Level, ...] = GREEN
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class RowSpec:
    """A titled row of panels."""

    title: str
    panels: tuple[PanelSpec, ...]


def per_minute(metric: str, by: str) -> str:
    """Return the growth of a counter a minute, summed by labels."""
    return f"60 * sum by ({by}) (rate({metric}{RATE}))"


def quantiles(histogram: str) -> tuple[Query, ...]:
    """Return median, 99th and 99.9th percentile of a histogram."""
    return tuple(
        Query(f"histogram_quantile({share}, sum by (le) (rate({histogram}_bucket{RATE})))", name)
        for share, name in (("0.5", "p50"), ("0.99", "p99"), ("0.999", "p99.9"))
    )
