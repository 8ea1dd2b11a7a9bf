"""Refusals of deposits, withdrawals, marks, reports and ticks; of times and of whole batches."""

import numpy as np
import pytest

from riskengine.core.engine import Engine, bounds
from riskengine.core.enums import EventKind, RejectReason
from riskengine.core.types import Outcome, Rejection
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import COLUMNS, MARKET, OPTIONAL, Driver, call, state_of
from tests.core.ladder import Rung, Step, steps

MAX_ID = 2**62 - 1
OUT_OF_RANGE = RejectReason.OUT_OF_RANGE
MOST = 2**60


@pytest.fixture(scope="module")
def world() -> Driver:
    """1 is long 100 at 100 from 2; 3 is being liquidated; 4 holds nothing but 500.

    All that is of asset 1; of asset 3 nobody has anything.
    """
    driver = Driver()
    driver.do("create_asset", 3, "EUR", -2)
    driver.market()
    driver.market(2, tiers=[(0, 100_000, 50_000)])
    driver.marks({1: 100, 2: 200})
    driver.deposit(1, 10_000)
    driver.deposit(2, 10**6)
    driver.deposit(3, 1_045)
    driver.deposit(4, 500)
    driver.trade(1, 2, 100, 100)
    driver.trade(3, 2, 10, 200, market_id=2)
    # E = 1045 - 10 * 100 = 45 < M = 50.
    driver.mark(100, market_id=2)
    return driver


DEPOSIT = {"account_id": 4, "asset_id": 1, "amount_atoms": 1, "isolated_market_id": 0}
NO_SUCH_ASSET_OR_KIND = [
    Rung({"asset_id": 2}, RejectReason.UNKNOWN_ASSET, "asset_id", 2),
    Rung({"asset_id": 0}, RejectReason.UNKNOWN_ASSET, "asset_id", 0),
    Rung({"isolated_market_id": 1}, OUT_OF_RANGE, "isolated_market_id", 1, 0),
    Rung({"isolated_market_id": -1}, OUT_OF_RANGE, "isolated_market_id", -1, 0),
]
DEPOSIT_RUNGS = [
    Rung({"account_id": 0}, OUT_OF_RANGE, "account_id", 0, 1),
    Rung({"account_id": MAX_ID + 1}, OUT_OF_RANGE, "account_id", MAX_ID + 1, MAX_ID),
    *NO_SUCH_ASSET_OR_KIND,
    Rung({"amount_atoms": 0}, OUT_OF_RANGE, "amount_atoms", 0, 1),
    Rung({"amount_atoms": MOST + 1}, OUT_OF_RANGE, "amount_atoms", MOST + 1, MOST),
    Rung(
        {"account_id": 4, "amount_atoms": MOST - 499},
        RejectReason.OVERFLOW,
        "amount_atoms",
        MOST - 499,
        MOST,
    ),
]


@pytest.mark.rule("GD-9", "BD-1", "CM-6")
@pytest.mark.parametrize("step", steps(DEPOSIT, DEPOSIT_RUNGS))
def test_deposit(world: Driver, step: Step) -> None:
    row = [(value,) for value in step.arguments.values()]
    assert world.refuse("deposits", *row) == step.refusal


@pytest.mark.rule("BD-1", "BD-6")
def test_deposit_at_its_bounds(world: Driver) -> None:
    driver = world.fork()
    driver.deposit(4, MOST - 500)
    driver.deposit(MAX_ID, MOST)
    assert driver.account(4).balance_atoms == driver.account(MAX_ID).balance_atoms == MOST


FUND_DEPOSIT = {"fund_id": 1, "amount_atoms": 1}
FUND_DEPOSIT_RUNGS = [
    Rung({"fund_id": 2}, RejectReason.UNKNOWN_FUND, "fund_id", 2),
    Rung({"fund_id": 0}, RejectReason.UNKNOWN_FUND, "fund_id", 0),
    Rung({"fund_id": -(2**62)}, RejectReason.UNKNOWN_FUND, "fund_id", -(2**62)),
    Rung({"amount_atoms": 0}, OUT_OF_RANGE, "amount_atoms", 0, 1),
    Rung({"amount_atoms": MOST + 1}, OUT_OF_RANGE, "amount_atoms", MOST + 1, MOST),
]


@pytest.mark.rule("GD-8")
@pytest.mark.parametrize("step", steps(FUND_DEPOSIT, FUND_DEPOSIT_RUNGS))
def test_fund_deposit(world: Driver, step: Step) -> None:
    assert world.refuse("fund_deposit", *step.arguments.values()) == step.refusal


