"""Trades that leave nobody below zero at a price worse than mark (BK-6)."""

from typing import NamedTuple

from tests.simulation.oracle import booking, margin
from tests.simulation.oracle.booking import Booked
from tests.simulation.oracle.late_fills import FundPart
from tests.simulation.oracle.names import Kind, Side
from tests.simulation.oracle.world import Account, Market, World


class Deal(NamedTuple):
    """A trade whose row was accepted so far."""

    buyer: Account
    seller: Account
    size_lots: int
    price_ticks: int
    buyer_fee_atoms: int
    seller_fee_atoms: int
    late_side: Side | None = None
    fund_part: FundPart | None = None
    is_account_gone: bool = False

    def lots_of(self, side: Side) -> int:
        """Return what a side gets: what the fund gets of a late fill is not its account's (WF-28).

        Nor the other side's, if that is the fund itself. In the place of an account that is gone
        the fund is a side.
        """
        if self.fund_part is None or self.is_account_gone:
            return self.size_lots
        other = self.buyer if side == Side.LONG else self.seller
        if side == self.late_side or other is self.fund_part.fund:
            return self.size_lots - self.fund_part.lots
        return self.size_lots

    @property
    def repriced_lots(self) -> int:
        if self.is_account_gone:
            return 0
        return min(self.lots_of(Side.LONG), self.lots_of(Side.SHORT))


class Repriced(NamedTuple):
    """What one side gets from the other, and its equity without that."""

    side: Side
    amount_atoms: int
    equity_atoms: int


Sides = list[tuple[Account, Booked]]


def repriced_sides(world: World, market: Market, deal: Deal) -> tuple[Sides, Repriced | None]:
    """Return what the trade, its fees and the repricing make of the buyer and the seller."""
    market_id = market.parameters.market_id
    price = deal.price_ticks * market.multiplier
    buys, sells = deal.lots_of(Side.LONG), deal.lots_of(Side.SHORT)
    bought = booking.booked(booking.now(deal.buyer, market_id), buys, buys * price)
    sold = booking.booked(booking.now(deal.seller, market_id), -sells, -sells * price)
    buyer = richer(bought, -deal.buyer_fee_atoms)
    seller = richer(sold, -deal.seller_fee_atoms)
    repriced = None
    if market.parameters.reprices_trades:
        taken = deal.repriced_lots * (price - market.lot_value_atoms)
        repriced = uncovered(world, market, Side.LONG, deal.buyer, buyer, taken) or uncovered(
            world, market, Side.SHORT, deal.seller, seller, -taken
        )
    if repriced is not None:
        to_buyer = repriced.amount_atoms * (1 if repriced.side == Side.LONG else -1)
        buyer, seller = richer(buyer, to_buyer), richer(seller, -to_buyer)
    sides = [(deal.buyer, buyer), (deal.seller, seller)]
    return sides + side_of_fund(market, deal), repriced


def side_of_fund(market: Market, deal: Deal) -> Sides:
    """Return what a late fill makes of the fund that has part of it, at the trade's price."""
    part = deal.fund_part
    if part is None or part.lots == 0 or part.fund is deal.buyer or part.fund is deal.seller:
        return []
    lots = part.lots if deal.late_side == Side.LONG else -part.lots
    before = booking.now(part.fund, market.parameters.market_id)
    paid = lots * deal.price_ticks * market.multiplier
    return [(part.fund, booking.booked(before, lots, paid))]


def richer(booked: Booked, atoms: int) -> Booked:
    return booked._replace(balance_atoms=booked.balance_atoms + atoms)


def uncovered(
    world: World, market: Market, side: Side, account: Account, after: Booked, taken: int
) -> Repriced | None:
    """Return what of the price's cost to a side its equity does not cover, None when nothing."""
    equity = equity_with(world, market, account, after)
    amount = min(-equity, taken)
    return Repriced(side, amount, equity) if amount > 0 else None


def equity_with(world: World, market: Market, account: Account, after: Booked) -> int:
    """Return the equity that the account would have with that balance and position."""
    market_id = market.parameters.market_id
    others = sum(
        position.size_lots * world.markets[other].lot_value_atoms - position.cost_atoms
        for other, position in account.positions.items()
        if other != market_id
    )
    own = after.size_lots * market.lot_value_atoms - after.cost_atoms
    return after.balance_atoms + others + own


def tell_repriced(world: World, market: Market, deal: Deal, repriced: Repriced) -> None:
    """Tell of a repriced trade that is booked, with the evidence of before the payment."""
    market_id = market.parameters.market_id
    receiver, payer = deal.buyer, deal.seller
    if repriced.side == Side.SHORT:
        receiver, payer = payer, receiver
    seen = margin.evidence(world, receiver, market_id)
    world.emit(
        Kind.TRADE_REPRICED,
        receiver,
        counterparty_account_id=payer.account_id,
        market_id=market_id,
        side=repriced.side,
        size_lots=deal.repriced_lots,
        price_ticks=deal.price_ticks,
        amount_atoms=repriced.amount_atoms,
        **(seen | {"equity_atoms": repriced.equity_atoms}),
    )
