"""The trigger index does what a full scan does: same events, same order, same state.

SOAK_COMMANDS and SOAK_SEED size the long run (`make soak`); a failure names its seed and its step,
which make the same world again.
"""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.enums import EventKind
from tests.simulation.index.world import World

SEEDS = range(60)
STEPS = 600
STEPS_OF_A_WORLD = 1_000
SOAK_COMMANDS = int(os.environ.get("SOAK_COMMANDS", "1000000"))
SOAK_SEED = int(os.environ.get("SOAK_SEED", "1"))


def play(seed: int, steps: int) -> World:
    """Make that many steps in a world; name seed and step when the engines part."""
    world = World(seed)
    for step in range(steps):
        try:
            world.step()
        except AssertionError as failure:
            last = "\n".join(map(repr, world.pair.calls[-3:]))
            raise AssertionError(f"seed {seed}, step {step}, calls:\n{last}") from failure
    world.pair.check()
    return world


def test_the_index_does_what_a_scan_does() -> None:
    kinds: set[int] = set()
    fired = 0
    for seed in SEEDS:
        world = play(seed, STEPS)
        kinds |= world.kinds
        fired += world.pair.index.counters().fired_triggers
        assert world.pair.scan.counters().fired_triggers == 0
    assert kinds == set(EventKind)
    assert fired > 1_000


@given(st.integers(min_value=0, max_value=2**32), st.integers(min_value=1, max_value=120))
def test_the_index_does_what_a_scan_does_in_any_world(seed: int, steps: int) -> None:
    play(seed, steps)


@pytest.mark.soak
def test_the_index_does_what_a_scan_does_at_length() -> None:
    for seed in range(SOAK_SEED * 10_000, SOAK_SEED * 10_000 + SOAK_COMMANDS // STEPS_OF_A_WORLD):
        play(seed, STEPS_OF_A_WORLD)
