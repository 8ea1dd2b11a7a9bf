"""The liquidation price of any margin model is the one that a scan of all prices finds (QS-7)."""

from itertools import takewhile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from riskengine.core.face.margin_testing import MarginBench
from riskengine.core.types import RiskTier
from riskengine.units import PPM
from tests.core.benches import parameters
from tests.core.tiers import tier_tables

pytestmark = pytest.mark.any_model

HIGHEST = 200
PRICES = st.integers(1, HIGHEST)
FLAT = (RiskTier(0, 100_000, 50_000),)


def account(
    balance: int, size: int, entry: int, mark: int, tiers: tuple[RiskTier, ...]
) -> MarginBench:
    bench = MarginBench(balance)
    bench.add_market(parameters(tiers)._replace(max_price_ticks=HIGHEST), mark)
    bench.trade(0, size, size * entry)
    return bench


def scanned(bench: MarginBench, mark: int) -> int:
    """Return the answer by trying every price."""

    def is_liquidatable(price: int) -> bool:
        equity, maintenance, _ = bench.if_marked(0, price)
        return equity < maintenance

    ways = [range(mark - 1, 0, -1), range(mark + 1, HIGHEST + 1)]
    if is_liquidatable(mark):
        on_rise, on_fall = bench.weigh(0, PPM)
        return [mark, *takewhile(is_liquidatable, ways[on_rise <= on_fall])][-1]
    found = [price for way in ways if (price := next(filter(is_liquidatable, way), 0))]
    return min(found, key=lambda price: abs(price - mark), default=0)


@pytest.mark.rule("QS-7")
@given(
    balance=st.integers(-2_000, 6_000),
    size=st.integers(-40, 40).filter(bool),
    entry=PRICES,
    mark=PRICES,
    tiers=tier_tables(4, 8_000),
)
@example(balance=198, size=-5, entry=50, mark=59, tiers=FLAT)  # the toy's is 72, then safe again
@example(balance=1_000, size=10, entry=100, mark=100, tiers=FLAT)
@example(balance=40, size=10, entry=100, mark=100, tiers=FLAT)
def test_it_is_the_first_price_at_which_the_account_is_judged_otherwise(
    balance: int, size: int, entry: int, mark: int, tiers: tuple[RiskTier, ...]
) -> None:
    bench = account(balance, size, entry, mark, tiers)
    assert bench.liquidation_price(0) == scanned(bench, mark)


@pytest.mark.rule("QS-7")
@given(
    margin=st.integers(-20, 200),
    size=st.integers(-40, 40).filter(bool),
    mark=PRICES,
    tiers=tier_tables(3, 8_000),
)
def test_it_is_so_of_an_account_that_is_close_to_it(
    margin: int, size: int, mark: int, tiers: tuple[RiskTier, ...]
) -> None:
    bench = account(0, size, mark, mark, tiers)
    bench.pay(bench.assess()[1] + margin)
    assert bench.liquidation_price(0) == scanned(bench, mark)


@pytest.mark.parametrize("side", [1, -1])
def test_it_is_found_at_once_where_there_are_more_prices_than_could_be_tried(side: int) -> None:
    mark = 2**40
    bench = MarginBench(2**39)
    bench.add_market(parameters(FLAT)._replace(max_price_ticks=2**44), mark)
    bench.trade(0, side, side * mark)
    price = bench.liquidation_price(0)
    equity, maintenance, _ = bench.if_marked(0, price)
    assert equity < maintenance
    equity, maintenance, _ = bench.if_marked(0, price + side)
    assert equity >= maintenance


def test_a_search_that_comes_to_no_end_tells_a_nearer_price() -> None:
    """The toy's free equity is 0 at the top of each tooth, and there are 2^16 teeth on either side.

    The shipped model requires all of the value, which is there: never.
    """
    mark, tooth = 2**20, 16
    bench = MarginBench(mark + tooth)
    bench.add_market(parameters((RiskTier(0, PPM, PPM),))._replace(max_price_ticks=2 * mark), mark)
    bench.trade(0, 1, mark)
    price = bench.liquidation_price(0)
    if bench.weigh(0, PPM)[0] <= 0:
        assert price == 0
        return
    assert 500 < abs(price - mark) < mark
    way = range(min(price, mark), max(price, mark) + 1)
    assert all(bench.if_marked(0, one)[0] >= bench.if_marked(0, one)[1] for one in way)
