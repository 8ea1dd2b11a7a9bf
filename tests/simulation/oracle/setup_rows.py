"""Commands that make assets, funds and markets (GD-1 to GD-8)."""

from fractions import Fraction
from itertools import pairwise
from math import ceil

from tests.simulation.oracle import late_fills
from tests.simulation.oracle.names import (
    FUND_ACCOUNT_BASE,
    MAX_ASSETS,
    MAX_BOOK_ATTEMPTS,
    MAX_FUND_ID,
    MAX_FUND_NOTIONAL_PPM,
    MAX_FUNDS,
    MAX_ID,
    MAX_LATE_FILL_MILLIS,
    MAX_LIQUIDATION_FEE_PPM,
    MAX_MARKETS,
    MAX_MILLIS,
    MAX_NOTIONAL_ATOMS,
    MAX_SPREAD_AFTER_MILLIS,
    MAX_STEP,
    MAX_TIERS,
    MAX_WORK_UNITS,
    MIN_TAKE_OVER_PPM,
    PPM,
    Policy,
    Reason,
)
from tests.simulation.oracle.refusal import Refused, require_range, require_symbol
from tests.simulation.oracle.rows import pay_in, require_asset
from tests.simulation.oracle.world import (
    Account,
    AccountName,
    Asset,
    Market,
    MarketParameters,
    RiskParameters,
    RiskTier,
    World,
)

FIXED = (
    "asset_id",
    "tick_exponent",
    "lot_exponent",
    "max_price_ticks",
    "max_position_lots",
)
RISING = ("max_price_ticks",)


def create_asset(world: World, asset_id: int, symbol: str, exponent: int) -> None:
    """Make the settlement asset (GD-1)."""
    require_range("asset_id", asset_id, 1, MAX_ID)
    if asset_id in world.assets:
        raise Refused(Reason.ALREADY_EXISTS, "asset_id", asset_id)
    if len(world.assets) >= MAX_ASSETS:
        raise Refused(Reason.CAPACITY, "asset_id", asset_id, MAX_ASSETS)
    require_symbol(symbol)
    require_range("exponent", exponent, -18, 0)
    world.assets[asset_id] = Asset(asset_id, symbol, exponent)


def create_fund(world: World, fund_id: int, asset_id: int) -> None:
    """Make a fund and its account (GD-3, BD-2)."""
    require_range("fund_id", fund_id, 1, MAX_FUND_ID)
    if fund_id in world.funds:
        raise Refused(Reason.ALREADY_EXISTS, "fund_id", fund_id)
    if len(world.funds) >= MAX_FUNDS:
        raise Refused(Reason.CAPACITY, "fund_id", fund_id, MAX_FUNDS)
    require_asset(world, asset_id)
    name = AccountName(FUND_ACCOUNT_BASE + fund_id, asset_id)
    world.funds[fund_id] = name
    world.accounts[name] = Account(name, is_fund=True)


def fund_deposit(world: World, fund_id: int, amount_atoms: int) -> None:
    """Pay into a fund (GD-8)."""
    if fund_id not in world.funds:
        raise Refused(Reason.UNKNOWN_FUND, "fund_id", fund_id)
    pay_in(world, world.fund_account(fund_id), amount_atoms)


