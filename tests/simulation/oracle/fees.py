"""Liquidation fees: of fills alone (WF-15)."""

from fractions import Fraction
from math import ceil

from tests.simulation.oracle import margin
from tests.simulation.oracle.names import MAX_BALANCE_ATOMS, PPM
from tests.simulation.oracle.world import Account, Market, World


def full(market: Market, lots: int) -> int:
    """Return the fee for closing `lots` at mark, whoever can pay it."""
    rate = Fraction(market.parameters.liquidation_fee_ppm, PPM)
    return ceil(rate * lots * market.lot_value_atoms)


def move(world: World, account: Account, market: Market, fee: int) -> int:
    """Move a fee to the market's fund, as far as it has room; return it."""
    fund = world.fund_account(market.parameters.fund_id)
    fee = max(0, min(fee, MAX_BALANCE_ATOMS - fund.balance_atoms))
    account.balance_atoms -= fee
    fund.balance_atoms += fee
    return fee


def charge_fill(
    world: World, account: Account, market: Market, closed_lots: int, before: tuple[int, int]
) -> int:
    """Charge for the lots that a fill closed: equity / maintenance stays as it was `before`."""
    if closed_lots == 0:
        return 0
    equity_before, maintenance_before = before
    health = Fraction(max(0, equity_before), maintenance_before)
    equity_atoms, maintenance_atoms = margin.assess(world, account)
    spare = max(0, equity_atoms - ceil(health * maintenance_atoms))
    return move(world, account, market, min(full(market, closed_lots), spare))
