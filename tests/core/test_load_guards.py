"""Rows that load a venue: their guards in order, and the bounds that they keep."""

import pytest

from riskengine.core.enums import RejectReason, Side
from riskengine.core.types import Rejection
from tests.core.driver import FUND_ACCOUNT, Driver
from tests.core.ladder import Rung, Step, steps
from tests.core.loaded import LAST, TERM_NANOS, loaded_world

MAX_ID = 2**62 - 1
MOST = 2**60
MOST_COST = 2**54
OUT_OF_RANGE = RejectReason.OUT_OF_RANGE
ALREADY_EXISTS = RejectReason.ALREADY_EXISTS


@pytest.fixture(scope="module")
def world() -> Driver:
    """Market 3 is of asset 3."""
    driver = loaded_world()
    driver.market(3, asset_id=3, fund_id=3)
    return driver


ACCOUNT = {
    "account_id": 5,
    "asset_id": 1,
    "balance_atoms": -3,
    "net_deposits_atoms": 7,
    "debt_market_id": 1,
}
ACCOUNT_RUNGS = [
    Rung({"account_id": 0}, OUT_OF_RANGE, "account_id", 0, 1),
    Rung(
        {"account_id": FUND_ACCOUNT + 1_000_001},
        OUT_OF_RANGE,
        "account_id",
        FUND_ACCOUNT + 1_000_001,
        FUND_ACCOUNT + 1_000_000,
    ),
    Rung({"asset_id": 2}, RejectReason.UNKNOWN_ASSET, "asset_id", 2),
    *(
        Rung({"account_id": fund}, RejectReason.UNKNOWN_FUND, "account_id", fund)
        for fund in (FUND_ACCOUNT, FUND_ACCOUNT + 2, FUND_ACCOUNT + 3)
    ),
    Rung({"account_id": 1}, ALREADY_EXISTS, "account_id", 1, detail=1),
    *(
        Rung({field: sign * (MOST + 1)}, OUT_OF_RANGE, field, sign * (MOST + 1), sign * MOST)
        for field in ("balance_atoms", "net_deposits_atoms")
        for sign in (1, -1)
    ),
    *(
        Rung({"debt_market_id": market}, RejectReason.UNKNOWN_MARKET, "debt_market_id", market)
        for market in (9, 3, -1)
    ),
]


@pytest.mark.rule("LD-4")
@pytest.mark.parametrize("step", steps(ACCOUNT, ACCOUNT_RUNGS))
def test_guards_of_an_account(world: Driver, step: Step) -> None:
    row = [(value,) for value in step.arguments.values()]
    assert world.refuse("load_accounts", *row) == step.refusal


@pytest.mark.rule("LD-4", "LD-5")
def test_the_account_of_a_fund_is_loaded_once_and_with_something(world: Driver) -> None:
    driver = world.fork()
    row = {**ACCOUNT, "account_id": FUND_ACCOUNT + 1, "debt_market_id": 0}
    for spoilt, field, value, limit in (
        ({"balance_atoms": 0}, "balance_atoms", 0, 1),
        ({"debt_market_id": 1}, "debt_market_id", 1, 0),
    ):
        given = [(one,) for one in (row | spoilt).values()]
        refusal = driver.refuse("load_accounts", *given)
        assert refusal == Rejection(0, OUT_OF_RANGE, field, value, limit)
    driver.load(FUND_ACCOUNT + 1, -40, 100)
    assert (driver.fund().balance_atoms, driver.engine.account_count) == (-40, 3)
    again = driver.refuse("load_accounts", *[(one,) for one in row.values()])
    assert again == Rejection(0, ALREADY_EXISTS, "account_id", FUND_ACCOUNT + 1, 0, 1)
    driver.do("create_fund", 4, 1)
    driver.load_position(FUND_ACCOUNT + 4, 3, 300)
    row["account_id"] = FUND_ACCOUNT + 4
    assert driver.refuse("load_accounts", *[(one,) for one in row.values()]).reason == 24


