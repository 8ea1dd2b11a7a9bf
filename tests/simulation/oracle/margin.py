"""Margin (MG-2 to MG-11): requirements as the sum over tiers, quotes and roots as fractions."""

import math
from collections.abc import Sequence
from fractions import Fraction

from tests.simulation.oracle.names import (
    MAX_BALANCE_ATOMS,
    MAX_NET_DEPOSITS_ATOMS,
    PPM,
    State,
    VenueMode,
)
from tests.simulation.oracle.world import Account, Market, RiskTier, World


def tier_of(tiers: Sequence[RiskTier], notional_atoms: int) -> int:
    """Return the last tier that begins at or below the notional (MG-2)."""
    return sum(1 for tier in tiers if tier.floor_atoms <= notional_atoms) - 1


def _requirement(tiers: Sequence[RiskTier], rates: Sequence[int], notional_atoms: int) -> int:
    """Charge each part of the notional at the rate of the tier in which it lies (MG-3)."""
    atom_ppm = 0
    for index, tier in enumerate(tiers):
        upper = tiers[index + 1].floor_atoms if index + 1 < len(tiers) else notional_atoms
        part = min(notional_atoms, upper) - tier.floor_atoms
        if part > 0:
            atom_ppm += part * rates[index]
    whole, rest = divmod(atom_ppm, PPM)
    return whole + (rest > 0)


def maintenance_of(tiers: Sequence[RiskTier], notional_atoms: int) -> int:
    return _requirement(tiers, [tier.maintenance_rate_ppm for tier in tiers], notional_atoms)


def initial_of(tiers: Sequence[RiskTier], notional_atoms: int) -> int:
    return _requirement(tiers, [tier.initial_rate_ppm for tier in tiers], notional_atoms)


def largest_notional(tiers: Sequence[RiskTier], requirement_atoms: Fraction) -> Fraction:
    """Solve the unrounded requirement for the notional, tier by tier."""
    left = requirement_atoms
    for index, tier in enumerate(tiers):
        rate = Fraction(tier.maintenance_rate_ppm, PPM)
        if index + 1 == len(tiers):
            break
        width = tiers[index + 1].floor_atoms - tier.floor_atoms
        if left < width * rate:
            break
        left -= width * rate
    return tier.floor_atoms + left / rate


def largest_size(market: Market, requirement_atoms: Fraction) -> int:
    """Return the largest size whose rounded requirement is at most the given one.

    A requirement is a whole number and rounded up, so the root of the unrounded one is the answer.
    """
    tiers, value = market.parameters.tiers, market.lot_value_atoms
    whole = math.floor(requirement_atoms)
    size = math.floor(largest_notional(tiers, Fraction(whole)) / value)
    assert maintenance_of(tiers, size * value) <= whole
    assert maintenance_of(tiers, (size + 1) * value) > whole
    return size


def leg_maintenance(market: Market, size_lots: int) -> int:
    return maintenance_of(market.parameters.tiers, abs(size_lots) * market.lot_value_atoms)


def unrealised(world: World, account: Account) -> int:
    """Return value less cost of all positions (ST-4)."""
    return sum(
        position.size_lots * world.markets[market_id].lot_value_atoms - position.cost_atoms
        for market_id, position in account.positions.items()
    )


def equity(world: World, account: Account) -> int:
    """Return the balance and what is unrealised (MG-4)."""
    return account.balance_atoms + unrealised(world, account)


def maintenance(world: World, account: Account) -> int:
    """Sum the maintenance requirements (MG-5)."""
    return sum(
        leg_maintenance(world.markets[market_id], position.size_lots)
        for market_id, position in account.positions.items()
    )


def initial(world: World, account: Account) -> int:
    """Sum the initial requirements (MG-5)."""
    total = 0
    for market_id, position in account.positions.items():
        market = world.markets[market_id]
        notional = abs(position.size_lots) * market.lot_value_atoms
        total += initial_of(market.parameters.tiers, notional)
    return total


def notional(world: World, account: Account) -> int:
    return sum(
        abs(position.size_lots) * world.markets[market_id].lot_value_atoms
        for market_id, position in account.positions.items()
    )


