"""Would an order be accepted: its guards in order, and the margin after it."""

from typing import Any

import pytest

from riskengine.core.enums import RejectReason, Side
from riskengine.core.types import OrderCheck, Rejection
from tests.core.driver import Driver, state_of
from tests.core.ladder import Rung, Step, steps

OUT_OF_RANGE = RejectReason.OUT_OF_RANGE
OFF_STEP = RejectReason.OFF_STEP
INSUFFICIENT = RejectReason.INSUFFICIENT_MARGIN
LONG, SHORT = Side.LONG, Side.SHORT


@pytest.fixture(scope="module")
def world() -> Driver:
    """1 has 1000 and is long 10 at 100; 3 is being liquidated, 4 bankrupt; market 2 has no mark.

    Market 3 is of asset 3, of which nobody has anything.
    """
    driver = Driver()
    driver.do("create_asset", 3, "EUR", 0)
    driver.do("create_fund", 3, 3)
    driver.market(3, asset_id=3, fund_id=3)
    driver.mark(100, 3)
    driver.market(price_step_ticks=5, size_step_lots=2, max_price_ticks=500, max_position_lots=200)
    driver.market(2)
    driver.mark(200)
    for account_id, amount in ((1, 2_000), (2, 10**6), (3, 1_045), (4, 10)):
        driver.deposit(account_id, amount)
    driver.trade(1, 2, 10, 200)
    driver.trade(3, 2, 10, 200)
    driver.mark(100)
    driver.trade(4, 2, 2, 100, fees=(2, 0))
    driver.trade(2, 4, 2, 100, fees=(0, 9))
    # Account 1 is long 10 with E = 2000 - 1000, I = 100.
    assert driver.account(1).equity_atoms == 1_000
    return driver


def check(driver: Driver, **order: Any) -> OrderCheck:
    before = state_of(driver.engine)
    found = driver.engine.check_order(**order)
    assert state_of(driver.engine) == before
    return found


ORDER = {
    "account_id": 1,
    "market_id": 1,
    "side": LONG,
    "size_lots": 10,
    "price_ticks": 100,
    "reduce_only": False,
    "isolated_market_id": 0,
}
BLIND_RUNGS = [
    Rung({"account_id": 9}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 9),
    Rung({"account_id": 0}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 0),
    Rung({"market_id": 9}, RejectReason.UNKNOWN_MARKET, "market_id", 9),
    Rung({"market_id": 2}, RejectReason.NO_MARK_PRICE, "market_id", 2),
    Rung({"isolated_market_id": 1}, OUT_OF_RANGE, "isolated_market_id", 1, 0),
    Rung({"isolated_market_id": -1}, OUT_OF_RANGE, "isolated_market_id", -1, 0),
    Rung({"market_id": 3}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 1, detail=3),
    Rung({"side": 0}, RejectReason.UNKNOWN_ENUM, "side", 0),
    Rung({"side": 3}, RejectReason.UNKNOWN_ENUM, "side", 3),
    Rung({"price_ticks": 0}, OUT_OF_RANGE, "price_ticks", 0, 1),
    Rung({"price_ticks": 501}, OUT_OF_RANGE, "price_ticks", 501, 500),
    Rung({"price_ticks": 101}, OFF_STEP, "price_ticks", 101, 5),
    Rung({"size_lots": 0}, OUT_OF_RANGE, "size_lots", 0, 1),
    Rung({"size_lots": 201}, OUT_OF_RANGE, "size_lots", 201, 200),
    Rung({"size_lots": 11}, OFF_STEP, "size_lots", 11, 2),
    Rung({"price_ticks": 110}, RejectReason.PRICE_BAND, "price_ticks", 110, 105),
]


@pytest.mark.rule("QS-1", "QS-6")
@pytest.mark.parametrize("step", steps(ORDER, BLIND_RUNGS))
def test_guards_before_margin_is_known(world: Driver, step: Step) -> None:
    assert check(world, **step.arguments) == OrderCheck(step.refusal, 0, 0)


