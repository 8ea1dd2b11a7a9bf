"""The page of a real engine: what the core counts is what an operator reads."""

import numpy as np
import pytest
from numpy.typing import NDArray

from riskengine.core.engine import Engine
from riskengine.core.enums import LossPolicy
from riskengine.core.types import MarketParameters, Outcome, RiskTier
from riskengine.metrics.collector import RiskEngineCollector
from riskengine.metrics.snapshot import take_snapshot
from riskengine.metrics.statistics import Statistics
from tests.metrics.pages import Page, scrape

USD = 1_000_000
MARK_TICKS = 5_000_000
PARAMETERS = MarketParameters(
    market_id=1,
    symbol="BTC-PERP",
    asset_id=1,
    fund_id=1,
    tick_exponent=-2,
    lot_exponent=-3,
    price_step_ticks=1,
    size_step_lots=1,
    max_price_ticks=100_000_000,
    max_position_lots=10_000_000,
    tiers=(RiskTier(0, 20_000, 10_000),),
    liquidation_fee_ppm=500,
    liquidation_timeout_millis=1_000,
    liquidation_slice_lots=0,
    liquidation_cooldown_millis=0,
    dust_notional_atoms=0,
    loss_policy=LossPolicy.QUEUE,
    discount_ppm=4_000,
)


@pytest.fixture
def engine() -> Engine:
    """One contract at 50,000 USD, bought by account 2 from account 1; a fund with 2,000 USD."""
    engine = Engine()
    _applied(engine.create_asset(1, 1, "USD", -6))
    _applied(engine.create_fund(1, 1, 1))
    _applied(engine.fund_deposit(1, 1, 2_000 * USD))
    _applied(engine.set_market(1, PARAMETERS))
    _applied(engine.mark_prices(1, _column(1), _column(MARK_TICKS)))
    deposits = _column(1_000_000 * USD, 700 * USD)
    _applied(engine.deposits(1, _column(1, 2), _column(1, 1), deposits))
    _applied(_trade(engine, MARK_TICKS, 1_000))
    return engine


def test_open_interest_and_trading(engine: Engine) -> None:
    page = _page(engine)
    market = {"market": "BTC-PERP"}
    assert page.value("riskengine_open_interest_asset_units", asset="USD", **market) == 50_000
    assert page.value("riskengine_mark_price_asset_units", asset="USD", **market) == 50_000
    assert page.value("riskengine_position_contracts", side="long", **market) == 1
    assert page.value("riskengine_position_contracts", side="short", **market) == 1
    assert page.value("riskengine_position_imbalance_contracts", **market) == 0
    assert page.value("riskengine_trades_total", **market) == 1
    assert page.value("riskengine_traded_contracts_total", **market) == 1
    assert page.value("riskengine_accounts", state="normal") == 2
    assert page.value("riskengine_positions") == 2
    assert page.value("riskengine_command_sequence") == 7


def test_a_take_over_reaches_the_fund(engine: Engine) -> None:
    """At 49,500: equity 700 - 500 = 200 is below 2/3 of the requirement of 495.

    The fund takes the position at mark, and its discount: 0.4 % of 49,500.
    """
    _applied(engine.mark_prices(2, _column(1), _column(4_950_000)))
    page = _page(engine)
    closed = {"market": "BTC-PERP", "side": "long", "stage": "take_over"}
    assert page.value("riskengine_liquidation_closes_total", **closed) == 1
    assert page.value("riskengine_liquidated_contracts_total", **closed) == 1
    notional = "riskengine_liquidated_notional_asset_units_total"
    assert page.value(notional, asset="USD", **closed) == 49_500
    fund = {"fund": "1", "asset": "USD"}
    assert page.value("riskengine_insurance_fund_equity_asset_units", **fund) == 2_198
    discounts = "riskengine_liquidation_discounts_asset_units_total"
    assert page.value(discounts, market="BTC-PERP", asset="USD") == 198
    assert page.value("riskengine_insurance_fund_inventory_asset_units", **fund) == 49_500
    assert page.value("riskengine_insurance_fund_maintenance_asset_units", **fund) == 495
    assert page.value("riskengine_liquidations_started_total") == 1
    assert page.value("riskengine_liquidations_ended_total") == 1


def test_adl_is_counted_where_the_fund_cannot(engine: Engine) -> None:
    """At 45,000 the loss beyond the deposit is 4,300: the fund pays 2,000, a holder the rest."""
    _applied(engine.mark_prices(2, _column(1), _column(4_500_000)))
    page = _page(engine)
    closed = {"market": "BTC-PERP", "side": "long", "stage": "auto_deleverage"}
    assert page.value("riskengine_liquidation_closes_total", **closed) == 1
    assert page.value("riskengine_adl_allocations_total", market="BTC-PERP") == 1
    assert page.value("riskengine_adl_deleveraged_accounts_total", market="BTC-PERP") == 1
    haircut = "riskengine_adl_haircut_asset_units"
    assert page.value(haircut, market="BTC-PERP", asset="USD") == 2_300
    fund = {"fund": "1", "asset": "USD"}
    assert page.value("riskengine_insurance_fund_balance_asset_units", **fund) == 0


def test_a_scrape_does_not_touch_the_engine(engine: Engine) -> None:
    before = engine.state_hash()
    assert _page(engine).text == _page(engine).text
    assert engine.state_hash() == before


def test_series_do_not_grow_with_accounts(engine: Engine) -> None:
    series = set(_page(engine).samples)
    accounts = range(1_000, 1_200)
    amounts = _column(*(USD for _ in accounts))
    _applied(engine.deposits(1, _column(*accounts), _column(*(1 for _ in accounts)), amounts))
    page = _page(engine)
    assert page.value("riskengine_accounts", state="normal") == 202
    assert set(page.samples) == series


def test_an_engine_without_anything_has_a_page() -> None:
    assert _page(Engine()).value("riskengine_command_sequence") == 0


def _page(engine: Engine) -> Page:
    return scrape(RiskEngineCollector(Statistics(), lambda: take_snapshot(engine), "1.2.3"))


def _column(*values: int) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _trade(engine: Engine, price_ticks: int, size_lots: int) -> Outcome:
    none = _column()
    return engine.trades(
        1,
        _column(1),
        _column(2),
        _column(1),
        _column(price_ticks),
        _column(size_lots),
        none,
        none,
        none,
    )


def _applied(outcome: Outcome) -> None:
    assert outcome.rejections == []
    assert outcome.sequence > 0
