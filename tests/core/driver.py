"""An engine driven by scalars, audited after every command.

Its asset has exponent 0 and its markets multiplier 1, unless changed: a lot at 7 ticks is 7 atoms.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.core.engine import Engine
from riskengine.core.enums import EventKind, LossPolicy, PositionUpdateMode, Side
from riskengine.core.types import (
    AccountView,
    Event,
    FundView,
    MarketParameters,
    Outcome,
    PositionView,
    Rejection,
    RiskParameters,
    RiskTier,
)
from riskengine.units import NANOS_PER_MILLI
from tests.pieces import finish, whole

FUND_ACCOUNT = 2**62

MARKET = MarketParameters(
    market_id=1,
    symbol="M",
    asset_id=1,
    fund_id=1,
    tick_exponent=0,
    lot_exponent=0,
    price_step_ticks=1,
    size_step_lots=1,
    max_price_ticks=10**6,
    max_position_lots=10**6,
    tiers=(RiskTier(0, 100_000, 50_000),),
    liquidation_fee_ppm=0,
    liquidation_timeout_millis=1_000,
    liquidation_slice_lots=0,
    liquidation_cooldown_millis=0,
    dust_notional_atoms=0,
    loss_policy=LossPolicy.QUEUE,
)
"""Maintenance 5 %, initial 10 %, no fee."""


VENUE_COLUMNS = ("venue_id", "venue_time_nanos")
COLUMNS = {
    "deposits": ("account_id", "asset_id", "amount_atoms", "isolated_market_id", *VENUE_COLUMNS),
    "withdrawals": ("account_id", "asset_id", "amount_atoms", "isolated_market_id", *VENUE_COLUMNS),
    "trades": (
        "market_id",
        "buyer_account_id",
        "seller_account_id",
        "price_ticks",
        "size_lots",
        "buyer_fee_atoms",
        "seller_fee_atoms",
        "liquidation_id",
        *VENUE_COLUMNS,
    ),
    "position_updates": ("account_id", "market_id", "size_lots", "price_ticks"),
    "mark_prices": ("market_id", "mark_price_ticks"),
    "liquidation_reports": ("liquidation_id",),
    "load_accounts": (
        "account_id",
        "asset_id",
        "balance_atoms",
        "net_deposits_atoms",
        "debt_market_id",
    ),
    "load_positions": ("account_id", "market_id", "size_lots", "cost_atoms"),
    "adjust_balances": (
        "account_id",
        "asset_id",
        "amount_atoms",
        "reason",
        "payer",
        "fund_id",
        "isolated_market_id",
    ),
    "load_reservations": ("account_id", "asset_id", "reservation_id", "amount_atoms"),
    "load_liquidations": (
        "liquidation_id",
        "account_id",
        "market_id",
        "side",
        "size_lots",
        "filled_lots",
        "limit_price_ticks",
        "deadline_nanos",
        "sliced",
    ),
}
"""Every columnar command, with its columns in order."""

OPTIONAL = {
    "deposits": ("isolated_market_id", *VENUE_COLUMNS),
    "withdrawals": ("isolated_market_id", *VENUE_COLUMNS),
    "trades": ("buyer_fee_atoms", "seller_fee_atoms", "liquidation_id", *VENUE_COLUMNS),
    "adjust_balances": ("fund_id", "isolated_market_id"),
    "load_accounts": ("net_deposits_atoms", "debt_market_id"),
    "load_liquidations": ("sliced",),
}
"""Columns that may be empty and then stand for zeros, or for others; they are the last ones."""


def column(values: tuple[int, ...]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def call(engine: Engine, name: str, *arguments: Any) -> Any:
    """Call a method of the engine; tuples of integers become columns."""
    is_record = (MarketParameters, RiskParameters)
    given = [
        column(value) if isinstance(value, tuple) and not isinstance(value, is_record) else value
        for value in arguments
    ]
    return getattr(engine, name)(*given)


def state_of(engine: Engine) -> tuple[str, int, int, int]:
    """Return what a refusal must not change."""
    return (
        repr(engine.dump()) if engine.has_work else engine.state_hash(),
        engine.sequence,
        engine.instruction_sequence,
        engine.time_nanos,
    )


def with_discount(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return changes of a market in which the discount is the fee, unless it is given."""
    if "liquidation_fee_ppm" not in changes:
        return changes
    return {"discount_ppm": changes["liquidation_fee_ppm"], **changes}


