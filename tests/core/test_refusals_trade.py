"""Refusals of trades and position updates: each guard, and the order of the guards."""

import pytest

from riskengine.core.enums import PositionUpdateMode, RejectReason
from riskengine.core.types import Rejection
from tests.core.driver import FUND_ACCOUNT, Driver
from tests.core.ladder import Rung, Step, steps

OUT_OF_RANGE = RejectReason.OUT_OF_RANGE
OFF_STEP = RejectReason.OFF_STEP
OVERFLOW = RejectReason.OVERFLOW
DELTA, ABSOLUTE = PositionUpdateMode.DELTA, PositionUpdateMode.ABSOLUTE
MOST_FEE = 2**54
MOST_BALANCE = 2**60


@pytest.fixture(scope="module")
def world() -> Driver:
    """5 is long 2 and 6 short 4 in market 1, both with all the balance that there may be.

    3 is long 10 there and is being liquidated by order 1. Market 2 has no mark.
    """
    driver = Driver()
    bounds = {"max_price_ticks": 1_000, "max_position_lots": 1_000}
    driver.market(1, price_step_ticks=5, size_step_lots=2, **bounds)
    driver.market(2)
    driver.market(3)
    driver.marks({1: 200, 3: 200})
    for account_id in (5, 6):
        driver.deposit(account_id, MOST_BALANCE)
    driver.deposit(3, 1_045)
    driver.deposit(7, 10**6)
    driver.trade(3, 7, 10, 200)
    driver.trade(5, 6, 2, 100)
    driver.trade(7, 6, 2, 100)
    # E = 1045 - 10 * 100 = 45 < M = 50.
    driver.mark(100)
    return driver


TRADE = {
    "market_id": 1,
    "buyer_account_id": 5,
    "seller_account_id": 6,
    "price_ticks": 100,
    "size_lots": 10,
    "buyer_fee_atoms": 0,
    "seller_fee_atoms": 0,
    "liquidation_id": 0,
}


def fee_rungs(field: str) -> list[Rung]:
    return [
        Rung({field: value}, OUT_OF_RANGE, field, value, limit)
        for value, limit in ((-MOST_FEE - 1, -MOST_FEE), (MOST_FEE + 1, MOST_FEE))
    ]


UNKNOWN = [
    Rung(
        {"liquidation_id": value},
        RejectReason.UNKNOWN_LIQUIDATION,
        "liquidation_id",
        value,
        detail=1,
    )
    for value in (-1, 2)
]
MISMATCH = RejectReason.LIQUIDATION_MISMATCH
SIZE_AND_PRICE_RUNGS = [
    Rung({"price_ticks": 0}, OUT_OF_RANGE, "price_ticks", 0, 1),
    Rung({"price_ticks": -5}, OUT_OF_RANGE, "price_ticks", -5, 1),
    Rung({"price_ticks": 1_001}, OUT_OF_RANGE, "price_ticks", 1_001, 1_000),
    Rung({"price_ticks": 101}, OFF_STEP, "price_ticks", 101, 5),
    Rung({"size_lots": 0}, OUT_OF_RANGE, "size_lots", 0, 1),
    Rung({"size_lots": -2}, OUT_OF_RANGE, "size_lots", -2, 1),
    Rung({"size_lots": 1_001}, OUT_OF_RANGE, "size_lots", 1_001, 1_000),
    Rung({"size_lots": 11}, OFF_STEP, "size_lots", 11, 2),
]
TRADE_RUNGS = [
    Rung({"market_id": 9}, RejectReason.UNKNOWN_MARKET, "market_id", 9),
    Rung({"market_id": 2}, RejectReason.NO_MARK_PRICE, "market_id", 2),
    Rung({"buyer_account_id": 9}, RejectReason.UNKNOWN_ACCOUNT, "buyer_account_id", 9, detail=1),
    Rung({"seller_account_id": 0}, RejectReason.UNKNOWN_ACCOUNT, "seller_account_id", 0, detail=1),
    Rung({"seller_account_id": 5}, RejectReason.SELF_TRADE, "seller_account_id", 5),
    *SIZE_AND_PRICE_RUNGS,
    *fee_rungs("buyer_fee_atoms"),
    *fee_rungs("seller_fee_atoms"),
    *UNKNOWN,
    Rung({"liquidation_id": 1}, MISMATCH, "liquidation_id", 1),
    Rung({"size_lots": 1_000}, OVERFLOW, "size_lots", 1_000, 1_000),
    Rung({"buyer_fee_atoms": -1}, OVERFLOW, "price_ticks", 100, MOST_BALANCE),
    Rung({"size_lots": 998}, OVERFLOW, "size_lots", 998, 1_000),
    Rung({"seller_fee_atoms": -1}, OVERFLOW, "price_ticks", 100, MOST_BALANCE),
]


@pytest.mark.rule("GD-12", "GD-14", "CM-6", "BD-8")
@pytest.mark.parametrize("step", steps(TRADE, TRADE_RUNGS))
def test_trade(world: Driver, step: Step) -> None:
    row = [(value,) for value in step.arguments.values()]
    assert world.refuse("trades", *row) == step.refusal


OVERFILL = RejectReason.LIQUIDATION_OVERFILL
FILL = TRADE | {"buyer_account_id": 7, "seller_account_id": 3, "size_lots": 2, "liquidation_id": 1}


