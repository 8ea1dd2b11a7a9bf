"""Trades that leave nobody below zero at a price worse than mark (BK-6)."""

from typing import NamedTuple

from tests.simulation.oracle import booking, margin
from tests.simulation.oracle.booking import Booked
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


class Repriced(NamedTuple):
    """What one side gets from the other, and its equity without that."""

    side: Side
    amount_atoms: int
    equity_atoms: int


Sides = list[tuple[Account, Booked]]


def repriced_sides(world: World, market: Market, deal: Deal) -> tuple[Sides, Repriced | None]:
    """Return what the trade, its fees and the repricing make of the buyer and the seller."""
    market_id = market.parameters.market_id
    paid = deal.size_lots * deal.price_ticks * market.multiplier
    bought = booking.booked(booking.now(deal.buyer, market_id), deal.size_lots, paid)
    sold = booking.booked(booking.now(deal.seller, market_id), -deal.size_lots, -paid)
    buyer = richer(bought, -deal.buyer_fee_atoms)
    seller = richer(sold, -deal.seller_fee_atoms)
    repriced = None
    if market.parameters.reprices_trades:
        taken = paid - deal.size_lots * market.lot_value_atoms
        repriced = uncovered(world, market, Side.LONG, deal.buyer, buyer, taken) or uncovered(
            world, market, Side.SHORT, deal.seller, seller, -taken
        )
    if repriced is not None:
        to_buyer = repriced.amount_atoms * (1 if repriced.side == Side.LONG else -1)
        buyer, seller = richer(buyer, to_buyer), richer(seller, -to_buyer)
    return [(deal.buyer, buyer), (deal.seller, seller)], repriced


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
        size_lots=deal.size_lots,
        price_ticks=deal.price_ticks,
        amount_atoms=repriced.amount_atoms,
        **(seen | {"equity_atoms": repriced.equity_atoms}),
    )