def set_risk_parameters(world: World, parameters: RiskParameters) -> None:
    """Set the levels, touch everybody (GD-7, MG-9), and have all funds noted (FD-11, FD-12).

    What was forgotten by the old time is not kept by a longer one (WF-28).
    """
    call_ppm = parameters.margin_call_ppm
    require_range("margin_call_ppm", call_ppm, PPM + 1, 10 * PPM - 1)
    require_range("liquidation_buffer_ppm", parameters.liquidation_buffer_ppm, 0, PPM)
    require_range("take_over_ppm", parameters.take_over_ppm, MIN_TAKE_OVER_PPM, PPM)
    clear_ppm = parameters.margin_call_clear_ppm
    require_range("margin_call_clear_ppm", clear_ppm, call_ppm + 1, 10 * PPM)
    require_range("withdrawal_margin_ppm", parameters.withdrawal_margin_ppm, 0, PPM)
    require_range("gate_floor_units", parameters.gate_floor_units, 0, 10**12)
    require_range("gate_ppm", parameters.gate_ppm, 0, PPM)
    in_market_ppm = parameters.fund_market_notional_ppm
    require_range("fund_market_notional_ppm", in_market_ppm, 0, MAX_FUND_NOTIONAL_PPM)
    require_range("fund_notional_ppm", parameters.fund_notional_ppm, 0, MAX_FUND_NOTIONAL_PPM)
    require_range("fund_drawdown_ppm", parameters.fund_drawdown_ppm, 0, PPM)
    require_range("fund_resume_ppm", parameters.fund_resume_ppm, 0, PPM)
    waits = parameters.spread_after_millis
    require_range("second_term_millis", parameters.second_term_millis, 0, MAX_MILLIS)
    require_range("late_fill_millis", parameters.late_fill_millis, 0, MAX_LATE_FILL_MILLIS)
    require_range("spread_after_millis", waits, 0, MAX_SPREAD_AFTER_MILLIS)
    require_range("work_units", parameters.work_units, 0, MAX_WORK_UNITS)
    require_range("max_reservations", parameters.max_reservations, 0, 128)
    late_fills.forget_past(world)
    world.risk = parameters
    late_fills.forget_past(world)
    for debt in world.debts.values():
        if waits and not debt.due_nanos:
            world.set_due(debt, debt.since_nanos)
    for account in world.accounts.values():
        world.touch(account)
    for fund_id in world.funds:
        world.fund_account(fund_id).has_changed = True


