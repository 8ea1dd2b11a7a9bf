"""The liquidation fee: never more than the equity that is left (WF-15)."""

from fractions import Fraction
from math import ceil

from tests.simulation.oracle import margin
from tests.simulation.oracle.names import MAX_BALANCE_ATOMS, PPM
from tests.simulation.oracle.world import Account, Market, World


def charge(world: World, account: Account, market: Market, lots: int) -> int:
    """Move the fee for closing `lots` from the account to the market's fund; return it."""
    fund = world.fund_account(market.parameters.fund_id)
    rate = Fraction(market.parameters.liquidation_fee_ppm, PPM)
    full = ceil(rate * lots * market.lot_value_atoms)
    room = max(0, MAX_BALANCE_ATOMS - fund.balance_atoms)
    fee = min(full, max(0, margin.equity(world, account)), room)
    account.balance_atoms -= fee
    fund.balance_atoms += fee
    return fee