@pytest.mark.rule("LD-4", "BD-6")
def test_accounts_at_their_bounds(world: Driver) -> None:
    driver = world.fork()
    driver.load(MAX_ID, MOST, -MOST)
    driver.load(3, -MOST, MOST, asset_id=3, debt_market_id=3)
    assert driver.account(MAX_ID).balance_atoms == MOST
    assert driver.account(3, 3).balance_atoms == -MOST


POSITION = {"account_id": 2, "market_id": 1, "size_lots": -7, "cost_atoms": -715}
POSITION_RUNGS = [
    Rung({"market_id": 9}, RejectReason.UNKNOWN_MARKET, "market_id", 9),
    Rung({"market_id": 2}, RejectReason.NO_MARK_PRICE, "market_id", 2),
    Rung({"account_id": 9}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 9, detail=1),
    Rung({"account_id": 0}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 0, detail=1),
    Rung({"size_lots": 0}, OUT_OF_RANGE, "size_lots", 0, 1),
    Rung({"size_lots": 10**6 + 1}, OUT_OF_RANGE, "size_lots", 10**6 + 1, 10**6),
    Rung({"size_lots": -(10**6) - 1}, OUT_OF_RANGE, "size_lots", -(10**6) - 1, -(10**6)),
    Rung({"cost_atoms": MOST_COST + 1}, OUT_OF_RANGE, "cost_atoms", MOST_COST + 1, MOST_COST),
    Rung({"cost_atoms": -MOST_COST - 1}, OUT_OF_RANGE, "cost_atoms", -MOST_COST - 1, -MOST_COST),
    Rung({"account_id": 1}, ALREADY_EXISTS, "market_id", 1, detail=1),
]


@pytest.mark.rule("LD-6")
@pytest.mark.parametrize("step", steps(POSITION, POSITION_RUNGS))
def test_guards_of_a_position(world: Driver, step: Step) -> None:
    row = [(value,) for value in step.arguments.values()]
    assert world.refuse("load_positions", *row) == step.refusal


@pytest.mark.rule("LD-6", "BD-4")
@pytest.mark.parametrize("sign", [1, -1])
def test_a_position_at_its_bounds_whatever_the_sign_of_its_cost(world: Driver, sign: int) -> None:
    driver = world.fork()
    driver.load_position(2, sign * 10**6, -sign * MOST_COST)
    position = driver.position(2)
    assert (position.size_lots, position.cost_atoms) == (sign * 10**6, -sign * MOST_COST)


@pytest.mark.rule("LD-6", "BD-5", "BD-9")
def test_a_position_in_a_full_market_or_one_too_many() -> None:
    driver = Driver()
    for market_id in range(1, 130):
        driver.market(market_id, max_price_ticks=1, max_position_lots=2**54)
    driver.marks(dict.fromkeys(range(1, 130), 1))
    driver.begin_loading()
    accounts = tuple(range(1, 131))
    rows = len(accounts)
    driver.do("load_accounts", accounts, (1,) * rows, (1,) * rows, (), ())
    ones = (1,) * 128
    driver.do("load_positions", ones, tuple(range(2, 130)), ones, ones)
    refusal = driver.refuse("load_positions", (1,), (1,), (1,), (1,))
    assert refusal == Rejection(0, RejectReason.CAPACITY, "market_id", 1, 128, 1)
    full = accounts[1:]
    driver.do("load_positions", full, (1,) * 129, (2**54,) * 129, (0,) * 129)
    driver.load(131, 1)
    refusal = driver.refuse("load_positions", (131,), (1,), (1,), (1,))
    assert refusal == Rejection(0, RejectReason.OVERFLOW, "size_lots", 1, 2**61)


