"""Trades that leave nobody below zero at a price worse than mark (BK-6)."""

from dataclasses import replace
from typing import NamedTuple

from tests.simulation.oracle import booking, margin, means
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
    def sides_lots(self) -> int:
        """Return the lots that the two accounts exchange: all but those of the fund."""
        if self.is_account_gone:
            return 0
        return min(self.lots_of(Side.LONG), self.lots_of(Side.SHORT))

    @property
    def fund_lots(self) -> int:
        """Return the lots that the fund exchanges with the other side, which it is not itself."""
        part = self.fund_part
        if part is None:
            return 0
        if self.is_account_gone:
            return self.size_lots
        is_a_side = part.fund is self.buyer or part.fund is self.seller
        return 0 if is_a_side else part.lots

    def party(self, side: Side) -> Account:
        return self.buyer if side == Side.LONG else self.seller


class Repriced(NamedTuple):
    """What one gets back from another of the price of lots, and its equity without that."""

    side: Side
    receiver: Account
    payer: Account
    lots: int
    amount_atoms: int
    equity_atoms: int


Sides = list[tuple[Account, Booked]]


def repriced_sides(world: World, market: Market, deal: Deal) -> tuple[Sides, list[Repriced]]:
    """Return what the trade, its fees and the repricing make of all who have part of it."""
    market_id = market.parameters.market_id
    price = deal.price_ticks * market.multiplier
    buys, sells = deal.lots_of(Side.LONG), deal.lots_of(Side.SHORT)
    bought = booking.booked(booking.now(deal.buyer, market_id), buys, buys * price)
    sold = booking.booked(booking.now(deal.seller, market_id), -sells, -sells * price)
    sides = [
        (deal.buyer, richer(bought, -deal.buyer_fee_atoms)),
        (deal.seller, richer(sold, -deal.seller_fee_atoms)),
        *side_of_fund(market, deal),
    ]
    repriced = returned(world, market, deal, sides) if market.parameters.reprices_trades else []
    return [(one, richer(after, balance_of(repriced, one))) for one, after in sides], repriced


def balance_of(repriced: list[Repriced], account: Account) -> int:
    """Return what repricing gives an account, or takes from it."""
    got = sum(one.amount_atoms for one in repriced if one.receiver is account)
    return got - sum(one.amount_atoms for one in repriced if one.payer is account)


def returned(world: World, market: Market, deal: Deal, sides: Sides) -> list[Repriced]:
    """Return what goes back to the side for which the price is worse than mark (BK-6).

    What the other side of a late fill gets back comes from the fund first.
    """
    above = deal.price_ticks * market.multiplier - market.lot_value_atoms
    side, other = (Side.LONG, Side.SHORT) if above > 0 else (Side.SHORT, Side.LONG)
    loser, winner = deal.party(side), deal.party(other)
    shares = [(winner, deal.sides_lots)]
    found = []
    if deal.fund_part is not None and deal.fund_lots:
        if side == deal.late_side:
            found.append(returned_to_fund(world, market, deal, sides, abs(above)))
        else:
            shares.insert(0, (deal.fund_part.fund, deal.fund_lots))
    after = next(booked for account, booked in sides if account is loser)
    equity = equity_with(world, market, loser, after)
    for payer, lots in shares:
        amount = max(0, min(-equity, abs(above) * lots))
        found.append(Repriced(side, loser, payer, lots, amount, equity))
        equity += amount
    return [one for one in found if one.amount_atoms > 0]


def returned_to_fund(
    world: World, market: Market, deal: Deal, sides: Sides, worse_atoms: int
) -> Repriced:
    """Return what the fund gets back: what the price takes of what it has to keep (FD-11).

    Of what it had before, where that was less. A gain that goes with its lots is nothing of it.
    """
    assert deal.fund_part is not None
    assert deal.late_side is not None
    fund = deal.fund_part.fund
    other = deal.buyer if deal.late_side == Side.SHORT else deal.seller
    after = next(booked for account, booked in sides if account is fund)
    tried = replace(fund, positions=dict(fund.positions))
    booking.put(market, tried, after)
    has = means.noted_equity(world, fund)
    keeps = max(0, means.kept(world, fund)) if world.risk.fund_drawdown_ppm else 0
    amount = min(worse_atoms * deal.fund_lots, min(has, keeps) - means.noted_equity(world, tried))
    equity = equity_with(world, market, fund, after)
    return Repriced(deal.late_side, fund, other, deal.fund_lots, amount, equity)


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
    seen = margin.evidence(world, repriced.receiver, market_id)
    world.emit(
        Kind.TRADE_REPRICED,
        repriced.receiver,
        counterparty_account_id=repriced.payer.account_id,
        market_id=market_id,
        side=repriced.side,
        size_lots=repriced.lots,
        price_ticks=deal.price_ticks,
        amount_atoms=repriced.amount_atoms,
        **(seen | {"equity_atoms": repriced.equity_atoms}),
    )