@pytest.mark.rule("GD-8", "BD-6")
def test_fund_deposit_at_the_bound_of_balances(world: Driver) -> None:
    driver = world.fork()
    driver.fund_deposit(MOST)
    assert driver.fund().balance_atoms == MOST
    refusal = driver.refuse("fund_deposit", 1, 1)
    assert refusal == Rejection(0, RejectReason.OVERFLOW, "amount_atoms", 1, MOST)


WITHDRAWAL = {"account_id": 4, "asset_id": 1, "amount_atoms": 500, "isolated_market_id": 0}
WITHDRAWAL_RUNGS = [
    Rung({"account_id": 0}, OUT_OF_RANGE, "account_id", 0, 1),
    Rung({"account_id": MAX_ID + 1}, OUT_OF_RANGE, "account_id", MAX_ID + 1, MAX_ID),
    Rung({"account_id": 5}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 5),
    *NO_SUCH_ASSET_OR_KIND,
    Rung({"account_id": 4, "asset_id": 3}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 4, detail=3),
    Rung({"amount_atoms": 0}, OUT_OF_RANGE, "amount_atoms", 0, 1),
    Rung({"amount_atoms": MOST + 1}, OUT_OF_RANGE, "amount_atoms", MOST + 1, MOST),
    Rung({"account_id": 3}, RejectReason.ACCOUNT_IN_LIQUIDATION, "account_id", 3),
    Rung({"amount_atoms": 501}, RejectReason.NOT_WITHDRAWABLE, "amount_atoms", 501, 500),
]


@pytest.mark.rule("GD-10")
@pytest.mark.parametrize("step", steps(WITHDRAWAL, WITHDRAWAL_RUNGS))
def test_withdraw(world: Driver, step: Step) -> None:
    row = [(value,) for value in step.arguments.values()]
    assert world.refuse("withdrawals", *row) == step.refusal


@pytest.mark.rule("GD-10")
def test_withdraw_while_a_loss_is_unallocated(world: Driver) -> None:
    """After ACCOUNT_IN_LIQUIDATION and NOT_WITHDRAWABLE."""
    driver = world.fork()
    driver.risk(gate_floor_units=0, gate_ppm=0)
    # 4 sells 1 lot and buys it back; the fee of 501 leaves it a debt that no fund can pay.
    driver.trade(2, 4, 1, 100)
    driver.trade(4, 2, 1, 100, fees=(501, -500))
    assert driver.engine.bad_debt_atoms == 1
    refusal = driver.refuse("withdrawals", (4,), (1,), (1,))
    assert refusal.reason == RejectReason.ACCOUNT_IN_LIQUIDATION
    # E = 1_000_500 + 1_000, and 10 % of 11_000 stay.
    paid_in, most = 10**6, 10**6 + 400
    refusal = driver.refuse("withdrawals", (2,), (1,), (most + 1,))
    assert refusal == Rejection(0, RejectReason.NOT_WITHDRAWABLE, "amount_atoms", most + 1, most)
    for amount in (paid_in + 1, most):
        refusal = driver.refuse("withdrawals", (2,), (1,), (amount,))
        assert refusal == Rejection(
            0, RejectReason.LOSS_UNALLOCATED, "amount_atoms", amount, paid_in, 1
        )
    driver.deposit(4, 1)
    driver.withdraw(2, most)


MARK = {"market_id": 1, "mark_price_ticks": 100}
MARK_RUNGS = [
    Rung({"market_id": 3}, RejectReason.UNKNOWN_MARKET, "market_id", 3),
    Rung({"market_id": -1}, RejectReason.UNKNOWN_MARKET, "market_id", -1),
    Rung({"mark_price_ticks": 0}, OUT_OF_RANGE, "mark_price_ticks", 0, 1),
    Rung({"mark_price_ticks": 10**6 + 1}, OUT_OF_RANGE, "mark_price_ticks", 10**6 + 1, 10**6),
]


@pytest.mark.rule("GD-18")
@pytest.mark.parametrize("step", steps(MARK, MARK_RUNGS))
def test_mark_price(world: Driver, step: Step) -> None:
    row = [(value,) for value in step.arguments.values()]
    assert world.refuse("mark_prices", *row) == step.refusal


@pytest.mark.rule("GD-18", "CM-3")
def test_a_market_is_marked_once_a_batch(world: Driver) -> None:
    driver = world.fork()
    # A refused row does not count, an applied one does.
    outcome = driver.try_to("mark_prices", (1, 1, 1), (0, 101, 102))
    assert (outcome.applied_rows, outcome.rejected_rows) == (1, 2)
    assert outcome.rejections == [
        Rejection(0, OUT_OF_RANGE, "mark_price_ticks", 0, 1),
        Rejection(2, RejectReason.DUPLICATE_ROW, "market_id", 1, 0),
    ]
    assert driver.engine.markets()[0].mark_price_ticks == 101
    driver.mark(10**6)
    assert driver.engine.markets()[0].mark_price_ticks == 10**6


