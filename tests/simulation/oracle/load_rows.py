"""Loading a venue (LD-1 to LD-12): guards in order, then the effect."""

from tests.simulation.oracle import booking
from tests.simulation.oracle.booking import Booked, Row
from tests.simulation.oracle.names import (
    FUND_ACCOUNT_BASE,
    MAX_BALANCE_ATOMS,
    MAX_COST_ATOMS,
    MAX_FUND_ID,
    MAX_ID,
    MAX_ISSUED_LIQUIDATIONS,
    MAX_LOADED_LIQUIDATIONS,
    NANOS_PER_MILLI,
    Reason,
    Side,
    State,
    VenueMode,
)
from tests.simulation.oracle.refusal import Refused, require_range
from tests.simulation.oracle.rows import (
    never_issued,
    require_account,
    require_asset,
    require_marked_market,
    require_market,
)
from tests.simulation.oracle.world import Account, AccountName, Order, World


def require_mode(world: World, mode: VenueMode) -> None:
    """Refuse what the venue does not take in its mode (LD-1)."""
    if world.mode != mode:
        reason = Reason.LOADING if world.mode == VenueMode.LOADING else Reason.NOT_LOADING
        raise Refused(reason, "venue_mode", world.mode, mode)


def begin(world: World, last_liquidation_id: int) -> None:
    """Have an empty venue loaded (LD-2)."""
    accounts = sum(1 for _ in world.traders())
    positions = sum(len(held.positions) for held in world.accounts.values())
    if accounts:
        raise Refused(Reason.NOT_EMPTY, "account_count", accounts)
    if positions:
        raise Refused(Reason.NOT_EMPTY, "position_count", positions)
    last = world.last_liquidation_id
    require_range("last_liquidation_id", last_liquidation_id, last, MAX_ISSUED_LIQUIDATIONS)
    world.kept.clear()
    world.mode = VenueMode.LOADING
    world.last_liquidation_id = last_liquidation_id


def account(
    world: World,
    account_id: int,
    asset_id: int,
    balance_atoms: int,
    net_deposits_atoms: int,
    debt_market_id: int,
) -> None:
    """Open an account as it stood, or give a fund what it had (LD-4, LD-5)."""
    require_range("account_id", account_id, 1, FUND_ACCOUNT_BASE + MAX_FUND_ID)
    require_asset(world, asset_id)
    name = AccountName(account_id, asset_id)
    is_fund = account_id > MAX_ID
    if is_fund and name not in world.accounts:
        raise Refused(Reason.UNKNOWN_FUND, "account_id", account_id)
    held = world.accounts.get(name)
    if held is not None and not (is_fund and held.balance_atoms == 0 and not held.positions):
        raise Refused(Reason.ALREADY_EXISTS, "account_id", account_id, detail=asset_id)
    require_range("balance_atoms", balance_atoms, -MAX_BALANCE_ATOMS, MAX_BALANCE_ATOMS)
    if is_fund and balance_atoms == 0:
        raise Refused(Reason.OUT_OF_RANGE, "balance_atoms", 0, 1)
    require_range("net_deposits_atoms", net_deposits_atoms, -MAX_BALANCE_ATOMS, MAX_BALANCE_ATOMS)
    if is_fund:
        require_range("debt_market_id", debt_market_id, 0, 0)
    elif debt_market_id:
        market = world.markets.get(debt_market_id)
        if market is None or market.parameters.asset_id != asset_id:
            raise Refused(Reason.UNKNOWN_MARKET, "debt_market_id", debt_market_id)
    if held is None:
        held = world.accounts[name] = Account(name, net_deposits_atoms=net_deposits_atoms)
    held.balance_atoms = balance_atoms
    held.debt_market = debt_market_id
    asset = world.assets[asset_id]
    asset.net_deposits_atoms += net_deposits_atoms
    asset.carried_in_atoms += net_deposits_atoms - balance_atoms


