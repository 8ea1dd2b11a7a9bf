"""What is closed of an account, and by whom (WF-2 to WF-4, WF-18, LS-1, FD-2, FD-3)."""

from tests.simulation.oracle import closes, late_fills, margin, needs, orders
from tests.simulation.oracle.closes import Close
from tests.simulation.oracle.judged import Judged
from tests.simulation.oracle.names import Ended
from tests.simulation.oracle.needs import Need
from tests.simulation.oracle.take_over import book, offered, take_over
from tests.simulation.oracle.world import Order, World

LEAVES_A_REST = (Ended.DONE, Ended.EXPIRED)


def closes_of(world: World, judged: Judged) -> list[Need]:
    """Close by orders and funds what can be; return what is to be closed with holders (WF-2)."""
    if judged.account.is_fund:
        return close_fund(world, judged)
    if judged.equity_atoms < 0:
        return close_below_zero(world, judged)
    if judged.is_liquidated_now:
        return close_below_maintenance(world, judged)
    clear_asked(world, judged)
    return []


def clear_asked(world: World, judged: Judged) -> None:
    """Let the fund be asked again once the account falls below the level anew (WF-25)."""
    if not judged.is_below_take_over(world):
        judged.account.asked = False


def close_fund(world: World, judged: Judged) -> list[Need]:
    """Return the least closes of a fund (FD-2); below zero all, with their loss (FD-3)."""
    if judged.equity_atoms < 0:
        return [
            whole_leg(judged, market_id, None) for market_id in margin.legs(world, judged.account)
        ]
    planned = closes.plan(world, judged, closes.Rules(0, is_fund=True))
    return [needs.need(judged, close.market_id, close.size_lots) for close in planned]


def whole_leg(judged: Judged, market_id: int, left_by: Order | None) -> Need:
    """Return the need to close a leg whole, with what holders are asked for (LS-4)."""
    lots = abs(judged.account.size_in(market_id))
    loss_atoms = judged.loss(market_id).left_atoms
    return needs.need(judged, market_id, lots, loss_atoms, left_by=left_by)


def close_below_zero(world: World, judged: Judged) -> list[Need]:
    """Close all legs; a fund takes them only if the whole loss is paid (LS-1, LS-5).

    What its orders left is among them.
    """
    left = []
    for market_id in margin.legs(world, judged.account):
        lots = abs(judged.account.size_in(market_id))
        order = late_fills.order_with_leg(judged.account, market_id)
        if judged.is_paid_whole and take_over(world, judged, market_id, lots):
            late_fills.note_moved(world, order, lots)
            continue
        left.append(whole_leg(judged, market_id, order))
    judged.account.orders = []
    return left


def close_below_maintenance(world: World, judged: Judged) -> list[Need]:
    """Ask the fund once (WF-3), else let orders run, conclude, wait, or order (WF-4)."""
    account = judged.account
    clear_asked(world, judged)
    if judged.is_below_take_over(world) and not account.asked and ask_fund(world, judged):
        return []
    if account.open_orders:
        return []
    if account.orders:
        return conclude(world, judged)
    if account.retry_nanos:
        return []
    return order_least_closes(world, judged)


def ask_fund(world: World, judged: Judged) -> bool:
    """Have each leg taken over whole that the fund can take (WF-3); say whether any was."""
    account = judged.account
    taken = False
    for market_id in margin.legs(world, account):
        if takes_leg(world, judged, market_id):
            taken = True
    account.asked = True
    return taken


def takes_leg(world: World, judged: Judged, market_id: int) -> bool:
    """Have a leg taken over, with the end of its order told before it (WF-23)."""
    taken = offered(world, judged, market_id, abs(judged.account.size_in(market_id)))
    if taken is None:
        return False
    for order in judged.account.open_orders:
        if order.market_id == market_id:
            orders.end(world, order, Ended.REPLACED)
    moved = late_fills.order_with_leg(judged.account, market_id)
    late_fills.note_moved(world, moved, abs(taken.signed_lots))
    book(world, judged, taken)
    return True


def order_least_closes(world: World, judged: Judged) -> list[Need]:
    """Order the least closes (WF-4); one without a limit is a rest (WF-18), and no slice of it.

    Slices are for orders, which wait between them: a rest is closed in the same command.
    """
    left = []
    for close in closes.plan(world, judged, closes.Rules(world.risk.liquidation_buffer_ppm)):
        order = closes.sliced(world.markets[close.market_id], close)
        if not orders.issue(world, judged, order, 1):
            left += resolve_rest(world, judged, close, None)
    return left


def conclude(world: World, judged: Judged) -> list[Need]:
    """All orders have ended: order rests again, or have them resolved (WF-18); note a cooldown."""
    account = judged.account
    ended = sorted(account.orders, key=lambda order: order.liquidation_id)
    cooldowns = [
        world.markets[order.market_id].parameters.liquidation_cooldown_millis
        for order in ended
        if order.sliced
    ]
    judged.cooldown_millis = max(cooldowns, default=0)
    account.orders = []
    left = []
    for order in ended:
        rest = min(order.unfilled_lots, account.held_for(order))
        if order.outcome not in LEAVES_A_REST or rest <= 0:
            continue
        close = Close(order.market_id, rest, order.sliced)
        if order.attempt < world.markets[order.market_id].book_attempts and orders.issue(
            world, judged, close, order.attempt + 1
        ):
            late_fills.note_further(world, order)
            continue
        left += resolve_rest(world, judged, close, order)
    return left


def resolve_rest(world: World, judged: Judged, close: Close, left_by: Order | None) -> list[Need]:
    """Let the fund take a rest over, else return the need to close it with holders (LS-1)."""
    if take_over(world, judged, close.market_id, close.size_lots):
        late_fills.note_moved(world, left_by, close.size_lots)
        return []
    return [
        needs.need(judged, close.market_id, close.size_lots, has_discount=True, left_by=left_by)
    ]
