"""The compiled engine against the oracle, under seeded random walks.

A failure names its seed and leaves the fewest commands that still show it in build/simulation.
`SOAK_COMMANDS` is the length of the long run, `SOAK_SEED` its first seed.
"""

import os
from collections import Counter

import pytest

from tests.simulation.oracle.names import Kind, Reason
from tests.simulation.side_by_side import SideBySide, failure_note
from tests.simulation.walk import Walk

SEEDS = range(12)
COMMANDS = 400
SOAK_SEED = int(os.environ.get("SOAK_SEED", "1000000"))
SOAK_COMMANDS = int(os.environ.get("SOAK_COMMANDS", "200000"))
SOAK_WALK = 2_000

NOT_BY_THE_WALK = {
    Reason.BATCH_TOO_LARGE,
    Reason.INSUFFICIENT_MARGIN,
    Reason.NOT_REDUCING,
    Reason.NO_MARK_PRICE,
}
"""Reasons of check_order, and those that have tables of their own."""


def walk(seed: int, count: int) -> SideBySide:
    """Run one walk side by side and replay it."""
    pair = SideBySide()
    try:
        for command in Walk(seed, pair.oracle).commands(count):
            pair.apply(command)
        pair.replay()
    except AssertionError as failure:
        note = failure_note(f"seed-{seed}", pair.history)
        raise AssertionError(f"seed {seed}, command {len(pair.history) - 1}: {note}") from failure
    return pair


@pytest.mark.slow
def test_engine_does_what_the_oracle_does() -> None:
    kinds: Counter[int] = Counter()
    reasons: Counter[int] = Counter()
    for seed in SEEDS:
        pair = walk(seed, COMMANDS)
        kinds += pair.kinds
        reasons += pair.reasons
    assert {kind.name for kind in Kind if not kinds[kind]} == set()
    assert {reason for reason in Reason if not reasons[reason]} <= NOT_BY_THE_WALK


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_long_run() -> None:
    done, seed = 0, SOAK_SEED
    while done < SOAK_COMMANDS:
        done += len(walk(seed, SOAK_WALK).history)
        seed += 1