def position(
    world: World, account_id: int, market_id: int, size_lots: int, cost_atoms: int
) -> None:
    """Give an account a position as it stood, and the outside its other side (LD-6, LD-7)."""
    market = require_marked_market(world, market_id)
    held = require_account(world, "account_id", account_id, market.parameters.asset_id)
    if size_lots == 0:
        raise Refused(Reason.OUT_OF_RANGE, "size_lots", 0, 1)
    largest = market.parameters.max_position_lots
    require_range("size_lots", size_lots, -largest, largest)
    require_range("cost_atoms", cost_atoms, -MAX_COST_ATOMS, MAX_COST_ATOMS)
    if market_id in held.positions:
        raise Refused(Reason.ALREADY_EXISTS, "market_id", market_id, detail=account_id)
    after = Booked(held.balance_atoms, size_lots, cost_atoms)
    booking.check(world, market, held, after, Row(size_lots, 0))
    debt_market = held.debt_market
    booking.put(market, held, after)
    held.debt_market = debt_market or held.debt_market
    market.outside_lots -= size_lots
    market.outside_cost_atoms -= cost_atoms


def liquidation(
    world: World,
    liquidation_id: int,
    account_id: int,
    market_id: int,
    side: int,
    size_lots: int,
    filled_lots: int,
    limit_price_ticks: int,
    deadline_nanos: int,
    sliced: int,
) -> None:
    """Have an account liquidated by an order that is open elsewhere (LD-8, LD-9)."""
    last = world.last_liquidation_id
    if not 1 <= liquidation_id <= last:
        raise never_issued(world, liquidation_id)
    oldest = max(1, last - MAX_LOADED_LIQUIDATIONS + 1)
    require_range("liquidation_id", liquidation_id, oldest, last)
    if world.open_order(liquidation_id):
        raise Refused(Reason.ALREADY_EXISTS, "liquidation_id", liquidation_id)
    market = require_market(world, market_id)
    require_range("account_id", account_id, 1, MAX_ID)
    held = require_account(world, "account_id", account_id, market.parameters.asset_id)
    if any(order.market_id == market_id for order in held.orders):
        raise Refused(Reason.ALREADY_EXISTS, "market_id", market_id, detail=account_id)
    parameters = market.parameters
    _require_reducing_side(held, market_id, side)
    require_range("size_lots", size_lots, 1, parameters.max_position_lots)
    require_range("filled_lots", filled_lots, 0, size_lots - 1)
    lots = held.size_in(market_id)
    if size_lots - filled_lots > abs(lots):
        most = filled_lots + abs(lots)
        raise Refused(Reason.NOT_REDUCING, "size_lots", size_lots, most, detail=lots)
    require_range("limit_price_ticks", limit_price_ticks, 1, parameters.max_price_ticks)
    term_nanos = parameters.liquidation_timeout_millis * NANOS_PER_MILLI
    require_range("deadline_nanos", deadline_nanos, 1, world.command_time_nanos + term_nanos)
    require_range("sliced", sliced, 0, 1)
    order = Order(
        liquidation_id,
        held.name,
        market_id,
        Side(side),
        size_lots,
        limit_price_ticks,
        bool(sliced),
        filled_lots,
    )
    held.orders.append(order)
    world.set_state(held, State.LIQUIDATING)
    world.set_deadline(deadline_nanos, order)


def _require_reducing_side(held: Account, market_id: int, side: int) -> None:
    """Refuse an order for a position that is none, or whose fills it would grow by."""
    lots = held.size_in(market_id)
    if not lots:
        raise Refused(Reason.NOT_REDUCING, "market_id", market_id, detail=held.account_id)
    if side not in list(Side):
        raise Refused(Reason.UNKNOWN_ENUM, "side", side)
    closing = Side.SHORT if lots > 0 else Side.LONG
    if side != closing:
        raise Refused(Reason.NOT_REDUCING, "side", side, closing, lots)


def require_balance(world: World) -> None:
    """Refuse a market whose sizes do not sum to zero (LD-11)."""
    for market_id in sorted(world.markets):
        imbalance = -world.markets[market_id].outside_lots
        if imbalance:
            raise Refused(Reason.IMBALANCED, "imbalance_lots", imbalance, detail=market_id)


def go_live(world: World, accept_imbalance: bool) -> None:
    """End the loading and have everybody judged (LD-11, LD-12)."""
    if not accept_imbalance:
        require_balance(world)
    world.mode = VenueMode.LIVE
    for held in world.accounts.values():
        world.touch(held)
