"""Where recorded journals come from: each function plays one source and returns its commands."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from rich.console import Console

from loadtests.bench import crash_section, loading
from loadtests.bench.population import make_population
from loadtests.bench.profiles import QUICK
from riskengine.core import engine as engine_module
from riskengine.core.engine import Engine
from riskengine.core.types import Outcome
from riskengine.persistence import LogRecord, SegmentOptions, open_segment_log
from riskengine.simulator import play as simulator
from riskengine.simulator.options import DemoOptions
from riskengine.simulator.server_process import RunningServer, running_server
from tests.recorded.recorder import ORDER, RESTART
from tests.simulation.commands import Command, apply_to_oracle
from tests.simulation.index.generator import Generator
from tests.simulation.index.pair import Pair
from tests.simulation.index.test_rankings import Crash
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.questions import OrderCheck
from tests.simulation.oracle.world import Outcome as PlainOutcome
from tests.simulation.side_by_side import SideBySide
from tests.simulation.test_stateful import EngineAgainstOracle
from tests.simulation.walk import Walk

COMMANDS = {
    *("create_asset", "create_fund", "set_market", "set_risk_parameters", "fund_deposit"),
    *("withdrawals", "close_account", "deposits", "trades", "position_updates", "mark_prices"),
    *("liquidation_reports", "tick", "write_off", "started", "set_log_time"),
}
JOURNAL = Path("data/journal")
SEGMENT_BYTES = 1 << 26
STATEFUL_TRIALS, STATEFUL_STEPS = 100, 60
MOST_CELLS = 5_000
"""Numbers that a test gives an engine; who gives it more tests the growth of memory."""

NOT_NOTED = [f"--ignore-glob=*/{name}.py" for name in ("test_enums", "test_growth")]
"""Tests of the class itself and of its memory."""


def demo(options: DemoOptions) -> list[LogRecord]:
    """Play a demo and return the journal of its server."""
    records: list[LogRecord] = []

    @asynccontextmanager
    async def read_at_its_end(
        metrics_port: int, kept: Path | None, *, secured: bool
    ) -> AsyncIterator[RunningServer]:
        async with running_server(metrics_port, kept, secured=secured) as server:
            yield server
            server.process.terminate()
            await server.process.wait()
            limits = SegmentOptions(segment_bytes=SEGMENT_BYTES)
            log = open_segment_log(server.folder / JOURNAL, limits)
            records.extend(log.read(1))
            log.close()

    with patch.object(simulator, "running_server", read_at_its_end):
        asyncio.run(simulator.play(options, options.path(), Console(file=io.StringIO())))
    return records


def walk(walk_seed: int, count: int) -> list[Command]:
    """Return a walk that looks at the oracle."""
    oracle = Oracle()
    commands = []
    for command in Walk(walk_seed, oracle).commands(count):
        if command.name not in COMMANDS:
            continue  # the contract of the recordings does not have it
        apply_to_oracle(oracle, command)
        commands.append(command)
    return commands


def index_walk(walk_seed: int, count: int) -> list[Command]:
    """Return a walk that aims at the thresholds of its accounts."""
    pair = Pair()
    generator = Generator(walk_seed, pair)
    for _ in range(count):
        pair.apply(generator.next())
    return pair.history


def crowd(crowd_seed: int, accounts: int, count: int) -> list[Command]:
    """Return a crash in which nearly every liquidation ends in ADL."""
    crash = Crash(crowd_seed, accounts)
    return [crash.next() for _ in range(count)]


class NotingPair(SideBySide):
    """Notes questions among the commands."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[Command] = []

    def apply(self, command: Command) -> PlainOutcome:
        self.noted.append(command)
        return super().apply(command)

    def check_order(self, *order: Any) -> OrderCheck:
        self.noted.append(Command(ORDER, self.oracle.world.time_nanos, order))
        return super().check_order(*order)


def stateful(run_seed: int) -> list[Command]:
    """Return a run of the stateful test: of many, one with most kinds of events, the longest."""
    best: tuple[int, int] = (0, 0)
    kept: list[Command] = []

    class Noting(EngineAgainstOracle):
        def __init__(self) -> None:
            super().__init__()
            self.pair: NotingPair = NotingPair()

        def teardown(self) -> None:
            nonlocal best, kept
            kinds = sum(count > 0 for count in self.pair.kinds.values())
            if (kinds, len(self.pair.noted)) > best:
                best, kept = (kinds, len(self.pair.noted)), self.pair.noted

    limits = settings(
        max_examples=STATEFUL_TRIALS,
        stateful_step_count=STATEFUL_STEPS,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(run_seed)(Noting), settings=limits)
    return kept


class NotingEngine(Engine):
    """An engine that notes its commands; `made` are all that were made."""

    made: ClassVar[list["NotingEngine"]] = []

    def __init__(self, **_options: bool) -> None:
        super().__init__()  # the core takes its options where it makes the object
        self.noted: list[Command] = []
        self.made.append(self)


def _noting(name: str) -> Any:
    method = getattr(Engine, name)

    def noting(engine: NotingEngine, time_nanos: int, *arguments: Any) -> Outcome:
        outcome: Outcome = method(engine, time_nanos, *arguments)
        engine.noted.append(Command(name, time_nanos, tuple(map(_plain, arguments))))
        return outcome

    return noting


for _name in COMMANDS:
    setattr(NotingEngine, _name, _noting(_name))


def tested(folder: str) -> list[Command]:
    """Run the tests in a folder and return what they do to engines, one after the other."""
    NotingEngine.made.clear()
    with patch.object(engine_module, "Engine", NotingEngine):
        code = pytest.main(["-q", "-p", "no:cacheprovider", "-W", "ignore", *NOT_NOTED, folder])
    assert code == pytest.ExitCode.OK
    commands: list[Command] = []
    for engine in NotingEngine.made:
        if sum(map(_size, engine.noted)) <= MOST_CELLS:
            commands += [Command(RESTART, 0, ()), *engine.noted]
    return commands


def _size(command: Command) -> int:
    return sum(len(one) if isinstance(one, list | str) else 1 for one in command.arguments)


def october(accounts: int, step_seconds: int, path_seed: int) -> list[Command]:
    """Play the benchmark's crash, of 10 October 2025, and return its commands."""
    profile = replace(QUICK, accounts=(accounts,), seed=path_seed, crash_step_seconds=step_seconds)
    path = crash_section.crash_path(profile)
    marks = np.array(path.index_ticks[0], dtype=np.int64)
    population = make_population(accounts, len(marks), profile.seed, marks)
    engine = NotingEngine()
    fund_atoms = crash_section.fund_atoms(population)
    loading.open_venue(engine, marks, fund_atoms)
    loading.load(engine, loading.opening_columns(population))
    crash_section.play(
        engine, path, crash_section.depth_lots(population, step_seconds), len(path), ""
    )
    return engine.noted


def _plain(argument: Any) -> Any:
    return argument.tolist() if hasattr(argument, "tolist") else argument
