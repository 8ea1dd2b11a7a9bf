import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.check.expressions import DASHBOARD_PATH, expressions, panels
from riskengine.metrics.collector import RiskEngineCollector
from riskengine.metrics.statistics import Statistics
from tests.metrics.builders import snapshot
from tests.metrics.pages import scrape

ROOT = Path(__file__).parents[2]
METRIC = re.compile(r"\briskengine_\w+")


@pytest.fixture
def dashboard() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(DASHBOARD_PATH.read_text())
    return content


def test_the_committed_dashboard_is_what_the_generator_makes(tmp_path: Path) -> None:
    made = tmp_path / "dashboard.json"
    # A process of its own: the toolkit warns of itself when it is imported.
    subprocess.run([sys.executable, "-m", "deploy.grafana.build", made], cwd=ROOT, check=True)
    assert DASHBOARD_PATH.read_text() == made.read_text(), "run `make dashboards`"


def test_every_panel_has_an_id_of_its_own(dashboard: dict[str, Any]) -> None:
    rows = [panel for panel in dashboard["panels"] if panel["type"] == "row"]
    ids = [panel["id"] for panel in [*rows, *panels(dashboard)]]
    assert len(set(ids)) == len(ids) > len(rows) > 0


def test_the_page_names_every_panel_that_asks_for_a_job(dashboard: dict[str, Any]) -> None:
    page = (ROOT / "deploy/README.md").read_text()
    (named,) = re.findall(r"^The panels (.+?) ask for `job=", page, re.MULTILINE)
    asking = [
        panel["title"]
        for panel in panels(dashboard)
        if any("job=" in target["expr"] for target in panel["targets"])
    ]
    assert re.split(", | and ", named) == asking


def test_titles_differ_within_a_row(dashboard: dict[str, Any]) -> None:
    row, titles = "", []
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
        titles.append((row, panel["title"]))
    assert len(set(titles)) == len(titles)


def test_every_panel_is_complete(dashboard: dict[str, Any]) -> None:
    for panel in panels(dashboard):
        title = panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, title
        assert panel["fieldConfig"]["defaults"]["unit"], title
        assert len(panel["description"]) > 20, title
        assert panel["targets"], title
        for target in panel["targets"]:
            assert target["expr"], title
            assert target["datasource"] == panel["datasource"], title
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references), title


def test_panels_do_not_overlap(dashboard: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + column, place["y"] + line)
            for column in range(place["w"])
            for line in range(place["h"])
        }
        assert place["x"] + place["w"] <= 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_variables_are_a_data_source_and_the_markets(dashboard: dict[str, Any]) -> None:
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    assert set(variables) == {"datasource", "market"}
    assert variables["datasource"]["query"] == "prometheus"
    assert variables["market"]["allValue"] == ".*"


def test_every_metric_of_the_dashboard_is_exported() -> None:
    page = scrape(RiskEngineCollector(Statistics(), snapshot, "1.2.3"))
    used = {name for found in expressions(DASHBOARD_PATH) for name in METRIC.findall(found.expr)}
    assert used - page.names() == set()


def summed(expression: str) -> Iterator[tuple[set[str], str]]:
    """Yield of each sum the labels that are kept, and what is summed."""
    for sum_of in re.finditer(r"\bsum(?: by \(([\w, ]*)\))? ?\(", expression):
        depth, end = 1, sum_of.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(expression[end], 0)
            end += 1
        yield set(re.findall(r"\w+", sum_of[1] or "")), expression[sum_of.end() : end]


def test_money_of_several_assets_is_never_summed() -> None:
    """A market and a fund have one asset."""
    sums = [one for found in expressions(DASHBOARD_PATH) for one in summed(found.expr)]
    of_money = [kept for kept, inner in sums if "_asset_units" in inner]
    assert len(of_money) > 5
    assert [kept for kept in of_money if not kept & {"asset", "market", "fund"}] == []


def test_an_unknown_variable_is_an_error(tmp_path: Path) -> None:
    panel = {"type": "stat", "title": "x", "targets": [{"expr": "up{job=~'$jobs'}"}]}
    path = tmp_path / "dashboard.json"
    path.write_text(json.dumps({"panels": [panel]}))
    with pytest.raises(ValueError, match=r"\$jobs is left"):
        expressions(path)
