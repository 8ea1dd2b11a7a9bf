"""Venues that are loaded: against the oracle and the full scan, and beside the one they were."""

from collections import Counter
from typing import Any

import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState, EventKind
from riskengine.core.types import Event, FundView
from tests.machine.told import of_dump
from tests.simulation import soak
from tests.simulation.bring_over import apply, can_be_brought_over, loading_calls
from tests.simulation.commands import Command, apply_to_oracle, failure_note
from tests.simulation.loading import LoadingWalk
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.names import Kind, Payer, Reason, VenueMode
from tests.simulation.oracle.world import MarketParameters, RiskParameters
from tests.simulation.side_by_side import SideBySide, apply_to_engine, fails, same
from tests.simulation.walk import Walk

SEEDS = [(1, 1), (2, 1), (3, 2), (4, 1), (5, 3), (6, 1)]
"""Seeds of walks, and of how many assets."""

COMMANDS = 180
SOAK_COMMANDS = 20_000
SOAK_WALK = 1_000

OF_LOADING = {
    *((Reason.NOT_EMPTY, "account_count"), (Reason.OUT_OF_RANGE, "last_liquidation_id")),
    *((Reason.LOADING, "venue_mode"), (Reason.NOT_LOADING, "venue_mode")),
    *((Reason.ALREADY_EXISTS, "account_id"), (Reason.OUT_OF_RANGE, "balance_atoms")),
    *((Reason.OUT_OF_RANGE, "net_deposits_atoms"), (Reason.UNKNOWN_MARKET, "debt_market_id")),
    *((Reason.NO_MARK_PRICE, "market_id"), (Reason.ALREADY_EXISTS, "market_id")),
    *((Reason.OUT_OF_RANGE, "cost_atoms"), (Reason.ALREADY_EXISTS, "liquidation_id")),
    *((Reason.UNKNOWN_LIQUIDATION, "liquidation_id"), (Reason.OUT_OF_RANGE, "filled_lots")),
    *((Reason.OUT_OF_RANGE, "deadline_nanos"), (Reason.IMBALANCED, "imbalance_lots")),
    *((Reason.NOT_REDUCING, "market_id"), (Reason.NOT_REDUCING, "side")),
    (Reason.NOT_REDUCING, "size_lots"),
}


class BesideScan(SideBySide):
    """Compares a full scan as well, which judges all in the markets of a mark."""

    def __init__(self) -> None:
        super().__init__()
        self.scan = Engine(full_scan=True)

    def apply(self, command: Any) -> Any:
        outcome = super().apply(command)
        apply_to_engine(self.scan, command)
        same("state, index and scan", self.engine.state_hash(), self.scan.state_hash())
        return outcome


def walk(seed: int, count: int, assets: int) -> BesideScan:
    pair = BesideScan()
    try:
        for command in LoadingWalk(seed, pair.oracle, assets).commands(count):
            pair.apply(command)
        pair.replay()
    except Exception as failure:
        note = failure_note(f"loading-{seed}", pair.history, fails, "tests.simulation.rerun")
        raise AssertionError(f"seed {seed}, {assets} assets: {note}") from failure
    return pair


@pytest.mark.slow
@pytest.mark.rule("LD-3", "LD-5", "LD-7", "LD-9", "LD-12", "ST-10")
@pytest.mark.parametrize(("seed", "assets"), SEEDS)
def test_a_loaded_venue_does_what_the_oracle_does(seed: int, assets: int) -> None:
    pair = walk(seed, COMMANDS, assets)
    assert pair.oracle.world.mode == VenueMode.LIVE
    assert pair.kinds[Kind.CANCEL_ORDERS] > 0


def test_what_is_refused_of_a_load_comes_up() -> None:
    seen: Counter[tuple[int, str]] = Counter()
    events: Counter[str] = Counter()
    for seed in range(1, 25):
        oracle = Oracle()
        for command in LoadingWalk(seed, oracle, 1 + seed % 2).commands(COMMANDS):
            outcome = apply_to_oracle(oracle, command)
            seen.update((one.reason, one.field) for one in outcome.rejections)
            if outcome.events:
                events[command.name] += 1
    assert OF_LOADING - seen.keys() == set()
    assert events["go_live"] > 10
    assert not events.keys() & {"load_accounts", "load_positions", "load_liquidations"}


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_long_run_of_loaded_venues() -> None:
    done, seed = 0, soak.SEED
    while done < soak.commands(SOAK_COMMANDS):
        done += len(walk(seed, SOAK_WALK, soak.assets((1, 2, 1, 3)[seed % 4])).history)
        seed += 1


