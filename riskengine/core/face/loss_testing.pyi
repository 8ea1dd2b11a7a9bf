"""For tests only: loss policies by plain Python values, and one that no market can have."""

from collections.abc import Sequence

from riskengine.core.engine import Engine

LAST_FIRST: int
"""A policy that closes whoever has the highest account id first."""

def exact_parts(weights: Sequence[int], whole: int) -> list[int]: ...
def exact_parts_by_id(weights: Sequence[int], ids: Sequence[int], whole: int) -> list[int]: ...
def is_policy(number: int) -> bool: ...
def choose(
    engine: Engine, policy: int, market_id: int, closes_long: bool, lots: int
) -> tuple[list[tuple[int, int, int, int, int]], int]:
    """Return shares and how many holders were passed over.

    A share is account_id, lots, score_ppm, equity_atoms, maintenance_atoms. For an engine that is
    given up afterwards: it counts on the shares being applied.
    """
