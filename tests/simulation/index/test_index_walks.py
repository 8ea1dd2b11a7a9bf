"""The trigger index against the full scan, under seeded random walks in many worlds.

A failure names its seed and leaves the fewest commands that still show it in build/simulation.
"""

from collections import Counter

import pytest

from riskengine.core.enums import EventKind, LiquidationOutcome, RejectReason
from tests.simulation import soak
from tests.simulation.index.generator import Generator
from tests.simulation.index.pair import Pair, run
from tests.simulation.index.worlds import SHAPES
from tests.simulation.oracle.names import Kind

pytestmark = pytest.mark.any_model

SEEDS = range(20)
WITH_BAD_DEBTS = (65, 70)
SEVERAL = [(20, 2), (21, 3), (22, 2), (23, 3), (24, 2), (25, 3)]
"""Seeds of walks with several assets, and how many."""

COMMANDS = 1_000
SOAK_COMMANDS = 1_000_000
SOAK_WALK = 2_500


def walk(seed: int, count: int, shape: str = "", assets: int = 1) -> Generator:
    pair = Pair()
    generator = Generator(seed, pair, shape, assets)
    run(f"index-seed-{seed}{shape}", pair, generator.next, count)
    return generator


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "assets"), [*((seed, 1) for seed in SEEDS), *SEVERAL])
def test_the_index_finds_what_the_scan_finds(seed: int, assets: int) -> None:
    generator = walk(seed, COMMANDS, assets=assets)
    pair = generator.pair
    assert pair.index.sequence > COMMANDS // 2
    assert pair.kinds[EventKind.CANCEL_ORDERS] > 0
    assert generator.hits > 0
    assert pair.index.counters().fired_triggers > 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_it_does_so_where_every_bound_is_at_its_edge(seed: int) -> None:
    generator = walk(seed, COMMANDS // 2, "edges")
    assert generator.pair.index.sequence > COMMANDS // 8
    assert generator.pair.index.counters().fired_triggers > 0


@pytest.mark.slow
def test_the_walks_come_by_everything() -> None:
    kinds: Counter[int] = Counter()
    reasons: Counter[int] = Counter()
    outcomes: Counter[int] = Counter()
    behind_orders = 0
    shapes = set()
    closed = 0
    for seed in (*range(len(SEEDS), 3 * len(SEEDS)), *WITH_BAD_DEBTS):
        generator = walk(seed, COMMANDS // 5, assets=(1, 1, 2)[seed % 3])
        kinds.update(generator.pair.kinds)
        reasons.update(generator.pair.refusals)
        shapes.add(generator.world.shape)
        closed += generator.pair.closed
        outcomes.update(generator.pair.outcomes)
        behind_orders += generator.hits_behind_orders
    assert shapes == set(SHAPES)
    assert {kind.name for kind in Kind if not kinds[kind]} == set()
    assert reasons[RejectReason.OVERFLOW] > 0
    assert set(outcomes) == set(LiquidationOutcome) - {LiquidationOutcome.UNSPECIFIED}
    assert behind_orders > len(SEEDS)
    assert closed > len(SEEDS)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_long_run_of_index_and_scan() -> None:
    done, seed, hits = 0, soak.SEED, 0
    while done < soak.commands(SOAK_COMMANDS):
        generator = walk(seed, SOAK_WALK, assets=soak.assets((1, 2, 1, 3)[seed % 4]))
        done += len(generator.pair.history)
        hits += generator.hits
        seed += 1
    # A walk alone may hit nobody.
    assert hits > 0 or seed == soak.SEED + 1
