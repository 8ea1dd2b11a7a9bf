"""Plays the commands of a scenario again: into a second engine, and into the oracle beside it."""

from collections.abc import Sequence
from typing import Any

from riskengine.core import types
from riskengine.core.engine import Engine
from tests.simulation.commands import Command
from tests.simulation.oracle.world import MarketParameters, RiskParameters, RiskTier
from tests.simulation.side_by_side import SideBySide, begin


def plain(argument: object) -> object:
    """Return an argument as the oracle takes it."""
    if isinstance(argument, types.MarketParameters):
        tiers = tuple(RiskTier(*tier) for tier in argument.tiers)
        return MarketParameters(**{**argument._asdict(), "tiers": tiers})
    if isinstance(argument, types.RiskParameters):
        return RiskParameters(*argument)
    return argument


def play_again(
    funds: int, log: Sequence[tuple[int, str, tuple[Any, ...]]], *, with_oracle: bool = True
) -> str:
    """Return the state's hash after an asset, its funds and the commands of the log.

    Raises AssertionError where engine and oracle say or hold something else. The oracle does not
    pause: where something passed between the pieces of a command it is left out.
    """
    commands = [Command("create_asset", 0, (1, "USD", 0))]
    commands += [Command("create_fund", 0, (fund_id, 1)) for fund_id in range(1, funds + 1)]
    for time_nanos, name, arguments in log:
        commands.append(Command(name, time_nanos, tuple(plain(one) for one in arguments)))
    if with_oracle:
        both = SideBySide()
        for command in commands:
            if command.name != "go_on":
                both.apply(command)
        return both.engine.state_hash()
    engine = Engine()
    for command in commands:
        begin(engine, command)
    return engine.state_hash()
