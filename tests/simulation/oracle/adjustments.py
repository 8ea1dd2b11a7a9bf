"""Balances that are adjusted (MN-6, MN-7)."""

from tests.simulation.oracle import margin
from tests.simulation.oracle.debts import most_of, require_payer
from tests.simulation.oracle.names import MAX_BALANCE_ATOMS, Payer, Reason
from tests.simulation.oracle.refusal import Refused, require_range
from tests.simulation.oracle.rows import named_account, require_withdrawable
from tests.simulation.oracle.world import Account, World

REBATE, CORRECTION, REALISED_PROFIT, FEE_PAYOUT, FUND_SURPLUS = range(1, 6)
PAYER_WANTED = {FEE_PAYOUT: Payer.FEES, FUND_SURPLUS: Payer.FUND}


def losses(world: World) -> dict[int, int]:
    """Return what is unallocated of each asset, as a batch finds it."""
    return {asset_id: margin.unallocated_loss(world, asset_id) for asset_id in world.assets}


def adjust(
    world: World,
    lost: dict[int, int],
    account_id: int,
    asset_id: int,
    amount_atoms: int,
    reason: int,
    payer: int,
    fund_id: int,
    isolated_market_id: int,
) -> None:
    account = named_account(world, account_id, asset_id, isolated_market_id)
    if amount_atoms == 0:
        raise Refused(Reason.OUT_OF_RANGE, "amount_atoms", 0, 1)
    require_range("amount_atoms", amount_atoms, -MAX_BALANCE_ATOMS, MAX_BALANCE_ATOMS)
    require_reason(reason, payer, amount_atoms)
    require_payer(world, payer, fund_id, asset_id)
    fund = world.fund_account(fund_id) if payer == Payer.FUND else None
    if amount_atoms > 0:
        require_room(account, amount_atoms, amount_atoms)
        most = 0 if fund and lost[asset_id] else most_of(world, payer, fund_id, asset_id)
        if amount_atoms > most:
            raise Refused(Reason.NOT_WITHDRAWABLE, "amount_atoms", amount_atoms, most, detail=payer)
    else:
        require_takeable(world, lost, account, amount_atoms)
        if fund:
            require_room(fund, -amount_atoms, amount_atoms)
    account.balance_atoms += amount_atoms
    world.touch(account)
    if fund:
        fund.balance_atoms -= amount_atoms
        world.touch(fund)
    elif payer == Payer.FEES:
        world.assets[asset_id].fees_atoms -= amount_atoms
    else:
        world.assets[asset_id].net_deposits_atoms += amount_atoms


def require_reason(reason: int, payer: int, amount_atoms: int) -> None:
    wanted = PAYER_WANTED.get(reason, 0)
    if not REBATE <= reason <= FUND_SURPLUS:
        raise Refused(Reason.UNKNOWN_ENUM, "reason", reason)
    if wanted and payer != wanted:
        raise Refused(Reason.REASON_MISMATCH, "payer", payer, wanted, detail=reason)
    if amount_atoms < 0 and reason not in (CORRECTION, REALISED_PROFIT):
        raise Refused(Reason.OUT_OF_RANGE, "amount_atoms", amount_atoms, 1)


def require_room(account: Account, change_atoms: int, amount_atoms: int) -> None:
    if abs(account.balance_atoms + change_atoms) > MAX_BALANCE_ATOMS:
        raise Refused(Reason.OVERFLOW, "amount_atoms", amount_atoms, MAX_BALANCE_ATOMS)


def require_takeable(
    world: World, lost: dict[int, int], account: Account, amount_atoms: int
) -> None:
    """Leave what it could not withdraw, and gains behind a closed gate."""
    try:
        require_withdrawable(world, account, -amount_atoms)
    except Refused as refused:
        if refused.field == "amount_atoms":
            refused.value = amount_atoms
        raise
    has_gain = margin.equity(world, account) > max(0, account.net_deposits_atoms)
    if has_gain and lost[account.asset_id] > margin.gate_level(world, account.asset_id):
        raise Refused(
            Reason.LOSS_UNALLOCATED, "amount_atoms", amount_atoms, 0, detail=account.asset_id
        )