@pytest.mark.rule("GD-18")
@pytest.mark.parametrize("price", [0, 10**6 + 1])
def test_mark_price_out_of_range_is_reported_before_a_duplicate(world: Driver, price: int) -> None:
    outcome = world.fork().try_to("mark_prices", (1, 1), (100, price))
    assert [rejection.reason for rejection in outcome.rejections] == [OUT_OF_RANGE]


REPORT_RUNGS = [
    Rung(
        {"liquidation_id": value},
        RejectReason.UNKNOWN_LIQUIDATION,
        "liquidation_id",
        value,
        detail=1,
    )
    for value in (0, -1, 2, 2**63 - 1)
]


@pytest.mark.rule("GD-19")
@pytest.mark.parametrize("step", steps({"liquidation_id": 1}, REPORT_RUNGS))
def test_report_of_an_unknown_liquidation(world: Driver, step: Step) -> None:
    row = [(value,) for value in step.arguments.values()]
    assert world.refuse("liquidation_reports", *row) == step.refusal


@pytest.mark.rule("GD-19")
def test_report_of_an_ended_liquidation(world: Driver) -> None:
    driver = world.fork()
    outcome = driver.try_to("liquidation_reports", (1, 1))
    assert (outcome.applied_rows, outcome.rejections) == (2, [])
    ends = [event for event in outcome.events if event.kind == EventKind.LIQUIDATION_ORDER_ENDED]
    assert len(ends) == 1
    again = driver.try_to("liquidation_reports", (1,))
    assert (again.applied_rows, again.rejections, again.events) == (1, [], [])


@pytest.mark.rule("GD-20", "CM-4")
@pytest.mark.parametrize(("late_nanos", "is_due"), [(-2, False), (-1, False), (0, True), (1, True)])
def test_tick(world: Driver, late_nanos: int, is_due: bool) -> None:
    driver = world.fork()
    deadline = 1_000 * NANOS_PER_MILLI
    assert driver.engine.next_timer_nanos == deadline
    driver.time_nanos = deadline + late_nanos
    outcome = driver.try_to("tick")
    if is_due:
        assert (outcome.applied_rows, outcome.rejections) == (1, [])
    else:
        due = Rejection(0, RejectReason.NOTHING_DUE, "time_nanos", driver.time_nanos, deadline)
        assert outcome == Outcome(0, 0, 0, 1, [due], [])


@pytest.mark.rule("GD-20")
def test_tick_without_a_timer() -> None:
    driver = Driver()
    refusal = driver.refuse("tick")
    assert refusal == Rejection(0, RejectReason.NOTHING_DUE, "time_nanos", 1, 0)


COMMANDS = {
    "create_asset": (7, "", 9),
    "create_fund": (0, 0),
    "set_market": (MARKET._replace(market_id=0),),
    "set_risk_parameters": (Engine().parameters._replace(take_over_ppm=-1),),
    "set_retention": (0, 0, 0, 0, 0, 0),
    "fund_deposit": (0, 0),
    "close_account": (0,),
    "deposits": ((1, 2), (1,), (1,)),
    "withdrawals": ((1, 2), (1,), (1,)),
    "trades": ((1, 2), (1,), (1,), (1,), (1,), (), (), ()),
    "position_updates": (0, (1, 2), (1,), (1,), (1,)),
    "mark_prices": ((1, 2), (1,)),
    "liquidation_reports": ((),),
    "tick": (),
    "go_on": (),
    "begin_loading": (-1,),
    "load_accounts": ((1, 2), (1,), (1,), (), ()),
    "load_positions": ((1, 2), (1,), (1,), (1,)),
    "load_liquidations": ((), (), (), (), (), (), (), (), ()),
    "load_reservations": ((), (), (), ()),
    "adjust_balances": ((1, 2), (1,), (1,), (1,), (1,)),
    "reserve_withdrawal": (0, 0, 0, 0),
    "confirm_withdrawal": (0, 0, 0),
    "cancel_withdrawal": (0, 0, 0),
    "go_live": (False,),
}
"""Every command, spoilt otherwise: the guard of time comes first."""


@pytest.mark.rule("CM-1")
@pytest.mark.parametrize("name", COMMANDS)
def test_time_may_neither_go_back_nor_pass_its_bound(world: Driver, name: str) -> None:
    driver = world.fork()
    driver.time_nanos = 10
    driver.deposit(4, 1)
    before = state_of(driver.engine)
    for time, limit in ((9, 10), (-1, 10), (2**62 + 1, 2**62), (2**63 - 1, 2**62)):
        refusal = Rejection(-1, OUT_OF_RANGE, "time_nanos", time, limit)
        outcome = call(driver.engine, name, time, *COMMANDS[name])
        assert outcome == Outcome(0, 10, 0, 1, [refusal], [])
        assert state_of(driver.engine) == before