def told(events: list[Event]) -> list[dict[str, int]]:
    """Return what events say, but for the numbers that count all of a log."""
    counted = {"sequence": 0, "instruction_sequence": 0}
    return [event._asdict() | counted for event in events]


def brought_over(origin: Engine) -> Engine:
    """Return another engine with the venue, which is live and gave calls alone.

    Balances, costs, requirements and the prices at which positions end are the same to the atom.
    """
    engine = Engine()
    for call in loading_calls(origin):
        assert apply(engine, origin.time_nanos, call) == []
    check_fees(origin, engine)
    report = engine.load_report()
    called = [one[:3] for one in origin.accounts(0, 10**6, AccountState.MARGIN_CALL)]
    assert [one[:3] for one in report.called.accounts] == called[:100]
    assert report.liquidated.account_count == 0
    events = apply(engine, origin.time_nanos, ("go_live", True))
    assert [event.kind for event in events] == [EventKind.MARGIN_CALL] * len(called)
    for name in [one[:3] for one in origin.accounts(0, 10**6, 0)]:
        same("account", engine.account(*name), origin.account(*name))
    same("state", of_dump(engine), of_dump(origin))
    same(
        "funds", [at_present(one) for one in engine.funds()], list(map(at_present, origin.funds()))
    )
    same("markets", engine.markets(), origin.markets())
    return engine


def at_present(fund: FundView) -> FundView:
    """Return a fund without what it was and paid before: that is not loaded (FD-9)."""
    return fund._replace(peak_equity_atoms=0, is_stopped=False, paid_atoms=0)


def without_past(command: Command) -> Command:
    """Return a command without limits that go by what a fund was and paid before."""
    given = command.arguments[0] if command.arguments else None
    if isinstance(given, RiskParameters):
        return command._replace(arguments=(given._replace(fund_drawdown_ppm=0),))
    if isinstance(given, MarketParameters):
        return command._replace(arguments=(given._replace(fund_share_ppm=0),))
    return command


def names_fees(command: Command) -> bool:
    """Say whether fees might pay."""
    if command.name == "write_off":
        return bool(command.arguments[3] == Payer.FEES)
    return command.name == "adjust_balances" and Payer.FEES in command.arguments[4]


def check_fees(origin: Engine, engine: Engine) -> None:
    """Assert that carried in and costs are the fees elsewhere, but for what its outside had."""
    costs: Counter[int] = Counter()
    for market in engine.load_report().markets:
        costs[market.market_id] += market.cost_atoms
    outside: Counter[int] = Counter()
    paid: Counter[int] = Counter()
    for one in origin.dump()["markets"]:
        asset_id = one["parameters"]["asset_id"]
        paid[asset_id] += costs[one["parameters"]["market_id"]]
        outside[asset_id] += one["outside_cost_atoms"]
    for money, was in zip(engine.conservation(), origin.conservation(), strict=True):
        asset_id = was.asset_id
        fees = money.carried_in_atoms + paid[asset_id] + outside[asset_id]
        assert (fees, money.missing_atoms) == (was.fees_atoms, 0)


@pytest.mark.slow
@pytest.mark.rule("LD-9", "LD-10", "LD-12")
@pytest.mark.parametrize(("seed", "assets"), [(4, 1), (19, 1), (22, 1), (64, 2), (92, 2), (97, 2)])
def test_a_venue_that_is_brought_over_goes_on_as_it_would_have(seed: int, assets: int) -> None:
    """With two open orders at least; every later event is the same, with their ids."""
    oracle, origin = Oracle(), Engine()
    engine: Engine | None = None
    kinds: Counter[int] = Counter()
    compared = 0
    commands = Walk(seed, oracle, assets).commands(300)
    for number, command in enumerate(map(without_past, commands)):
        if names_fees(command):
            continue  # what was carried in is no fee, which could pay
        apply_to_oracle(oracle, command)
        outcome = apply_to_engine(origin, command)
        if engine is not None:
            again = apply_to_engine(engine, command)
            if command.name != "tick":
                same("rejections", again.rejections, outcome.rejections)
            same("events", told(again.events), told(outcome.events))
            compared += 1
            kinds.update(event.kind for event in outcome.events)
            continue
        if number >= 100 and origin.open_liquidation_count > 1 and can_be_brought_over(origin):
            engine = brought_over(origin)
    assert compared > 40
    assert kinds[EventKind.CANCEL_ORDERS] > 0
