"""A command as plain data, so that a run can be printed, replayed and made smaller."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.world import (
    AccountName,
    MarketParameters,
    Outcome,
    RiskParameters,
    RiskTier,
)

COLUMNS_OF_TRADES = 8
MOST_TRIALS = 400
FAILURES = Path("build/simulation")
LAST_COMMANDS = 12
LINE_LENGTH = 1_000


class Command(NamedTuple):
    """A method's name, the log's time, and its arguments; columns are tuples."""

    name: str
    time_nanos: int
    arguments: tuple[Any, ...]

    def with_argument(self, index: int, value: object) -> "Command":
        arguments = list(self.arguments)
        arguments[index] = value
        return self._replace(arguments=tuple(arguments))


def apply_to_oracle(oracle: Oracle, command: Command) -> Outcome:
    outcome = getattr(oracle, command.name)(command.time_nanos, *command.arguments)
    assert isinstance(outcome, Outcome)
    return outcome


def script(commands: Sequence[Command]) -> str:
    return "".join(f"{command!r}\n" for command in commands)


def read_script(path: Path) -> list[Command]:
    """Read what `script` wrote."""
    kinds = (AccountName, Command, MarketParameters, RiskParameters, RiskTier)
    names = {kind.__name__: kind for kind in kinds}
    return [eval(line, names) for line in path.read_text().splitlines()]


def shrink(commands: list[Command], fails: Callable[[list[Command]], bool]) -> list[Command]:
    """Leave out ever smaller runs of commands as long as it still fails."""
    trials = 0
    length = len(commands) // 2
    while length >= 1:
        start = 0
        while start < len(commands) and trials < MOST_TRIALS:
            shorter = commands[:start] + commands[start + length :]
            trials += 1
            if fails(shorter):
                commands = shorter
            else:
                start += length
        length //= 2
    return commands


def failure_note(
    name: str, commands: list[Command], fails: Callable[[list[Command]], bool], rerun: str
) -> str:
    """Write the commands, made fewer, to a file; return where, how to rerun, and the last ones."""
    smallest = shrink(commands, fails)
    FAILURES.mkdir(parents=True, exist_ok=True)
    path = FAILURES / f"{name}.txt"
    path.write_text(script(smallest))
    last = script(smallest[-LAST_COMMANDS:]).splitlines()
    return (
        f"{name}: {len(smallest)} of {len(commands)} commands are enough; they are in {path}; "
        f"run them with python -m {rerun} {path}. The last ones:\n"
        + "".join(f"{line[:LINE_LENGTH]}\n" for line in last)
    )
