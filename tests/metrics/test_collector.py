import math
import re

import pytest

from riskengine.commands import CommandKind
from riskengine.core.enums import RejectReason
from riskengine.core.types import AssetView, GateView
from riskengine.metrics.collector import RiskEngineCollector
from riskengine.metrics.snapshot import EngineSnapshot
from riskengine.metrics.statistics import CommandResult, StateStreamResult, Statistics
from tests.metrics.builders import fund, market, of_assets, snapshot
from tests.metrics.names import COUNTS, LABELS, UNITS
from tests.metrics.pages import Page, scrape

BTC_USD = {"market": "BTC-PERP", "asset": "USD"}


@pytest.fixture
def page() -> Page:
    return scrape(_collector(snapshot()))


def test_every_family_is_named_after_its_unit(page: Page) -> None:
    endings = tuple(f"_{word}" for word in UNITS | COUNTS)
    for family in page.families:
        assert re.fullmatch(r"riskengine_[a-z_]+", family.name)
        assert family.name.endswith(endings), family.name


def test_every_family_has_help_and_a_type(page: Page) -> None:
    for family in page.families:
        assert len(family.documentation) > 10, family.name
        assert family.type in {"counter", "gauge", "histogram"}, family.name
        assert f"# HELP {family.name}" in page.text


def test_only_counters_end_in_total(page: Page) -> None:
    for family in page.families:
        totals = {sample.name.endswith("_total") for sample in family.samples}
        assert totals == {family.type == "counter"}, family.name


def test_durations_are_histograms_in_seconds(page: Page) -> None:
    histograms = {family.name for family in page.families if family.type == "histogram"}
    assert histograms == {
        "riskengine_apply_duration_seconds",
        "riskengine_check_order_duration_seconds",
        "riskengine_decision_duration_seconds",
        "riskengine_durable_duration_seconds",
        "riskengine_journal_sync_duration_seconds",
    }


def test_labels_are_few_and_known(page: Page) -> None:
    used = {label for _, labels in page.samples for label, _ in labels}
    assert used == LABELS


def test_no_sample_is_not_a_number(page: Page) -> None:
    assert not [key for key, value in page.samples.items() if not math.isfinite(value)]


def test_a_scrape_changes_nothing() -> None:
    collector = _collector(snapshot())
    assert scrape(collector).text == scrape(collector).text


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("riskengine_build_info", {"version": "1.2.3"}, 1),
        ("riskengine_engine_up", {}, 1),
        ("riskengine_venue_loading", {}, 0),
        ("riskengine_command_sequence", {}, 42),
        ("riskengine_instruction_sequence", {}, 21),
        ("riskengine_log_time_seconds", {}, 1.5),
        ("riskengine_accounts", {"state": "normal"}, 90),
        ("riskengine_accounts", {"state": "bankrupt"}, 1),
        ("riskengine_positions", {}, 60),
        ("riskengine_risk_parameter_ratio", {"parameter": "margin_call"}, 1.25),
        ("riskengine_risk_parameter_ratio", {"parameter": "margin_call_clear"}, 1.35),
        ("riskengine_risk_parameter_ratio", {"parameter": "withdrawal_margin"}, 0.1),
        ("riskengine_risk_parameter_ratio", {"parameter": "gate"}, 0.001),
        ("riskengine_mark_price_asset_units", {"market": "BTC-PERP", "asset": "USD"}, 50_000),
        ("riskengine_open_interest_asset_units", {"market": "BTC-PERP", "asset": "USD"}, 150_000),
        ("riskengine_position_contracts", {"market": "BTC-PERP", "side": "long"}, 3),
        ("riskengine_position_contracts", {"market": "BTC-PERP", "side": "short"}, 2.5),
        ("riskengine_position_imbalance_contracts", {"market": "BTC-PERP"}, 0.5),
        ("riskengine_trades_total", {"market": "BTC-PERP"}, 17),
        ("riskengine_traded_contracts_total", {"market": "BTC-PERP"}, 8.5),
        ("riskengine_repriced_trades_total", {"market": "BTC-PERP"}, 3),
        ("riskengine_late_fills_total", {"market": "BTC-PERP"}, 4),
        ("riskengine_repriced_asset_units_total", {"market": "BTC-PERP", "asset": "USD"}, 0.89),
        ("riskengine_insurance_fund_balance_asset_units", {"fund": "1", "asset": "USD"}, 1.5),
        ("riskengine_insurance_fund_equity_asset_units", {"fund": "1", "asset": "USD"}, 1.25),
        ("riskengine_insurance_fund_maintenance_asset_units", {"fund": "1", "asset": "USD"}, 0.25),
        ("riskengine_insurance_fund_inventory_asset_units", {"fund": "1", "asset": "USD"}, 75),
        ("riskengine_margin_calls_total", {}, 7),
        ("riskengine_liquidations_started_total", {}, 5),
        ("riskengine_liquidations_ended_total", {}, 4),
        ("riskengine_open_liquidation_orders", {}, 2),
        ("riskengine_liquidation_orders_total", {"market": "BTC-PERP"}, 11),
        ("riskengine_liquidation_fees_asset_units_total", BTC_USD, 0.654321),
        ("riskengine_adl_allocations_total", {"market": "BTC-PERP"}, 2),
        ("riskengine_adl_deleveraged_accounts_total", {"market": "BTC-PERP"}, 9),
        ("riskengine_adl_haircut_asset_units", BTC_USD, 0.123456),
        ("riskengine_insurance_payouts_total", {}, 2),
        ("riskengine_insurance_payout_asset_units_total", {"asset": "USD"}, 2.5),
        ("riskengine_bad_debts_total", {}, 1),
        ("riskengine_spread_debt_asset_units_total", {"asset": "USD"}, 0.1),
        ("riskengine_written_off_debt_asset_units_total", {"asset": "USD"}, 0.06),
        ("riskengine_bad_debt_asset_units", {"asset": "USD"}, 0.5),
        ("riskengine_unallocated_loss_asset_units", {"asset": "USD"}, 1.25),
        ("riskengine_withdrawal_gate_level_asset_units", {"asset": "USD"}, 1),
        ("riskengine_withdrawal_gate_closed", {"asset": "USD"}, 1),
        ("riskengine_position_mismatches_total", {}, 6),
        ("riskengine_fired_triggers_total", {}, 40),
        ("riskengine_recomputed_accounts_total", {}, 33),
        ("riskengine_assessed_counterparties_total", {}, 34),
    ],
)
def test_the_state_in_base_units(
    page: Page, name: str, labels: dict[str, str], value: float
) -> None:
    assert page.value(name, **labels) == value


