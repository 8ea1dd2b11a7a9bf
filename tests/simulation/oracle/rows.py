"""Rows of the batches (GD-9 to GD-19): guards in order, then the effect."""

from typing import NamedTuple

from tests.simulation.oracle import booking, late_fills, margin, orders
from tests.simulation.oracle.booking import Booked, Row
from tests.simulation.oracle.names import (
    MAX_BALANCE_ATOMS,
    MAX_FEE_ATOMS,
    MAX_ID,
    MAX_NET_DEPOSITS_ATOMS,
    Ended,
    Kind,
    Mode,
    Reason,
    Side,
    State,
)
from tests.simulation.oracle.refusal import Refused, require_range, require_step
from tests.simulation.oracle.repricing import Deal, repriced_sides, tell_repriced
from tests.simulation.oracle.world import (
    Account,
    AccountName,
    KeptOrder,
    Market,
    MarketParameters,
    Order,
    World,
)


def require_asset(world: World, asset_id: int) -> None:
    if asset_id not in world.assets:
        raise Refused(Reason.UNKNOWN_ASSET, "asset_id", asset_id)


def require_party(world: World, account_id: int) -> None:
    """Demand that the party owns a margin account, of whatever asset."""
    if not world.of_party(account_id):
        raise Refused(Reason.UNKNOWN_ACCOUNT, "account_id", account_id)


def require_cross(isolated_market_id: int) -> None:
    """Demand the one kind of margin account that there is (ST-12)."""
    require_range("isolated_market_id", isolated_market_id, 0, 0)


def require_account(world: World, field: str, account_id: int, asset_id: int) -> Account:
    """Return the party's cross account of the asset (GD-24)."""
    name = AccountName(account_id, asset_id)
    if name not in world.accounts:
        raise Refused(Reason.UNKNOWN_ACCOUNT, field, account_id, detail=asset_id)
    return world.accounts[name]


def require_market(world: World, market_id: int) -> Market:
    if market_id not in world.markets:
        raise Refused(Reason.UNKNOWN_MARKET, "market_id", market_id)
    return world.markets[market_id]


def require_marked_market(world: World, market_id: int) -> Market:
    market = require_market(world, market_id)
    if market.mark_price_ticks == 0:
        raise Refused(Reason.NO_MARK_PRICE, "market_id", market_id)
    return market


def pay_in(world: World, account: Account, amount_atoms: int) -> None:
    require_range("amount_atoms", amount_atoms, 1, MAX_BALANCE_ATOMS)
    if abs(account.balance_atoms + amount_atoms) > MAX_BALANCE_ATOMS:
        raise Refused(Reason.OVERFLOW, "amount_atoms", amount_atoms, MAX_BALANCE_ATOMS)
    if not account.is_fund:
        require_net_deposits(account.net_deposits_atoms + amount_atoms, amount_atoms)
        account.net_deposits_atoms += amount_atoms
    account.balance_atoms += amount_atoms
    world.assets[account.asset_id].net_deposits_atoms += amount_atoms
    world.touch(account)


def require_net_deposits(after_atoms: int, amount_atoms: int) -> None:
    """Keep what an account has paid in, less what it took out, in its bounds (BD-12)."""
    if abs(after_atoms) > MAX_NET_DEPOSITS_ATOMS:
        raise Refused(Reason.OVERFLOW, "amount_atoms", amount_atoms, MAX_NET_DEPOSITS_ATOMS)


def deposit(
    world: World, account_id: int, asset_id: int, amount_atoms: int, isolated_market_id: int
) -> None:
    """Pay in; open the account if it is new (GD-9)."""
    require_range("account_id", account_id, 1, MAX_ID)
    require_asset(world, asset_id)
    require_cross(isolated_market_id)
    name = AccountName(account_id, asset_id)
    account = world.accounts.get(name, Account(name))
    pay_in(world, account, amount_atoms)
    world.accounts[name] = account


def named_account(world: World, account_id: int, asset_id: int, isolated_market_id: int) -> Account:
    """Return the account that a trader's command names, guard by guard (GD-23)."""
    require_range("account_id", account_id, 1, MAX_ID)
    require_party(world, account_id)
    require_asset(world, asset_id)
    require_cross(isolated_market_id)
    return require_account(world, "account_id", account_id, asset_id)


