"""Questions (QS-1 to QS-8, QS-11): what an order would do, and prices at which a position ends."""

from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from tests.simulation.oracle import margin
from tests.simulation.oracle.booking import too_many
from tests.simulation.oracle.names import MAX_POSITIONS, PPM, Reason, Side, State, VenueMode
from tests.simulation.oracle.refusal import Refused, require_range, require_step
from tests.simulation.oracle.rows import (
    require_account,
    require_cross,
    require_marked_market,
    require_party,
)
from tests.simulation.oracle.world import Account, Market, Rejection, World


class PlannedOrder(NamedTuple):
    account_id: int
    market_id: int
    side: int
    size_lots: int
    price_ticks: int
    reduce_only: bool
    isolated_market_id: int = 0


class OrderCheck(NamedTuple):
    rejection: Rejection | None
    equity_after_atoms: int
    initial_after_atoms: int


def check_order(world: World, order: PlannedOrder) -> OrderCheck:
    """Answer what an order would do (QS-4, QS-5), or why it is refused (QS-6)."""
    try:
        account, market = _require_order(world, order)
    except Refused as refused:
        return OrderCheck(refused.of_row(0), 0, 0)
    signed = order.size_lots if order.side == Side.LONG else -order.size_lots
    size = account.size_in(order.market_id)
    worse = signed * (market.mark_price_ticks - order.price_ticks) * market.multiplier
    equity_after = margin.equity(world, account) + min(0, worse)
    initial_after = margin.initial(world, account)
    initial_after += _initial(market, size + signed) - _initial(market, size)
    reduces = size * signed < 0 and abs(signed) <= abs(size)
    try:
        if order.reduce_only and not reduces:
            raise Refused(Reason.NOT_REDUCING, "reduce_only", 1, detail=size)
        if account.state in (State.LIQUIDATING, State.BANKRUPT):
            raise Refused(Reason.ACCOUNT_IN_LIQUIDATION, "account_id", account.account_id)
        if reduces:
            _require_as_healthy(world, account, market, signed, (equity_after, initial_after))
        else:
            _require_growth(account, market, order, size + signed)
            if equity_after < initial_after:
                raise Refused(Reason.INSUFFICIENT_MARGIN, "size_lots", initial_after, equity_after)
    except Refused as refused:
        return OrderCheck(refused.of_row(0), equity_after, initial_after)
    return OrderCheck(None, equity_after, initial_after)


def _require_as_healthy(
    world: World, account: Account, market: Market, signed: int, after: tuple[int, int]
) -> None:
    """Refuse what would leave the account below zero, or short of margin and less healthy (QS-5).

    Accepted iff E_after >= 0 and (E_after >= I_after or E_after * M >= E * M_after).
    """
    equity_after, initial_after = after
    equity, maintenance = margin.assess(world, account)
    size = account.size_in(market.parameters.market_id)
    maintenance_after = maintenance - margin.leg_maintenance(market, size)
    maintenance_after += margin.leg_maintenance(market, size + signed)
    is_as_healthy = equity_after * maintenance >= equity * maintenance_after
    if equity_after >= 0 and (equity_after >= initial_after or is_as_healthy):
        return
    as_healthy = ceil(Fraction(equity * maintenance_after, maintenance))
    least = max(0, min(initial_after, as_healthy))
    raise Refused(Reason.INSUFFICIENT_MARGIN, "price_ticks", equity_after, least)


def _require_in_band(market: Market, order: PlannedOrder) -> None:
    """Refuse a limit too far through the mark (QS-11)."""
    band = Fraction(market.parameters.order_band_ppm, PPM)
    value, multiplier = market.lot_value_atoms, market.multiplier
    highest = floor(value * (1 + band))
    lowest = ceil(value * (1 - band))
    at_limit = order.price_ticks * multiplier
    if order.side == Side.LONG and at_limit > highest:
        furthest = highest // multiplier
    elif order.side == Side.SHORT and at_limit < lowest:
        furthest = ceil(Fraction(lowest, multiplier))
    else:
        return
    raise Refused(Reason.PRICE_BAND, "price_ticks", order.price_ticks, furthest)


def _initial(market: Market, size_lots: int) -> int:
    value = abs(size_lots) * market.lot_value_atoms
    return margin.initial_of(market.parameters.tiers, value)


def _require_order(world: World, order: PlannedOrder) -> tuple[Account, Market]:
    """Refuse what no account could order (QS-1)."""
    if world.mode == VenueMode.LOADING:
        raise Refused(Reason.LOADING, "venue_mode", VenueMode.LOADING, VenueMode.LIVE)
    require_party(world, order.account_id)
    market = require_marked_market(world, order.market_id)
    parameters = market.parameters
    require_cross(order.isolated_market_id)
    account = require_account(world, "account_id", order.account_id, parameters.asset_id)
    if order.side not in list(Side):
        raise Refused(Reason.UNKNOWN_ENUM, "side", order.side)
    require_range("price_ticks", order.price_ticks, 1, parameters.max_price_ticks)
    require_step("price_ticks", order.price_ticks, parameters.price_step_ticks)
    require_range("size_lots", order.size_lots, 1, parameters.max_position_lots)
    signed = order.size_lots if order.side == Side.LONG else -order.size_lots
    if signed != -account.size_in(order.market_id):
        require_step("size_lots", order.size_lots, parameters.size_step_lots)
    _require_in_band(market, order)
    return account, market


def _require_growth(account: Account, market: Market, order: PlannedOrder, after: int) -> None:
    """Refuse what no account may have (QS-3)."""
    largest = market.parameters.max_position_lots
    if abs(after) > largest:
        raise Refused(Reason.OVERFLOW, "size_lots", order.size_lots, largest)
    fresh = after != 0 and order.market_id not in account.positions
    if fresh and len(account.positions) >= MAX_POSITIONS:
        raise too_many(account, order.market_id)


def _is_liquidatable_at(world: World, account: Account, market_id: int, price_ticks: int) -> bool:
    market = world.markets[market_id]
    present = market.mark_price_ticks
    market.mark_price_ticks = price_ticks
    safe = margin.is_safe(world, account)
    market.mark_price_ticks = present
    return not safe


def liquidation_price(world: World, account: Account, market_id: int) -> int:
    """Bisect (QS-7): equity less maintenance rises with the price for a long, falls for a short."""
    is_long = account.positions[market_id].size_lots > 0
    least, largest = 1, world.markets[market_id].parameters.max_price_ticks
    worst = least if is_long else largest
    if not _is_liquidatable_at(world, account, market_id, worst):
        return 0
    while least < largest:
        middle = (least + largest + is_long) // 2
        if _is_liquidatable_at(world, account, market_id, middle) == is_long:
            least = middle if is_long else middle + 1
        else:
            largest = middle - 1 if is_long else middle
    return least


def bankruptcy_price(world: World, account: Account, market_id: int) -> int:
    """Return the price of the bankruptcy quote, rounded against the account (QS-8)."""
    size = account.positions[market_id].size_lots
    quote = margin.bankruptcy_quote(world, account, market_id, abs(size))
    price = Fraction(quote, size * world.markets[market_id].multiplier)
    return max(0, ceil(price) if size > 0 else floor(price))
