"""Generate the dashboard: `python -m deploy.grafana.build [FILE]`, or `make dashboards`.

The JSON is committed, so that Grafana needs nothing but the file; a test fails when it differs
from what this makes. The classic schema is used, which every Grafana since 8 provisions from a
file; the toolkit prefers its successor, which needs Grafana 12, and warns of it.
"""

import sys
from itertools import count
from pathlib import Path

from grafana_foundation_sdk.builders.dashboard import (
    Dashboard,
    DatasourceVariable,
    QueryVariable,
    Row,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from deploy.check.expressions import DASHBOARD_PATH
from deploy.grafana.panels import DATASOURCE, build_panel
from deploy.grafana.rows.adl import ADL
from deploy.grafana.rows.insurance import INSURANCE
from deploy.grafana.rows.liquidations import LIQUIDATIONS
from deploy.grafana.rows.market import MARKETS
from deploy.grafana.rows.overview import OVERVIEW
from deploy.grafana.rows.service import SERVICE

ROWS = (OVERVIEW, LIQUIDATIONS, INSURANCE, ADL, MARKETS, SERVICE)


def dashboard_json() -> str:
    """Return the dashboard, one key a line."""
    dashboard = (
        Dashboard("Risk engine")
        .uid("riskengine")
        .description("Liquidations, insurance fund, ADL, markets and the service itself.")
        .tags(["riskengine"])
        .timezone("utc")
        .time("now-1h", "now")
        .refresh("10s")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(_datasource_variable())
        .with_variable(_market_variable())
    )
    panel_ids = count(1)
    for row in ROWS:
        dashboard.with_row(Row(row.title).id(next(panel_ids)))
        for spec in row.panels:
            dashboard.with_panel(build_panel(spec, next(panel_ids)))
    return JSONEncoder(sort_keys=True, indent=2).encode(dashboard.build()) + "\n"


def _datasource_variable() -> DatasourceVariable:
    return DatasourceVariable("datasource").label("Data source").type("prometheus")


def _market_variable() -> QueryVariable:
    return (
        QueryVariable("market")
        .label("Market")
        .datasource(DATASOURCE)
        .query("label_values(riskengine_market_info, market)")
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(VariableOption(selected=True, text="All", value="$__all"))
    )


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DASHBOARD_PATH
    path.write_text(dashboard_json(), encoding="utf-8")