def withdraw(
    world: World, account_id: int, asset_id: int, amount_atoms: int, isolated_market_id: int
) -> None:
    """Pay out at most what is withdrawable (GD-10)."""
    account = named_account(world, account_id, asset_id, isolated_market_id)
    require_payable(world, account, amount_atoms)
    take_out(world, account, amount_atoms)


def require_payable(world: World, account: Account, amount_atoms: int) -> None:
    """Demand an amount that the account may take out (GD-10)."""
    require_range("amount_atoms", amount_atoms, 1, MAX_BALANCE_ATOMS)
    require_withdrawable(world, account, amount_atoms)
    require_net_deposits(account.net_deposits_atoms - amount_atoms, amount_atoms)
    paid_in = max(0, account.net_deposits_atoms)
    if amount_atoms > paid_in and margin.is_gate_closed(world, account.asset_id):
        raise Refused(
            Reason.LOSS_UNALLOCATED, "amount_atoms", amount_atoms, paid_in, detail=account.asset_id
        )


def require_withdrawable(world: World, account: Account, amount_atoms: int) -> None:
    """Leave what the positions want, and all in liquidation (MG-8)."""
    if account.state in (State.LIQUIDATING, State.BANKRUPT):
        raise Refused(Reason.ACCOUNT_IN_LIQUIDATION, "account_id", account.account_id)
    largest = margin.withdrawable(world, account)
    if amount_atoms > largest:
        raise Refused(Reason.NOT_WITHDRAWABLE, "amount_atoms", amount_atoms, largest)


def take_out(world: World, account: Account, amount_atoms: int) -> None:
    account.balance_atoms -= amount_atoms
    account.net_deposits_atoms -= amount_atoms
    world.assets[account.asset_id].net_deposits_atoms -= amount_atoms
    world.touch(account)


def close_account(world: World, account_id: int, asset_id: int, isolated_market_id: int) -> None:
    """Close an account that holds nothing; asset 0 is the one that was made first (GD-11)."""
    asset_id = asset_id or world.first_asset_id()
    account = named_account(world, account_id, asset_id, isolated_market_id)
    if account.state in (State.LIQUIDATING, State.BANKRUPT):
        raise Refused(Reason.ACCOUNT_IN_LIQUIDATION, "account_id", account_id)
    if account.positions:
        raise Refused(Reason.HAS_POSITIONS, "account_id", len(account.positions))
    if account.balance_atoms != 0:
        raise Refused(Reason.HAS_BALANCE, "account_id", account.balance_atoms)
    if account.reservations:
        raise Refused(Reason.HAS_RESERVATIONS, "account_id", len(account.reservations))
    del world.accounts[account.name]


def never_issued(world: World, liquidation_id: int) -> Refused:
    last = world.last_liquidation_id
    return Refused(Reason.UNKNOWN_LIQUIDATION, "liquidation_id", liquidation_id, detail=last)


class Fill(NamedTuple):
    """A trade that names a liquidation order."""

    liquidation_id: int
    market_id: int
    buyer_id: int
    seller_id: int
    price_ticks: int
    size_lots: int


def named_order(world: World, fill: Fill) -> Order | KeptOrder | None:
    """Return the order that a trade names, open or kept; None: an ordinary trade (GD-12, WF-17).

    While ended orders are kept, one that is not is as unknown as if it had never been (WF-28).
    """
    if not 0 <= fill.liquidation_id <= world.last_liquidation_id:
        raise never_issued(world, fill.liquidation_id)
    opened = world.open_order(fill.liquidation_id)
    kept = late_fills.find(world, fill.liquidation_id)
    order = kept.order if kept is not None else opened
    if order is not None:
        require_parties_of(order, fill)
        require_open_part_of(order, fill)
    elif fill.liquidation_id and world.risk.late_fill_millis:
        raise never_issued(world, fill.liquidation_id)
    return kept or opened


def require_parties_of(order: Order, fill: Fill) -> None:
    """Refuse another market or account, then the account on the wrong side (GD-12)."""
    trader_id = order.account.account_id
    parties = {Side.LONG: fill.buyer_id, Side.SHORT: fill.seller_id}
    if order.market_id != fill.market_id or trader_id not in parties.values():
        raise Refused(Reason.LIQUIDATION_MISMATCH, "liquidation_id", fill.liquidation_id)
    if parties[order.side] != trader_id:
        field = "seller_account_id" if order.side == Side.LONG else "buyer_account_id"
        reason = Reason.LIQUIDATION_SIDE
        raise Refused(reason, field, trader_id, order.side, detail=fill.liquidation_id)


