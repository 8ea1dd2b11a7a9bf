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
        findings.append(Finding(expression, len(values), _largest(values)))
    return findings


class Watch:
    """Keep the most that each expression had, over evaluations while things move."""

    def __init__(self, server: PrometheusServer, wanted: list[Expression]) -> None:
        self._server = server
        self._wanted = wanted
        self._findings: dict[Expression, Finding] = {}

    def look(self) -> None:
        """Evaluate every expression once more."""
        for found in evaluate(self._server, self._wanted):
            before = self._findings.get(found.expression, found)
            largest = _largest([before.largest, found.largest])
            series = max(before.series, found.series)
            self._findings[found.expression] = Finding(found.expression, series, largest)

    @property
    def findings(self) -> list[Finding]:
        """Return one finding an expression, in the order of the dashboard."""
        return [self._findings[expression] for expression in self._wanted]


def table(findings: list[Finding]) -> str:
    """Return one line a finding: number of series, largest value, panel, expression."""
    lines = [f"{'series':>6}  {'largest':>12}  panel: expression"]
    lines += [
        f"{found.series:>6}  {found.largest:>12.6g}  "
        f"{found.expression.panel}: {found.expression.expr}"
        for found in findings
    ]
    return "\n".join(lines)


def _largest(values: list[float]) -> float:
    return max((value for value in values if not math.isnan(value)), default=math.nan)