@pytest.mark.parametrize(
    ("market_symbol", "side", "stage", "closes", "contracts", "notional"),
    [
        ("BTC-PERP", "long", "take_over", 3, 4, 200_000),
        ("BTC-PERP", "long", "order_fill", 0, 0, 0),
        ("BTC-PERP", "long", "auto_deleverage", 0, 0, 0),
        ("BTC-PERP", "short", "order_fill", 0, 0, 0),
        ("BTC-PERP", "short", "take_over", 0, 0, 0),
        ("BTC-PERP", "short", "auto_deleverage", 0, 0, 0),
        ("ETH-PERP", "long", "auto_deleverage", 0, 0, 0),
        ("ETH-PERP", "short", "order_fill", 0, 0, 0),
    ],
)
def test_forced_closes_are_there_from_the_start(
    page: Page,
    market_symbol: str,
    side: str,
    stage: str,
    closes: float,
    contracts: float,
    notional: float,
) -> None:
    labels = {"market": market_symbol, "side": side, "stage": stage}
    assert page.value("riskengine_liquidation_closes_total", **labels) == closes
    assert page.value("riskengine_liquidated_contracts_total", **labels) == contracts
    name = "riskengine_liquidated_notional_asset_units_total"
    assert page.value(name, asset="USD", **labels) == notional


def test_a_market_without_a_mark_has_no_price(page: Page) -> None:
    markets = {
        dict(labels)["market"]
        for name, labels in page.samples
        if name == "riskengine_mark_price_asset_units"
    }
    assert markets == {"BTC-PERP"}


def test_markets_that_share_a_symbol_do_not_share_a_series() -> None:
    markets = [market(1, "BTC-PERP"), market(7, "BTC-PERP"), market(8, "ETH-PERP")]
    page = scrape(_collector(snapshot(markets)))
    assert {
        (dict(labels)["market"], dict(labels)["market_id"])
        for name, labels in page.samples
        if name == "riskengine_market_info"
    } == {("BTC-PERP", "1"), ("BTC-PERP#7", "7"), ("ETH-PERP", "8")}


