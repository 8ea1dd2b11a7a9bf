"""Judgement and timers (JD-1 to JD-10, TM-1 to TM-4): who is judged, in which order, and when."""

from tests.simulation.oracle import margin, waterfall
from tests.simulation.oracle.names import PPM, Ended, Kind, State
from tests.simulation.oracle.world import Account, AccountName, World


def run_timers(world: World) -> None:
    """Fire what is due in order (TM-1): a deadline (TM-2), a retry (TM-3), or neither (TM-4)."""
    due = sorted(t for t in world.timers if t.time_nanos <= world.time_nanos)
    world.timers = [t for t in world.timers if t.time_nanos > world.time_nanos]
    for timer in due:
        if timer.liquidation_id:
            order = world.open_order(timer.liquidation_id)
            if order is not None:
                waterfall.end_order(world, order, Ended.EXPIRED)
            continue
        account = world.accounts.get(timer.account) if timer.account else None
        if account is not None and account.retry_nanos == timer.time_nanos:
            account.retry_nanos = 0
            world.touch(account)


def judge(world: World) -> None:
    """Judge in passes (JD-1): calls by id (JD-3), then the riskiest first, assessed anew (JD-5)."""
    while world.touched:
        accounts = [world.accounts[name] for name in sorted(world.touched)]
        world.touched = set()
        for account in accounts:
            make_transition(world, account)
        ranked = sorted((a for a in accounts if is_candidate(world, a)), key=riskiest(world))
        for account in ranked:
            if is_candidate(world, account):
                process(world, account)
    waterfall.settle_debts(world)


class riskiest:  # noqa: N801 - used as a function
    """Sort key of JD-4, on the state at the time of sorting."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, account: Account) -> tuple[int, int, AccountName]:
        equity_atoms, maintenance_atoms = margin.assess(self.world, account)
        ratio = equity_atoms * PPM // max(maintenance_atoms, 1)
        return ratio, -maintenance_atoms, account.name


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
    """Say whether something is to be done about the account (JD-6 to JD-9)."""
    safe = margin.is_safe(world, account)
    if account.is_fund:
        return bool(account.positions) and not safe
    if account.state == State.LIQUIDATING:
        return not account.open_orders and is_due(world, account)
    if account.state == State.BANKRUPT:
        return bool(account.positions) or account.balance_atoms >= 0
    return not safe


def is_due(world: World, account: Account) -> bool:
    """Say whether a liquidation without open orders goes on now (JD-7)."""
    if account.orders or account.retry_nanos == 0 or margin.is_safe(world, account):
        return True
    return not account.shortfall and waterfall.is_below_take_over(world, account)


def process(world: World, account: Account) -> None:
    """Do what is due (JD-10)."""
    safe = margin.is_safe(world, account)
    if account.is_fund:
        waterfall.shrink_fund(world, account)
    elif account.state == State.LIQUIDATING:
        go_on(world, account)
    elif account.state == State.BANKRUPT and safe:
        waterfall.finish(world, account)
    else:
        world.set_state(account, State.LIQUIDATING)
        world.emit(Kind.CANCEL_ORDERS, account, **margin.evidence(world, account))
        waterfall.step(world, account)


def go_on(world: World, account: Account) -> None:
    if account.orders:
        waterfall.conclude(world, account)
        return
    account.retry_nanos = 0
    waterfall.step(world, account)