ORDER = {
    "liquidation_id": LAST - 1,
    "account_id": 4,
    "market_id": 1,
    "side": Side.LONG,
    "size_lots": 10,
    "filled_lots": 3,
    "limit_price_ticks": 7,
    "deadline_nanos": 5,
    "sliced": 0,
}
LATEST = 1 + TERM_NANOS
"""A refused command is tried a nanosecond later."""
UNKNOWN_LIQUIDATION = RejectReason.UNKNOWN_LIQUIDATION
NOT_REDUCING = RejectReason.NOT_REDUCING
ORDER_RUNGS = [
    *(
        Rung({"liquidation_id": one}, UNKNOWN_LIQUIDATION, "liquidation_id", one, detail=LAST)
        for one in (0, -1, LAST + 1)
    ),
    Rung({"liquidation_id": 50}, OUT_OF_RANGE, "liquidation_id", 50, 51),
    Rung({"liquidation_id": LAST - 5}, ALREADY_EXISTS, "liquidation_id", LAST - 5),
    Rung({"market_id": 9}, RejectReason.UNKNOWN_MARKET, "market_id", 9),
    Rung({"account_id": 0}, OUT_OF_RANGE, "account_id", 0, 1),
    Rung({"account_id": FUND_ACCOUNT + 1}, OUT_OF_RANGE, "account_id", FUND_ACCOUNT + 1, MAX_ID),
    Rung({"account_id": 9}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 9, detail=1),
    Rung({"account_id": 1}, ALREADY_EXISTS, "market_id", 1, detail=1),
    Rung({"account_id": 2}, NOT_REDUCING, "market_id", 1, detail=2),
    Rung({"side": 0}, RejectReason.UNKNOWN_ENUM, "side", 0),
    Rung({"side": 3}, RejectReason.UNKNOWN_ENUM, "side", 3),
    Rung({"side": Side.SHORT}, NOT_REDUCING, "side", Side.SHORT, Side.LONG, -7),
    Rung({"size_lots": 0}, OUT_OF_RANGE, "size_lots", 0, 1),
    Rung({"size_lots": 10**6 + 1}, OUT_OF_RANGE, "size_lots", 10**6 + 1, 10**6),
    Rung({"filled_lots": -1}, OUT_OF_RANGE, "filled_lots", -1, 0),
    Rung({"filled_lots": 10}, OUT_OF_RANGE, "filled_lots", 10, 9),
    Rung({"size_lots": 11}, NOT_REDUCING, "size_lots", 11, 10, -7),
    Rung({"limit_price_ticks": 0}, OUT_OF_RANGE, "limit_price_ticks", 0, 1),
    Rung({"limit_price_ticks": 10**6 + 1}, OUT_OF_RANGE, "limit_price_ticks", 10**6 + 1, 10**6),
    Rung({"deadline_nanos": 0}, OUT_OF_RANGE, "deadline_nanos", 0, 1),
    Rung({"deadline_nanos": LATEST + 1}, OUT_OF_RANGE, "deadline_nanos", LATEST + 1, LATEST),
    Rung({"sliced": 2}, OUT_OF_RANGE, "sliced", 2, 1),
    Rung({"sliced": -1}, OUT_OF_RANGE, "sliced", -1, 0),
]


@pytest.mark.rule("LD-8")
@pytest.mark.parametrize("step", steps(ORDER, ORDER_RUNGS))
def test_guards_of_a_liquidation(world: Driver, step: Step) -> None:
    row = [(value,) for value in step.arguments.values()]
    if step.refusal.field == "filled_lots" and step.refusal.limit == 9:
        row = [(value,) for value in (step.arguments | {"size_lots": 10}).values()]
    assert world.refuse("load_liquidations", *row) == step.refusal


@pytest.mark.rule("LD-8")
def test_liquidations_at_their_bounds(world: Driver) -> None:
    driver = world.fork()
    driver.load(3, 1)
    driver.mark(100, 2)
    driver.load_position(3, -1, -100)
    driver.load_position(3, 10**6, 10**8, market_id=2)
    driver.load_order(LAST, 4, Side.LONG, 10**6, 10**6 - 7, deadline_nanos=TERM_NANOS)
    driver.load_order(51, 3, Side.LONG, 1, deadline_nanos=1)
    driver.load_order(52, 3, Side.SHORT, 10**6, market_id=2)
    assert driver.engine.open_liquidation_count == 4
    by_account = {one["account_id"]: one["orders"] for one in driver.engine.dump()["accounts"]}
    assert [order["liquidation_id"] for order in by_account[3]] == [52, 51]
