"""The oracle alone under the random walk: it ends, no atom is lost, nobody is overcharged."""

from collections import Counter

import pytest

from tests.simulation import properties
from tests.simulation.commands import apply_to_oracle
from tests.simulation.oracle import views
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.names import Kind
from tests.simulation.walk import Walk

SEEDS = range(1_000, 1_012)
COMMANDS = 250


@pytest.mark.parametrize("assets", [1, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_money_is_conserved_after_every_command(seed: int, assets: int) -> None:
    oracle = Oracle()
    walk = Walk(seed, oracle, assets)
    kinds: Counter[int] = Counter()
    for command in walk.commands(COMMANDS):
        outcome = apply_to_oracle(oracle, command)
        views.check_invariants(oracle.world)
        properties.check_outcome(oracle.world, outcome)
        kinds.update(event["kind"] for event in outcome.events)
    assert kinds[Kind.CANCEL_ORDERS] > 0
