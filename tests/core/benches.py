"""Accounts that nobody judges, in up to three markets, with whatever they may hold."""

from typing import NamedTuple

from hypothesis import strategies as st

from riskengine.core.face.margin_testing import MarginBench
from riskengine.core.types import MarketParameters, RiskTier
from tests.core.driver import MARKET
from tests.core.tiers import tier_tables

HIGHEST_PRICE = 10**4
LARGEST_SIZE = 10**4


class World(NamedTuple):
    bench: MarginBench
    tiers: list[tuple[RiskTier, ...]]
    marks: list[int]
    sizes: list[int]

    def balance(self) -> int:
        return self.bench.balance_atoms


def parameters(tiers: tuple[RiskTier, ...]) -> MarketParameters:
    return MARKET._replace(
        tiers=tiers, max_price_ticks=HIGHEST_PRICE, max_position_lots=LARGEST_SIZE
    )


SIZES = st.one_of(
    st.integers(-LARGEST_SIZE, LARGEST_SIZE), st.integers(-20, 20), st.sampled_from([1, -1])
)
PRICES = st.one_of(st.integers(1, HIGHEST_PRICE), st.integers(1, 60))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw an account; it holds something in market 0 at least."""
    world = World(MarginBench(draw(st.integers(-(10**9), 10**9))), [], [], [])
    for market in range(draw(st.integers(1, 3))):
        tiers = draw(tier_tables(most_tiers=4, highest=HIGHEST_PRICE * LARGEST_SIZE))
        mark = draw(PRICES)
        size = draw(SIZES if market else SIZES.filter(bool))
        world.bench.add_market(parameters(tiers), mark)
        if size:
            world.bench.trade(market, size, size * draw(PRICES))
        world.tiers.append(tiers)
        world.marks.append(mark)
        world.sizes.append(size)
    return world
