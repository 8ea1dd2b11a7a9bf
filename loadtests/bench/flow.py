"""Trades between random accounts, as columns; the same for the same seed.

Held: both sides of each trade are accounts that hold the market, so that most trades change
positions. Strangers: both sides are any accounts, so that most trades open positions.
"""

from typing import NamedTuple

import numpy as np

from loadtests.bench.population import Column, Population
from riskengine.units import PPM

SPREAD_PPM = 200
"""Prices lie within this of the first marks."""
MOST_LOTS = 5


class Trades(NamedTuple):
    """Trades as the core takes them, without fees."""

    market_id: Column
    buyer_account_id: Column
    seller_account_id: Column
    price_ticks: Column
    size_lots: Column

    def part(self, rows: slice) -> "Trades":
        """Return some of the rows."""
        return Trades(*(column[rows] for column in self))


def held_trades(population: Population, rows: int, seed: int) -> Trades:
    """Return trades between holders; a market is as frequent as its positions."""
    rng = np.random.default_rng([seed, 4])
    by_market = np.argsort(population.position_markets, kind="stable")
    counts = np.bincount(population.position_markets, minlength=len(population.marks_ticks))
    ends = np.cumsum(counts)
    market = population.position_markets[rng.integers(0, len(by_market), rows)]
    # Two different places among the holders of the market.
    market = market[counts[market] > 1]
    buyer = rng.integers(0, counts[market])
    seller = (buyer + rng.integers(1, counts[market])) % counts[market]
    first = ends[market] - counts[market]
    sides = (population.position_accounts[by_market[first + side]] for side in (buyer, seller))
    return _trades(rng, population, market, *sides)


def stranger_trades(population: Population, rows: int, seed: int) -> Trades:
    """Return trades between any accounts; a market is as frequent as its positions."""
    rng = np.random.default_rng([seed, 5])
    accounts = len(population.account_ids)
    market = population.position_markets[rng.integers(0, len(population.position_lots), rows)]
    buyer = rng.integers(0, accounts, rows)
    seller = (buyer + rng.integers(1, accounts, rows)) % accounts
    return _trades(rng, population, market, buyer, seller)


def _trades(
    rng: np.random.Generator,
    population: Population,
    market: Column,
    buyer: Column,
    seller: Column,
) -> Trades:
    rows = len(market)
    marks = population.marks_ticks[market]
    price = marks + marks * rng.integers(-SPREAD_PPM, SPREAD_PPM + 1, rows) // PPM
    size = rng.integers(1, MOST_LOTS + 1, rows)
    ids = population.account_ids
    return Trades(market + 1, ids[buyer], ids[seller], price, size)
