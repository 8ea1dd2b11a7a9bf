"""The oracle's bankruptcy quotes against dYdX v4 TestGetBankruptcyPriceInQuoteQuantums."""

from fractions import Fraction

import pytest

from tests.simulation.oracle import margin
from tests.simulation.oracle.world import (
    Account,
    AccountName,
    Market,
    MarketParameters,
    Position,
    RiskTier,
    World,
)

BTC, ETH = 1, 2
TEN_PERCENT = (RiskTier(0, 200_000, 100_000),)


def market(market_id: int, mark: int, tiers: tuple[RiskTier, ...] = TEN_PERCENT) -> Market:
    parameters = MarketParameters(
        market_id, "X", 1, 1, 0, 0, 1, 1, 10**6, 10**9, tiers, 0, 1_000, 0, 0, 0, 1
    )
    return Market(parameters, multiplier=1, mark_price_ticks=mark)


@pytest.mark.parametrize(
    ("cash", "btc", "eth", "closing", "closed", "quote"),
    [
        pytest.param(-4_501_000_000, 10**7, 0, BTC, 10**7, 4_501_000_000, id="peer-019"),
        pytest.param(-5_000_000_000, 10**7, 0, BTC, 10**7, 5_000_000_000, id="peer-021"),
        pytest.param(5_000_000_000, -(10**7), 0, BTC, 5 * 10**6, -2_500_000_000, id="peer-023"),
        pytest.param(4_900_000_000, -(10**7), 0, BTC, 10**7, -4_900_000_000, id="peer-025"),
        pytest.param(510_000_000, -400_000, -(10**8), ETH, 10**8, -306_000_000, id="peer-027"),
        pytest.param(-13_000_000, 10**8, 0, BTC, 21_347, 2_776, id="peer-029"),
        pytest.param(1_000_000, 10**8, 0, BTC, 10**8, -1_000_000, id="peer-031"),
        pytest.param(-490_000_000, 400_000, 10**8, ETH, 10**8, 294_000_000, id="venue-047"),
        pytest.param(110_000_000, 400_000, -(10**8), ETH, 10**8, -306_000_000, id="venue-049"),
    ],
)
def test_quote_is_that_of_dydx(
    cash: int, btc: int, eth: int, closing: int, closed: int, quote: int
) -> None:
    world = World(markets={BTC: market(BTC, 500), ETH: market(ETH, 3)})
    account = Account(AccountName(1, 1), balance_atoms=cash)
    sizes = {BTC: btc, ETH: eth}
    account.positions = {m: Position(size, 0) for m, size in sizes.items() if size}

    assert margin.bankruptcy_quote(world, account, closing, closed) == quote


STEEP = (
    RiskTier(0, 20_000, 10_000),
    RiskTier(1_000, 100_000, 50_000),
    RiskTier(5_000, 10**6, 10**6),
)


@pytest.mark.parametrize(
    ("notional", "requirement", "tier"),
    [
        pytest.param(0, 0, 0, id="nothing"),
        pytest.param(1, 1, 0, id="rounds up"),
        pytest.param(999, 10, 0, id="below the edge: 9.99"),
        pytest.param(1_000, 10, 1, id="at the edge: 1000 * 1 %"),
        pytest.param(1_001, 11, 1, id="above: 10 + 0.05"),
        pytest.param(5_000, 210, 2, id="10 + 4000 * 5 %"),
        pytest.param(5_007, 217, 2, id="210 + 7"),
    ],
)
def test_requirement_is_summed_over_tiers(notional: int, requirement: int, tier: int) -> None:
    assert margin.maintenance_of(STEEP, notional) == requirement
    assert margin.tier_of(STEEP, notional) == tier


@pytest.mark.parametrize("value", [1, 7, 333])
@pytest.mark.parametrize("requirement", [0, 1, 9, 10, 11, 209, 210, 211, 5_000])
def test_largest_size_is_the_last_that_fits(value: int, requirement: int) -> None:
    book = market(BTC, value, STEEP)

    size = margin.largest_size(book, Fraction(requirement))

    assert margin.maintenance_of(STEEP, size * value) <= requirement
    assert margin.maintenance_of(STEEP, (size + 1) * value) > requirement
