"""What passes while work is pending, at random: deposits; all else waits or is refused (WK-4)."""

from collections import Counter
from random import Random

import pytest

from riskengine.commands import CommandKind
from riskengine.core.engine import Engine
from tests.pieces import go_on
from tests.simulation import soak
from tests.simulation.commands import Command, failure_note
from tests.simulation.index.generator import Generator
from tests.simulation.index.interleaved import DEPOSITS, GO_ON, Interleaved, Straight, others
from tests.simulation.side_by_side import begin, same

SEEDS = [
    pytest.param((seed, 1 + seed % 2), marks=pytest.mark.xdist_group(f"between-{seed}"))
    for seed in range(1, 9)
]
"""Seeds of walks, and of how many assets; a walk is made once."""

COMMANDS = 200
SOAK_COMMANDS = 20_000
SOAK_WALK = 600
ENOUGH = 4
DONE = {"pay_in", "be_refused", "ask", "ask_about_an_order", "ask_what_waits", "copy"}


def fails(commands: list[Command]) -> bool:
    pair = Straight()
    try:
        for command in commands:
            pair.apply(command)
    except (AssertionError, ArithmeticError, LookupError, TypeError, ValueError):
        return True
    return False


def walk(seed: int, assets: int, count: int, shape: str = "") -> Interleaved:
    pair = Interleaved(Random(f"between {seed}"))
    generator = Generator(seed, pair, shape, assets)
    try:
        for _ in range(count):
            pair.apply(generator.next())
    except Exception as failure:
        name = f"between-seed-{seed}"
        note = failure_note(name, pair.history, fails, "tests.simulation.index.rerun")
        raise AssertionError(f"{name}, command {len(pair.history)}: {note}") from failure
    return pair


@pytest.fixture(scope="module", params=SEEDS)
def walked(request: pytest.FixtureRequest) -> Interleaved:
    seed, assets = request.param
    return walk(seed, assets, COMMANDS)


@pytest.mark.slow
@pytest.mark.rule("WK-4")
def test_deposits_pass_between_the_pieces_and_nothing_else(walked: Interleaved) -> None:
    assert walked.pauses > 20
    assert {name for name, count in walked.passed.items() if count} == DONE


@pytest.mark.slow
@pytest.mark.rule("WK-5")
def test_the_same_commands_give_the_same_with_all_that_passed_between(
    walked: Interleaved,
) -> None:
    engine = played(walked.history)
    assert engine.state_hash() == walked.index.state_hash()
    assert engine.dump() == walked.index.dump()


@pytest.mark.slow
@pytest.mark.rule("WK-5")
def test_a_log_that_ends_while_work_is_pending_goes_on(walked: Interleaved) -> None:
    """Killed behind a piece it comes to where the log would have gone, if nothing passed there."""
    engine = Engine()
    killed: Engine | None = None
    compared = 0
    for number, command in enumerate(walked.history):
        begin(engine, command)
        if killed is not None and (command.name != GO_ON or engine.time_nanos > killed.time_nanos):
            killed = None
        if killed is not None and not engine.has_work:
            same("state", killed.state_hash(), engine.state_hash())
            compared, killed = compared + 1, None
        elif killed is None and engine.has_work and number % 3 == 0 and compared < ENOUGH:
            killed = played(walked.history[: number + 1])
            assert len(go_on(killed)) > 0
    assert compared > 0


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_long_run_of_what_passes_between() -> None:
    done, seed = 0, soak.SEED
    while done < soak.commands(SOAK_COMMANDS):
        done += len(walk(seed, soak.assets((1, 2, 1, 3)[seed % 4]), SOAK_WALK).history)
        seed += 1


def played(commands: list[Command]) -> Engine:
    engine = Engine()
    for command in commands:
        begin(engine, command)
    return engine


def test_every_other_command_is_among_those_that_wait() -> None:
    pair = Straight()
    generator = Generator(1, pair)
    for _ in range(40):
        pair.apply(generator.next())
    methods = Counter(name for name, _ in others(pair))
    assert set(methods.values()) == {1}
    known = {kind.method.__name__ for kind in CommandKind}
    beside_the_core = {"register_client", "forget_client", "take_sequence"}
    assert known - set(methods) == {GO_ON, DEPOSITS} | beside_the_core
