"""Plays a scenario: one line a step, `given`, `when`, `then`, `and`; what follows `#` is a comment.

docs/scenarios.md is the page of this language: every command, every statement, every field.

The events of a command must all be stated, in order; a field that is not named is not looked at.
After each command the engine is audited (conservation, invariants), and at the end all commands
are played again: the second engine must come to the same state, and the oracle say the same.
"""

import re
from collections.abc import Callable
from typing import Any

from riskengine.core.enums import EventKind, PositionUpdateMode, RejectReason
from riskengine.core.types import Event, Outcome, RiskTier
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import MARKET, Driver, with_discount
from tests.scenarios.again import play_again
from tests.scenarios.telling import EVENT_FIELDS, describe
from tests.scenarios.words import (
    MARKET_FIELDS,
    RISK_FIELDS,
    VENUE_FIELDS,
    account_id,
    margin_account,
    options,
)


class Play:
    def __init__(self, funds: int) -> None:
        self.funds = funds
        self.driver = Driver(funds=funds)
        self.log: list[tuple[int, str, tuple[Any, ...]]] = []
        self.outcome: Outcome | None = None
        self.unstated: list[Event] = []
        self.is_refusal_stated = True
        self.is_interleaved = False

    def apply(self, name: str, *arguments: Any) -> None:
        self.settle()
        engine = self.driver.engine
        is_next_piece = name == "go_on" and self.driver.time_nanos == engine.time_nanos
        self.is_interleaved |= engine.has_work and not is_next_piece
        self.log.append((self.driver.time_nanos, name, arguments))
        self.outcome = self.driver.try_to(name, *arguments)
        self.unstated = list(self.outcome.events)
        self.is_refusal_stated = not self.outcome.rejections

    def rows(self, name: str, *row: int) -> None:
        self.apply(name, *((value,) for value in row))

    def settle(self) -> None:
        """Check that all that the last command brought about has been stated."""
        assert [describe(event) for event in self.unstated] == [], "events that are not stated"
        assert self.is_refusal_stated, self.outcome

    def finish(self) -> None:
        self.settle()
        assert not self.driver.engine.has_work, "work is pending at the end"
        again = play_again(self.funds, self.log, with_oracle=not self.is_interleaved)
        assert again == self.driver.engine.state_hash()

    def asset(self, asset_id: str, text: str) -> None:
        self.apply("create_asset", int(asset_id), "A", options(text).get("exponent", 0))

    def fund(self, fund_id: str, text: str) -> None:
        self.apply("create_fund", int(fund_id), options(text).get("asset", 1))

    def market(self, market_id: str, text: str) -> None:
        given = options(text)
        maintenance = given.pop("mm", 50_000)
        initial = given.pop("im", maintenance)
        changes = {MARKET_FIELDS[key]: value for key, value in given.items()}
        tier = RiskTier(0, initial, maintenance)
        parameters = MARKET._replace(
            market_id=int(market_id), tiers=(tier,), **with_discount(changes)
        )
        exponents = {view.asset_id: view.exponent for view in self.driver.engine.assets()}
        lot_exponent = exponents.get(parameters.asset_id, 0)
        self.apply("set_market", parameters._replace(lot_exponent=lot_exponent))

    def risk(self, text: str) -> None:
        changes = {RISK_FIELDS[key]: value for key, value in options(text).items()}
        self.apply("set_risk_parameters", self.driver.engine.parameters._replace(**changes))

    def fund_deposit(self, fund_id: str, amount: str) -> None:
        self.apply("fund_deposit", int(fund_id), int(amount))

    def deposit(self, name: str, amount: str, text: str) -> None:
        asset, isolated = margin_account(text)
        self.rows("deposits", account_id(name), asset or 1, int(amount), isolated)

    def withdraw(self, name: str, amount: str, text: str) -> None:
        asset, isolated = margin_account(text)
        self.rows("withdrawals", account_id(name), asset or 1, int(amount), isolated)

    def withdraw_rows(self, text: str) -> None:
        rows = [row.split() for row in text.split(",")]
        names = tuple(account_id(name) for name, _ in rows)
        amounts = tuple(int(amount) for _, amount in rows)
        self.apply("withdrawals", names, (1,) * len(rows), amounts)

    def reserve(self, name: str, amount: str, text: str) -> None:
        row = (account_id(name), 1, int(amount), options(text)["as"])
        self.apply("reserve_withdrawal", *row)

    def confirm(self, name: str, number: str) -> None:
        self.apply("confirm_withdrawal", account_id(name), 1, int(number))

    def cancel(self, name: str, number: str) -> None:
        self.apply("cancel_withdrawal", account_id(name), 1, int(number))

    def adjust(self, name: str, amount: str, text: str) -> None:
        given = options(text)
        row = (account_id(name), 1, int(amount), given["reason"], given["payer"])
        self.rows("adjust_balances", *row, given.get("fund", 0))

    def load_reservation(self, name: str, amount: str, text: str) -> None:
        self.rows("load_reservations", account_id(name), 1, options(text)["as"], int(amount))

    def close(self, name: str, text: str) -> None:
        self.apply("close_account", account_id(name), *margin_account(text))

    def buy(self, buyer: str, size: str, seller: str, price: str, text: str) -> None:
        self.trade(buyer, seller, size, price, text, is_bought=True)

    def sell(self, seller: str, size: str, buyer: str, price: str, text: str) -> None:
        self.trade(buyer, seller, size, price, text, is_bought=False)

    def trade(
        self, buyer: str, seller: str, size: str, price: str, text: str, *, is_bought: bool
    ) -> None:
        given = options(text)
        fee = given.get("fee", 0)
        self.rows(
            "trades",
            given.get("in", 1),
            account_id(buyer),
            account_id(seller),
            int(price),
            int(size),
            fee if is_bought else 0,
            0 if is_bought else fee,
            given.get("fills", 0),
        )

    def move(self, name: str, size: str, price: str, text: str) -> None:
        self.update(PositionUpdateMode.DELTA, name, size, price, text)

    def stand(self, name: str, size: str, price: str, text: str) -> None:
        self.update(PositionUpdateMode.ABSOLUTE, name, size, price, text)

    def update(self, mode: PositionUpdateMode, name: str, size: str, price: str, text: str) -> None:
        row = (account_id(name), options(text).get("in", 1), int(size), int(price))
        self.apply("position_updates", mode, *((value,) for value in row))

    def mark(self, text: str) -> None:
        prices = {1: int(text)} if "=" not in text else options(text)
        markets = tuple(int(market_id) for market_id in prices)
        self.apply("mark_prices", markets, tuple(prices.values()))

    def report(self, text: str) -> None:
        self.apply("liquidation_reports", tuple(map(int, text.split())))

    def begin_loading(self, text: str) -> None:
        self.apply("begin_loading", options(text).get("last", 0))

    def load_account(self, name: str, balance: str, text: str) -> None:
        given = options(text)
        row = (account_id(name), given.get("asset", 1), int(balance))
        deposits = given.get("deposits", int(balance))
        self.rows("load_accounts", *row, deposits, given.get("in", 0))

    def load_position(self, name: str, size: str, cost: str, text: str) -> None:
        row = (account_id(name), options(text).get("in", 1), int(size), int(cost))
        self.rows("load_positions", *row)

    def load_order(self, name: str, order_id: str, text: str) -> None:
        given = {"filled": 0, "limit": 1, "deadline": 1_000 * NANOS_PER_MILLI, "sliced": 0}
        given |= options(text)
        fields = ("side", "size", "filled", "limit", "deadline", "sliced")
        row = (int(order_id), account_id(name), given.get("in", 1))
        self.rows("load_liquidations", *row, *(given[field] for field in fields))

    def go_live(self, text: str) -> None:
        self.apply("go_live", bool(options(text).get("accept", 0)))

    def wait(self, millis: str) -> None:
        self.driver.wait(int(millis))

    def start(self, millis: str) -> None:
        self.driver.wait(int(millis))
        self.apply("started")

    def set_log_time(self, millis: str) -> None:
        self.apply("set_log_time", self.driver.time_nanos + int(millis) * NANOS_PER_MILLI)
        self.driver.time_nanos = max(self.driver.time_nanos, self.driver.engine.time_nanos)

    def tick(self) -> None:
        self.apply("tick")

    def go_on(self) -> None:
        self.apply("go_on")

    def state_event(self, kind: str, name: str, text: str) -> None:
        assert self.unstated, f"no event is left, {kind} {name} was stated"
        event = self.unstated.pop(0)
        stated = options(text)
        found = {key: getattr(event, EVENT_FIELDS.get(key, key)) for key in stated}
        head = (EventKind(event.kind).name, event.account_id)
        assert (*head, found) == (kind, account_id(name), stated), describe(event)

    def state_account(self, name: str, text: str) -> None:
        stated = options(text)
        view = self.driver.account(account_id(name), stated.get("asset", 0))
        lots = {f"lots{p.market_id}": p.size_lots for p in view.positions}
        found = {
            "asset": view.asset_id,
            "state": view.state,
            "balance": view.balance_atoms,
            "equity": view.equity_atoms,
            "maintenance": view.maintenance_atoms,
            "lots": lots.get("lots1", 0),
        } | lots
        for key in stated:
            assert key in found or re.fullmatch(r"lots\d+", key), f"no field {key}"
        assert {key: found.get(key, 0) for key in stated} == stated, view

    def state_fund(self, fund_id: str, text: str) -> None:
        asset_id = self.driver.fund(int(fund_id)).asset_id
        self.state_account(f"F{fund_id}", f"{text} asset={asset_id}")

    def state_unknown(self, name: str, text: str) -> None:
        assert self.driver.engine.account(account_id(name), *margin_account(text)) is None

    def state_market(self, market_id: str, text: str) -> None:
        views = {view.parameters.market_id: view for view in self.driver.engine.markets()}
        view = views[int(market_id)]
        found = {
            "mark": view.mark_price_ticks,
            "long": view.long_lots,
            "short": view.short_lots,
            "imbalance": view.imbalance_lots,
        }
        stated = options(text)
        assert {key: found[key] for key in stated} == stated, view

    def state_venue(self, text: str) -> None:
        stated = options(text)
        asset_id = stated.pop("asset", 1)
        (sides,) = (one for one in self.driver.engine.conservation() if one.asset_id == asset_id)
        found = {key: getattr(sides, VENUE_FIELDS[key]) for key in stated}
        assert (found, sides.missing_atoms) == (stated, 0), sides

    def state_debt(self, amount: str, text: str) -> None:
        assets = [view.asset_id for view in self.driver.engine.assets()]
        asset = assets.index(options(text).get("asset", 1))
        assert self.driver.engine.bad_debts_atoms[asset] == int(amount)

    def state_refusal(self, reason: str, text: str) -> None:
        assert self.outcome is not None
        (rejection,) = self.outcome.rejections
        stated = options(text)
        found = {key: getattr(rejection, key) for key in stated}
        assert (rejection.reason, found) == (RejectReason[reason], stated), rejection
        self.is_refusal_stated = True

    def state_nothing(self) -> None:
        assert self.unstated == []

    def state_pending(self) -> None:
        assert self.unstated == []
        assert self.driver.engine.has_work

    def state_done(self) -> None:
        assert self.unstated == []
        assert not self.driver.engine.has_work


