"""The built-in path has the shape of the day, for every seed."""

from itertools import pairwise

import pytest

from riskengine.simulator.markets import MARKETS
from riskengine.simulator.prices import LOW_MINUTE, PricePath, built_in_path, correlated_ticks

STEP_SECONDS = 3
STEPS_PER_MINUTE = 60 // STEP_SECONDS
SEEDS = (1, 2, 7, 123_456)


@pytest.fixture(scope="module", params=SEEDS)
def path(request: pytest.FixtureRequest) -> PricePath:
    return built_in_path(MARKETS, request.param, STEP_SECONDS)


def column(path: PricePath, market: int) -> list[int]:
    return [row[market] for row in path.index_ticks]


def test_bitcoin_starts_and_bottoms_where_it_did(path: PricePath) -> None:
    prices = column(path, 0)
    low = prices.index(min(prices))
    assert (prices[0], min(prices)) == (1_225_000, 1_048_000)
    assert low * STEP_SECONDS / 60 == pytest.approx(LOW_MINUTE, abs=1)


def test_worst_minute_is_in_the_middle_of_the_fall(path: PricePath) -> None:
    prices = column(path, 0)
    moves = [later / price for price, later in zip(prices, prices[STEPS_PER_MINUTE:], strict=False)]
    worst = moves.index(min(moves)) / STEPS_PER_MINUTE
    assert 18 <= worst <= 21
    assert 0.94 < min(moves) < 0.965  # four to six percent in one minute


def test_bitcoin_recovers_a_part(path: PricePath) -> None:
    prices = column(path, 0)
    recovered = (prices[-1] - min(prices)) / (prices[0] - min(prices))
    assert 0.3 < recovered < 0.6


@pytest.mark.parametrize("market", range(1, len(MARKETS)))
def test_alts_lose_half_and_more(path: PricePath, market: int) -> None:
    prices = column(path, market)
    fall = 1 - min(prices) / prices[0]
    assert fall >= 0.5
    assert fall == pytest.approx(MARKETS[market].fall_ppm / 1e6, abs=0.01)
    assert prices[-1] > min(prices) * 1.2


def test_steps_are_even_and_every_price_fits_its_market(path: PricePath) -> None:
    times = path.times_seconds
    assert len(path) == 60 * STEPS_PER_MINUTE + 1
    assert {later - time for time, later in pairwise(times)} == {STEP_SECONDS}
    for row in path.index_ticks:
        assert all(
            0 < ticks < market.max_price_ticks for ticks, market in zip(row, MARKETS, strict=True)
        )


def test_the_seed_decides() -> None:
    assert built_in_path(MARKETS, 5, STEP_SECONDS) == built_in_path(MARKETS, 5, STEP_SECONDS)
    assert built_in_path(MARKETS, 5, STEP_SECONDS) != built_in_path(MARKETS, 6, STEP_SECONDS)


def test_other_markets_follow_the_first_by_their_betas() -> None:
    fall = [40_000.0 * (1 - 0.0001 * step) for step in range(2_001)]  # 20 % in small steps
    for market, prices in zip(
        MARKETS[1:], correlated_ticks(MARKETS[1:], fall, 1.0, 9), strict=True
    ):
        assert prices[0] == market.ticks(market.start_price)
        assert prices[-1] / prices[0] == pytest.approx(0.8**market.beta, rel=0.05)