def require_open_part_of(order: Order, fill: Fill) -> None:
    """Refuse more than is unfilled, then a price worse than the limit (GD-12)."""
    left, limit, named = order.unfilled_lots, order.limit_price_ticks, fill.liquidation_id
    if fill.size_lots > left:
        reason = Reason.LIQUIDATION_OVERFILL
        raise Refused(reason, "size_lots", fill.size_lots, left, detail=named)
    if order.is_better(limit, fill.price_ticks):
        reason = Reason.LIQUIDATION_PRICE
        raise Refused(reason, "price_ticks", fill.price_ticks, limit, detail=named)


def trade(
    world: World,
    market_id: int,
    buyer_account_id: int,
    seller_account_id: int,
    price_ticks: int,
    size_lots: int,
    buyer_fee_atoms: int,
    seller_fee_atoms: int,
    liquidation_id: int,
) -> None:
    """Guard (GD-12), book both sides and note the fill of an order (GD-13)."""
    market = require_marked_market(world, market_id)
    parameters = market.parameters
    asset_id = parameters.asset_id
    named = (market_id, liquidation_id)
    buyer = late_fills.gone_party(
        world, AccountName(buyer_account_id, asset_id), Side.LONG, *named
    ) or require_account(world, "buyer_account_id", buyer_account_id, asset_id)
    seller = late_fills.gone_party(
        world, AccountName(seller_account_id, asset_id), Side.SHORT, *named
    ) or require_account(world, "seller_account_id", seller_account_id, asset_id)
    if buyer is seller:
        raise Refused(Reason.SELF_TRADE, "seller_account_id", seller_account_id)
    require_range("price_ticks", price_ticks, 1, parameters.max_price_ticks)
    require_step("price_ticks", price_ticks, parameters.price_step_ticks)
    require_range("size_lots", size_lots, 1, parameters.max_position_lots)
    closes_whole = size_lots in (-buyer.size_in(market_id), seller.size_in(market_id))
    if not closes_whole and not fills_whole(world, liquidation_id, size_lots):
        require_step("size_lots", size_lots, parameters.size_step_lots)
    require_range("buyer_fee_atoms", buyer_fee_atoms, -MAX_FEE_ATOMS, MAX_FEE_ATOMS)
    require_range("seller_fee_atoms", seller_fee_atoms, -MAX_FEE_ATOMS, MAX_FEE_ATOMS)
    parties = (buyer_account_id, seller_account_id)
    order = named_order(world, Fill(liquidation_id, market_id, *parties, price_ticks, size_lots))
    deal = Deal(buyer, seller, size_lots, price_ticks, buyer_fee_atoms, seller_fee_atoms)
    book_trade(world, market, deal, order)


def fills_whole(world: World, liquidation_id: int, size_lots: int) -> bool:
    """Say whether it is all that is unfilled of the order that it names, open or kept (GD-12)."""
    open_order = world.open_order(liquidation_id) if liquidation_id else None
    kept = late_fills.find(world, liquidation_id)
    named = open_order or (kept.order if kept else None)
    return named is not None and named.unfilled_lots == size_lots


def book_trade(world: World, market: Market, deal: Deal, named: Order | KeptOrder | None) -> None:
    """Guard the bookings (GD-14), book them, tell of a repricing and note a fill (GD-13)."""
    order = named if isinstance(named, Order) else None
    if isinstance(named, KeptOrder):
        part = late_fills.part_of_fund(world, named, deal.size_lots)
        is_gone = named.order.account not in world.accounts
        deal = deal._replace(late_side=named.order.side, fund_part=part, is_account_gone=is_gone)
    sides, repriced = repriced_sides(world, market, deal)
    for account, after in sides:
        booking.check(world, market, account, after, Row(deal.size_lots, deal.price_ticks))
    closing = None if order is None else orders.closing(world, order, deal.size_lots)
    for account, after in sides:
        booking.put(market, account, after)
        world.touch(account)
    asset = world.assets[market.parameters.asset_id]
    asset.fees_atoms += deal.buyer_fee_atoms + deal.seller_fee_atoms
    for one in repriced:
        tell_repriced(world, market, deal, one)
    if order is not None and closing is not None:
        orders.fill(world, order, deal.size_lots, deal.price_ticks, closing)
    if isinstance(named, KeptOrder):
        note_late_fill(world, market, named, deal)


