"""Booking (BK-1 to BK-5): what a trade does to a balance and a position, and its guards."""

import math
from fractions import Fraction
from typing import NamedTuple

from tests.simulation.oracle.names import (
    MAX_BALANCE_ATOMS,
    MAX_COST_ATOMS,
    MAX_POSITIONS,
    MAX_TOTAL_LOTS,
    Reason,
)
from tests.simulation.oracle.refusal import Refused
from tests.simulation.oracle.world import Account, Market, Position, World


class Booked(NamedTuple):
    balance_atoms: int
    size_lots: int
    cost_atoms: int


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def booked(before: Booked, lots: int, paid_atoms: int) -> Booked:
    """Return the state after acquiring `lots` for `paid_atoms` (BK-2 to BK-5), unchecked."""
    balance, size, cost = before
    if _sign(size) * _sign(lots) >= 0:
        return Booked(balance, size + lots, cost + paid_atoms)
    if abs(lots) > abs(size):
        paid_close = math.ceil(Fraction(paid_atoms * abs(size), abs(lots)))
        flat = booked(before, -size, paid_close)
        return booked(flat, lots + size, paid_atoms - paid_close)
    released = math.ceil(cost * Fraction(abs(lots), abs(size)))
    after = Booked(balance - paid_atoms - released, size + lots, cost - released)
    assert after.balance_atoms - after.cost_atoms == balance - cost - paid_atoms
    return after


def now(account: Account, market_id: int) -> Booked:
    position = account.positions.get(market_id, Position())
    return Booked(account.balance_atoms, position.size_lots, position.cost_atoms)


def put(market: Market, account: Account, after: Booked) -> None:
    """Set balance and position; the market is the debt market from now on (ST-3, ST-4)."""
    market_id = market.parameters.market_id
    account.balance_atoms = after.balance_atoms
    account.has_changed = True
    account.debt_market = market_id
    if after.size_lots == 0:
        assert after.cost_atoms == 0
        account.positions.pop(market_id, None)
    else:
        account.positions[market_id] = Position(after.size_lots, after.cost_atoms)


def book(market: Market, account: Account, lots: int, paid_atoms: int) -> None:
    """Book lots, if there are any."""
    if lots:
        before = now(account, market.parameters.market_id)
        put(market, account, booked(before, lots, paid_atoms))


def totals(world: World, market_id: int) -> tuple[int, int]:
    """Return the long and the short total, both positive."""
    sizes = [account.size_in(market_id) for account in world.accounts.values()]
    return sum(s for s in sizes if s > 0), -sum(s for s in sizes if s < 0)


class Row(NamedTuple):
    """What the caller said, for the refusal to name."""

    size_lots: int
    price_ticks: int


def check(world: World, market: Market, account: Account, after: Booked, row: Row) -> None:
    """Apply the booking guards of one side (GD-14); fees are in `after` already."""
    parameters = market.parameters
    market_id = parameters.market_id
    if max(totals(world, market_id)) > MAX_TOTAL_LOTS:
        raise Refused(Reason.OVERFLOW, "size_lots", row.size_lots, MAX_TOTAL_LOTS)
    if abs(after.size_lots) > parameters.max_position_lots:
        raise Refused(Reason.OVERFLOW, "size_lots", row.size_lots, parameters.max_position_lots)
    if abs(after.cost_atoms) > MAX_COST_ATOMS:
        raise Refused(Reason.OVERFLOW, "price_ticks", row.price_ticks, MAX_COST_ATOMS)
    if is_one_too_many(account, market_id, after):
        raise too_many(account, market_id)
    if abs(after.balance_atoms) > MAX_BALANCE_ATOMS:
        raise Refused(Reason.OVERFLOW, "price_ticks", row.price_ticks, MAX_BALANCE_ATOMS)


def too_many(account: Account, market_id: int) -> Refused:
    return Refused(Reason.CAPACITY, "market_id", market_id, MAX_POSITIONS, account.account_id)


def is_one_too_many(account: Account, market_id: int, after: Booked) -> bool:
    fresh = after.size_lots != 0 and market_id not in account.positions
    return fresh and len(account.positions) >= MAX_POSITIONS


def fits(market: Market, account: Account, after: Booked) -> bool:
    """Say whether the fund's account may hold this (LS-2)."""
    return (
        abs(after.size_lots) <= market.parameters.max_position_lots
        and abs(after.cost_atoms) <= MAX_COST_ATOMS
        and not is_one_too_many(account, market.parameters.market_id, after)
        and abs(after.balance_atoms) <= MAX_BALANCE_ATOMS
    )
