"""Index and scan side by side, with other commands and questions while work is pending (WK-4)."""

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState, PositionUpdateMode, RejectReason, Side
from riskengine.core.types import AccountView, Outcome
from tests.pieces import whole
from tests.simulation.commands import Command
from tests.simulation.index.pair import Pair, name_of
from tests.simulation.oracle.names import NANOS_PER_MILLI
from tests.simulation.oracle.world import MarketParameters, RiskParameters, RiskTier
from tests.simulation.side_by_side import begin, same

WORK_UNITS = (1, 1, 2, 3, 7, 20)
NEW_IDS = (7_000_000, 7_000_030)
GO_ON, DEPOSITS = "go_on", "deposits"
ASKS_NOTHING: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("state_hash", ()),
    ("save", ()),
    ("begin_view", (-1,)),
    ("begin_state_stream", (-1,)),
)
"""What there is of a state at rest alone, and its arguments."""


class Straight(Pair):
    """Applies commands one by one, Continues among them, and compares what each says."""

    def __init__(self) -> None:
        super().__init__(audit_every=1)
        self.forked: Engine | None = None

    def apply(self, command: Command) -> Outcome:
        """Apply a command to both, and to a copy that was made while the work was pending."""
        self.history.append(command)
        outcome, expected = begin(self.index, command), begin(self.scan, command)
        same(f"{command.name} (index, then scan)", outcome, expected)
        same("work is pending (index, then scan)", self.index.has_work, self.scan.has_work)
        if self.forked is not None:
            same("of a copy", begin(self.forked, command), outcome)
        for engine in (self.index, self.scan):
            assert [one.missing_atoms for one in engine.conservation() if one.missing_atoms] == []
        if not self.index.has_work:
            if self.forked is not None:
                same("state of a copy", self.forked.state_hash(), self.index.state_hash())
                self.forked = None
            self.audit()
        return outcome

    def finish(self) -> None:
        """Compare all once more, unless it ends in the middle of a work."""
        if not self.index.has_work:
            super().finish()


class Interleaved(Straight):
    """Plays each command to the end of its work, and does something between its pieces.

    `history` has all that was applied, in order; `passed` counts what was done in between.
    """

    def __init__(self, rng: Random) -> None:
        super().__init__()
        self.rng = rng
        self.passed: Counter[str] = Counter()

    def apply(self, command: Command) -> Outcome:
        pieces = [super().apply(self.cut(command))]
        while self.index.has_work:
            for _ in range(self.rng.choice((0, 0, 1, 3))):
                self.do_something()
            pieces.append(super().apply(Command(GO_ON, self.now(), ())))
            assert pieces[-1].sequence > 0, pieces[-1]
        self.pauses += len(pieces) - 1
        self._follow(whole(pieces))
        return whole(pieces)

    def cut(self, command: Command) -> Command:
        """Return the command no sooner than it can be; parameters have few units."""
        command = command._replace(time_nanos=max(command.time_nanos, self.index.time_nanos))
        given = command.arguments[0] if command.arguments else None
        if isinstance(given, RiskParameters):
            units = self.rng.choice(WORK_UNITS)
            command = command.with_argument(0, given._replace(work_units=units))
        return command

    def now(self) -> int:
        return self.index.time_nanos + self.rng.choice((0, 0, 0, 0, 1, NANOS_PER_MILLI))

    def do_something(self) -> None:
        if not self.views():
            return
        kinds: Sequence[tuple[int, Callable[[], None]]] = (
            (6, self.pay_in),
            (3, self.be_refused),
            (1, self.ask),
            (1, self.ask_about_an_order),
            (1, self.ask_what_waits),
            (1, self.copy),
        )
        weights = [weight for weight, _ in kinds]
        kind = self.rng.choices(kinds, weights)[0][1]
        kind()
        self.passed[kind.__name__] += 1

    def views(self) -> list[AccountView]:
        return self.index.accounts(0, self.index.account_count, 0)

    def pay_in(self) -> None:
        """Pay into accounts, rather of who is in need, or of somebody new: at once, and no more."""
        views = self.views()
        needy = [view for view in views if view.state != AccountState.NORMAL]
        rows = []
        for _ in range(self.rng.choice((1, 1, 3))):
            chosen = self.rng.choice(needy or views) if self.rng.random() < 0.7 else None
            view = chosen or self.rng.choice(views)
            name = name_of(view)[:2]
            if self.rng.random() < 0.1:
                name = (self.rng.randint(*NEW_IDS), view.asset_id)
            amounts = (1, max(1, -view.balance_atoms), max(1, view.maintenance_atoms))
            rows.append((*name, self.rng.choice(amounts)))
        before = self.balances()
        command = Command(DEPOSITS, self.now(), tuple(zip(*rows, strict=True)))
        outcome = super().apply(command)
        assert outcome.events == []
        assert self.index.has_work
        refused = {rejection.row for rejection in outcome.rejections}
        for number, (account_id, asset_id, amount) in enumerate(rows):
            if number not in refused:
                before[account_id, asset_id] += amount
        same("balances", self.balances(), before)

    def balances(self) -> Counter[tuple[int, int]]:
        return Counter({name_of(view)[:2]: view.balance_atoms for view in self.views()})

    def be_refused(self) -> None:
        """Send some other command, which changes nothing at all."""
        name, arguments = self.rng.choice(others(self))
        before = self.index.dump()
        outcome = super().apply(Command(name, self.now(), arguments))
        (rejection,) = outcome.rejections
        assert outcome[:4] == (0, before["time_nanos"], 0, 1), (name, outcome)
        pending = (-1, RejectReason.ALLOCATION_PENDING, "", 0, 0)
        assert rejection[:5] == pending, (name, rejection)
        assert self.index.dump() == before, name
        assert self.index.has_work

    def ask(self) -> None:
        """Ask all that can be asked: nobody may take anything out."""
        engine = self.index
        views = [engine.account(*name_of(view)) for view in self.views()]
        assert {view.withdrawable_atoms for view in views if view} <= {0}
        assert len(engine.markets()) == len(self.scan.markets())
        same("funds", engine.funds(), self.scan.funds())
        same("gates", engine.gates(), self.scan.gates())
        same("windows", engine.fund_windows(), self.scan.fund_windows())
        same("payouts", engine.market_payouts(), self.scan.market_payouts())
        same("orders", *(one.open_liquidations(0, 2**31 - 1) for one in (engine, self.scan)))
        same("to act on", engine.scan(), self.scan.scan())
        same("orders ended", engine.dump()["ended_orders"], self.scan.dump()["ended_orders"])
        for one in (engine, self.scan):
            one.check_invariants()

    def ask_about_an_order(self) -> None:
        view, market = self.rng.choice(self.views()), self.rng.choice(self.index.markets())
        mark = max(1, market.mark_price_ticks)
        order = (view.account_id, market.parameters.market_id, int(Side.LONG), 1, mark, False)
        check = self.index.check_order(*order)
        assert check.rejection is not None
        assert check.rejection.reason == RejectReason.ALLOCATION_PENDING, check

    def ask_what_waits(self) -> None:
        """Ask for what there is of a state at rest alone."""
        for name, arguments in ASKS_NOTHING:
            with pytest.raises(RuntimeError, match="work is pending"):
                getattr(self.index, name)(*arguments)

    def copy(self) -> None:
        self.forked = self.index.fork()
        assert self.forked.has_work


