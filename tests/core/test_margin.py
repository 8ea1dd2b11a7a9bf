"""Margin over tiers: continuous, monotone, equal to the marginal sum; and of accounts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.face.testing import MarketRules
from riskengine.core.types import RiskTier
from tests.core.driver import MARKET, Driver
from tests.core.tiers import (
    NOTIONAL,
    initial_rates,
    maintenance_rates,
    marginal_sum,
    tier_tables,
)


def rules(tiers: tuple[RiskTier, ...]) -> MarketRules:
    return MarketRules(MARKET._replace(tiers=tiers), 1)


@pytest.mark.rule("MG-3")
@given(tier_tables(), st.integers(0, NOTIONAL), st.data())
def test_margin_is_the_marginal_sum_rounded_up(
    tiers: tuple[RiskTier, ...], notional: int, data: st.DataObject
) -> None:
    near = data.draw(st.sampled_from(tiers)).floor_atoms + data.draw(st.integers(-1, 1))
    market = rules(tiers)
    for value in (notional, max(0, near)):
        exact = marginal_sum(tiers, maintenance_rates(tiers), value)
        assert market.maintenance_ceil(value) == -(-exact.numerator // exact.denominator)
        exact = marginal_sum(tiers, initial_rates(tiers), value)
        assert market.initial_ceil(value) == -(-exact.numerator // exact.denominator)


@pytest.mark.rule("MG-2", "MG-3")
@given(tier_tables())
def test_margin_is_continuous_and_monotone_at_the_edges_of_tiers(
    tiers: tuple[RiskTier, ...],
) -> None:
    market = rules(tiers)
    for k, tier in enumerate(tiers[1:], start=1):
        edge = tier.floor_atoms
        assert market.tier_of(edge - 1) == k - 1
        assert market.tier_of(edge) == k
        # A rate of at most 100 % adds at most one atom an atom, rounding none.
        for margin in (market.maintenance_ceil, market.initial_ceil):
            assert 0 <= margin(edge) - margin(edge - 1) <= 1
            assert 0 <= margin(edge + 1) - margin(edge) <= 1


@given(tier_tables(), st.integers(0, NOTIONAL), st.integers(0, NOTIONAL))
def test_margin_grows_with_the_notional(tiers: tuple[RiskTier, ...], a: int, b: int) -> None:
    market = rules(tiers)
    low, high = sorted((a, b))
    assert market.maintenance_ceil(low) <= market.maintenance_ceil(high) <= high
    assert market.initial_ceil(low) <= market.initial_ceil(high) <= high
    assert market.maintenance_ceil(high) <= market.initial_ceil(high)


THREE_TIERS = (
    RiskTier(0, 20_000, 10_000),
    RiskTier(1_000, 50_000, 25_000),
    RiskTier(5_000, 100_000, 50_000),
)


@pytest.mark.rule("MG-2", "MG-3")
@pytest.mark.parametrize(
    ("notional", "tier", "maintenance", "initial"),
    [
        pytest.param(0, 0, 0, 0, id="nothing"),
        pytest.param(1, 0, 1, 1, id="one atom: ceil(0.01)"),
        pytest.param(999, 0, 10, 20, id="below the first edge: ceil(9.99)"),
        pytest.param(1_000, 1, 10, 20, id="at the first edge: 1000 * 2.5 % - 15"),
        pytest.param(1_001, 1, 11, 21, id="above it: ceil(10.025)"),
        pytest.param(4_999, 1, 110, 220, id="below the second: ceil(109.975)"),
        pytest.param(5_000, 2, 110, 220, id="at the second: 5000 * 5 % - 15 - 125"),
        pytest.param(5_001, 2, 111, 221, id="above it: ceil(110.05)"),
    ],
)
def test_margin_table(notional: int, tier: int, maintenance: int, initial: int) -> None:
    market = rules(THREE_TIERS)
    assert market.tier_of(notional) == tier
    assert market.maintenance_ceil(notional) == maintenance
    assert market.initial_ceil(notional) == initial


@pytest.mark.rule("MG-4", "MG-5")
def test_account_margin_is_the_sum_over_its_positions() -> None:
    driver = Driver()
    driver.market(1)
    driver.market(2, tiers=[(0, 300_000, 200_000)])
    driver.marks({1: 100, 2: 50})
    driver.deposit(1, 10_000)
    driver.deposit(2, 10_000)
    driver.trade(1, 2, 30, 100, market_id=1)
    driver.trade(2, 1, 10, 50, market_id=2)
    driver.marks({1: 110, 2: 60})
    account = driver.account(1)
    assert account.unrealised_pnl_atoms == 30 * (110 - 100) - 10 * (60 - 50)
    assert account.equity_atoms == 10_000 + 200
    assert account.maintenance_atoms == 3_300 * 5 // 100 + 600 * 20 // 100
    assert account.initial_atoms == 3_300 * 10 // 100 + 600 * 30 // 100
    assert account.notional_atoms == 3_300 + 600


@pytest.mark.rule("MG-8")
@pytest.mark.parametrize(
    ("mark", "withdrawable"),
    [
        pytest.param(100, 500, id="1000 - 50 * 100 * 10 %"),
        pytest.param(110, 950, id="a gain backs the margin: min(1000, 1500 - 50 * 110 * 10 %)"),
        pytest.param(95, 275, id="a loss does: 1000 - 250 - 50 * 95 * 10 %"),
        pytest.param(89, 5, id="1000 - 550 - 445"),
        pytest.param(88, 0, id="never negative: 1000 - 600 - 440 = -40"),
    ],
)
def test_withdrawable(mark: int, withdrawable: int) -> None:
    driver = Driver()
    driver.market()
    driver.mark(100)
    driver.deposit(1, 1_000)
    driver.deposit(2, 10_000)
    driver.trade(1, 2, 50, 100)
    driver.mark(mark)
    assert driver.account(1).withdrawable_atoms == withdrawable
    refused = driver.refuse("withdrawals", (1,), (1,), (withdrawable + 1,))
    assert (refused.field, refused.value, refused.limit) == (
        "amount_atoms",
        withdrawable + 1,
        withdrawable,
    )
    if withdrawable:
        driver.do("withdrawals", (1,), (1,), (withdrawable,))
        assert driver.account(1).withdrawable_atoms == 0
