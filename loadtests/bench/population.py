"""The accounts of a benchmark, as columns; the same for the same seed.

Every account is new at the start: its deposit is its equity, its positions were opened at the
marks. Ids and positions come in shuffled order, as they do in a venue that has run for a while.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.core.types import RiskTier
from riskengine.units import PPM

Column = NDArray[np.int64]
Floats = NDArray[np.float64]

ATOMS = 10**6
MULTIPLIER = 10
"""Atoms of a tick on a lot: a lot is worth 1 to 10 dollars at the first marks."""

FIRST_ACCOUNT_ID = 1_000
LEAST_TICKS, MOST_TICKS = 100_000, 1_000_000
TIERS = (
    RiskTier(0, 10_000, 5_000),
    RiskTier(200_000 * ATOMS, 20_000, 10_000),
    RiskTier(2_000_000 * ATOMS, 50_000, 25_000),
)
POSITION_COUNT_SHARES = (0.33, 0.24, 0.19, 0.12, 0.07, 0.05)
"""Of accounts with 1, 2, ... markets; drawing the same market twice lowers the mean to 2.4."""

LEAST_LEVERAGE, LEAST_HEDGED_LEVERAGE, MOST_LEVERAGE = 1.0, 5.0, 50.0
LONG_SHARE, MIXED_SHARE = 0.6, 0.15
MEDIAN_DOLLARS, DOLLARS_SIGMA = 2_000.0, 1.4
LEAST_DOLLARS, MOST_DOLLARS = 50.0, 2_000_000.0
MAINTENANCE_OF_EQUITY = 0.6
"""Leverage is cut where maintenance would take a larger share of the equity at the start."""


@dataclass(frozen=True, slots=True)
class Population:
    """Markets by index with their first marks; accounts by index; positions by row."""

    marks_ticks: Column
    account_ids: Column
    deposits_atoms: Column
    position_accounts: Column
    """Index of the account."""
    position_markets: Column
    """Index of the market."""
    position_lots: Column

    @property
    def positions_per_account(self) -> float:
        """Return the mean."""
        return len(self.position_lots) / len(self.account_ids)


@dataclass(frozen=True, slots=True)
class _Draft:
    """Positions by account, as signed shares of the account's notional."""

    accounts: int
    markets: int
    owner: Column
    market: Column
    signed_shares: Floats


def make_population(
    accounts: int, markets: int, seed: int, marks_ticks: Column | None = None
) -> Population:
    """Return accounts with about 2.4 positions in markets of Zipf popularity, leverage 1x to 50x.

    The leverage is log-uniform, of the whole notional over the equity. Marks that are not given are
    drawn. With few markets there are fewer positions, since nobody holds one twice.
    """
    rng = np.random.default_rng([seed, 1, accounts])
    owner, market = _owned_markets(rng, accounts, markets)
    weight = rng.gamma(3.0, size=len(owner))
    weight /= np.bincount(owner, weight, accounts)[owner]
    direction: Floats = np.where(rng.random(accounts) < LONG_SHARE, 1.0, -1.0)[owner]
    mixed = rng.random(accounts)[owner] < MIXED_SHARE
    direction[mixed] = rng.choice((-1.0, 1.0), int(mixed.sum()))
    draft = _Draft(accounts, markets, owner, market, weight * direction)
    return _populate(rng, draft, LEAST_LEVERAGE, marks_ticks)