@pytest.mark.rule("CM-1", "BD-11")
@pytest.mark.parametrize("time_nanos", [10, 11, 2**62])
def test_time_may_stand_still_or_go_on_to_its_bound(world: Driver, time_nanos: int) -> None:
    driver = world.fork()
    driver.time_nanos = 10
    driver.deposit(4, 1)
    driver.time_nanos = time_nanos
    driver.deposit(4, 1)
    assert driver.engine.time_nanos == time_nanos


WIDE_MODE = 3


def batch(name: str, lengths: list[int]) -> list[object]:
    columns = [np.ones(length, dtype=np.int64) for length in lengths]
    return [WIDE_MODE, *columns] if name == "position_updates" else list(columns)


def taker(world: Driver, name: str) -> Driver:
    """Return a venue in the mode in which the command is taken."""
    if not name.startswith("load_"):
        return world.fork()
    driver = Driver()
    driver.begin_loading()
    return driver


def refused_batch(world: Driver, name: str, lengths: list[int]) -> Rejection:
    refusal = taker(world, name).refuse(name, *batch(name, lengths))
    assert refusal.row == -1
    return refusal


@pytest.mark.rule("CM-2")
@pytest.mark.parametrize("length", [0, 1, 3, 65_537])
@pytest.mark.parametrize(
    ("name", "column"),
    [(name, k) for name, columns in COLUMNS.items() for k in range(1, len(columns))],
)
def test_the_first_column_of_another_length_is_named(
    world: Driver, name: str, column: int, length: int
) -> None:
    fields = COLUMNS[name]
    is_optional = fields[column] in OPTIONAL.get(name, ())
    lengths = [2] * column + [length] * (len(fields) - column)
    if is_optional and length == 0:
        # Optional columns may be empty; then nothing is left to refuse but the rows.
        outcome = taker(world, name).try_to(name, *batch(name, lengths))
        assert outcome.applied_rows + outcome.rejected_rows == 2
        assert all(rejection.row >= 0 for rejection in outcome.rejections)
    else:
        refusal = refused_batch(world, name, lengths)
        reason = RejectReason.COLUMN_LENGTH
        assert refusal == Rejection(-1, reason, fields[column], length, 2)


@pytest.mark.rule("CM-2", "BD-10")
@pytest.mark.parametrize("name", COLUMNS)
def test_empty_and_oversized_batches(world: Driver, name: str) -> None:
    fields = COLUMNS[name]
    most = bounds()["max_rows"]
    refusal = refused_batch(world, name, [0] * len(fields))
    assert refusal == Rejection(-1, RejectReason.EMPTY_BATCH, fields[0], 0, 1)
    refusal = refused_batch(world, name, [most + 1] * len(fields))
    assert refusal == Rejection(-1, RejectReason.BATCH_TOO_LARGE, fields[0], most + 1, most)


@pytest.mark.rule("CM-7")
def test_the_largest_batch_keeps_the_first_1000_refusals() -> None:
    driver = Driver()
    rows = bounds()["max_rows"]
    accounts = np.zeros(rows, dtype=np.int64)
    accounts[-1] = 1
    ones = np.ones(rows, dtype=np.int64)
    outcome = driver.try_to("deposits", accounts, ones, ones)
    assert (outcome.applied_rows, outcome.rejected_rows) == (1, rows - 1)
    assert outcome.rejections == [
        Rejection(row, OUT_OF_RANGE, "account_id", 0, 1) for row in range(1_000)
    ]


@pytest.mark.rule("CM-2")
@pytest.mark.parametrize("mode", [0, 3, -1])
def test_unknown_mode(world: Driver, mode: int) -> None:
    refusal = world.refuse("position_updates", mode, (0,), (0,), (0,), (0,))
    assert refusal == Rejection(-1, RejectReason.UNKNOWN_ENUM, "mode", mode, 0)


@pytest.mark.rule("CM-3")
def test_a_batch_applies_the_rows_that_it_can() -> None:
    driver = Driver()
    outcome = driver.try_to("deposits", (1, 0, 2), (1, 1, 1), (5, 5, 0))
    assert (outcome.sequence, outcome.applied_rows, outcome.rejected_rows) == (3, 1, 2)
    assert [(r.row, r.field) for r in outcome.rejections] == [
        (1, "account_id"),
        (2, "amount_atoms"),
    ]
    assert driver.account(1).balance_atoms == 5
    assert driver.engine.account_count == 1
