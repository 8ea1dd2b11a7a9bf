"""Judgement and timers (JD-1 to JD-10, TM-1 to TM-5): who is judged, in which order, and when."""

from tests.simulation.oracle import (
    debts,
    funds,
    late_fills,
    margin,
    needs,
    orders,
    settlement,
    waterfall,
)
from tests.simulation.oracle.judged import Judged, judged
from tests.simulation.oracle.names import PPM, Kind, State
from tests.simulation.oracle.world import Account, AccountName, World

MOST_PASSES = 20
MOST_SILENT_PASSES = 2


def run_timers(world: World) -> None:
    """Fire what is due in order (TM-1): deadlines (TM-2), retries (TM-3), debts (TM-5)."""
    due = sorted(t for t in world.timers if t.time_nanos <= world.time_nanos)
    world.timers = [t for t in world.timers if t.time_nanos > world.time_nanos]
    for timer in due:
        if timer.liquidation_id:
            order = world.open_order(timer.liquidation_id)
            if order is not None and order.deadline_nanos == timer.time_nanos:
                orders.reach_deadline(world, order)
            continue
        if timer.is_of_debt:
            debts.fire(world, timer)
            continue
        account = world.accounts.get(timer.account) if timer.account else None
        if account is not None and account.retry_nanos == timer.time_nanos:
            account.retry_nanos = 0
            world.touch(account)


def judge(world: World) -> None:
    """Judge in passes until nobody is touched (JD-1), then have debts paid (FD-6)."""
    passes = silent = 0
    while world.touched:
        told = world.instruction_sequence
        accounts = [world.accounts[name] for name in sorted(world.touched)]
        world.touched = set()
        for account in accounts:
            make_transition(world, account)
        candidates = [one for account in accounts if is_due(world, one := judged(world, account))]
        judge_pass(world, sorted(candidates, key=riskiest_first))
        passes, silent = passes + 1, silent + 1 if told == world.instruction_sequence else 0
        assert passes <= MOST_PASSES, "a judgement ends"
        assert silent <= MOST_SILENT_PASSES, "a judgement gets on"
    settlement.settle_debts(world)


def judge_pass(world: World, candidates: list[Judged]) -> None:
    """Decide all on the numbers with which the pass began (JD-1, JD-10)."""
    for one in candidates:
        begin(world, one)
    orders.decide_ends(world, candidates)
    funds.pay_losses(world, candidates)
    wanted = [need for one in candidates for need in waterfall.closes_of(world, one)]
    needs.close_needs(world, wanted)
    for need in wanted:
        late_fills.note_moved(world, need.left_by, need.closed_lots)
    for one in candidates:
        settlement.settle(world, one)


def riskiest_first(one: Judged) -> tuple[int, int, AccountName]:
    """Sort by health, then the larger requirement, then the name (JD-4)."""
    ratio = one.equity_atoms * PPM // max(one.maintenance_atoms, 1)
    return ratio, -one.maintenance_atoms, one.account.name


def begin(world: World, one: Judged) -> None:
    """Begin a liquidation (WF-2); who owes already and still is below zero goes on owing."""
    account = one.account
    resting = account.state in (State.NORMAL, State.MARGIN_CALL)
    owes_no_more = account.state == State.BANKRUPT and 0 <= one.equity_atoms < one.maintenance_atoms
    if account.is_fund or not (resting or owes_no_more):
        return
    account.asked = False
    world.set_state(account, State.LIQUIDATING)
    world.emit(Kind.CANCEL_ORDERS, account, **one.evidence(world))


def make_transition(world: World, account: Account) -> None:
    """Call an account, or clear its call (MG-7)."""
    to = transition(world, account)
    if to == State.MARGIN_CALL:
        move(world, account, to, Kind.MARGIN_CALL)
    elif to == State.NORMAL:
        move(world, account, to, Kind.MARGIN_CALL_CLEARED)


def transition(world: World, account: Account) -> State | None:
    """Return the state to which a call, or its end (MG-7), takes the account; None: it stays."""
    if account.is_fund:
        return None
    equity_atoms, maintenance_atoms = margin.assess(world, account)
    called = (
        maintenance_atoms <= equity_atoms
        and equity_atoms * PPM < world.risk.margin_call_ppm * maintenance_atoms
    )
    cleared = equity_atoms * PPM >= world.risk.margin_call_clear_ppm * maintenance_atoms
    if account.state == State.NORMAL and called:
        return State.MARGIN_CALL
    if account.state == State.MARGIN_CALL and cleared and equity_atoms >= maintenance_atoms:
        return State.NORMAL
    return None


def move(world: World, account: Account, state: State, kind: Kind) -> None:
    world.set_state(account, state)
    world.emit(kind, account, **margin.evidence(world, account))


def is_candidate(world: World, account: Account) -> bool:
    return is_due(world, judged(world, account))


def is_due(world: World, one: Judged) -> bool:
    """Say whether something is to be done about the account (JD-6 to JD-9)."""
    account = one.account
    if account.is_fund:
        return bool(account.positions) and not one.is_safe
    if account.state == State.LIQUIDATING:
        return is_liquidation_due(world, one)
    if account.state == State.BANKRUPT:
        return bool(account.positions) or account.balance_atoms >= 0
    return not one.is_safe


def is_liquidation_due(world: World, one: Judged) -> bool:
    """Say whether a liquidation goes on now (JD-7), with open orders or without (WF-23)."""
    account = one.account
    if one.equity_atoms < 0 or one.is_below_take_over(world) != account.asked:
        return True
    if account.open_orders:
        too_large = any(orders.is_too_large(world, order) for order in account.open_orders)
        return one.is_recovered(world) or too_large
    return bool(account.orders) or account.retry_nanos == 0 or one.is_safe
