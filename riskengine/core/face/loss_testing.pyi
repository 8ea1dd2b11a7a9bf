"""For tests only: loss policies by plain Python values, and one that no market can have."""

from collections.abc import Sequence

from riskengine.core.engine import Engine
from riskengine.core.types import Outcome

LEVY: int
"""A policy that takes money from each opposite position by its size, and closes none."""

def exact_parts(weights: Sequence[int], whole: int) -> list[int]: ...
def is_policy(number: int) -> bool: ...
def choose(
    engine: Engine,
    policy: int,
    account_id: int,
    market_id: int,
    close_lots: int,
    above_atoms: int,
) -> tuple[list[tuple[int, int, int, int, int, int]], int]:
    """Return shares and how many were passed over; the quote is so much above the mark's value.

    A share is account_id, lots, atoms, score_ppm, equity_atoms, maintenance_atoms. For an engine
    that is given up afterwards: it counts on the shares being applied.
    """

def allocate(
    engine: Engine,
    time_nanos: int,
    policy: int,
    account_id: int,
    market_id: int,
    close_lots: int,
    above_atoms: int,
) -> Outcome:
    """Apply an allocation as a command of its own."""