def not_reducing(held_lots: int) -> Rejection:
    return Rejection(0, RejectReason.NOT_REDUCING, "reduce_only", 1, 0, held_lots)


def in_liquidation(account_id: int) -> Rejection:
    return Rejection(0, RejectReason.ACCOUNT_IN_LIQUIDATION, "account_id", account_id, 0)


@pytest.mark.rule("QS-3", "QS-6")
@pytest.mark.parametrize(
    ("change", "refusal", "equity", "initial"),
    [
        pytest.param(
            {"reduce_only": True, "account_id": 3},
            not_reducing(10),
            45,
            200,
            id="adds although it must reduce, before the state",
        ),
        pytest.param(
            {"account_id": 3, "size_lots": 200},
            in_liquidation(3),
            45,
            2_100,
            id="liquidating, before the largest position",
        ),
        pytest.param({"account_id": 4}, in_liquidation(4), -1, 100, id="bankrupt"),
        pytest.param(
            {"size_lots": 192},
            Rejection(0, RejectReason.OVERFLOW, "size_lots", 192, 200),
            1_000,
            2_020,
            id="largest position, before margin",
        ),
        pytest.param(
            {"side": SHORT, "reduce_only": True, "size_lots": 12},
            not_reducing(10),
            1_000,
            20,
            id="flips although it must reduce",
        ),
        pytest.param(
            {"account_id": 2, "reduce_only": True, "side": SHORT},
            not_reducing(-20),
            1_002_000,
            300,
            id="same side as the short",
        ),
    ],
)
def test_guards_of_the_state(
    world: Driver, change: dict[str, Any], refusal: Rejection, equity: int, initial: int
) -> None:
    assert check(world, **ORDER | change) == OrderCheck(refusal, equity, initial)


@pytest.mark.rule("QS-2", "QS-4", "QS-5")
@pytest.mark.parametrize(
    ("side", "size", "price", "equity", "initial", "accepted"),
    [
        pytest.param(LONG, 88, 100, 1_000, 980, True, id="E = 1000 > I = 98 * 100 * 10 %"),
        pytest.param(LONG, 90, 100, 1_000, 1_000, True, id="E = I is enough"),
        pytest.param(LONG, 92, 100, 1_000, 1_020, False, id="E < I"),
        pytest.param(LONG, 60, 105, 700, 700, True, id="5 above mark: 60 * 5 is lost at once"),
        pytest.param(LONG, 62, 105, 690, 720, False, id="62 * 5 is lost at once"),
        pytest.param(LONG, 90, 95, 1_000, 1_000, True, id="a gain does not count"),
        pytest.param(SHORT, 110, 100, 1_000, 1_000, True, id="flips to 100 short: E = I"),
        pytest.param(SHORT, 112, 100, 1_000, 1_020, False, id="flips to 102 short"),
        pytest.param(SHORT, 110, 105, 1_000, 1_000, True, id="sold above mark: no gain counts"),
        pytest.param(SHORT, 110, 95, 450, 1_000, False, id="sold below mark: 110 * 5 is lost"),
        pytest.param(SHORT, 10, 95, 950, 0, True, id="reducing: 10 * 5 is lost"),
        pytest.param(SHORT, 4, 100, 1_000, 60, True, id="reducing in part"),
    ],
)
def test_margin_after_an_order(
    world: Driver, side: Side, size: int, price: int, equity: int, initial: int, accepted: bool
) -> None:
    order = ORDER | {"side": side, "size_lots": size, "price_ticks": price}
    refusal = None if accepted else Rejection(0, INSUFFICIENT, "size_lots", initial, equity)
    assert check(world, **order) == OrderCheck(refusal, equity, initial)


@pytest.mark.rule("QS-3")
@pytest.mark.parametrize(("account_id", "side"), [(3, SHORT), (4, LONG)])
def test_no_order_reduces_while_its_account_is_liquidated(
    world: Driver, account_id: int, side: Side
) -> None:
    order = ORDER | {"account_id": account_id, "side": side, "reduce_only": account_id == 3}
    assert check(world, **order).rejection == in_liquidation(account_id)


