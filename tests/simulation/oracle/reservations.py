"""Withdrawals in two phases (MN-1 to MN-5)."""

from tests.simulation.oracle.names import (
    MAX_BALANCE_ATOMS,
    MAX_ID,
    MAX_NET_DEPOSITS_ATOMS,
    MAX_RESERVED_ATOMS,
    Reason,
)
from tests.simulation.oracle.refusal import Refused, require_range
from tests.simulation.oracle.rows import named_account, require_payable, take_out
from tests.simulation.oracle.world import Account, World


def require_number(world: World, account: Account, reservation_id: int) -> None:
    """Demand a number that is free, and room for one more (MN-2)."""
    require_range("reservation_id", reservation_id, 1, MAX_ID)
    if reservation_id in account.reservations:
        raise Refused(
            Reason.ALREADY_EXISTS, "reservation_id", reservation_id, detail=account.account_id
        )
    most = world.risk.max_reservations
    if len(account.reservations) >= most:
        raise Refused(Reason.CAPACITY, "reservation_id", reservation_id, most)


def require_room(account: Account, amount_atoms: int) -> None:
    if sum(account.reservations.values()) + amount_atoms > MAX_RESERVED_ATOMS:
        raise Refused(Reason.OVERFLOW, "amount_atoms", amount_atoms, MAX_RESERVED_ATOMS)


def put(world: World, account: Account, reservation_id: int, amount_atoms: int) -> None:
    account.reservations[reservation_id] = amount_atoms
    world.assets[account.asset_id].reserved_atoms += amount_atoms


def reserve(
    world: World,
    account_id: int,
    asset_id: int,
    amount_atoms: int,
    reservation_id: int,
    isolated_market_id: int,
) -> None:
    """Withdraw, and keep it for a payment that is to come (MN-2)."""
    account = named_account(world, account_id, asset_id, isolated_market_id)
    require_number(world, account, reservation_id)
    require_payable(world, account, amount_atoms)
    require_room(account, amount_atoms)
    take_out(world, account, amount_atoms)
    put(world, account, reservation_id, amount_atoms)


def reserved(
    world: World, account_id: int, asset_id: int, reservation_id: int, isolated_market_id: int
) -> tuple[Account, int]:
    """Return the account that is named, and what is reserved of it under that number."""
    account = named_account(world, account_id, asset_id, isolated_market_id)
    if reservation_id not in account.reservations:
        raise Refused(Reason.UNKNOWN_RESERVATION, "reservation_id", reservation_id)
    return account, account.reservations[reservation_id]


def end(world: World, account: Account, reservation_id: int) -> None:
    world.assets[account.asset_id].reserved_atoms -= account.reservations.pop(reservation_id)


def confirm(world: World, *given: int) -> None:
    """Take note that it is paid out (MN-3)."""
    account, _ = reserved(world, *given)
    end(world, account, given[2])


def cancel(world: World, *given: int) -> None:
    """Pay it in again (MN-4)."""
    account, amount_atoms = reserved(world, *given)
    if abs(account.balance_atoms + amount_atoms) > MAX_BALANCE_ATOMS:
        raise Refused(Reason.OVERFLOW, "amount_atoms", amount_atoms, MAX_BALANCE_ATOMS)
    if abs(account.net_deposits_atoms + amount_atoms) > MAX_NET_DEPOSITS_ATOMS:
        raise Refused(Reason.OVERFLOW, "amount_atoms", amount_atoms, MAX_NET_DEPOSITS_ATOMS)
    end(world, account, given[2])
    take_out(world, account, -amount_atoms)


def load(
    world: World, account_id: int, asset_id: int, reservation_id: int, amount_atoms: int
) -> None:
    """Keep what was reserved elsewhere; no balance has it (MN-5)."""
    account = named_account(world, account_id, asset_id, 0)
    require_number(world, account, reservation_id)
    require_range("amount_atoms", amount_atoms, 1, MAX_BALANCE_ATOMS)
    require_room(account, amount_atoms)
    put(world, account, reservation_id, amount_atoms)