def note_late_fill(world: World, market: Market, kept: KeptOrder, deal: Deal) -> None:
    """Take a late fill off its order and the last one, and tell what the fund got (WF-28)."""
    part, order = deal.fund_part, kept.order
    late_fills.take(world, kept, deal.size_lots)
    orders.take_off_rest(world, order.liquidation_id, deal.size_lots)
    assert part is not None
    if part.lots:
        tell_late_fill(world, market, order, deal, part)
    last = late_fills.last_of_chain(world, kept)
    if last != order.liquidation_id and part.lots < deal.size_lots:
        orders.close_elsewhere(world, last, deal.size_lots - part.lots)


def tell_late_fill(
    world: World, market: Market, order: Order, deal: Deal, part: late_fills.FundPart
) -> None:
    world.emit(
        Kind.LATE_FILL,
        Account(order.account),
        liquidation_id=order.liquidation_id,
        market_id=order.market_id,
        fund_id=market.parameters.fund_id,
        counterparty_account_id=part.fund.account_id,
        side=order.side,
        size_lots=part.lots,
        price_ticks=deal.price_ticks,
    )


def require_size_of_update(
    parameters: MarketParameters, mode: int, size_lots: int, held_lots: int
) -> None:
    """Refuse a size out of bounds, or off the step when it is no whole position (GD-15)."""
    largest = parameters.max_position_lots
    require_range("size_lots", size_lots, -largest, largest)
    if size_lots != (-held_lots if mode == Mode.DELTA else held_lots):
        require_step("size_lots", size_lots, parameters.size_step_lots)


def position_update(
    world: World, mode: int, account_id: int, market_id: int, size_lots: int, price_ticks: int
) -> None:
    """Guard (GD-15), then book a delta (GD-16) or set what was stated (GD-17)."""
    market = require_marked_market(world, market_id)
    parameters = market.parameters
    account = require_account(world, "account_id", account_id, parameters.asset_id)
    if mode == Mode.DELTA and size_lots == 0:
        raise Refused(Reason.OUT_OF_RANGE, "size_lots", 0, 1)
    require_size_of_update(parameters, mode, size_lots, account.size_in(market_id))
    if mode == Mode.DELTA or size_lots != 0:
        require_range("price_ticks", price_ticks, 1, parameters.max_price_ticks)
    if mode == Mode.DELTA:
        require_step("price_ticks", price_ticks, parameters.price_step_ticks)
    paid = size_lots * price_ticks * market.multiplier
    before = booking.now(account, market_id)
    after = before
    if mode == Mode.DELTA:
        after = booking.booked(before, size_lots, paid)
    elif size_lots != before.size_lots:
        after = Booked(before.balance_atoms, size_lots, paid if size_lots else 0)
    booking.check(world, market, account, after, Row(size_lots, price_ticks))
    world.touch(account)
    if after == before:
        return
    booking.put(market, account, after)
    settle_outside(market, before, after)
    if mode == Mode.ABSOLUTE:
        world.emit(
            Kind.POSITION_MISMATCH,
            account,
            market_id=market_id,
            position_lots=before.size_lots,
            stated_lots=size_lots,
        )


def settle_outside(market: Market, before: Booked, after: Booked) -> None:
    """Give the outside leg the other side (ST-6): balance - cost + outside cost stays as it was."""
    market.outside_lots -= after.size_lots - before.size_lots
    gained = (after.balance_atoms - after.cost_atoms) - (before.balance_atoms - before.cost_atoms)
    market.outside_cost_atoms += gained


def mark_price(world: World, seen: set[int], market_id: int, mark_price_ticks: int) -> None:
    """Set the mark and touch all who hold the market (GD-18)."""
    market = require_market(world, market_id)
    largest = market.parameters.max_price_ticks
    require_range("mark_price_ticks", mark_price_ticks, 1, largest)
    if market_id in seen:
        raise Refused(Reason.DUPLICATE_ROW, "market_id", market_id)
    seen.add(market_id)
    world.set_mark(market, mark_price_ticks)
    world.touch_holders(market_id)


def liquidation_report(world: World, liquidation_id: int) -> None:
    """End an order that the venue is done with, unless it has ended (GD-19)."""
    if not 1 <= liquidation_id <= world.last_liquidation_id:
        raise never_issued(world, liquidation_id)
    order = world.open_order(liquidation_id)
    if order is not None:
        orders.end(world, order, Ended.DONE)