def band(driver: Driver, side: Side, price_ticks: int) -> Rejection | None:
    order = ORDER | {"account_id": 2, "side": side, "price_ticks": price_ticks, "size_lots": 1}
    return check(driver, **order).rejection


@pytest.mark.rule("QS-11")
@pytest.mark.parametrize(
    ("band_ppm", "mark", "lowest", "highest"),
    [
        pytest.param(50_000, 100, 95, 105, id="5 % of 100"),
        pytest.param(50_000, 110, 105, 115, id="104.5 up, 115.5 down"),
        pytest.param(1, 100, 100, 100, id="the narrowest: the mark itself"),
        pytest.param(10_000, 100, 99, 101, id="exactly on the bound"),
        pytest.param(9_999, 100, 100, 100, id="and a millionth less"),
        pytest.param(10**6, 100, 1, 200, id="the widest: twice the mark, and any price"),
    ],
)
def test_the_band_holds_on_the_side_that_harms(
    band_ppm: int, mark: int, lowest: int, highest: int
) -> None:
    driver = Driver()
    driver.market(order_band_ppm=band_ppm, max_price_ticks=1_000)
    driver.mark(mark)
    driver.deposit(2, 10**6)
    reason = RejectReason.PRICE_BAND
    refusal = Rejection(0, reason, "price_ticks", highest + 1, highest)
    assert band(driver, LONG, highest) is None
    assert band(driver, LONG, highest + 1) == refusal
    assert band(driver, LONG, 1) is None
    assert band(driver, SHORT, lowest) is None
    assert band(driver, SHORT, 1_000) is None
    if lowest > 1:
        refusal = Rejection(0, reason, "price_ticks", lowest - 1, lowest)
        assert band(driver, SHORT, lowest - 1) == refusal


@pytest.mark.rule("QS-11")
def test_the_band_is_of_the_value_of_a_lot() -> None:
    """A tick on a lot is 10 atoms: 12 ticks are 120, and 1 % more are 121.2, less 118.8."""
    driver = Driver(asset_exponent=-1)
    driver.market(order_band_ppm=10_000)
    driver.mark(12)
    driver.deposit(2, 10**6)
    assert band(driver, LONG, 12) is None
    assert band(driver, LONG, 13) == Rejection(0, RejectReason.PRICE_BAND, "price_ticks", 13, 12)
    assert band(driver, SHORT, 12) is None
    assert band(driver, SHORT, 11) == Rejection(0, RejectReason.PRICE_BAND, "price_ticks", 11, 12)


@pytest.mark.rule("QS-5")
def test_an_account_without_initial_margin_may_reduce_as_healthy() -> None:
    """E = 172 - 90 = 82, M = 46 and I = 91; of 9 lots M is 41 and I 82."""
    driver = Driver()
    driver.market(order_band_ppm=10**6)
    driver.mark(100)
    driver.deposit(1, 172)
    driver.deposit(2, 10**6)
    driver.trade(1, 2, 10, 100)
    driver.mark(91)
    order = ORDER | {"side": SHORT, "size_lots": 1}
    least = 74  # ceil(82 * 41 / 46)
    assert check(driver, **order | {"price_ticks": 83}) == OrderCheck(None, least, 82)
    refusal = Rejection(0, INSUFFICIENT, "price_ticks", least - 1, least)
    assert check(driver, **order | {"price_ticks": 82}) == OrderCheck(refusal, least - 1, 82)


@pytest.mark.rule("QS-4")
@pytest.mark.parametrize(("side", "buyer", "seller"), [(LONG, 1, 2), (SHORT, 2, 1)])
def test_a_fill_at_mark_makes_the_margin_that_was_announced(
    world: Driver, side: Side, buyer: int, seller: int
) -> None:
    order = ORDER | {"side": side, "size_lots": 24}
    announced = check(world, **order)
    driver = world.fork()
    driver.trade(buyer, seller, 24, 100)
    account = driver.account(1)
    assert announced == OrderCheck(None, account.equity_atoms, account.initial_atoms)
