"""Liquidation orders from their issue to their end (WF-11 to WF-17, WF-23, WF-24)."""

from typing import NamedTuple

from tests.simulation.oracle import closes, fees, late_fills, margin
from tests.simulation.oracle.judged import Judged
from tests.simulation.oracle.names import NANOS_PER_MILLI, Ended, Kind, Side
from tests.simulation.oracle.world import Order, World


def issue(world: World, judged: Judged, close: closes.Close, attempt: int) -> bool:
    """Issue an order with the next id and a deadline (WF-13), if it has a limit."""
    limit = closes.limit_price(world, judged, close, attempt)
    if limit == 0:
        return False
    account = judged.account
    timeout = world.markets[close.market_id].parameters.liquidation_timeout_millis
    deadline = world.command_time_nanos + timeout * NANOS_PER_MILLI
    world.last_liquidation_id += 1
    order = Order(
        world.last_liquidation_id,
        account.name,
        close.market_id,
        Side.SHORT if account.size_in(close.market_id) > 0 else Side.LONG,
        close.size_lots,
        limit,
        close.sliced,
        attempt=attempt,
    )
    account.orders.append(order)
    world.set_deadline(deadline, order)
    world.emit(
        Kind.LIQUIDATION_ORDER,
        account,
        liquidation_id=order.liquidation_id,
        attempt=attempt,
        market_id=close.market_id,
        side=order.side,
        size_lots=close.size_lots,
        price_ticks=limit,
        deadline_nanos=deadline,
        sliced=close.sliced,
        **judged.evidence(world, close.market_id),
    )
    return True


class Closing(NamedTuple):
    """What a fill closes of the position, and the equity and maintenance before it."""

    lots: int
    before: tuple[int, int]


def closing(world: World, order: Order, size_lots: int) -> Closing:
    """Return what a fill closes of the position that the order's account has now."""
    account = world.accounts[order.account]
    return Closing(min(size_lots, account.held_for(order)), margin.assess(world, account))


def fill(world: World, order: Order, size_lots: int, price_ticks: int, closed: Closing) -> None:
    """Note the fill and take the fee; both sides are booked and repriced already (WF-14)."""
    account = world.accounts[order.account]
    seen = margin.evidence(world, account, order.market_id)
    order.filled_lots += size_lots
    market = world.markets[order.market_id]
    fee = fees.charge_fill(world, account, market, closed.lots, closed.before)
    world.emit(
        Kind.LIQUIDATION_FILL,
        account,
        liquidation_id=order.liquidation_id,
        market_id=order.market_id,
        side=order.side,
        size_lots=size_lots,
        price_ticks=price_ticks,
        fee_atoms=fee,
        **seen,
    )
    if order.filled_lots >= order.size_lots:
        end(world, order, Ended.FILLED)


def reach_deadline(world: World, order: Order) -> None:
    """End an order, or have it cancelled first while there is a second term (TM-2, WF-26)."""
    if order.cancelling or world.risk.second_term_millis == 0:
        end(world, order, Ended.EXPIRED)
        return
    order.cancelling = True
    until = world.command_time_nanos + world.risk.second_term_millis * NANOS_PER_MILLI
    world.set_deadline(until, order)
    world.emit(
        Kind.CANCEL_LIQUIDATION_ORDER,
        world.accounts[order.account],
        liquidation_id=order.liquidation_id,
        market_id=order.market_id,
        side=order.side,
        needed_lots=order.unfilled_lots,
        deadline_nanos=until,
    )


def end(world: World, order: Order, outcome: Ended) -> None:
    """End an order and touch its account, whose funds may be asked again (WF-16, WF-25)."""
    order.outcome = outcome
    late_fills.keep(world, order)
    account = world.accounts[order.account]
    account.asked = False
    world.touch(account)
    world.emit(
        Kind.LIQUIDATION_ORDER_ENDED,
        account,
        liquidation_id=order.liquidation_id,
        market_id=order.market_id,
        size_lots=order.filled_lots,
        needed_lots=max(0, order.size_lots - order.filled_lots),
        outcome=outcome,
    )


def is_too_large(world: World, order: Order) -> bool:
    """Say whether more is unfilled than the account holds on the side that is closed (WF-24)."""
    return order.unfilled_lots > world.accounts[order.account].held_for(order)


def decide_ends(world: World, candidates: list[Judged]) -> None:
    """End or cut the open orders of all candidates, in order of their ids (WF-23, WF-24)."""
    opened = [(order, judged) for judged in candidates for order in judged.account.open_orders]
    for order, judged in sorted(opened, key=lambda one: one[0].liquidation_id):
        if judged.equity_atoms < 0:
            end(world, order, Ended.REPLACED)
        elif judged.is_recovered(world):
            end(world, order, Ended.RECOVERED)
        elif judged.account.held_for(order) == 0:
            end(world, order, Ended.POSITION_GONE)
        elif is_too_large(world, order):
            cut(world, order, judged.account.held_for(order))


def take_off_rest(world: World, liquidation_id: int, lots: int) -> None:
    """Have the rest of an ended order be so much smaller, if it waits to be closed (WF-28)."""
    order = world.listed_order(liquidation_id)
    if order is not None:
        order.filled_lots = min(order.size_lots, order.filled_lots + lots)


def close_elsewhere(world: World, liquidation_id: int, lots: int) -> None:
    """Have an order of a further attempt close so much less: an earlier one has done it (WF-28)."""
    order = world.open_order(liquidation_id)
    if order is None:
        take_off_rest(world, liquidation_id, lots)
    elif order.unfilled_lots > lots:
        cut(world, order, order.unfilled_lots - lots)
    else:
        end(world, order, Ended.REPLACED)


def cut(world: World, order: Order, held_lots: int) -> None:
    """Cut an order to the position, and tell its new whole size and what is unfilled (WF-24)."""
    order.size_lots = order.filled_lots + held_lots
    world.emit(
        Kind.LIQUIDATION_ORDER_REDUCED,
        world.accounts[order.account],
        liquidation_id=order.liquidation_id,
        market_id=order.market_id,
        side=order.side,
        size_lots=order.size_lots,
        needed_lots=held_lots,
    )