class Driver:
    """With `finishes` each command's work is done with it, as if it had not paused (WK-3)."""

    def __init__(self, asset_exponent: int = 0, funds: int = 1) -> None:
        self.engine = Engine()
        self.time_nanos = 0
        self.finishes = False
        self.asset_exponent = asset_exponent
        self.do("create_asset", 1, "USD", asset_exponent)
        for fund_id in range(1, funds + 1):
            self.do("create_fund", fund_id, 1)

    def fork(self) -> "Driver":
        copy = Driver.__new__(Driver)
        copy.engine = self.engine.fork()
        copy.time_nanos = self.time_nanos
        copy.asset_exponent = self.asset_exponent
        copy.finishes = self.finishes
        return copy

    def try_to(self, name: str, *arguments: Any) -> Outcome:
        """Apply a command and audit the engine, whether it was refused or not."""
        outcome: Outcome = call(self.engine, name, self.time_nanos, *arguments)
        if self.finishes:
            outcome = whole(finish(self.engine, outcome))
        if not self.engine.has_work:
            self.engine.check_invariants()
        for sides in self.engine.conservation():
            assert sides.missing_atoms == 0
        return outcome

    def do(self, name: str, *arguments: Any) -> list[Event]:
        """Apply a command that must not be refused and return its events."""
        outcome = self.try_to(name, *arguments)
        assert outcome.rejections == []
        return outcome.events

    def refuse(self, name: str, *arguments: Any) -> Rejection:
        """Apply a command of one row that must be refused and change nothing, not even time."""
        before = state_of(self.engine)
        self.time_nanos += 1
        outcome = self.try_to(name, *arguments)
        self.time_nanos -= 1
        assert state_of(self.engine) == before
        assert outcome.rejections
        assert outcome == Outcome(0, self.engine.time_nanos, 0, 1, outcome.rejections, [])
        return outcome.rejections[0]

    def market(self, market_id: int = 1, **changes: Any) -> list[Event]:
        parameters = MARKET._replace(market_id=market_id, **with_discount(changes))
        if "tiers" in changes:
            parameters = parameters._replace(tiers=tuple(RiskTier(*t) for t in changes["tiers"]))
        return self.do("set_market", parameters)

    def risk(self, **changes: int) -> list[Event]:
        return self.do("set_risk_parameters", self.engine.parameters._replace(**changes))

    def deposit(self, account_id: int, amount_atoms: int, asset_id: int = 1) -> list[Event]:
        return self.do("deposits", (account_id,), (asset_id,), (amount_atoms,))

    def withdraw(self, account_id: int, amount_atoms: int, asset_id: int = 1) -> list[Event]:
        return self.do("withdrawals", (account_id,), (asset_id,), (amount_atoms,))

    def reserve(self, account_id: int, amount_atoms: int, reservation_id: int = 1) -> list[Event]:
        return self.do("reserve_withdrawal", account_id, 1, amount_atoms, reservation_id)

    def confirm(self, account_id: int, reservation_id: int = 1) -> list[Event]:
        return self.do("confirm_withdrawal", account_id, 1, reservation_id)

    def cancel(self, account_id: int, reservation_id: int = 1) -> list[Event]:
        return self.do("cancel_withdrawal", account_id, 1, reservation_id)

    def close(self, account_id: int, asset_id: int = 0) -> list[Event]:
        return self.do("close_account", account_id, asset_id)

    def fund_deposit(self, amount_atoms: int, fund_id: int = 1) -> list[Event]:
        return self.do("fund_deposit", fund_id, amount_atoms)

    def mark(self, price_ticks: int, market_id: int = 1) -> list[Event]:
        return self.marks({market_id: price_ticks})

    def marks(self, prices: Mapping[int, int]) -> list[Event]:
        return self.do("mark_prices", tuple(prices), tuple(prices.values()))

    def trade(
        self,
        buyer: int,
        seller: int,
        size_lots: int,
        price_ticks: int,
        market_id: int = 1,
        *,
        fees: tuple[int, int] = (0, 0),
        fills: int = 0,
    ) -> list[Event]:
        row = (market_id, buyer, seller, price_ticks, size_lots, *fees, fills)
        return self.do("trades", *((value,) for value in row))

    def update(
        self,
        account_id: int,
        size_lots: int,
        price_ticks: int,
        market_id: int = 1,
        mode: PositionUpdateMode = PositionUpdateMode.DELTA,
    ) -> list[Event]:
        row = (account_id, market_id, size_lots, price_ticks)
        return self.do("position_updates", mode, *((value,) for value in row))

    def report(self, *liquidation_ids: int) -> list[Event]:
        return self.do("liquidation_reports", liquidation_ids)

    def begin_loading(self, last_liquidation_id: int = 0) -> None:
        assert self.do("begin_loading", last_liquidation_id) == []

    def load(
        self,
        account_id: int,
        balance_atoms: int,
        net_deposits_atoms: int | None = None,
        *,
        asset_id: int = 1,
        debt_market_id: int = 0,
    ) -> None:
        net = () if net_deposits_atoms is None else (net_deposits_atoms,)
        row = (account_id,), (asset_id,), (balance_atoms,), net, (debt_market_id,)
        assert self.do("load_accounts", *row) == []

    def load_position(
        self, account_id: int, size_lots: int, cost_atoms: int, market_id: int = 1
    ) -> None:
        row = (account_id, market_id, size_lots, cost_atoms)
        assert self.do("load_positions", *((value,) for value in row)) == []

    def load_order(
        self,
        liquidation_id: int,
        account_id: int,
        side: Side,
        size_lots: int,
        filled_lots: int = 0,
        *,
        market_id: int = 1,
        limit_price_ticks: int = 1,
        deadline_nanos: int = 1_000 * NANOS_PER_MILLI,
        sliced: int = 0,
    ) -> None:
        named = (liquidation_id, account_id, market_id)
        order = (side, size_lots, filled_lots, limit_price_ticks, deadline_nanos, sliced)
        assert self.do("load_liquidations", *((value,) for value in (*named, *order))) == []

    def go_live(self, *, accept_imbalance: bool = False) -> list[Event]:
        return self.do("go_live", accept_imbalance)

    def wait(self, millis: int) -> None:
        """Let the log's time pass; the next command carries it."""
        self.time_nanos += millis * NANOS_PER_MILLI

    def start(self, millis: int) -> None:
        """Have the engine have been away for so long."""
        self.wait(millis)
        assert self.do("started") == []

    def set_log_time(self, millis: int) -> None:
        """Put the log's time forward by so much."""
        moved = self.time_nanos + millis * NANOS_PER_MILLI
        assert self.do("set_log_time", moved) == []
        self.time_nanos = moved

    def go_on(self) -> list[Event]:
        return self.do("go_on")

    def tick(self, millis: int = 0) -> list[Event]:
        self.wait(millis)
        return self.do("tick")

    def account(self, account_id: int, asset_id: int = 0) -> AccountView:
        view = self.engine.account(account_id, asset_id)
        assert view is not None
        return view

    def position(self, account_id: int, market_id: int = 1) -> PositionView:
        found = [p for p in self.account(account_id).positions if p.market_id == market_id]
        assert len(found) == 1
        return found[0]

    def lots(self, account_id: int, market_id: int = 1) -> int:
        positions = self.account(account_id).positions
        return sum(p.size_lots for p in positions if p.market_id == market_id)

    def fund(self, fund_id: int = 1) -> FundView:
        return next(view for view in self.engine.funds() if view.fund_id == fund_id)


def kinds(events: list[Event]) -> list[str]:
    return [EventKind(event.kind).name for event in events]


def only(events: list[Event], kind: EventKind) -> Event:
    """Return the one event of a kind."""
    found = [event for event in events if event.kind == kind]
    assert len(found) == 1, kinds(events)
    return found[0]
