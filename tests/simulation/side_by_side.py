"""Engine and oracle, one command at a time, compared in all that they say and hold."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from riskengine.core import types
from riskengine.core.engine import Engine
from tests.pieces import finish, whole
from tests.simulation import properties
from tests.simulation.commands import Command, apply_to_oracle
from tests.simulation.oracle import load_report, views
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.names import State, VenueMode
from tests.simulation.oracle.questions import OrderCheck
from tests.simulation.oracle.world import (
    AccountName,
    MarketParameters,
    Outcome,
    RiskParameters,
)
from tests.simulation.totals import Totals

FORK_EVERY = 50
READ_BACK_EVERY = 35
PRICED_EVERY = 5
KEPT_EVERY = 7
GO_ON_EVERY = 11


def _argument(value: object) -> Any:
    if isinstance(value, MarketParameters):
        tiers = tuple(types.RiskTier(*tier) for tier in value.tiers)
        return types.MarketParameters(**{**value._asdict(), "tiers": tiers})
    if isinstance(value, RiskParameters):
        return types.RiskParameters(*value)
    if isinstance(value, tuple):
        return np.array(value, dtype=np.int64)
    return value


def begin(engine: Engine, command: Command) -> types.Outcome:
    """Apply a command alone: what it leaves pending stays so."""
    arguments = [_argument(value) for value in command.arguments]
    outcome = getattr(engine, command.name)(command.time_nanos, *arguments)
    assert isinstance(outcome, types.Outcome)
    return outcome


def pieces_of(engine: Engine, command: Command) -> list[types.Outcome]:
    """Apply a command and go on until its work is done; return what each piece said."""
    return finish(engine, begin(engine, command))


def apply_to_engine(engine: Engine, command: Command) -> types.Outcome:
    """Apply a command with all its work; return what it would have said without pauses."""
    return whole(pieces_of(engine, command))


def plain(outcome: types.Outcome) -> Outcome:
    """Return the engine's outcome in the oracle's form."""
    events = [
        {name: int(value) for name, value in event._asdict().items() if value}
        for event in outcome.events
    ]
    return Outcome(
        outcome.sequence,
        outcome.time_nanos,
        outcome.applied_rows,
        outcome.rejected_rows,
        [tuple(rejection) for rejection in outcome.rejections],  # type: ignore[misc]
        events,
    )


def same(what: str, engine: object, oracle: object) -> None:
    """Raise AssertionError that shows both, also where pytest does not rewrite."""
    if engine != oracle:
        raise AssertionError(f"{what}\n  engine: {engine}\n  oracle: {oracle}")


class SideBySide:
    """Applies commands to both and raises AssertionError at the first difference."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.oracle = Oracle()
        self.history: list[Command] = []
        self.totals = Totals()
        self.reasons: Counter[int] = Counter()
        self.known_names: set[AccountName] = set()
        self.pauses = 0

    def apply(self, command: Command) -> Outcome:
        self.history.append(command)
        if len(self.history) % READ_BACK_EVERY == 0:
            self.engine = Engine.read_back(self.engine.save())
        fork = self.engine.fork() if len(self.history) % FORK_EVERY == 0 else None
        before = self.engine.state_hash() if fork else ""
        pieces = pieces_of(self.engine, command)
        expected = apply_to_oracle(self.oracle, command)
        self._compare_outcomes(plain(whole(pieces)), expected)
        self._count(command, expected)
        self.pauses += len(pieces) - 1
        self.oracle.count_pauses(len(pieces) - 1)
        self.engine.check_invariants()
        views.check_invariants(self.oracle.world)
        self._compare_state()
        if fork:
            self._compare_fork(fork, before, command)
        if len(self.history) % GO_ON_EVERY == 0:
            self._go_on_in_vain()
        return expected

    def check_order(self, *order: Any) -> OrderCheck:
        """Ask both about an order; the answer changes neither."""
        before = self.engine.state_hash()
        answer = self.engine.check_order(*order)
        expected = self.oracle.check_order(*order)
        same(f"{order}", answer, expected)
        assert self.engine.state_hash() == before
        return expected

    def replay(self) -> None:
        """Assert that a fresh engine comes to the same state by the same commands."""
        fresh = Engine()
        for command in self.history:
            apply_to_engine(fresh, command)
        assert fresh.state_hash() == self.engine.state_hash()

    def _count(self, command: Command, outcome: Outcome) -> None:
        properties.check_outcome(self.oracle.world, outcome)
        self.totals.follow(self.oracle.world, command, outcome)
        self.reasons.update(rejection.reason for rejection in outcome.rejections)

    @property
    def kinds(self) -> Counter[int]:
        return self.totals.kinds

    def _compare_outcomes(self, outcome: Outcome, expected: Outcome) -> None:
        rejections = [tuple(rejection) for rejection in expected.rejections]
        same("rejections", list(outcome.rejections), rejections)
        for event, other in zip(outcome.events, expected.events, strict=False):
            same("event", event, other)
        same("events", outcome.events, expected.events)
        same("sequence, time, applied, rejected", outcome[:4], expected[:4])

    def _go_on_in_vain(self) -> None:
        """Assert that both refuse to go on where nothing is pending."""
        before = self.engine.state_hash()
        time_nanos = self.oracle.world.time_nanos
        refused = plain(self.engine.go_on(time_nanos))
        self._compare_outcomes(refused, self.oracle.go_on(time_nanos))
        assert (refused.sequence, self.engine.state_hash()) == (0, before)

    def _compare_fork(self, fork: Engine, before: str, command: Command) -> None:
        assert fork.state_hash() == before, "a fork follows its origin"
        apply_to_engine(fork, command)
        fork.check_invariants()
        assert fork.state_hash() == self.engine.state_hash(), "a fork goes its own way"

    def _compare_state(self) -> None:
        engine, world = self.engine, self.oracle.world
        for name, value in views.totals(world).items():
            same(name, getattr(engine, name), value)
        assets = [(one.asset_id, one.symbol, one.exponent) for one in world.assets.values()]
        same("assets", engine.assets(), assets)
        same("parameters", engine.parameters, world.risk)
        same(
            "conservation",
            [one._asdict() for one in engine.conservation()],
            [views.conservation(world, asset_id) for asset_id in world.assets],
        )
        same(
            "gates",
            [one._asdict() for one in engine.gates()],
            [views.gate(world, asset_id) for asset_id in world.assets],
        )
        self._compare_accounts()
        self._compare_orders()
        self._compare_markets()
        same(
            "funds",
            [fund._asdict() for fund in engine.funds()],
            [views.fund(world, fund_id) for fund_id in sorted(world.funds)],
        )
        self._compare_counters()
        if world.mode == VenueMode.LOADING:
            report = engine.load_report()._asdict()
            same("report of the load", report, load_report.report(world))

    def _compare_orders(self) -> None:
        """Compare open orders; now and then what the dump alone has: kept orders, debt markets."""
        world = self.oracle.world
        listed = self.engine.open_liquidations(0, 2**31 - 1)
        found = [(one.liquidation_id, one.deadline_nanos, one.cancelling) for one in listed]
        same("open orders", found, views.open_orders(world))
        if len(self.history) % KEPT_EVERY == 0:
            dump = self.engine.dump()
            same("kept orders", dump["ended_orders"], views.kept_orders(world))
            names = ("account_id", "asset_id", "isolated_market_id")
            same(
                "debt markets",
                {tuple(one[n] for n in names): one["debt_market_id"] for one in dump["accounts"]},
                {tuple(name): held.debt_market for name, held in world.accounts.items()},
            )

    def _compare_accounts(self) -> None:
        world = self.oracle.world
        for name in self.known_names.difference(world.accounts):
            same(f"closed account {name}", self.engine.account(*name), None)
        self.known_names.update(world.accounts)
        for name in world.accounts:
            view = self.engine.account(*name)
            assert view is not None, name
            fields = view._asdict()
            positions = [position._asdict() for position in fields.pop("positions")]
            reserved = [tuple(one) for one in fields.pop("reservations")]
            same(f"reservations of {name}", reserved, views.reservations(world, name))
            same("account", fields, views.account(world, name))
            priced = (len(self.history) + name.account_id) % PRICED_EVERY == 0
            expected = views.positions(world, name, priced=priced)
            fields_known = expected[0] if expected else {}
            known = [{field: position[field] for field in fields_known} for position in positions]
            same(f"positions of {name}", known, expected)
            if name.asset_id == world.first_asset_id():
                same(f"by its id alone {name}", self.engine.account(name.account_id), view)
        self._compare_lists()

    def _compare_lists(self) -> None:
        """Compare the list of every state, and one page in the middle of it."""
        world = self.oracle.world
        for state in (0, *State):
            names = sorted(held.name for held in world.traders() if state in (0, held.state))
            middle = len(self.history) % (len(names) + 1)
            for first, last in ((0, len(names)), (middle, middle + 2)):
                after = names[first - 1] if first else AccountName(0, 0)
                found = self.engine.accounts(after[0], last - first, state, *after[1:])
                same("accounts listed", [view[:3] for view in found], names[first:last])

    def _compare_markets(self) -> None:
        world = self.oracle.world
        for view, market_id in zip(self.engine.markets(), sorted(world.markets), strict=True):
            fields = view._asdict()
            same("parameters", fields.pop("parameters"), world.markets[market_id].parameters)
            same(f"market {market_id}", fields, views.market(world, market_id))

    def _compare_counters(self) -> None:
        fields = self.engine.counters()._asdict()
        for ours in ("fired_triggers", "recomputed_accounts", "assessed_counterparties"):
            del fields[ours]
        states = fields.pop("accounts_by_state")
        same("accounts by state", tuple(states), views.accounts_by_state(self.oracle.world))
        closed = sorted(tuple(row) for row in fields.pop("closed") if row.closes)
        same("closed", closed, self.totals.closed())
        markets = [row._asdict() for row in fields.pop("markets")]
        same("market counters", markets, self.totals.markets(markets))
        same("counters", fields, self.totals.overall(self.oracle.world))


def fails(commands: Sequence[Command]) -> bool:
    pair = SideBySide()
    try:
        for command in commands:
            pair.apply(command)
    except (AssertionError, ArithmeticError, LookupError, TypeError, ValueError):
        return True
    return False