def assess(world: World, account: Account) -> tuple[int, int]:
    return equity(world, account), maintenance(world, account)


def is_safe(world: World, account: Account) -> bool:
    equity_atoms, maintenance_atoms = assess(world, account)
    return equity_atoms >= maintenance_atoms


def withdrawable(world: World, account: Account) -> int:
    """Keep the initial margin and a part of the notional; pay out no more than cash (MG-8)."""
    part = Fraction(world.risk.withdrawal_margin_ppm, PPM)
    kept = max(initial(world, account), math.ceil(notional(world, account) * part))
    return max(0, min(account.balance_atoms, equity(world, account) - kept))


def unallocated_loss(world: World, asset_id: int) -> int:
    """Sum what accounts and funds of the asset are below zero, whatever their state (MG-10)."""
    return sum(max(0, -equity(world, held)) for held in world.of_asset(asset_id))


def gate_level(world: World, asset_id: int) -> int:
    """Return the loss above which the asset's gate is closed (MG-11)."""
    asset = world.assets[asset_id]
    floor_atoms = world.risk.gate_floor_units * 10**-asset.exponent
    part = Fraction(asset.net_deposits_atoms * world.risk.gate_ppm, PPM)
    return max(int(floor_atoms), math.floor(part))


def is_gate_closed(world: World, asset_id: int) -> bool:
    return unallocated_loss(world, asset_id) > gate_level(world, asset_id)


def payable(world: World, account: Account) -> int:
    """Return the most that a withdrawal would pay out now (GD-10)."""
    in_liquidation = account.state in (State.LIQUIDATING, State.BANKRUPT)
    if account.is_fund or in_liquidation or world.mode == VenueMode.LOADING:
        return 0
    room = account.net_deposits_atoms + MAX_NET_DEPOSITS_ATOMS
    most = min(withdrawable(world, account), MAX_BALANCE_ATOMS, room)
    if is_gate_closed(world, account.asset_id):
        most = min(most, max(0, account.net_deposits_atoms))
    return most


def legs(world: World, account: Account) -> list[int]:
    """Return the markets of the account's legs, in the order in which legs are taken (WF-1)."""

    def key(market_id: int) -> tuple[int, int]:
        size = account.positions[market_id].size_lots
        return -leg_maintenance(world.markets[market_id], size), market_id

    return sorted(account.positions, key=key)


def released(market: Market, size_lots: int, closed_lots: int) -> int:
    """Return the maintenance that closing a part of a leg releases: dM."""
    kept = leg_maintenance(market, abs(size_lots) - closed_lots)
    return leg_maintenance(market, size_lots) - kept


def quote(market: Market, size_lots: int, closed_lots: int, assessed: tuple[int, int]) -> int:
    """Return what is received for a part that takes its share of the equity (WF-10)."""
    equity_atoms, maintenance_atoms = assessed
    freed = released(market, size_lots, closed_lots)
    share = Fraction(freed, maintenance_atoms) * equity_atoms
    sign = 1 if size_lots > 0 else -1
    return math.ceil(sign * closed_lots * market.lot_value_atoms - share)


def bankruptcy_quote(world: World, account: Account, market_id: int, closed_lots: int) -> int:
    """Return the quote with what the account has now (WF-10)."""
    size = account.positions[market_id].size_lots
    return quote(world.markets[market_id], size, closed_lots, assess(world, account))


def evidence(world: World, account: Account, market_id: int = 0) -> dict[str, int]:
    """Return E and M now and, where one market is concerned, its mark and the position in it."""
    equity_atoms, maintenance_atoms = assess(world, account)
    seen = {"equity_atoms": equity_atoms, "maintenance_atoms": maintenance_atoms}
    if market_id:
        market = world.markets[market_id]
        size = account.size_in(market_id)
        seen["mark_price_ticks"] = market.mark_price_ticks
        seen["position_lots"] = size
        seen["tier"] = tier_of(market.parameters.tiers, abs(size) * market.lot_value_atoms)
    return seen