EVENTS = "|".join(EventKind.__members__)
NAME = r"([A-Z]\d?)"
COMMANDS: dict[str, Callable[..., None]] = {
    r"asset (\d+)(.*)": Play.asset,
    r"market (\d+)(.*)": Play.market,
    r"risk(.*)": Play.risk,
    r"fund (\d+) opens(.*)": Play.fund,
    r"fund (\d+) deposits (\d+)": Play.fund_deposit,
    rf"{NAME} deposits (\d+)(.*)": Play.deposit,
    rf"{NAME} withdraws (\d+)(.*)": Play.withdraw,
    r"rows withdraw (.*)": Play.withdraw_rows,
    rf"{NAME} reserves (\d+)(.*)": Play.reserve,
    rf"{NAME} is adjusted by (-?\d+)(.*)": Play.adjust,
    rf"{NAME} confirms (\d+)": Play.confirm,
    rf"{NAME} cancels (\d+)": Play.cancel,
    rf"{NAME} has reserved (\d+)(.*)": Play.load_reservation,
    rf"{NAME} closes(.*)": Play.close,
    rf"{NAME} buys (\d+) from {NAME} at (\d+)(.*)": Play.buy,
    rf"{NAME} sells (\d+) to {NAME} at (\d+)(.*)": Play.sell,
    rf"{NAME} moves ([+-]\d+) at (\d+)(.*)": Play.move,
    rf"{NAME} stands at ([+-]?\d+) at (\d+)(.*)": Play.stand,
    r"mark (.*)": Play.mark,
    r"report (.*)": Play.report,
    r"loading begins(.*)": Play.begin_loading,
    rf"{NAME} has (-?\d+)(.*)": Play.load_account,
    rf"{NAME} holds ([+-]\d+) that cost (-?\d+)(.*)": Play.load_position,
    rf"{NAME} waits for (\d+)(.*)": Play.load_order,
    r"live(.*)": Play.go_live,
    r"wait (\d+)": Play.wait,
    r"start after (\d+)": Play.start,
    r"log time ([+-]\d+)": Play.set_log_time,
    r"tick": Play.tick,
    r"continue": Play.go_on,
}
STATEMENTS: dict[str, Callable[..., None]] = {
    rf"({EVENTS}) {NAME}(.*)": Play.state_event,
    r"fund (\d+) (.*)": Play.state_fund,
    r"debt (\d+)(.*)": Play.state_debt,
    r"refused (\w+)(.*)": Play.state_refusal,
    r"nothing": Play.state_nothing,
    r"pending": Play.state_pending,
    r"done": Play.state_done,
    r"market (\d+) (.*)": Play.state_market,
    r"venue (.*)": Play.state_venue,
    rf"{NAME} is unknown(.*)": Play.state_unknown,
    rf"{NAME} (.*)": Play.state_account,
}


def run_line(play: Play, line: str, grammar: dict[str, Callable[..., None]]) -> None:
    for pattern, action in grammar.items():
        match = re.fullmatch(pattern, line)
        if match:
            action(play, *match.groups())
            return
    raise AssertionError(f"not understood: {line}")


def play(text: str, funds: int = 1) -> None:
    """Play a scenario; an assertion that fails names its line."""
    stage, grammar = Play(funds), COMMANDS
    for raw in text.strip().splitlines():
        line = " ".join(raw.partition("#")[0].split())
        if not line:
            continue
        word, _, rest = line.partition(" ")
        if word != "and":
            grammar = {"given": COMMANDS, "when": COMMANDS, "then": STATEMENTS}[word]
        try:
            run_line(stage, rest, grammar)
        except AssertionError as fault:
            fault.add_note(f"at: {line}")
            raise
    stage.finish()
