"""How steeply an account's surplus goes with a price: never more than the two numbers say."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.face.margin_testing import MarginBench
from riskengine.core.types import RiskTier
from riskengine.units import PPM
from tests.core.benches import parameters
from tests.core.tiers import maintenance_rates, marginal_sum, tier_tables

SIZES = st.integers(-50, 50).filter(bool)
MARKS = st.integers(1, 40)
SHARES = st.one_of(st.integers(PPM, 10 * PPM), st.sampled_from([PPM, 1_250_000, 10 * PPM]))


def bench_of(tiers: tuple[RiskTier, ...], size: int, mark: int) -> MarginBench:
    bench = MarginBench(0)
    bench.add_market(parameters(tiers), mark)
    bench.trade(0, size, 0)
    return bench


def surplus_of(tiers: tuple[RiskTier, ...], size: int, share: int) -> Callable[[int], Fraction]:
    """Return f by price: 10^6 * E - share * M before it is rounded."""
    rates = maintenance_rates(tiers)

    def surplus(price: int) -> Fraction:
        return PPM * size * price - share * marginal_sum(tiers, rates, abs(size) * price)

    return surplus


@given(tier_tables(4, 4_000), SIZES, MARKS, SHARES)
def test_no_move_within_reach_costs_more(
    tiers: tuple[RiskTier, ...], size: int, mark: int, share: int
) -> None:
    """Between neighbours and so between any two: the cost of a way is that of its parts."""
    on_rise, on_fall = bench_of(tiers, size, mark).weigh(0, share)
    f = surplus_of(tiers, size, share)
    for price in range(2 * mark):
        risen = f(price + 1) - f(price)
        assert -risen * mark <= PPM * on_rise
        assert risen * mark <= PPM * on_fall


@given(tier_tables(4, 4_000), SIZES, MARKS, SHARES)
def test_a_side_of_relief_stays_one_at_any_price(
    tiers: tuple[RiskTier, ...], size: int, mark: int, share: int
) -> None:
    on_rise, on_fall = bench_of(tiers, size, mark).weigh(0, share)
    f = surplus_of(tiers, size, share)
    for price in range(10 * mark):
        risen = f(price + 1) - f(price)
        assert on_rise > 0 or risen >= 0
        assert on_fall > 0 or risen <= 0


@given(tier_tables(4, 4_000), SIZES, MARKS, SHARES)
def test_maintenance_is_rounded_up_by_less_than_an_atom_a_leg(
    tiers: tuple[RiskTier, ...], size: int, mark: int, share: int
) -> None:
    equity, maintenance, _ = bench_of(tiers, size, mark).assess()
    rounded = PPM * equity - share * maintenance
    exact = surplus_of(tiers, size, share)(mark)
    assert exact - share < rounded <= exact


ONE_TIER = (RiskTier(0, 100_000, 50_000),)
TWO_TIERS = (RiskTier(0, 100_000, 50_000), RiskTier(3_000, 200_000, 200_000))
STEEP = (RiskTier(0, 100_000, 50_000), RiskTier(10**6, 1_000_000, 1_000_000))


@pytest.mark.parametrize(
    ("tiers", "size", "share", "weights"),
    [
        pytest.param(ONE_TIER, 10, PPM, (-950, 950), id="long: 1000 * (1 - 5 %)"),
        pytest.param(ONE_TIER, -10, PPM, (1_050, -1_050), id="short: 1000 * (1 + 5 %)"),
        pytest.param(ONE_TIER, 10, 2 * PPM, (-900, 900), id="twice the requirement counts twice"),
        pytest.param(ONE_TIER, 1, 1_250_000, (-93, 94), id="100 * 93.75 %: both rounded up"),
        pytest.param(TWO_TIERS, 10, PPM, (-950, 950), id="2 * 1000 is below the second tier"),
        pytest.param(TWO_TIERS, 20, PPM, (-1_600, 1_900), id="4000 is in it: rises gain less"),
        pytest.param(TWO_TIERS, -20, PPM, (2_400, -2_100), id="and cost a short more"),
        pytest.param(TWO_TIERS, 14, PPM, (-1_330, 1_330), id="below the edge: 2 * 1400 < 3000"),
        pytest.param(TWO_TIERS, 15, PPM, (-1_200, 1_425), id="at the edge: 2 * 1500 = 3000"),
        pytest.param(TWO_TIERS, 20, 5 * PPM, (0, 1_500), id="value and requirement rise alike"),
        pytest.param(TWO_TIERS, 20, 6 * PPM, (400, 1_400), id="the requirement outgrows the value"),
        pytest.param(STEEP, 10, PPM, (-950, 950), id="all of it is required, far away: no more"),
        pytest.param(STEEP, 10, PPM + 1, (1, 950), id="more than all, if only far away"),
    ],
)
def test_weights_of_a_leg_at_100(
    tiers: tuple[RiskTier, ...], size: int, share: int, weights: tuple[int, int]
) -> None:
    assert bench_of(tiers, size, 100).weigh(0, share) == weights
