"""What any margin model promises (margin/model.pxd), of accounts that nobody judges.

Here and in `make second-model`, on the toy.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.face.margin_testing import MarginBench
from riskengine.core.types import RiskTier
from riskengine.units import PPM
from tests.core.benches import PRICES, World, parameters, worlds
from tests.core.driver import MARKET
from tests.core.tiers import tier_tables

pytestmark = pytest.mark.any_model

SHARES = st.one_of(st.integers(PPM, 10 * PPM), st.sampled_from([PPM, 1_250_000, 10 * PPM]))
MOST_ATOMS = 2**54
"""The bound of a position's notional."""


@given(worlds(), PRICES)
def test_equity_goes_by_the_value_of_the_legs(world: World, price: int) -> None:
    before, after = world.bench.assess()[0], world.bench.if_marked(0, price)[0]
    assert after - before == world.sizes[0] * (price - world.marks[0])


@given(worlds())
def test_every_leg_requires_something_and_the_sum_is_the_maintenance(world: World) -> None:
    legs = [(market, abs(size)) for market, size in enumerate(world.sizes) if size]
    required = [world.bench.release(*leg) for leg in legs]
    assert min(required) >= 1
    assert sum(required) == world.bench.assess()[1]


@given(worlds())
def test_what_a_leg_gives_back_does_not_change_as_another_closes(world: World) -> None:
    first, *others = [(market, size) for market, size in enumerate(world.sizes) if size]
    required = world.bench.release(first[0], abs(first[1]))
    for market, size in others:
        world.bench.trade(market, -size, 0)
    assert world.bench.release(first[0], abs(first[1])) == required
    world.bench.trade(first[0], -first[1], 0)
    assert world.bench.assess()[1:] == (0, 0)


@given(worlds())
def test_initial_margin_is_at_least_maintenance(world: World) -> None:
    _, maintenance, initial = world.bench.assess()
    assert initial >= maintenance


def account(tiers: tuple[RiskTier, ...], size: int, mark: int) -> MarginBench:
    bench = MarginBench(0)
    bench.add_market(parameters(tiers), mark)
    bench.trade(0, size, 0)
    return bench


def surplus(bench: MarginBench, price: int, share: int) -> int:
    """Return f at that price: 10^6 * E - share * M, M rounded up by less than an atom."""
    equity, maintenance, _ = bench.if_marked(0, price)
    return PPM * equity - share * maintenance


ACCOUNTS = st.builds(
    account, tier_tables(4, 4_000), st.integers(-50, 50).filter(bool), st.integers(1, 40)
)


@given(ACCOUNTS, st.integers(1, 40), SHARES, st.integers(1, 9))
def test_no_move_up_to_the_double_price_costs_more_than_weighed(
    bench: MarginBench, mark: int, share: int, ticks: int
) -> None:
    bench.mark(0, mark)
    on_rise, on_fall = bench.weigh(0, share)
    for low in range(1, 2 * mark - ticks + 1):
        risen = surplus(bench, low + ticks, share) - surplus(bench, low, share)
        assert -risen * mark < PPM * on_rise * ticks + share * mark
        assert risen * mark < PPM * on_fall * ticks + share * mark


@given(ACCOUNTS, SHARES, st.integers(1, 9))
def test_a_side_of_relief_is_one_at_any_price(bench: MarginBench, share: int, ticks: int) -> None:
    on_rise, on_fall = bench.weigh(0, share)
    for low in range(1, 400):
        risen = surplus(bench, low + ticks, share) - surplus(bench, low, share)
        assert on_rise > 0 or risen > -share
        assert on_fall > 0 or risen < share


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("price", [1, 8, 2**20, MOST_ATOMS // 8, MOST_ATOMS])
@pytest.mark.parametrize("rate_ppm", [1, 50_000, PPM])
def test_the_largest_leg_fits(price: int, side: int, rate_ppm: int) -> None:
    lots = MOST_ATOMS // price
    bench = MarginBench(0)
    tiers = (RiskTier(0, PPM, rate_ppm),)
    bench.add_market(
        MARKET._replace(tiers=tiers, max_price_ticks=price, max_position_lots=lots), price
    )
    bench.trade(0, side * lots, side * lots * price)
    assert bench.assess()[1] < 2**56
    for share in (PPM, 10 * PPM):
        weights = bench.weigh(0, share)
        assert max(map(abs, weights)) < (2**59 if min(weights) > 0 else 2**58)