@pytest.mark.parametrize(("symbol", "labels"), [("EUR", "USD EUR"), ("USD", "USD USD#4")])
def test_each_asset_has_its_money_in_its_units(symbol: str, labels: str) -> None:
    """Of two assets, the second with cents, and perhaps with the symbol of the first."""
    other = market(9, "EUR-PERP")
    parameters = other.parameters._replace(asset_id=4, fund_id=2)
    of_euros = other._replace(parameters=parameters, open_interest_atoms=1_234)
    some = snapshot([*snapshot().markets, of_euros])
    two = some._replace(
        assets=[*some.assets, AssetView(4, symbol, -2)],
        bad_debts_atoms=[500_000, 700],
        gates=[*some.gates, GateView(4, 345, 200_000, is_closed=False)],
        counters=of_assets(some.counters, (2_500_000, 900), (100_000, 50), (60_000, 70)),
        funds=[*some.funds, some.funds[0]._replace(fund_id=2, asset_id=4, balance_atoms=5_678)],
    )
    page = scrape(_collector(two))
    dollars, euros = labels.split()
    for name, where, value in (
        ("bad_debt_asset_units", {"asset": dollars}, 0.5),
        ("bad_debt_asset_units", {"asset": euros}, 7),
        ("unallocated_loss_asset_units", {"asset": dollars}, 1.25),
        ("unallocated_loss_asset_units", {"asset": euros}, 3.45),
        ("withdrawal_gate_closed", {"asset": dollars}, 1),
        ("withdrawal_gate_closed", {"asset": euros}, 0),
        ("insurance_payout_asset_units_total", {"asset": dollars}, 2.5),
        ("insurance_payout_asset_units_total", {"asset": euros}, 9),
        ("spread_debt_asset_units_total", {"asset": euros}, 0.5),
        ("written_off_debt_asset_units_total", {"asset": euros}, 0.7),
        ("open_interest_asset_units", {"asset": euros, "market": "EUR-PERP"}, 12.34),
        ("insurance_fund_balance_asset_units", {"asset": dollars, "fund": "1"}, 1.5),
        ("insurance_fund_balance_asset_units", {"asset": euros, "fund": "2"}, 56.78),
    ):
        assert page.value(f"riskengine_{name}", **where) == value, name


def test_a_market_says_which_fund_and_policy_it_uses(page: Page) -> None:
    labels = {"market": "BTC-PERP", "market_id": "1", "asset": "USD", "fund": "1"}
    assert page.value("riskengine_market_info", policy="pro_rata", **labels) == 1


@pytest.mark.parametrize(
    ("equity", "peak", "drawdown"),
    [
        (2_000_000, 2_000_000, 0),
        (1_500_000, 2_000_000, 0.25),
        (-1_000_000, 2_000_000, 1.5),
        (0, 0, 0),
        (-1_000_000, -1_000_000, 0),
    ],
)
def test_drawdown_is_from_the_highest_equity_that_the_engine_noted(
    equity: int, peak: int, drawdown: float
) -> None:
    of = fund(equity, peak_equity_atoms=peak, is_stopped=drawdown > 0)
    page = scrape(_collector(snapshot()._replace(funds=[of])))
    name = "riskengine_insurance_fund_peak_equity_asset_units"
    assert page.value(name, fund="1", asset="USD") == peak / 10**6
    assert page.value("riskengine_insurance_fund_drawdown_ratio", fund="1") == drawdown
    assert page.value("riskengine_insurance_fund_stopped", fund="1") == of.is_stopped


def test_an_empty_engine_has_a_page() -> None:
    some = snapshot([])
    counters = of_assets(some.counters, (), (), ())
    empty = some._replace(assets=[], funds=[], bad_debts_atoms=[], gates=[], counters=counters)
    page = scrape(_collector(empty))
    assert page.value("riskengine_command_sequence") == 42
    assert "riskengine_bad_debt_asset_units" not in page.names()


def test_an_engine_that_does_not_answer_leaves_the_service_on_the_page() -> None:
    statistics = Statistics()
    statistics.journal_queue_commands = 9
    page = scrape(RiskEngineCollector(statistics, lambda: None, "1.2.3"))
    assert page.value("riskengine_engine_up") == 0
    assert page.value("riskengine_journal_queue_commands") == 9
    assert "riskengine_command_sequence" not in page.names()


