"""What the engine answers, computed from scratch; field names as in riskengine.core.types."""

from tests.simulation.oracle import booking, margin, means, questions
from tests.simulation.oracle.names import FUND_ACCOUNT_BASE, State, VenueMode
from tests.simulation.oracle.world import Account, AccountName, World

Fields = dict[str, int]


def position(world: World, account: Account, market_id: int) -> Fields:
    market = world.markets[market_id]
    held = account.positions[market_id]
    value = held.size_lots * market.lot_value_atoms
    tiers = market.parameters.tiers
    return {
        "market_id": market_id,
        "size_lots": held.size_lots,
        "cost_atoms": held.cost_atoms,
        "mark_price_ticks": market.mark_price_ticks,
        "unrealised_pnl_atoms": value - held.cost_atoms,
        "notional_atoms": abs(value),
        "maintenance_atoms": margin.maintenance_of(tiers, abs(value)),
        "initial_atoms": margin.initial_of(tiers, abs(value)),
        "tier": margin.tier_of(tiers, abs(value)),
    }


def end_prices(world: World, account: Account, market_id: int) -> Fields:
    return {
        "liquidation_price_ticks": questions.liquidation_price(world, account, market_id),
        "bankruptcy_price_ticks": questions.bankruptcy_price(world, account, market_id),
    }


def account(world: World, name: AccountName) -> Fields:
    held = world.accounts[name]
    return {
        **name._asdict(),
        "state": int(held.state),
        "is_fund": held.is_fund,
        "balance_atoms": held.balance_atoms,
        "unrealised_pnl_atoms": margin.unrealised(world, held),
        "equity_atoms": margin.equity(world, held),
        "maintenance_atoms": margin.maintenance(world, held),
        "initial_atoms": margin.initial(world, held),
        "withdrawable_atoms": margin.payable(world, held),
        "notional_atoms": margin.notional(world, held),
        "net_deposits_atoms": held.net_deposits_atoms,
        "reserved_atoms": sum(held.reservations.values()),
    }


def reservations(world: World, name: AccountName) -> list[tuple[int, int]]:
    """Return number and amount of each reservation, by number."""
    return sorted(world.accounts[name].reservations.items())


def positions(world: World, name: AccountName, *, priced: bool) -> list[Fields]:
    """Return the positions by market id, if asked for with the prices at which they end."""
    held = world.accounts[name]
    fields = []
    for market_id in sorted(held.positions):
        prices = end_prices(world, held, market_id) if priced else {}
        fields.append({**position(world, held, market_id), **prices})
    return fields


def kept_orders(world: World) -> list[Fields]:
    """Return the ended orders that are kept for late fills, as they ended (WF-28)."""
    return [
        {
            "liquidation_id": kept.order.liquidation_id,
            **kept.order.account._asdict(),
            "market_id": kept.order.market_id,
            "side": int(kept.order.side),
            "limit_price_ticks": kept.order.limit_price_ticks,
            "unfilled_lots": kept.order.unfilled_lots,
            "moved_lots": kept.moved_lots,
            "next_liquidation_id": kept.next_liquidation_id,
            "end_nanos": kept.end_nanos,
        }
        for kept in world.kept
    ]


def open_orders(world: World) -> list[tuple[int, int, bool]]:
    """Return the id of each open order with its deadline, and whether it is being cancelled."""
    due = {timer.liquidation_id: timer.time_nanos for timer in world.timers}
    return sorted(
        (order.liquidation_id, due[order.liquidation_id], order.cancelling)
        for held in world.accounts.values()
        for order in held.open_orders
    )


def market(world: World, market_id: int) -> Fields:
    long_lots, short_lots = booking.totals(world, market_id)
    state = world.markets[market_id]
    return {
        "mark_price_ticks": state.mark_price_ticks,
        "long_lots": long_lots,
        "short_lots": short_lots,
        "imbalance_lots": long_lots - short_lots,
        "open_interest_atoms": long_lots * state.lot_value_atoms,
    }


def fund(world: World, fund_id: int) -> Fields:
    held = world.fund_account(fund_id)
    equity_atoms, maintenance_atoms = margin.assess(world, held)
    return {
        "fund_id": fund_id,
        "asset_id": held.asset_id,
        "account_id": FUND_ACCOUNT_BASE + fund_id,
        "balance_atoms": held.balance_atoms,
        "equity_atoms": equity_atoms,
        "maintenance_atoms": maintenance_atoms,
        "inventory_notional_atoms": margin.notional(world, held),
        "peak_equity_atoms": means.peak(world, held),
        "is_stopped": means.is_stopped(world, held),
        "paid_atoms": sum(
            means.paid_for(world, market_id)
            for market_id, market in world.markets.items()
            if market.parameters.fund_id == fund_id
        ),
        "noted_equity_atoms": means.noted_equity(world, held),
    }


