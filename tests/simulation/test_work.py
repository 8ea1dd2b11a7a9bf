"""Where the work of a command is cut decides nothing: neither events nor books (WK-1, WK-3)."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import RejectReason
from riskengine.core.types import Outcome
from tests.pieces import finish, told, whole, without
from tests.simulation import soak
from tests.simulation.commands import Command, apply_to_oracle, failure_note
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.world import RiskParameters
from tests.simulation.side_by_side import begin, pieces_of, same
from tests.simulation.themes import MINUTE_NANOS, START_NANOS
from tests.simulation.walk import Walk

SEEDS = [(1, 1), (2, 2), (3, 1), (4, 3), (5, 1), (9, 3), (21, 2), (42, 3)]
"""Seeds of walks, and of how many assets."""

COMMANDS = 250
SOAK_COMMANDS = 20_000
SOAK_WALK = 1_000
COMPARED_EVERY = 4
MOST_UNITS = 10**9
LAST_NANOS = 2**62
FEW_UNITS = (1, 1, 2, 3, 7)
DEFAULTS = Command("set_risk_parameters", START_NANOS, (RiskParameters(),))
OF_THE_ENGINE = ("fired_triggers", "recomputed_accounts", "assessed_counterparties")
"""Counters that say how something was found, not what."""

STEPS_NANOS = (1, 11 * MINUTE_NANOS)
"""By which a Continue is later than the piece before: hardly, and into other slots (FD-9)."""


def found(engine: Engine) -> dict[str, Any]:
    """Return what counters say but for those of the engine's own ways."""
    fields = engine.counters()._asdict()
    return {name: value for name, value in fields.items() if name not in OF_THE_ENGINE}


def with_units(command: Command, units: int) -> Command:
    given = command.arguments[0] if command.arguments else None
    if not isinstance(given, RiskParameters) or not 0 <= given.work_units <= MOST_UNITS:
        return command
    return command.with_argument(0, given._replace(work_units=units))


class CutAndWhole:
    """An engine that has few units for each command beside one that never pauses.

    `laters` counts the works that were ended a second time, on a copy, by later Continues.
    """

    def __init__(self, seed: int) -> None:
        self.rng = Random(f"cut {seed}")
        self.cut, self.uncut = Engine(), Engine()
        self.history: list[Command] = []
        self.pauses = self.laters = 0
        for engine in (self.cut, self.uncut):
            begin(engine, with_units(DEFAULTS, 1 if engine is self.cut else MOST_UNITS))

    def apply(self, command: Command) -> None:
        command = self.with_few_units(command)
        self.history.append(command)
        copy = self.cut.fork()
        pieces = pieces_of(self.cut, command)
        expected = begin(self.uncut, with_units(command, MOST_UNITS))
        assert not self.uncut.has_work
        cut = whole(pieces)
        same("time, rows, rejections", cut[1:5], expected[1:5])
        same("events", told(cut.events), told(expected.events))
        if len(pieces) > 1:
            self.pauses += len(pieces) - 1
            self.go_on_later(copy, command, cut)
        if len(self.history) % COMPARED_EVERY == 0:
            self.compare()

    def with_few_units(self, command: Command) -> Command:
        given = command.arguments[0] if command.arguments else None
        if isinstance(given, RiskParameters) and given.work_units == 0:
            return with_units(command, self.rng.choice(FEW_UNITS))
        return command

    def compare(self) -> None:
        for engine in (self.cut, self.uncut):
            engine.check_invariants()
        same("books", *(without(one.dump()) for one in (self.cut, self.uncut)))
        same("counters", found(self.cut), found(self.uncut))
        same("to act on", self.cut.scan(), self.uncut.scan())

    def go_on_later(self, engine: Engine, command: Command, expected: Outcome) -> None:
        """End the work of a command by Continues of later times: all but times is the same."""
        step = self.rng.choice(STEPS_NANOS)
        pieces = [begin(engine, command)]
        while engine.has_work:
            pieces.append(engine.go_on(min(engine.time_nanos + step, LAST_NANOS)))
        same(f"later by {step}", told(whole(pieces).events, times=True), events_of(expected))
        engine.check_invariants()
        self.laters += 1


def events_of(outcome: Outcome) -> list[dict[str, int]]:
    return told(outcome.events, times=True)


def fails(commands: list[Command]) -> bool:
    try:
        pair = CutAndWhole(0)
        for command in commands:
            pair.apply(command)
    except (AssertionError, ArithmeticError, LookupError, TypeError, ValueError):
        return True
    return False


def commands_of(seed: int, assets: int, count: int) -> Iterator[Command]:
    oracle = Oracle()
    for command in Walk(seed, oracle, assets).commands(count):
        apply_to_oracle(oracle, command)
        yield command


def walk(seed: int, assets: int, count: int) -> CutAndWhole:
    pair = CutAndWhole(seed)
    try:
        for command in commands_of(seed, assets, count):
            pair.apply(command)
        pair.compare()
    except Exception as failure:
        note = failure_note(f"cut-{seed}", pair.history, fails, "tests.simulation.rerun")
        raise AssertionError(f"seed {seed}, {assets} assets: {note}") from failure
    return pair


@pytest.mark.slow
@pytest.mark.rule("WK-1", "WK-2", "WK-3")
@pytest.mark.parametrize(("seed", "assets"), SEEDS)
def test_where_work_is_cut_decides_nothing(seed: int, assets: int) -> None:
    pair = walk(seed, assets, COMMANDS)
    assert pair.pauses > COMMANDS // 5
    assert pair.laters > 0


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_long_run_of_work_that_is_cut() -> None:
    done, seed = 0, soak.SEED
    while done < soak.commands(SOAK_COMMANDS):
        done += len(walk(seed, soak.assets((1, 2, 1, 3)[seed % 4]), SOAK_WALK).history)
        seed += 1


def test_an_engine_without_pending_work_refuses_to_go_on() -> None:
    engine = Engine()
    assert finish(engine, engine.create_asset(5, 1, "USD", 0))[1:] == []
    before = engine.state_hash()
    refused = engine.go_on(9)
    expected = (0, RejectReason.NOTHING_DUE, "time_nanos", 9, 0)
    assert [one[:5] for one in refused.rejections] == [expected]
    assert (refused.sequence, engine.time_nanos, engine.state_hash()) == (0, 5, before)