def test_the_service_is_counted() -> None:
    statistics = _busy_statistics()
    page = scrape(RiskEngineCollector(statistics, snapshot, "1.2.3"))
    expected: list[tuple[str, dict[str, str], float]] = [
        ("riskengine_commands_total", {"kind": "mark_prices", "result": "rejected"}, 1),
        ("riskengine_rejections_total", {"reason": "unknown_market"}, 1),
        ("riskengine_rows_applied_total", {"kind": "mark_prices"}, 0),
        ("riskengine_durable_duration_seconds_sum", {}, 0.002),
        ("riskengine_durable_duration_seconds_bucket", {"le": "0.001"}, 0),
        ("riskengine_durable_duration_seconds_bucket", {"le": "0.002"}, 1),
        ("riskengine_decision_duration_seconds_count", {}, 1),
        ("riskengine_check_order_duration_seconds_count", {}, 1),
        ("riskengine_order_checks_total", {"result": "accepted"}, 1),
        ("riskengine_journal_sync_duration_seconds_count", {}, 1),
        ("riskengine_journal_syncs_total", {}, 1),
        ("riskengine_journal_records_total", {}, 4),
        ("riskengine_journal_written_bytes_total", {}, 512),
        ("riskengine_journal_size_bytes", {}, 4_096),
        ("riskengine_journal_queue_bytes", {}, 77),
        ("riskengine_waiting_submitters", {}, 3),
        ("riskengine_durable_command_sequence", {}, 41),
        ("riskengine_published_instruction_sequence", {}, 20),
        ("riskengine_subscribers", {}, 2),
        ("riskengine_subscriber_lag_instructions", {}, 5),
        ("riskengine_oldest_instruction_sequence", {}, 3),
        ("riskengine_instructions_size_bytes", {}, 7_000),
        ("riskengine_instructions_alarm", {}, 1),
        ("riskengine_consumers", {}, 2),
        ("riskengine_consumers_alarm", {}, 1),
        ("riskengine_schedule_failures_total", {"schedule": "instructions"}, 3),
        ("riskengine_schedule_failures_total", {"schedule": "snapshots"}, 1),
        ("riskengine_consumer_lag_instructions", {}, 8),
        ("riskengine_consumer_lag_bytes", {}, 6_000),
        ("riskengine_recovery_duration_seconds", {}, 2.5),
        ("riskengine_recovery_records", {}, 1_000),
        ("riskengine_snapshots_total", {"result": "taken"}, 1),
        ("riskengine_snapshots_total", {"result": "failed"}, 2),
        ("riskengine_snapshot_command_sequence", {}, 40),
        ("riskengine_snapshot_size_bytes", {}, 9_000),
        ("riskengine_snapshot_duration_seconds", {}, 1.5),
        ("riskengine_snapshot_held_up_seconds", {}, 0.003),
        ("riskengine_state_streams_total", {"result": "sent"}, 0),
        ("riskengine_state_streams_total", {"result": "given_up"}, 3),
        ("riskengine_open_state_streams", {}, 1),
        ("riskengine_state_stream_waiting_bytes", {}, 7_000),
    ]
    assert [page.value(name, **labels) for name, labels, _ in expected] == [
        value for _, _, value in expected
    ]


def test_every_kind_result_and_reason_is_there_from_the_start(page: Page) -> None:
    commands = [key for key in page.samples if key[0] == "riskengine_commands_total"]
    assert len(commands) == len(CommandKind) * len(CommandResult)
    reasons = [key for key in page.samples if key[0] == "riskengine_rejections_total"]
    assert len(reasons) == len(RejectReason)


def _collector(taken: EngineSnapshot) -> RiskEngineCollector:
    return RiskEngineCollector(Statistics(), lambda: taken, "1.2.3")


def _busy_statistics() -> Statistics:
    statistics = Statistics()
    statistics.commands.refused(CommandKind.MARK_PRICES, RejectReason.UNKNOWN_MARKET)
    statistics.durable_duration.observe(2_000_000)
    statistics.decision_duration.observe(2_000_000)
    statistics.check_order(accepted=True, nanos=4_000)
    statistics.journal.synced(4, 512, 1_000_000)
    statistics.journal.size_bytes = 4_096
    statistics.journal_queue_bytes = 77
    statistics.waiting_submitters = 3
    statistics.durable_sequence = 41
    statistics.instructions.published_sequence = 20
    statistics.instructions.sent_sequences = {1: 20, 2: 15}
    statistics.instructions.oldest_sequence = 3
    statistics.instructions.size_bytes = 7_000
    statistics.instructions.is_alarm = True
    statistics.instructions.consumers, statistics.instructions.consumers_lost = 2, True
    statistics.instructions.schedule_failures = 3
    statistics.snapshots.schedule_failures = 1
    statistics.instructions.consumer_lag = 8
    statistics.instructions.consumer_lag_bytes = 6_000
    statistics.recovery.duration_nanos, statistics.recovery.records = 2_500_000_000, 1_000
    statistics.snapshots.took(40, 1_000, 9_000, 3_000_000, 1_500_000_000)
    statistics.snapshots.did_fail("no space left", 2_000)
    statistics.snapshots.did_fail("no space left", 3_000)
    statistics.state_streams.open = 1
    statistics.state_streams.waiting_bytes = 7_000
    statistics.state_streams.results[StateStreamResult.GIVEN_UP] = 3
    return statistics
