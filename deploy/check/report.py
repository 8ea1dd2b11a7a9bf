"""Evaluate every expression of a dashboard, and say which have no data."""

import math
from typing import NamedTuple

from deploy.check.expressions import Expression
from deploy.check.prometheus_server import PrometheusServer


class Finding(NamedTuple):
    """What one expression returned; `largest` is NaN when no series has a number."""

    expression: Expression
    series: int
    largest: float

    @property
    def has_data(self) -> bool:
        """Tell whether there is a series with a number: an empty vector is a success too."""
        return self.series > 0 and not math.isnan(self.largest)


def evaluate(server: PrometheusServer, wanted: list[Expression]) -> list[Finding]:
    """Return one finding an expression; ValueError for one that Prometheus refuses."""
    findings = []
    for expression in wanted:
        values = [value for _, value in server.query(expression.expr)]
        numbers = [value for value in values if not math.isnan(value)]
        findings.append(Finding(expression, len(values), max(numbers, default=math.nan)))
    return findings


def table(findings: list[Finding]) -> str:
    """Return one line a finding: number of series, largest value, panel, expression."""
    lines = [f"{'series':>6}  {'largest':>12}  panel: expression"]
    lines += [
        f"{found.series:>6}  {found.largest:>12.6g}  "
        f"{found.expression.panel}: {found.expression.expr}"
        for found in findings
    ]
    return "\n".join(lines)