@pytest.mark.rule("GD-12")
@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        pytest.param({}, None, id="all of it, at its limit"),
        pytest.param({"price_ticks": 105}, None, id="at a better price"),
        pytest.param(
            {"seller_account_id": 6},
            Rejection(0, MISMATCH, "liquidation_id", 1, 0),
            id="another account sells",
        ),
        pytest.param(
            {"market_id": 3},
            Rejection(0, MISMATCH, "liquidation_id", 1, 0),
            id="in another market",
        ),
        pytest.param(
            {"buyer_account_id": 3, "seller_account_id": 7, "size_lots": 4, "price_ticks": 95},
            Rejection(0, RejectReason.LIQUIDATION_SIDE, "buyer_account_id", 3, 2, 1),
            id="its account buys, before size and price",
        ),
        pytest.param(
            {"size_lots": 4, "price_ticks": 95},
            Rejection(0, OVERFILL, "size_lots", 4, 2, 1),
            id="more than is unfilled, before the price",
        ),
        pytest.param(
            {"price_ticks": 95},
            Rejection(0, RejectReason.LIQUIDATION_PRICE, "price_ticks", 95, 100, 1),
            id="worse than its limit",
        ),
    ],
)
def test_fill(world: Driver, change: dict[str, int], refusal: Rejection | None) -> None:
    """Order 1 sells 2 at 100: Q = 200 - floor(45 * 10 / 50), up to the step."""
    driver = world.fork()
    row = [(value,) for value in (FILL | change).values()]
    if refusal is None:
        driver.do("trades", *row)
    else:
        assert driver.refuse("trades", *row) == refusal


@pytest.mark.rule("GD-12", "BD-8")
@pytest.mark.parametrize(
    "change",
    [
        {"price_ticks": 5, "size_lots": 2},
        {"price_ticks": 1_000, "size_lots": 996},
        {"buyer_fee_atoms": MOST_FEE, "seller_fee_atoms": MOST_FEE},
        {"buyer_account_id": 7, "buyer_fee_atoms": -MOST_FEE},
        {"buyer_account_id": FUND_ACCOUNT + 1},
    ],
    ids=str,
)
def test_trade_at_its_bounds(world: Driver, change: dict[str, int]) -> None:
    row = [(value,) for value in (TRADE | change).values()]
    assert world.fork().try_to("trades", *row).rejections == []


@pytest.mark.rule("CM-2")
def test_optional_columns_may_be_empty(world: Driver) -> None:
    columns = [(1,), (5,), (6,), (100,), (2,)]
    a, b = world.fork(), world.fork()
    a.do("trades", *columns, (), (), ())
    b.do("trades", *columns, (0,), (0,), (0,))
    assert a.engine.state_hash() == b.engine.state_hash()


UPDATE = {"account_id": 5, "market_id": 1, "size_lots": 2, "price_ticks": 100}
WHO_RUNGS = [
    Rung({"market_id": 9}, RejectReason.UNKNOWN_MARKET, "market_id", 9),
    Rung({"market_id": 2}, RejectReason.NO_MARK_PRICE, "market_id", 2),
    Rung({"account_id": 9}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 9, detail=1),
]
UPDATE_SIZE_RUNGS = [
    Rung({"size_lots": 1_001}, OUT_OF_RANGE, "size_lots", 1_001, 1_000),
    Rung({"size_lots": -1_001}, OUT_OF_RANGE, "size_lots", -1_001, -1_000),
    Rung({"size_lots": 3}, OFF_STEP, "size_lots", 3, 2),
    Rung({"size_lots": -3}, OFF_STEP, "size_lots", -3, 2),
]
DELTA_RUNGS = [
    *WHO_RUNGS,
    Rung({"size_lots": 0}, OUT_OF_RANGE, "size_lots", 0, 1),
    *UPDATE_SIZE_RUNGS,
    *SIZE_AND_PRICE_RUNGS[:4],
    Rung({"size_lots": 1_000}, OVERFLOW, "size_lots", 1_000, 1_000),
    Rung({"size_lots": -2, "price_ticks": 105}, OVERFLOW, "price_ticks", 105, MOST_BALANCE),
]
ABSOLUTE_RUNGS = [*WHO_RUNGS, *UPDATE_SIZE_RUNGS, *SIZE_AND_PRICE_RUNGS[:3]]


@pytest.mark.rule("GD-15", "GD-14")
@pytest.mark.parametrize("step", steps(UPDATE, DELTA_RUNGS))
def test_delta(world: Driver, step: Step) -> None:
    row = [(value,) for value in step.arguments.values()]
    assert world.refuse("position_updates", DELTA, *row) == step.refusal


@pytest.mark.rule("GD-15")
@pytest.mark.parametrize("step", steps(UPDATE, ABSOLUTE_RUNGS))
def test_absolute(world: Driver, step: Step) -> None:
    row = [(value,) for value in step.arguments.values()]
    assert world.refuse("position_updates", ABSOLUTE, *row) == step.refusal


@pytest.mark.rule("GD-15", "GD-17")
@pytest.mark.parametrize(
    ("size_lots", "price_ticks"),
    [
        pytest.param(1_000, 1_000, id="the largest"),
        pytest.param(-1_000, 1, id="the smallest"),
        pytest.param(4, 101, id="an average price need not be on the step"),
        pytest.param(0, 0, id="flat: the price is not looked at"),
        pytest.param(0, -7, id="flat: whatever the price"),
        pytest.param(2, 0, id="as large as held: still a price"),
    ],
)
def test_absolute_at_its_bounds(world: Driver, size_lots: int, price_ticks: int) -> None:
    driver = world.fork()
    row = ((5,), (1,), (size_lots,), (price_ticks,))
    if size_lots == 2:
        assert driver.refuse("position_updates", ABSOLUTE, *row).field == "price_ticks"
        return
    driver.do("position_updates", ABSOLUTE, *row)
    assert driver.lots(5) == size_lots
    assert driver.account(5).balance_atoms == MOST_BALANCE
