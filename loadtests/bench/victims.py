"""Accounts that fall one by one: each step of one market's mark liquidates exactly the next.

Account k is long `LOTS` from `FIRST_TICKS` and liquidatable from the mark of step k on: with the
units of `population`, its deposit is the loss up to that mark, plus its maintenance, less an atom.
"""

from dataclasses import dataclass

import numpy as np

from loadtests.bench.loading import OpeningColumns
from loadtests.bench.population import MULTIPLIER, TIERS, Column
from riskengine.units import PPM

FIRST_VICTIM_ID = 10**12
FIRST_TICKS = 5_000_000
STEP_TICKS = 500
LOTS = 1_000


@dataclass(frozen=True, slots=True)
class Victims:
    """The ladder in the market with this id."""

    market_id: int
    account_ids: Column
    marks_ticks: Column
    """The mark that liquidates each account."""
    deposits_atoms: Column


def make_victims(market_id: int, count: int) -> Victims:
    """Return a ladder of `count` accounts."""
    steps = np.arange(1, count + 1, dtype=np.int64)
    marks = FIRST_TICKS - steps * STEP_TICKS
    loss = LOTS * MULTIPLIER * (FIRST_TICKS - marks)
    assert TIERS[1].floor_atoms > LOTS * MULTIPLIER * FIRST_TICKS
    rate_ppm = TIERS[0].maintenance_rate_ppm
    maintenance = -(-LOTS * MULTIPLIER * marks * rate_ppm // PPM)
    return Victims(market_id, FIRST_VICTIM_ID + steps, marks, loss + maintenance - 1)


def with_victims(opening: OpeningColumns, victims: Victims) -> OpeningColumns:
    """Return the columns with the market of the ladder and its accounts at the end."""
    count = len(victims.account_ids)
    markets = np.full(count, victims.market_id, dtype=np.int64)
    lots = np.full(count, LOTS, dtype=np.int64)
    prices = np.full(count, FIRST_TICKS, dtype=np.int64)
    return OpeningColumns(
        np.append(opening.marks_ticks, FIRST_TICKS),
        np.concatenate((opening.deposit_account_ids, victims.account_ids)),
        np.concatenate((opening.deposit_amounts_atoms, victims.deposits_atoms)),
        np.concatenate((opening.position_account_ids, victims.account_ids)),
        np.concatenate((opening.position_market_ids, markets)),
        np.concatenate((opening.position_lots, lots)),
        np.concatenate((opening.position_price_ticks, prices)),
    )
