"""Same commands, same state: in another process, in a fork, and in another order of making."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from riskengine.core.engine import Engine
from tests.simulation.commands import Command, read_script, script
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.names import Kind
from tests.simulation.side_by_side import SideBySide, apply_to_engine, plain
from tests.simulation.themes import START_NANOS
from tests.simulation.walk import Walk

ROOT = Path(__file__).parents[2]
SEED = 77
COMMANDS = 150


@pytest.fixture(scope="module")
def pair() -> SideBySide:
    walked = SideBySide()
    for command in Walk(SEED, walked.oracle).commands(COMMANDS):
        walked.apply(command)
    assert walked.kinds[Kind.CANCEL_ORDERS] > 0
    return walked


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_other_process_comes_to_the_same_hash(
    pair: SideBySide, tmp_path: Path, hash_seed: str
) -> None:
    path = tmp_path / "commands.txt"
    path.write_text(script(pair.history))

    result = subprocess.run(
        [sys.executable, "-m", "tests.simulation.rerun", str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert read_script(path) == pair.history
    assert result.stdout.strip() == pair.engine.state_hash()


def test_replay_gives_the_same_events(pair: SideBySide) -> None:
    first, second = Engine(), Engine()
    for command in pair.history:
        assert plain(apply_to_engine(first, command)) == plain(apply_to_engine(second, command))
        assert first.state_hash() == second.state_hash()


@pytest.mark.rule("CM-4")
def test_refused_command_leaves_the_hash(pair: SideBySide) -> None:
    engine = Engine()
    refused = changed = 0
    for command in pair.history:
        before = engine.state_hash()
        if apply_to_engine(engine, command).sequence == 0:
            refused += 1
            assert engine.state_hash() == before
        else:
            changed += engine.state_hash() != before
    assert refused > 0
    assert changed > len(pair.history) // 2


def test_fork_goes_on_like_its_origin(pair: SideBySide) -> None:
    half = COMMANDS // 2
    origin = Engine()
    for command in pair.history[:half]:
        apply_to_engine(origin, command)
    fork = origin.fork()
    before = origin.state_hash()

    for command in pair.history[half:]:
        apply_to_engine(fork, command)

    assert origin.state_hash() == before
    assert fork.state_hash() == pair.engine.state_hash()
    assert fork.dump() == pair.engine.dump()


@pytest.mark.rule("ST-11")
def test_order_in_which_accounts_and_positions_came_is_not_seen() -> None:
    """Two accounts open and two positions appear in either order; the states are equal.

    Market 1 is booked last in both: to that a debt would count (ST-3).
    """
    hashes = set()
    for order in ((0, 1), (1, 0)):
        engine = Engine()
        for command in _opening():
            apply_to_engine(engine, command)
        accounts = tuple((5, 6)[i] for i in order)
        markets = tuple(MARKET_IDS[i] for i in order)
        apply_to_engine(
            engine, Command("deposits", START_NANOS, (accounts, (1, 1), (10**6, 10**6)))
        )
        rows = ((*markets, 1), (5,) * 3, (6,) * 3, (1_000,) * 3, (10,) * 3, (), (), ())
        apply_to_engine(engine, Command("trades", START_NANOS, rows))
        engine.check_invariants()
        hashes.add(engine.state_hash())
    assert len(hashes) == 1


MARKET_IDS = (1, 2)


def _opening() -> list[Command]:
    """Return the opening of a seeded venue, its markets set to two alike."""
    theme = Walk(0, Oracle()).theme
    commands = [Command("create_asset", START_NANOS, (1, "USD", -6))]
    commands.append(Command("create_fund", START_NANOS, (7, 1)))
    for market_id in MARKET_IDS:
        parameters = theme.markets[0]._replace(
            market_id=market_id,
            fund_id=7,
            price_step_ticks=1,
            size_step_lots=1,
            lot_exponent=-4,
            max_price_ticks=10**4,
            max_position_lots=10**4,
        )
        commands.append(Command("set_market", START_NANOS, (parameters,)))
    marks = (MARKET_IDS, (1_000, 1_000))
    commands.append(Command("mark_prices", START_NANOS, marks))
    return commands