def make_hedged_population(accounts: int, markets: int, seed: int) -> Population:
    """Return accounts that are as long as they are short, in 2 or 4 markets, at 5x to 50x."""
    rng = np.random.default_rng([seed, 2, accounts])
    first = rng.choice(markets, accounts, p=_popularity(markets))
    second = (first + rng.integers(1, markets, accounts)) % markets
    has_four = rng.random(accounts) < 0.5
    index = np.arange(accounts)
    owner = np.concatenate((index, index, index[has_four], index[has_four]))
    third = (first[has_four] + markets // 3) % markets
    fourth = (second[has_four] + markets // 3) % markets
    market = np.concatenate((first, second, third, fourth))
    half = np.where(has_four, 0.25, 0.5)
    weight = np.concatenate((half, -half, half[has_four], -half[has_four]))
    # A market that was drawn twice holds the sum, so that longs and shorts still cancel.
    keys, rows = np.unique(owner * markets + market, return_inverse=True)
    summed = np.bincount(rows, weight).astype(np.float64)
    kept = np.abs(summed) > 0.01
    owner, market = np.divmod(keys[kept], markets)
    draft = _Draft(accounts, markets, owner, market, summed[kept])
    return _populate(rng, draft, LEAST_HEDGED_LEVERAGE, None)


def _popularity(markets: int) -> Floats:
    weights: Floats = 1.0 / np.arange(1, markets + 1)
    result: Floats = weights / weights.sum()
    return result


def _owned_markets(rng: np.random.Generator, accounts: int, markets: int) -> tuple[Column, Column]:
    """Return account and market of each position, by account, no pair twice."""
    shares = np.array(POSITION_COUNT_SHARES)
    counts = rng.choice(np.arange(1, len(shares) + 1), accounts, p=shares / shares.sum())
    owner = np.repeat(np.arange(accounts), counts)
    market = rng.choice(markets, len(owner), p=_popularity(markets))
    pairs = np.unique(owner * markets + market)
    owner, market = np.divmod(pairs, markets)
    return owner, market


def _populate(
    rng: np.random.Generator, draft: _Draft, least_leverage: float, given_ticks: Column | None
) -> Population:
    """Give each account money and leverage, and each position its lots."""
    accounts, owner, market = draft.accounts, draft.owner, draft.market
    marks = np.exp(rng.uniform(np.log(LEAST_TICKS), np.log(MOST_TICKS), draft.markets))
    marks_ticks = marks.astype(np.int64) if given_ticks is None else given_ticks
    leverage = least_leverage * (MOST_LEVERAGE / least_leverage) ** rng.random(accounts)
    dollars = rng.lognormal(np.log(MEDIAN_DOLLARS), DOLLARS_SIGMA, accounts)
    dollars = np.clip(dollars / (1.0 + leverage / 8.0), LEAST_DOLLARS, MOST_DOLLARS)
    deposits = (dollars * ATOMS).astype(np.int64)
    fitted = _fit(owner, draft.signed_shares, deposits, leverage)
    notional = draft.signed_shares * (deposits * fitted)[owner]
    lots = np.rint(notional / (marks_ticks[market] * MULTIPLIER)).astype(np.int64)
    lots[lots == 0] = 1
    place, rows = rng.permutation(accounts), rng.permutation(len(lots))
    ids = FIRST_ACCOUNT_ID + rng.permutation(accounts).astype(np.int64)
    shuffled = np.empty_like(deposits)
    shuffled[place] = deposits
    return Population(marks_ticks, ids, shuffled, place[owner[rows]], market[rows], lots[rows])


def maintenance(notional: Floats) -> Floats:
    """Return the maintenance margin of notionals: the highest of the tiers' lines."""
    result: Floats = np.zeros_like(notional)
    for rate, deduction in tier_lines():
        np.maximum(result, notional * rate - deduction, out=result)
    return result


def tier_lines() -> list[tuple[float, float]]:
    """Return slope and deduction in atoms of each tier's line."""
    lines, deduction, before_ppm = [], 0.0, TIERS[0].maintenance_rate_ppm
    for tier in TIERS:
        deduction += tier.floor_atoms * (tier.maintenance_rate_ppm - before_ppm) / PPM
        before_ppm = tier.maintenance_rate_ppm
        lines.append((before_ppm / PPM, deduction))
    return lines


def _fit(owner: Column, signed_shares: Floats, deposits: Column, leverage: Floats) -> Floats:
    """Return the leverage, cut where maintenance would take too much of the equity."""
    fitted = leverage.copy()
    while True:
        notional = np.abs(signed_shares) * (deposits * fitted)[owner]
        needed = np.bincount(owner, maintenance(notional), len(deposits))
        tight = needed > deposits * MAINTENANCE_OF_EQUITY
        if not tight.any():
            return fitted
        fitted[tight] *= 0.8
