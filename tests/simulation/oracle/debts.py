"""Debts that nobody bears: how long they wait, who pays in the end (FD-12 to FD-14, TM-5)."""

from tests.simulation.oracle import log_time, margin, means, settlement
from tests.simulation.oracle.names import (
    FUND_ACCOUNT_BASE,
    MAX_BALANCE_ATOMS,
    MAX_SPREAD_ATOMS,
    Kind,
    Payer,
    Reason,
    State,
)
from tests.simulation.oracle.parts import exact_parts
from tests.simulation.oracle.refusal import Refused, require_range
from tests.simulation.oracle.rows import named_account
from tests.simulation.oracle.world import Account, Timer, World


def fire(world: World, timer: Timer) -> None:
    """Have a debt be due, or wait again while it cannot be spread (TM-5, TM-8)."""
    debt = world.debts.get(timer.account) if timer.account else None
    if debt is None or debt.due_nanos != timer.time_nanos:
        return
    debtor = world.accounts[debt.account]
    is_early = log_time.awaits_marks(world, debtor.asset_id)
    if debtor.positions or is_early or world.risk.spread_after_millis == 0:
        world.have_wait(debt)
    elif debtor.balance_atoms < 0:
        world.due.add(debtor.name)


def spread(world: World) -> None:
    """Spread what is left of the debts that are due, asset by asset (FD-13)."""
    due = [world.accounts[name] for name in world.bankrupt if name in world.due]
    world.due = set()
    for asset_id in world.assets:
        debtors = [debtor for debtor in due if debtor.asset_id == asset_id]
        if debtors:
            spread_over_gains(world, debtors, asset_id)


def spread_over_gains(world: World, debtors: list[Account], asset_id: int) -> None:
    """Have gains pay pro rata, each at most itself, and debtors be paid pro rata."""
    gains = {
        held.name: gain_of(world, held)
        for held in sorted(world.of_asset(asset_id), key=lambda held: held.account_id)
    }
    debts = [-debtor.balance_atoms for debtor in debtors]
    whole = min(sum(debts), sum(gains.values()), MAX_SPREAD_ATOMS)
    parts = exact_parts(whole, list(gains.values()), [name.account_id for name in gains])
    for name, part in zip(gains, parts, strict=True):
        if part:
            take(world, world.accounts[name], part)
    parts = exact_parts(whole, debts, [debtor.account_id for debtor in debtors])
    for debtor, part in zip(debtors, parts, strict=True):
        debtor.balance_atoms += part
        if debtor.balance_atoms == 0:
            settlement.finish(world, debtor)
        else:
            world.emit(Kind.BAD_DEBT, debtor, amount_atoms=-debtor.balance_atoms)
            world.have_wait(world.debts[debtor.name])


def gain_of(world: World, held: Account) -> int:
    """Return what an account has above its maintenance and above what it paid in."""
    if held.account_id > FUND_ACCOUNT_BASE or held.state in (State.LIQUIDATING, State.BANKRUPT):
        return 0
    equity_atoms, maintenance_atoms = margin.assess(world, held)
    free = equity_atoms - max(maintenance_atoms, held.net_deposits_atoms, 0)
    return max(0, min(free, held.balance_atoms + MAX_BALANCE_ATOMS))


def take(world: World, payer: Account, atoms: int) -> None:
    world.emit(Kind.LOSS_SPREAD, payer, amount_atoms=atoms, **margin.evidence(world, payer))
    payer.balance_atoms -= atoms
    world.touch(payer)


def write_off(
    world: World,
    account_id: int,
    asset_id: int,
    amount_atoms: int,
    payer: int,
    fund_id: int,
    isolated_market_id: int,
) -> None:
    """Have somebody pay of a debt (GD-25, FD-14)."""
    debtor = named_account(world, account_id, asset_id, isolated_market_id)
    if debtor.state != State.BANKRUPT:
        raise Refused(Reason.NOT_BANKRUPT, "account_id", account_id)
    require_range("amount_atoms", amount_atoms, 1, loss_of(world, debtor))
    require_payer(world, payer, fund_id, asset_id)
    most = most_of(world, payer, fund_id, asset_id)
    if amount_atoms > most:
        raise Refused(Reason.NOT_WITHDRAWABLE, "amount_atoms", amount_atoms, most, detail=payer)
    asset = world.assets[asset_id]
    debtor.balance_atoms += amount_atoms
    if payer == Payer.FUND:
        world.fund_account(fund_id).balance_atoms -= amount_atoms
        world.emit(Kind.INSURANCE_PAYOUT, debtor, fund_id=fund_id, amount_atoms=amount_atoms)
    elif payer == Payer.FEES:
        asset.fees_atoms -= amount_atoms
    else:
        asset.net_deposits_atoms += amount_atoms
    world.emit(
        Kind.DEBT_WRITTEN_OFF,
        debtor,
        amount_atoms=amount_atoms,
        payer=payer,
        fund_id=fund_id,
        left_atoms=loss_of(world, debtor),
    )
    world.touch(debtor)


def require_payer(world: World, payer: int, fund_id: int, asset_id: int) -> None:
    """Demand a payer, and a fund just where one is it (GD-25)."""
    if payer not in list(Payer):
        raise Refused(Reason.UNKNOWN_ENUM, "payer", payer)
    if payer != Payer.FUND:
        require_range("fund_id", fund_id, 0, 0)
    elif fund_id not in world.funds or world.funds[fund_id].asset_id != asset_id:
        raise Refused(Reason.UNKNOWN_FUND, "fund_id", fund_id)


def loss_of(world: World, debtor: Account) -> int:
    """Return what an account is below zero, as far as its balance has room (FD-14)."""
    return max(0, min(MAX_BALANCE_ATOMS - debtor.balance_atoms, -margin.equity(world, debtor)))


def most_of(world: World, payer: int, fund_id: int, asset_id: int) -> int:
    """Return what a payer can pay."""
    if payer == Payer.FUND:
        return means.spare(world, world.fund_account(fund_id))
    if payer == Payer.FEES:
        return max(0, min(world.assets[asset_id].fees_atoms, MAX_BALANCE_ATOMS))
    return MAX_BALANCE_ATOMS
