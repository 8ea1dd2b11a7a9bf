"""The report of a venue that is being loaded (LD-10): whom a judgement of everybody would meet."""

from typing import Any

from tests.simulation.oracle import margin
from tests.simulation.oracle.judged import judged
from tests.simulation.oracle.judgement import is_candidate, riskiest_first, transition
from tests.simulation.oracle.load_rows import require_balance
from tests.simulation.oracle.names import NANOS_PER_MILLI
from tests.simulation.oracle.refusal import Refused
from tests.simulation.oracle.world import Account, AccountName, Rejection, World

MOST_NAMED = 100

Row = tuple[int, ...]


def report(world: World) -> dict[str, Any]:
    """Return the fields of the engine's LoadReport, with tuples for its records."""

    def rank(held: Account) -> tuple[int, int, AccountName]:
        return riskiest_first(judged(world, held))

    accounts = [world.accounts[name] for name in sorted(world.accounts)]
    below = [held for held in accounts if not margin.is_safe(world, held)]
    candidates = [held for held in below if is_expired(world, held) or is_candidate(world, held)]
    waiting = [held for held in below if held.open_orders and held not in candidates]
    candidates.sort(key=rank)
    called = [
        held for held in accounts if held not in candidates and transition(world, held) is not None
    ]
    bankrupt = [held for held in candidates if margin.equity(world, held) < 0]
    return {
        "markets": [_market(world, market_id) for market_id in sorted(world.markets)],
        "called": _foreseen(world, called),
        "liquidated": _foreseen(world, candidates),
        "bankrupt": _foreseen(world, bankrupt),
        "waiting": _waiting(world, sorted(waiting, key=rank)),
        "rejection": _rejection(world),
    }


def is_expired(world: World, held: Account) -> bool:
    """Say whether its orders would end at once, for their deadlines have passed."""
    return bool(held.open_orders) and waits_until(world, held) <= world.time_nanos


def waits_until(world: World, held: Account) -> int:
    """Return when the last of the account's open orders has ended; it has some (WF-26)."""
    numbers = {order.liquidation_id for order in held.open_orders}
    last = max(timer.time_nanos for timer in world.timers if timer.liquidation_id in numbers)
    if world.risk.second_term_millis == 0:
        return last
    return max(last, world.time_nanos) + world.risk.second_term_millis * NANOS_PER_MILLI


def _foreseen(world: World, accounts: list[Account]) -> tuple[int, list[Row]]:
    return len(accounts), [_risk(world, held) for held in accounts[:MOST_NAMED]]


def _waiting(world: World, accounts: list[Account]) -> tuple[int, int, list[Row]]:
    bankrupt = sum(1 for held in accounts if margin.equity(world, held) < 0)
    named = [(*_risk(world, held), waits_until(world, held)) for held in accounts[:MOST_NAMED]]
    return len(accounts), bankrupt, named


def _risk(world: World, held: Account) -> Row:
    return (*held.name, *margin.assess(world, held))


def _market(world: World, market_id: int) -> Row:
    sizes = [held.size_in(market_id) for held in world.accounts.values()]
    long = sum(size for size in sizes if size > 0)
    short = long - sum(sizes)
    positions = [held.positions.get(market_id) for held in world.accounts.values()]
    cost = sum(position.cost_atoms for position in positions if position)
    mark = world.markets[market_id].mark_price_ticks
    return market_id, mark, long, short, long - short, cost


def _rejection(world: World) -> Rejection | None:
    try:
        require_balance(world)
    except Refused as refused:
        return refused.of_row(0)
    return None