def set_retention(
    world: World,
    client_count: int,
    answer_count: int,
    answer_bytes: int,
    instruction_count: int,
    caller_client_count: int,
    client_idle_millis: int,
) -> None:
    """Keep what is given, for others (GD-22)."""
    require_range("client_count", client_count, 1, 1_000_000)
    most_bytes = min(2**30, 2**34 // client_count)
    require_range("answer_count", answer_count, 1, min(1_000_000, most_bytes // 64))
    require_range("answer_bytes", answer_bytes, 64 * answer_count, most_bytes)
    require_range("instruction_count", instruction_count, 1, 100_000_000)
    require_range("caller_client_count", caller_client_count, 1, client_count)
    require_range("client_idle_millis", client_idle_millis, 1, 31_622_400_000)
    world.retention = (
        client_count,
        answer_count,
        answer_bytes,
        instruction_count,
        caller_client_count,
        client_idle_millis,
    )


def set_market(world: World, given: MarketParameters) -> None:
    """Make or change a market and touch all who hold it (GD-4)."""
    require_range("market_id", given.market_id, 1, MAX_ID)
    require_symbol(given.symbol)
    require_asset(world, given.asset_id)
    fund = world.funds.get(given.fund_id)
    if fund is None or fund.asset_id != given.asset_id:
        raise Refused(Reason.UNKNOWN_FUND, "fund_id", given.fund_id)
    require_fund_of_scope(world, given)
    present = world.markets.get(given.market_id)
    if present is None and len(world.markets) >= MAX_MARKETS:
        raise Refused(Reason.CAPACITY, "market_id", given.market_id, MAX_MARKETS)
    multiplier = require_units(world, given)
    require_tiers(given.tiers)
    require_liquidation(given)
    require_range("order_band_ppm", given.order_band_ppm, 1, PPM)
    require_discount(given)
    require_range("fund_share_ppm", given.fund_share_ppm, 0, PPM)
    require_range("inventory_ppm", given.inventory_ppm, 0, MAX_FUND_NOTIONAL_PPM)
    if present is None:
        world.markets[given.market_id] = Market(given, multiplier)
    else:
        require_same(present.parameters, given)
        present.parameters = given
    world.touch_holders(given.market_id)


def require_fund_of_scope(world: World, given: MarketParameters) -> None:
    """Refuse a second fund for the cross accounts of an asset (GD-4)."""
    known = {
        market.parameters.fund_id
        for market in world.markets.values()
        if market.parameters.asset_id == given.asset_id
    }
    assert len(known) <= 1
    for fund_id in known - {given.fund_id}:
        raise Refused(Reason.FUND_SCOPE, "fund_id", given.fund_id, fund_id)


def require_units(world: World, given: MarketParameters) -> int:
    """Check exponents, steps and the largest notional; return the multiplier."""
    least = world.assets[given.asset_id].exponent - given.tick_exponent
    require_range("lot_exponent", given.lot_exponent, least, least + 15)
    multiplier = int(10 ** (given.lot_exponent - least))
    require_range("price_step_ticks", given.price_step_ticks, 1, MAX_STEP)
    require_range("size_step_lots", given.size_step_lots, 1, MAX_STEP)
    require_range("max_price_ticks", given.max_price_ticks, 1, 2**63 - 1)
    largest_step = given.max_price_ticks
    require_range("price_step_ticks", given.price_step_ticks, 1, largest_step)
    require_range("max_position_lots", given.max_position_lots, 1, 2**63 - 1)
    largest = given.max_price_ticks * given.max_position_lots * multiplier
    if largest > MAX_NOTIONAL_ATOMS:
        raise Refused(
            Reason.OVERFLOW, "max_position_lots", given.max_position_lots, MAX_NOTIONAL_ATOMS
        )
    return multiplier


def require_tiers(tiers: tuple[RiskTier, ...]) -> None:
    """Refuse tiers that leave their bounds or do not rise, naming the first at fault (GD-5)."""
    faults: list[int] = []
    if not tiers or tiers[0].floor_atoms != 0:
        faults.append(1)
    for number, tier in enumerate(tiers, 1):
        in_bounds = 1 <= tier.maintenance_rate_ppm <= tier.initial_rate_ppm <= PPM
        if not in_bounds or tier.floor_atoms > MAX_NOTIONAL_ATOMS:
            faults.append(number)
    for number, (lower, upper) in enumerate(pairwise(tiers), 2):
        rises = (
            lower.floor_atoms < upper.floor_atoms
            and lower.maintenance_rate_ppm <= upper.maintenance_rate_ppm
            and lower.initial_rate_ppm <= upper.initial_rate_ppm
        )
        if not rises:
            faults.append(number)
    if len(tiers) > MAX_TIERS:
        faults = [MAX_TIERS + 1]
    if faults:
        raise Refused(Reason.INVALID_TIERS, "tiers", 0, detail=min(faults))


def require_liquidation(given: MarketParameters) -> None:
    fee_ppm = given.liquidation_fee_ppm
    require_range("liquidation_fee_ppm", fee_ppm, 0, MAX_LIQUIDATION_FEE_PPM)
    require_range("liquidation_timeout_millis", given.liquidation_timeout_millis, 1, MAX_MILLIS)
    require_range("liquidation_slice_lots", given.liquidation_slice_lots, 0, 2**63 - 1)
    require_range("liquidation_cooldown_millis", given.liquidation_cooldown_millis, 0, MAX_MILLIS)
    require_range("dust_notional_atoms", given.dust_notional_atoms, 0, MAX_NOTIONAL_ATOMS)
    if given.loss_policy not in list(Policy):
        raise Refused(Reason.UNKNOWN_ENUM, "loss_policy", given.loss_policy)
    require_range("reprices_trades", given.reprices_trades, 0, 1)


def require_discount(given: MarketParameters) -> None:
    """Demand phi <= delta and 2 * delta < r0 (WF-9), and 0 to 3 attempts of the book (WF-18)."""
    most = largest_discount_ppm(given.tiers)
    require_range("discount_ppm", given.discount_ppm, given.liquidation_fee_ppm, most)
    require_range("book_attempts", given.book_attempts, 0, MAX_BOOK_ATTEMPTS)


def largest_discount_ppm(tiers: tuple[RiskTier, ...]) -> int:
    """Return the largest discount of which twice is below the lowest maintenance rate (WF-9)."""
    return below_half(min(tier.maintenance_rate_ppm for tier in tiers))


def below_half(rate_ppm: int) -> int:
    return ceil(Fraction(rate_ppm, 2)) - 1


def largest_fee_ppm(lowest_rate_ppm: int) -> int:
    """Return the largest fee of a market: no more than its largest discount (WF-9)."""
    return min(MAX_LIQUIDATION_FEE_PPM, below_half(lowest_rate_ppm))


def require_same(present: MarketParameters, given: MarketParameters) -> None:
    """Refuse a change of what a market keeps (GD-6)."""
    for field in FIXED:
        old, new = getattr(present, field), getattr(given, field)
        if old != new and not (field in RISING and new > old):
            raise Refused(Reason.IMMUTABLE, field, new, old)
