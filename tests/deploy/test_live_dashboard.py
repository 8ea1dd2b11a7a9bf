"""The dashboard against a real engine in a crash and a real Prometheus."""

import os
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.check.crash_run import watched_crash
from deploy.check.engine_process import EngineProcess
from deploy.check.expressions import DASHBOARD_PATH, expressions
from deploy.check.prometheus_server import (
    PrometheusServer,
    ToolsUnavailableError,
    tools_folder,
)
from deploy.check.report import evaluate, table
from tests.metrics.pages import Page

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("live_dashboard")]

CONFIGURATION = Path(__file__).parents[2] / "deploy/prometheus/prometheus.yml"
ENGINE_FAMILIES = (
    "riskengine_adl_",
    "riskengine_bad_debt",
    "riskengine_insurance_payout",
    "riskengine_liquidat",
    "riskengine_margin_calls",
    "riskengine_open_interest",
    "riskengine_position",
    "riskengine_trade",
)


class Crashed(NamedTuple):
    """What a crash left behind: both servers, the page, and the engine's folder."""

    prometheus: PrometheusServer
    page: str
    folder: Path


@pytest.fixture(scope="module")
def tools() -> Path:
    try:
        return tools_folder()
    except ToolsUnavailableError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def crashed(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crashed]:
    folder = tmp_path_factory.mktemp("crash")
    with watched_crash(tools, folder) as (prometheus, engine):
        yield Crashed(prometheus, _page(engine), folder)


def test_every_expression_of_the_dashboard_has_data(crashed: Crashed) -> None:
    findings = evaluate(crashed.prometheus, expressions(DASHBOARD_PATH))
    empty = [found for found in findings if not found.has_data]
    assert not empty, table(empty)


@pytest.mark.parametrize(
    "expr",
    [
        'sum(riskengine_liquidation_closes_total{stage="order_fill"})',
        'sum(riskengine_liquidation_closes_total{stage="take_over"})',
        'sum(riskengine_liquidation_closes_total{stage="auto_deleverage"})',
        'sum(riskengine_liquidated_notional_asset_units_total{side="long"})',
        'sum(riskengine_liquidated_notional_asset_units_total{side="short"})',
        "sum(riskengine_liquidation_orders_total)",
        "sum(riskengine_liquidation_fees_asset_units_total)",
        "sum(riskengine_liquidation_discounts_asset_units_total)",
        "sum(riskengine_adl_allocations_total)",
        "sum(riskengine_adl_deleveraged_accounts_total)",
        "riskengine_margin_calls_total",
        "riskengine_liquidations_started_total",
        "riskengine_liquidations_ended_total",
        "riskengine_position_mismatches_total",
        "sum(riskengine_insurance_fund_inventory_asset_units)",
        "sum(riskengine_open_interest_asset_units)",
        'sum(riskengine_rejections_total{reason="unknown_account"})',
        'sum(riskengine_commands_total{kind="trades",result="repeated"})',
        'sum(riskengine_commands_total{kind="position_updates",result="applied_in_part"})',
        'riskengine_order_checks_total{result="accepted"}',
        'riskengine_order_checks_total{result="refused"}',
        "riskengine_subscribers",
        "riskengine_journal_size_bytes",
    ],
)
def test_the_crash_moves(crashed: Crashed, expr: str) -> None:
    values = [value for _, value in crashed.prometheus.query(expr)]
    assert len(values) == 1
    assert values[0] > 0


@pytest.mark.parametrize(
    "expr",
    [
        "riskengine_command_sequence == riskengine_durable_command_sequence",
        "riskengine_instruction_sequence == riskengine_published_instruction_sequence",
        "riskengine_subscriber_lag_instructions == 0",
        "riskengine_journal_queue_commands == 0",
        "sum(riskengine_journal_records_total) == sum(riskengine_command_sequence)",
        "sum(riskengine_durable_duration_seconds_count) == sum(riskengine_command_sequence)",
    ],
)
def test_an_engine_at_rest_has_caught_up(crashed: Crashed, expr: str) -> None:
    assert len(crashed.prometheus.query(expr)) == 1


def test_promtool_finds_no_fault_with_the_page(crashed: Crashed) -> None:
    done = subprocess.run(
        [crashed.prometheus.tools / "promtool", "check", "metrics"],
        input=crashed.page,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_promtool_finds_no_fault_with_the_configuration(tools: Path) -> None:
    done = subprocess.run(
        [tools / "promtool", "check", "config", CONFIGURATION],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_restart_brings_every_total_of_the_engine_back(crashed: Crashed, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    subprocess.run(["cp", "-r", crashed.folder / "journal", journal], check=True)
    with EngineProcess(tmp_path) as engine:
        restarted = Page(_page(engine))
    assert _of_engine(restarted) == _of_engine(Page(crashed.page))
    assert restarted.value("riskengine_recovery_records") > 0


def _page(engine: EngineProcess) -> str:
    with urllib.request.urlopen(f"http://{engine.metrics_address}/metrics") as answer:
        text: str = answer.read().decode()
        return text


def _of_engine(page: Page) -> dict[str, float]:
    return {
        f"{name}{labels}": value
        for (name, labels), value in page.samples.items()
        if name.startswith(ENGINE_FAMILIES)
    }