def conservation(world: World, asset_id: int) -> Fields:
    """Sum the asset's money at the marks; `missing_atoms` must be 0 (ST-10)."""
    asset, accounts = world.assets[asset_id], world.of_asset(asset_id)
    unrealised = sum(margin.unrealised(world, held) for held in accounts)
    for state in world.markets.values():
        if state.parameters.asset_id == asset_id:
            unrealised += state.outside_lots * state.lot_value_atoms - state.outside_cost_atoms
    balances = sum(held.balance_atoms for held in accounts if not held.is_fund)
    funds = sum(held.balance_atoms for held in accounts if held.is_fund)
    held_atoms = balances + unrealised + funds + asset.fees_atoms + asset.carried_in_atoms
    reserved = sum(sum(held.reservations.values()) for held in accounts)
    return {
        "asset_id": asset_id,
        "net_deposits_atoms": asset.net_deposits_atoms,
        "balances_atoms": balances,
        "unsettled_pnl_atoms": unrealised,
        "funds_atoms": funds,
        "fees_atoms": asset.fees_atoms,
        "missing_atoms": asset.net_deposits_atoms + asset.reserved_atoms - held_atoms - reserved,
        "bad_debt_atoms": bad_debt(world, asset_id),
        "carried_in_atoms": asset.carried_in_atoms,
        "reserved_atoms": reserved,
    }


def gate(world: World, asset_id: int) -> Fields:
    return {
        "asset_id": asset_id,
        "unallocated_loss_atoms": margin.unallocated_loss(world, asset_id),
        "level_atoms": margin.gate_level(world, asset_id),
        "is_closed": margin.is_gate_closed(world, asset_id),
    }


def bad_debt(world: World, asset_id: int) -> int:
    """Return what accounts of the asset owe that nobody could pay yet."""
    accounts = world.of_asset(asset_id)
    return sum(-margin.equity(world, held) for held in accounts if held.state == State.BANKRUPT)


def next_timer(world: World) -> int:
    """Return the time of the next timer that may fire, 0 for none."""
    if world.mode == VenueMode.LOADING:
        return 0
    return min((timer.time_nanos for timer in world.timers), default=0)


def totals(world: World) -> dict[str, int | list[int]]:
    """Return the engine's properties."""
    debts = [bad_debt(world, asset_id) for asset_id in world.assets]
    return {
        "sequence": world.sequence,
        "time_nanos": world.time_nanos,
        "instruction_sequence": world.instruction_sequence,
        "next_timer_nanos": next_timer(world),
        "venue_mode": int(world.mode),
        "last_liquidation_id": world.last_liquidation_id,
        "account_count": sum(1 for _ in world.traders()),
        "position_count": sum(len(held.positions) for held in world.accounts.values()),
        "open_liquidation_count": sum(len(a.open_orders) for a in world.accounts.values()),
        "bad_debt_atoms": debts[0] if debts else 0,
        "bad_debts_atoms": debts,
    }


def accounts_by_state(world: World) -> tuple[int, ...]:
    counts = [0] * 5
    for held in world.traders():
        counts[held.state] += 1
    return tuple(counts)


def check_invariants(world: World) -> None:
    """Assert conservation and everything that holds between two commands."""
    for market_id, state in world.markets.items():
        sizes = sum(held.size_in(market_id) for held in world.accounts.values())
        assert sizes + state.outside_lots == 0, (market_id, sizes, state.outside_lots)
    for asset_id in world.assets:
        money = conservation(world, asset_id)
        assert money["missing_atoms"] == 0, money
    for held in world.accounts.values():
        _check_account(world, held)
    assert not world.touched
    bankrupt = {held.name for held in world.traders() if held.state == State.BANKRUPT}
    assert bankrupt == set(world.bankrupt), world.bankrupt
    assert bankrupt == set(world.debts), world.debts
    assert not world.due
    waits = {(timer.account, timer.time_nanos) for timer in world.timers if timer.is_of_debt}
    for debt in world.debts.values():
        assert debt.due_nanos == 0 or (debt.account, debt.due_nanos) in waits, debt


def _check_account(world: World, held: Account) -> None:
    for market_id, state in held.positions.items():
        parameters = world.markets[market_id].parameters
        largest = parameters.max_position_lots
        assert parameters.asset_id == held.asset_id, (held, market_id)
        assert 0 < abs(state.size_lots) <= largest, (held, market_id)
        assert abs(state.cost_atoms) <= 2**54, (held, market_id)
    assert abs(margin.equity(world, held)) < 2**63, held
    if held.is_fund:
        assert held.state == State.NORMAL
        assert not held.orders
        return
    for order in held.open_orders:
        assert any(timer.liquidation_id == order.liquidation_id for timer in world.timers), order
    if held.retry_nanos:
        waits = [t.time_nanos for t in world.timers if t.account == held.name and not t.is_of_debt]
        assert held.retry_nanos in waits, held
    safe = margin.is_safe(world, held)
    if world.mode == VenueMode.LOADING:
        assert held.state == (State.LIQUIDATING if held.orders else State.NORMAL), held
        return
    if held.state in (State.NORMAL, State.MARGIN_CALL):
        assert safe, held
        assert not held.orders
        assert held.retry_nanos == 0
        assert not held.asked
    elif held.state == State.LIQUIDATING:
        assert held.open_orders or held.retry_nanos, held
        assert held.open_orders or not safe, held
        assert margin.equity(world, held) >= 0, held
    else:
        assert not held.orders
        assert held.retry_nanos == 0
        assert not held.asked
        assert margin.equity(world, held) < 0, held