def others(pair: Pair) -> list[tuple[str, tuple[Any, ...]]]:
    """Return each command that waits for the end of the work, as it could be taken at rest."""
    market = pair.index.markets()[0]
    rules = market.parameters
    market_id, asset_id, fund_id = rules.market_id, rules.asset_id, rules.fund_id
    tiers = tuple(RiskTier(*tier) for tier in rules.tiers)
    plain = MarketParameters(**{**rules._asdict(), "tiers": tiers})
    view = pair.index.accounts(0, 1, 0)[0]
    account_id, mark = view.account_id, max(1, market.mark_price_ticks)
    named = (account_id, view.asset_id)
    trade = ((market_id,), (1,), (2,), (mark,), (1,), (), (), ())
    order = ((1,), (account_id,), (market_id,), (1,), (1,), (0,), (mark,), (1,), (0,))
    update = ((account_id,), (market_id,), (1,), (mark,))
    return [
        ("create_asset", (77, "NEW", 0)),
        ("create_fund", (77, asset_id)),
        ("set_market", (plain,)),
        ("set_risk_parameters", (RiskParameters(*pair.index.parameters),)),
        ("set_retention", tuple(pair.index.retention)),
        ("fund_deposit", (fund_id, 1)),
        ("withdrawals", tuple((value,) for value in (*named, 1))),
        ("write_off", (*named, 1, 3, 0)),
        ("close_account", named),
        ("trades", trade),
        ("position_updates", (int(PositionUpdateMode.DELTA), *update)),
        ("mark_prices", ((market_id,), (mark,))),
        ("liquidation_reports", ((1,),)),
        ("tick", ()),
        ("note", ()),
        ("started", ()),
        ("set_log_time", (2**62,)),
        ("begin_loading", (0,)),
        ("load_accounts", ((account_id,), (view.asset_id,), (1,), (), ())),
        ("load_positions", update),
        ("load_liquidations", order),
        ("load_reservations", tuple((value,) for value in (*named, 1, 1))),
        ("adjust_balances", tuple((value,) for value in (*named, 1, 2, 3))),
        ("reserve_withdrawal", (*named, 1, 1)),
        ("confirm_withdrawal", (*named, 1)),
        ("cancel_withdrawal", (*named, 1)),
        ("go_live", (False,)),
    ]
