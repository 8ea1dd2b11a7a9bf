"""How a pass ends for an account (WF-19 to WF-22): it is done, waits, or comes again."""

from tests.simulation.oracle import margin, means
from tests.simulation.oracle.judged import Judged
from tests.simulation.oracle.names import NANOS_PER_MILLI, PPM, Kind, State
from tests.simulation.oracle.world import Account, World


def settle(world: World, judged: Judged) -> None:
    """Do what the account's equity now asks for; the first that holds (WF-19)."""
    account = judged.account
    equity_atoms, maintenance_atoms = margin.assess(world, account)
    if account.is_fund or account.open_orders:
        # What was closed of it may have ended its orders; of one closed as a holder it is known.
        if judged.moved_lots:
            world.touch(account)
        return
    account.debt_market = judged.most_unpaid or account.debt_market
    if not account.positions:
        settle_flat(world, account)
    elif equity_atoms < 0:
        if account.state != State.BANKRUPT:
            leave_debt(world, account)
    elif equity_atoms >= maintenance_atoms:
        finish(world, account)
    else:
        go_on(world, judged)


def settle_flat(world: World, account: Account) -> None:
    """End an account without positions, with a debt where one is left (WF-21, WF-22)."""
    if account.balance_atoms < 0:
        pay_debt(world, account)
    if account.balance_atoms < 0:
        leave_debt(world, account)
    else:
        finish(world, account)


def go_on(world: World, judged: Judged) -> None:
    """Have an account below its maintenance without orders come again, now or later (WF-20)."""
    account = judged.account
    if account.state == State.BANKRUPT:
        world.touch(account)
    elif judged.cooldown_millis > 0:
        set_retry(world, account, judged.cooldown_millis)
    elif judged.has_needs and judged.moved_lots == 0:
        timeouts = [
            world.markets[market_id].parameters.liquidation_timeout_millis
            for market_id in account.positions
        ]
        set_retry(world, account, max(timeouts))
    elif account.retry_nanos == 0:
        world.touch(account)


def set_retry(world: World, account: Account, millis: int) -> None:
    """Have the account go on by itself after that time (TM-3)."""
    world.set_retry(world.command_time_nanos + millis * NANOS_PER_MILLI, account)


def end_attempt(account: Account) -> None:
    assert not account.open_orders
    account.orders = []
    account.retry_nanos = 0
    account.asked = False


def leave_debt(world: World, account: Account) -> None:
    """Note and tell what the account is below zero (WF-22)."""
    end_attempt(account)
    world.set_state(account, State.BANKRUPT)
    world.emit(Kind.BAD_DEBT, account, amount_atoms=-margin.equity(world, account))


def finish(world: World, account: Account) -> None:
    """End the liquidation in the state that MG-7 gives (WF-21)."""
    end_attempt(account)
    equity_atoms, maintenance_atoms = margin.assess(world, account)
    called = equity_atoms * PPM < world.risk.margin_call_ppm * maintenance_atoms
    world.set_state(account, State.MARGIN_CALL if called else State.NORMAL)
    world.emit(
        Kind.LIQUIDATION_ENDED,
        account,
        state=account.state,
        **margin.evidence(world, account),
    )


def pay_debt(world: World, account: Account) -> None:
    """Let the debt market's fund pay what it may of a negative balance (FD-6, FD-10, WF-22)."""
    market_id = account.debt_market
    if market_id == 0 or account.balance_atoms >= 0:
        return
    fund_id = world.markets[market_id].parameters.fund_id
    fund = world.fund_account(fund_id)
    wanted = min(means.available(world, fund), -account.balance_atoms)
    amount = means.at_most_for(world, market_id, wanted)
    if amount <= 0:
        return
    means.note_payout(world, market_id, amount)
    fund.balance_atoms -= amount
    account.balance_atoms += amount
    world.emit(Kind.INSURANCE_PAYOUT, account, fund_id=fund_id, amount_atoms=amount)


def settle_debts(world: World) -> None:
    """Have debts of accounts without legs paid in the order in which they arose (FD-6, FD-7)."""
    for name in list(world.bankrupt):
        account = world.accounts[name]
        if account.positions:
            continue
        pay_debt(world, account)
        if account.balance_atoms == 0:
            finish(world, account)
