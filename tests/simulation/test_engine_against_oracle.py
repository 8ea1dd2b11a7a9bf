"""The compiled engine against the oracle, under seeded random walks.

A failure names its seed and leaves the fewest commands that still show it in build/simulation.
`SOAK_COMMANDS` is the length of the long run, `SOAK_SEED` its first seed.
"""

import os
from collections import Counter

import pytest

from tests.simulation.commands import apply_to_oracle, failure_note
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.names import Kind, Reason
from tests.simulation.side_by_side import SideBySide, fails
from tests.simulation.walk import Walk

SEEDS = range(16)
COMMANDS = 400
SOAK_SEED = int(os.environ.get("SOAK_SEED", "1000000"))
SOAK_COMMANDS = int(os.environ.get("SOAK_COMMANDS", "100000"))
SOAK_WALK = 2_000

NOT_BY_THE_WALK = {Reason.BATCH_TOO_LARGE, Reason.INSUFFICIENT_MARGIN, Reason.NOT_REDUCING}
"""Reasons of check_order, and one that has a test of its own, in test_refusals.py."""


def walk(seed: int, count: int) -> SideBySide:
    """Run one walk side by side and replay it."""
    pair = SideBySide()
    try:
        for command in Walk(seed, pair.oracle).commands(count):
            pair.apply(command)
        pair.replay()
    except Exception as failure:
        note = failure_note(f"seed-{seed}", pair.history, fails, "tests.simulation.rerun")
        raise AssertionError(f"seed {seed}, command {len(pair.history) - 1}: {note}") from failure
    return pair


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_engine_does_what_the_oracle_does(seed: int) -> None:
    pair = walk(seed, COMMANDS)
    assert pair.engine.sequence > COMMANDS // 2
    assert pair.kinds[Kind.CANCEL_ORDERS] > 0


def test_every_kind_of_event_and_refusal_comes_up() -> None:
    """The oracle alone tells it: the engine is compared on the same walks."""
    kinds: Counter[int] = Counter()
    reasons: Counter[int] = Counter()
    closed = 0
    for seed in SEEDS:
        oracle = Oracle()
        for command in Walk(seed, oracle).commands(COMMANDS):
            outcome = apply_to_oracle(oracle, command)
            kinds.update(event["kind"] for event in outcome.events)
            reasons.update(rejection.reason for rejection in outcome.rejections)
            closed += command.name == "close_account" and outcome.applied_rows
    assert closed > 2 * len(SEEDS)
    assert {kind.name for kind in Kind if not kinds[kind]} == set()
    assert {reason for reason in Reason if not reasons[reason]} <= NOT_BY_THE_WALK


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_long_run() -> None:
    done, seed = 0, SOAK_SEED
    while done < SOAK_COMMANDS:
        done += len(walk(seed, SOAK_WALK).history)
        seed += 1
    assert done >= SOAK_COMMANDS
