"""The discount of what is not closed by the book (LS-19): from the account to the fund."""

from fractions import Fraction
from math import ceil

from tests.simulation.oracle import margin
from tests.simulation.oracle.judged import Judged
from tests.simulation.oracle.names import MAX_BALANCE_ATOMS, PPM
from tests.simulation.oracle.world import Account, Market


def discount(market: Market, judged: Judged, size_lots: int, closed_lots: int) -> int:
    """Return the discount on lots of a leg: at most the leg's share of the equity."""
    rate = Fraction(market.parameters.discount_ppm, PPM)
    full = ceil(rate * closed_lots * market.lot_value_atoms)
    return min(full, judged.share_of_equity(margin.released(market, size_lots, closed_lots)))


def room(fund: Account) -> int:
    """Return what the fund's balance can take (BD-6)."""
    return max(0, MAX_BALANCE_ATOMS - fund.balance_atoms)
