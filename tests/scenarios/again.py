"""Plays the commands of a scenario again: into a second engine, and into the oracle beside it."""

from collections.abc import Sequence
from typing import Any

from riskengine.core import types
from tests.simulation.commands import Command
from tests.simulation.oracle.world import MarketParameters, RiskParameters, RiskTier
from tests.simulation.side_by_side import SideBySide


def plain(argument: object) -> object:
    """Return an argument as the oracle takes it."""
    if isinstance(argument, types.MarketParameters):
        tiers = tuple(RiskTier(*tier) for tier in argument.tiers)
        return MarketParameters(**{**argument._asdict(), "tiers": tiers})
    if isinstance(argument, types.RiskParameters):
        return RiskParameters(*argument)
    return argument


def play_again(funds: int, log: Sequence[tuple[int, str, tuple[Any, ...]]]) -> str:
    """Return the state's hash after an asset, its funds and the commands of the log.

    Raises AssertionError where engine and oracle say or hold something else.
    """
    both = SideBySide()
    both.apply(Command("create_asset", 0, (1, "USD", 0)))
    for fund_id in range(1, funds + 1):
        both.apply(Command("create_fund", 0, (fund_id, 1)))
    for time_nanos, name, arguments in log:
        both.apply(Command(name, time_nanos, tuple(plain(one) for one in arguments)))
    return both.engine.state_hash()
