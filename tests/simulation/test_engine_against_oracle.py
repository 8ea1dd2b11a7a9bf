"""The compiled engine against the oracle, under seeded random walks.

A failure names its seed and leaves the fewest commands that still show it in build/simulation.
"""

from collections import Counter

import pytest

from tests.simulation import soak
from tests.simulation.commands import apply_to_oracle, failure_note
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.names import Kind, Reason
from tests.simulation.side_by_side import SideBySide, fails
from tests.simulation.walk import Walk

SEEDS = (*range(16), 27)
SEVERAL = [(4, 3), (55, 3), (21, 2), (77, 3), (107, 2), (89, 2), (89, 3), (2, 16)]
"""Seeds of walks with several assets, and how many."""

COMMANDS = 400
SOAK_COMMANDS = 100_000
SOAK_WALK = 2_000

NOT_BY_THE_WALK = {
    *(Reason.BATCH_TOO_LARGE, Reason.INSUFFICIENT_MARGIN, Reason.NOT_REDUCING),
    *(Reason.PRICE_BAND, Reason.ALLOCATION_PENDING),
    *(Reason.LOADING, Reason.NOT_LOADING, Reason.NOT_EMPTY, Reason.IMBALANCED),
    *(Reason.LIQUIDATION_ENDED, Reason.CLIENT_FORGOTTEN),
}
"""Reasons of check_order and one more, which test_refusals.py has; those of test_loading.py.

One of what comes while work is pending, which it never is in the oracle. And two that the core
never gives: one is not given any more, the other one is of the machine's sessions.
"""

IN_TWO_ASSETS = (Kind.CANCEL_ORDERS, Kind.LIQUIDATION_ORDER, Kind.TAKE_OVER, Kind.AUTO_DELEVERAGE)
"""What comes up in two assets in one command."""


def walk(seed: int, count: int, assets: int) -> SideBySide:
    """Run one walk side by side and replay it."""
    pair = SideBySide()
    try:
        for command in Walk(seed, pair.oracle, assets).commands(count):
            pair.apply(command)
        pair.replay()
    except Exception as failure:
        note = failure_note(f"seed-{seed}", pair.history, fails, "tests.simulation.rerun")
        raise AssertionError(
            f"seed {seed}, {assets} assets, command {len(pair.history) - 1}: {note}"
        ) from failure
    return pair


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "assets"), [*((seed, 1) for seed in SEEDS), *SEVERAL])
def test_engine_does_what_the_oracle_does(seed: int, assets: int) -> None:
    pair = walk(seed, COMMANDS, assets)
    assert pair.engine.sequence > COMMANDS // 2
    assert pair.kinds[Kind.CANCEL_ORDERS] > 0


class Seen:
    """What came up in walks of the oracle alone: the engine is compared on the same ones."""

    def __init__(self) -> None:
        self.kinds: Counter[int] = Counter()
        self.reasons: Counter[tuple[int, str]] = Counter()
        self.in_two_assets: Counter[int] = Counter()
        self.closed = 0

    def walk(self, seed: int, assets: int) -> None:
        oracle = Oracle()
        for command in Walk(seed, oracle, assets).commands(COMMANDS):
            outcome = apply_to_oracle(oracle, command)
            pairs = {(event["kind"], event["asset_id"]) for event in outcome.events}
            counts = Counter(kind for kind, _ in pairs)
            self.kinds.update(counts)
            self.in_two_assets.update(kind for kind, count in counts.items() if count > 1)
            self.reasons.update((one.reason, one.field) for one in outcome.rejections)
            self.closed += outcome.applied_rows if command.name == "close_account" else 0


def test_every_kind_of_event_and_refusal_comes_up() -> None:
    seen = Seen()
    for seed, assets in [*((seed, 1) for seed in SEEDS), *SEVERAL]:
        seen.walk(seed, assets)
    reasons = {reason for reason, _ in seen.reasons}
    assert seen.closed > 2 * len(SEEDS)
    assert {kind.name for kind in Kind if not seen.kinds[kind]} == set()
    assert set(Reason) - reasons <= NOT_BY_THE_WALK


def test_assets_fall_in_one_command() -> None:
    """There are commands that issue orders, take over and deleverage in two assets at once."""
    seen = Seen()
    for seed, assets in SEVERAL:
        seen.walk(seed, assets)
    assert {kind.name for kind in IN_TWO_ASSETS if seen.in_two_assets[kind] < len(SEVERAL)} == set()
    for field in ("asset_id", "fund_id", "isolated_market_id", "buyer_account_id"):
        assert any(one == field for _, one in seen.reasons), field


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_long_run() -> None:
    done, seed = 0, soak.SEED
    while done < soak.commands(SOAK_COMMANDS):
        assets = soak.assets((1, 2, 3, 1, 2, 3, 1, 16)[seed % 8])
        done += len(walk(seed, SOAK_WALK, assets).history)
        seed += 1
