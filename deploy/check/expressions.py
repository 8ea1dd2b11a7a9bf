"""The expressions of a dashboard, as a check sends them: with Grafana's variables filled in."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

DASHBOARD_PATH = Path(__file__).parents[1] / "grafana" / "dashboards" / "riskengine.json"
VARIABLES = {"$market": ".*", "$__rate_interval": "1m", "$__range": "1h", "$__interval": "5s"}
LEFT_OVER = re.compile(r"\$\w+|\$\{\w+\}|\[\[\w+\]\]")


class Expression(NamedTuple):
    """One query of a panel, ready for Prometheus."""

    panel: str
    expr: str


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every panel that is not a row, those inside collapsed rows too."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", [])
        else:
            yield panel


def expressions(path: Path) -> list[Expression]:
    """Return all expressions of a dashboard; ValueError for a variable that is not known here."""
    dashboard = json.loads(path.read_text(encoding="utf-8"))
    return [
        Expression(panel["title"], _filled_in(target["expr"]))
        for panel in panels(dashboard)
        for target in panel["targets"]
    ]


def _filled_in(expr: str) -> str:
    for variable in sorted(VARIABLES, key=len, reverse=True):
        expr = expr.replace(variable, VARIABLES[variable])
    left = LEFT_OVER.search(expr)
    if left is not None:
        raise ValueError(f"variable {left.group()} is left in {expr}")
    return expr
