"""Time that passed without the engine (TM-6 to TM-8)."""

from tests.simulation.oracle.names import MAX_TIME_NANOS
from tests.simulation.oracle.refusal import require_range
from tests.simulation.oracle.world import World


def start(world: World) -> None:
    """Go on after a gap: what waits for the engine waits longer by it (TM-6)."""
    move(world, world.command_time_nanos - world.time_nanos)
    for market in world.markets.values():
        market.awaits_mark = True


def put_forward(world: World, log_time_nanos: int) -> None:
    """Have the log's time be another, later one (TM-7)."""
    require_range("log_time_nanos", log_time_nanos, world.command_time_nanos, MAX_TIME_NANOS)
    move(world, log_time_nanos - world.command_time_nanos)
    world.command_time_nanos = log_time_nanos


def move(world: World, nanos: int) -> None:
    """Move what waits for the engine; debts are due when they were (TM-6)."""
    for held in world.accounts.values():
        for order in held.open_orders:
            order.deadline_nanos += nanos
        if held.retry_nanos:
            held.retry_nanos += nanos
    world.timers = [
        timer if timer.is_of_debt else timer._replace(time_nanos=timer.time_nanos + nanos)
        for timer in world.timers
    ]
    for kept in world.kept:
        kept.end_nanos += nanos


def awaits_marks(world: World, asset_id: int) -> bool:
    """Say whether a market of the asset with positions has had no mark since the start (TM-8)."""
    return any(
        market.awaits_mark and market.parameters.asset_id == asset_id and world.holders(market_id)
        for market_id, market in world.markets.items()
    )
