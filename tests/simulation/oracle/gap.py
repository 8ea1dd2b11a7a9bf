"""The gap rule (LS-4): a loss lies on the legs that made it, in the command that made it."""

from tests.simulation.oracle import margin
from tests.simulation.oracle.judged import Judged, Loss
from tests.simulation.oracle.parts import exact_parts
from tests.simulation.oracle.world import Market, World


def value_before(world: World, market: Market) -> int:
    """Return u': a lot's value at the mark before the one that the running command set."""
    is_of_this_command = market.marked_sequence == world.sequence + 1
    return market.previous_value_atoms if is_of_this_command else market.lot_value_atoms


def move(world: World, market: Market) -> int:
    """Return by how much a lot's value has moved in the running command, signed."""
    return market.lot_value_atoms - value_before(world, market)


def lost(world: World, judged: Judged, market_id: int) -> int:
    """Return G: what the leg lost in the running command, 0 if it gained."""
    size = judged.account.size_in(market_id)
    return max(0, -size * move(world, world.markets[market_id]))


def lay_on_legs(world: World, judged: Judged) -> int:
    """Share the account's loss over its legs; return X, the part that no leg has lost (LS-4)."""
    deficit = -judged.equity_atoms
    assert deficit > 0
    legs = margin.legs(world, judged.account)
    gaps = [lost(world, judged, market_id) for market_id in legs]
    shares = exact_parts(deficit, gaps) if sum(gaps) >= deficit else gaps
    judged.losses = {market_id: Loss(share) for market_id, share in zip(legs, shares, strict=True)}
    return deficit - sum(shares)
