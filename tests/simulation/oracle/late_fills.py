"""Ended orders that are kept for late fills, and whose lots such a fill is (WF-27, WF-28)."""

from dataclasses import replace
from typing import NamedTuple

from tests.simulation.oracle.names import MAX_KEPT_ORDERS, NANOS_PER_MILLI, Ended, Side
from tests.simulation.oracle.world import Account, AccountName, KeptOrder, Order, World

LEAVES_NOTHING = (Ended.RECOVERED, Ended.POSITION_GONE)


class FundPart(NamedTuple):
    """Lots of a late fill that the fund gets in the place of the order's account."""

    fund: Account
    lots: int


def keep(world: World, order: Order) -> None:
    """Keep an order that ends now, if something of it is unfilled; the first goes if need be."""
    if world.risk.late_fill_millis and order.unfilled_lots > 0:
        world.kept.append(KeptOrder(replace(order), world.command_time_nanos))
        world.kept = world.kept[-MAX_KEPT_ORDERS:]


def is_kept(world: World, kept: KeptOrder) -> bool:
    until = kept.end_nanos + world.risk.late_fill_millis * NANOS_PER_MILLI
    return world.command_time_nanos < until


def forget_past(world: World) -> None:
    """Forget those whose time is over."""
    world.kept = [kept for kept in world.kept if is_kept(world, kept)]


def find(world: World, liquidation_id: int) -> KeptOrder | None:
    for kept in world.kept:
        if kept.order.liquidation_id == liquidation_id and is_kept(world, kept):
            return kept
    return None


def order_with_leg(account: Account, market_id: int) -> Order | None:
    """Return the order whose unfilled lots go when its leg is closed whole, if there is one."""
    for order in account.orders:
        if order.market_id == market_id and order.outcome not in LEAVES_NOTHING:
            return order
    return None


def note_moved(world: World, order: Order | None, lots: int) -> None:
    """Note that lots that an order left were closed without the book (WF-27)."""
    kept = find(world, order.liquidation_id) if order is not None else None
    if kept is not None:
        kept.moved_lots = min(kept.order.unfilled_lots, kept.moved_lots + lots)


def note_further(world: World, order: Order) -> None:
    """Note that the order that was issued last is for what an ended one left (WF-27)."""
    kept = find(world, order.liquidation_id)
    if kept is not None:
        kept.next_liquidation_id = world.last_liquidation_id


def chain_from(world: World, kept: KeptOrder) -> list[KeptOrder]:
    """Return an ended order, and those of further attempts that have ended too (WF-27)."""
    chain = [kept]
    while further := find(world, chain[-1].next_liquidation_id):
        chain.append(further)
    return chain


def last_of_chain(world: World, kept: KeptOrder) -> int:
    """Return the number of the last order for the same lots, open or ended."""
    last = chain_from(world, kept)[-1]
    return last.next_liquidation_id or last.order.liquidation_id


def part_of_fund(world: World, kept: KeptOrder, lots: int) -> FundPart:
    """Return what of a late fill is the fund's: what was moved, and what nobody holds (WF-28)."""
    order = kept.order
    moved = min(lots, sum(one.moved_lots for one in chain_from(world, kept)))
    account = world.accounts.get(order.account, Account(order.account))
    own = min(lots - moved, account.held_for(order))
    fund_id = world.markets[order.market_id].parameters.fund_id
    return FundPart(world.fund_account(fund_id), lots - own)


def gone_party(
    world: World, name: AccountName, side: Side, market_id: int, liquidation_id: int
) -> Account | None:
    """Return the fund that is a side in the place of an account that was closed (WF-28)."""
    kept = find(world, liquidation_id)
    if kept is None or name in world.accounts:
        return None
    order = kept.order
    if (order.account, order.side, order.market_id) != (name, side, market_id):
        return None
    return world.fund_account(world.markets[market_id].parameters.fund_id)


def take(world: World, kept: KeptOrder, lots: int) -> None:
    """Take a late fill off what is unfilled, and off what was moved, its own first (WF-28)."""
    kept.order.filled_lots += lots
    left = lots
    for one in chain_from(world, kept):
        moved = min(left, one.moved_lots)
        one.moved_lots -= moved
        left -= moved
