"""Spoils commands: one value out of range, off step, unknown, or a column too long."""

from random import Random
from typing import Any

from tests.simulation.commands import Command
from tests.simulation.oracle.world import MarketParameters, RiskParameters, RiskTier

EXTREMES = (0, -1, 1, 2**30, 2**54 + 1, 2**60 + 1, 2**62, 2**62 + 7, 2**63 - 1, -(2**63))


def spoil(rng: Random, command: Command) -> Command:
    """Return the command with one thing changed; now and then it is still valid."""
    if rng.random() < 0.05:
        return command._replace(time_nanos=rng.choice((0, command.time_nanos - 1, 2**62 + 1)))
    if not command.arguments:
        return command
    columns = [i for i, given in enumerate(command.arguments) if isinstance(given, tuple)]
    first = command.arguments[0]
    if isinstance(first, MarketParameters):
        return command.with_argument(0, spoil_market(rng, first))
    if isinstance(first, RiskParameters):
        return command.with_argument(0, spoil_risk(rng, first))
    if columns and columns[0] == 0:
        return spoil_columns(rng, command, columns)
    if columns:
        return spoil_update(rng, command, columns)
    index = rng.randrange(len(command.arguments))
    return command.with_argument(index, spoil_value(rng, command.arguments[index]))


def spoil_value(rng: Random, value: Any) -> Any:
    if isinstance(value, str):
        return rng.choice(("", "x" * 24, "x" * 23, "caf\u00e9", "tab\t"))
    return rng.choice((*EXTREMES, in_64_bits(value + 1), in_64_bits(-value)))


def in_64_bits(value: int) -> int:
    """Return the nearest value that a column can hold: a spoiled one may be spoiled once more."""
    return max(-(2**63), min(value, 2**63 - 1))


def spoil_update(rng: Random, command: Command, columns: list[int]) -> Command:
    if rng.random() < 0.1:
        return command.with_argument(0, rng.choice((0, 3, -1)))
    return spoil_columns(rng, command, columns)


def spoil_columns(rng: Random, command: Command, columns: list[int]) -> Command:
    index = rng.choice(columns)
    column = list(command.arguments[index])
    choice = rng.random()
    if choice < 0.05:
        return command.with_argument(index, (*column, 1))
    if choice < 0.1:
        return command.with_argument(index, ())
    if choice < 0.12:
        empty = tuple(() if i in columns else a for i, a in enumerate(command.arguments))
        return command._replace(arguments=empty)
    if choice < 0.2:
        doubled = tuple(2 * a if i in columns else a for i, a in enumerate(command.arguments))
        return command._replace(arguments=doubled)
    if not column:
        return command
    row = rng.randrange(len(column))
    column[row] = spoil_value(rng, column[row])
    return command.with_argument(index, tuple(column))


def spoil_market(rng: Random, parameters: MarketParameters) -> MarketParameters:
    field = rng.choice(MarketParameters._fields)
    if field == "tiers":
        return parameters._replace(tiers=spoil_tiers(rng, parameters.tiers))
    value = spoil_value(rng, getattr(parameters, field))
    if field.endswith("exponent"):
        value = rng.choice((-100, -19, 3, 20, 100))
    if field == "liquidation_slice_lots" and value == 2**63 - 1:
        value = 2**53
    return parameters._replace(**{field: value})


def spoil_tiers(rng: Random, tiers: tuple[RiskTier, ...]) -> tuple[RiskTier, ...]:
    rows = list(tiers)
    choice = rng.random()
    if choice < 0.2 or not rows:
        return ()
    if choice < 0.4:
        return tuple(RiskTier(i, 2_000, 1_000) for i in range(rng.choice((16, 17))))
    if choice < 0.6:
        return tuple(rows + rows[-1:])
    row = rng.randrange(len(rows))
    field = rng.choice(RiskTier._fields)
    rows[row] = rows[row]._replace(**{field: spoil_value(rng, getattr(rows[row], field))})
    return tuple(rows)


def spoil_risk(rng: Random, parameters: RiskParameters) -> RiskParameters:
    field = rng.choice(RiskParameters._fields)
    return parameters._replace(**{field: rng.choice((-1, 0, 999_999, 1_000_001, 10_000_001))})
