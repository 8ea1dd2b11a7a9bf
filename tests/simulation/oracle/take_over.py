"""Take-overs (LS-2, LS-3): a fund takes lots at the mark, less the discount, if it can."""

from dataclasses import replace
from typing import NamedTuple

from tests.simulation.oracle import booking, discounts, margin, means
from tests.simulation.oracle.judged import Judged
from tests.simulation.oracle.names import Kind, Side
from tests.simulation.oracle.world import Account, Market, World


class TakeOver(NamedTuple):
    """Lots of a leg, signed, that a fund can take, and the discount that it gets."""

    market: Market
    signed_lots: int
    discount_atoms: int
    fund: Account
    fund_after: booking.Booked


def offered(world: World, judged: Judged, market_id: int, lots: int) -> TakeOver | None:
    """Return how the market's fund takes lots of a leg over, None if it cannot (LS-2).

    One that is below its own maintenance takes nothing, not even what would help it.
    """
    market = world.markets[market_id]
    fund = world.fund_account(market.parameters.fund_id)
    if not margin.is_safe(world, fund) or not means.pays_for(world, market, fund):
        return None
    size = judged.account.size_in(market_id)
    signed = lots if size > 0 else -lots
    discount = min(discounts.discount(market, judged, size, lots), discounts.room(fund))
    before = booking.now(fund, market_id)
    after = booking.booked(before, signed, signed * market.lot_value_atoms)
    after = after._replace(balance_atoms=after.balance_atoms + discount)
    if not means.may_hold(world, market, fund, after.size_lots):
        return None
    if not booking.fits(market, fund, after) or not is_safe_with(world, market, fund, after):
        return None
    return TakeOver(market, signed, discount, fund, after)


def is_safe_with(world: World, market: Market, fund: Account, after: booking.Booked) -> bool:
    """Say whether a fund holds its maintenance with another balance and position."""
    tried = replace(fund, positions=dict(fund.positions))
    booking.put(market, tried, after)
    return margin.is_safe(world, tried)


def book(world: World, judged: Judged, taken: TakeOver) -> None:
    """Book both sides at the mark, and the discount; tell of it (LS-3)."""
    account, market = judged.account, taken.market
    market_id, signed = market.parameters.market_id, taken.signed_lots
    value = signed * market.lot_value_atoms
    seen = judged.evidence(world, market_id)
    booking.put(market, taken.fund, taken.fund_after)
    booking.book(market, account, -signed, -value)
    account.balance_atoms -= taken.discount_atoms
    judged.moved_lots += abs(signed)
    world.emit(
        Kind.TAKE_OVER,
        account,
        market_id=market_id,
        fund_id=market.parameters.fund_id,
        counterparty_account_id=taken.fund.account_id,
        side=Side.LONG if signed > 0 else Side.SHORT,
        size_lots=abs(signed),
        quote_atoms=value,
        discount_atoms=taken.discount_atoms,
        **seen,
    )


def take_over(world: World, judged: Judged, market_id: int, lots: int) -> bool:
    """Have the market's fund take lots of a leg over (LS-1); say whether it could."""
    taken = offered(world, judged, market_id, lots)
    if taken is None:
        return False
    book(world, judged, taken)
    return True
