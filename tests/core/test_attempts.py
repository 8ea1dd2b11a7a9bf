"""Limits of the attempts at the book, and what an account pays for what the book does not take."""

from typing import Any

import pytest

from riskengine.core.enums import EventKind, LiquidationOutcome, Side
from riskengine.core.types import Event
from tests.core.driver import FUND_ACCOUNT, Driver, kinds, only

FUND = FUND_ACCOUNT + 1
DELTA = 10_000


def holder(equity: int, *, side: int = 1, mark: int = 1_000, **market: Any) -> Driver:
    """Return a venue where account 1 has 10 lots and, once that mark is set, that equity.

    M is 5 %; account 2 is rich and has the other side.
    """
    driver = Driver()
    driver.market(**{"discount_ppm": DELTA} | market)
    entry = mark * 2 if side > 0 else mark // 2
    driver.mark(entry)
    driver.deposit(1, equity + 10 * abs(entry - mark))
    driver.deposit(2, 10**6)
    buyer, seller = (1, 2) if side > 0 else (2, 1)
    driver.trade(buyer, seller, 10, entry)
    return driver


def limits(driver: Driver, mark: int = 1_000) -> list[tuple[int, int]]:
    """Return attempt and limit of each order, none of which is filled, until holders close."""
    found: list[tuple[int, int]] = []
    events = driver.mark(mark)
    while "AUTO_DELEVERAGE" not in kinds(events):
        order = only(events, EventKind.LIQUIDATION_ORDER)
        found.append((order.attempt, order.price_ticks))
        assert order.side == (Side.SHORT if driver.lots(1) > 0 else Side.LONG)
        events = driver.report(order.liquidation_id)
    return found


@pytest.mark.rule("WF-11", "WF-12")
@pytest.mark.parametrize(
    ("side", "equity", "prices"),
    [
        # The part of equity that goes with a lot is E / 10: M is the same for each.
        pytest.param(1, 450, [990, 980, 955], id="selling: 1 %, 2 %, then 1,000 - 45"),
        pytest.param(-1, 450, [1_010, 1_020, 1_045], id="buying"),
        pytest.param(1, 150, [990, 985, 985], id="never below the bankruptcy price of 985"),
        pytest.param(-1, 150, [1_010, 1_015, 1_015], id="never above that of 1,015"),
        pytest.param(1, 50, [995] * 3, id="nor the first time"),
        pytest.param(-1, 50, [1_005] * 3, id="nor when it buys"),
        pytest.param(1, 0, [1_000] * 3, id="with nothing left: at the mark"),
    ],
)
def test_limits_of_the_attempts(side: int, equity: int, prices: list[int]) -> None:
    driver = holder(equity, side=side, book_attempts=3)
    assert limits(driver) == [(number + 1, price) for number, price in enumerate(prices)]


@pytest.mark.rule("WF-12")
@pytest.mark.parametrize(
    ("side", "step", "prices"),
    [
        pytest.param(1, 7, [994, 980, 959], id="selling: up to the step"),
        pytest.param(-1, 7, [1_008, 1_015, 1_043], id="buying: down to it"),
        pytest.param(1, 2_000, [2_000] * 3, id="at least one step"),
        pytest.param(-1, 2_000, [], id="and below one step there is none"),
    ],
)
def test_limits_are_on_the_price_step(side: int, step: int, prices: list[int]) -> None:
    """What has no limit is closed by holders at once, at the mark, less the discount."""
    driver = holder(450, side=side, book_attempts=3)
    driver.market(discount_ppm=DELTA, book_attempts=3, price_step_ticks=step)
    assert limits(driver) == [(number + 1, price) for number, price in enumerate(prices)]
    assert abs(driver.lots(1)) < 10


@pytest.mark.rule("WF-11")
@pytest.mark.parametrize(
    ("mark", "prices"),
    [
        pytest.param(101, [100, 99], id="ceil(99.99) and ceil(98.98)"),
        pytest.param(100, [99, 98], id="99 and 98"),
        pytest.param(30, [30, 30], id="ceil(29.7) and ceil(29.4)"),
    ],
)
def test_a_discounted_limit_is_rounded_for_the_account(mark: int, prices: list[int]) -> None:
    """M is ceil(mark / 2), of which 0.9 are left."""
    driver = holder(mark * 45 // 100, mark=mark, book_attempts=2)
    assert [price for _, price in limits(driver, mark)] == prices


@pytest.mark.rule("WF-18", "WF-25")
@pytest.mark.parametrize(("attempts", "asked"), [(0, 1), (1, 1), (2, 2), (3, 3)])
@pytest.mark.parametrize("expires", [False, True])
def test_the_book_is_asked_so_often_for_what_is_left(
    attempts: int, asked: int, expires: bool
) -> None:
    """A lot of 4 is filled each time; holders close the rest, at the mark less the discount."""
    driver = holder(340, book_attempts=attempts)
    order = only(driver.mark(1_000), EventKind.LIQUIDATION_ORDER)
    whole = order.size_lots
    for number in range(1, asked + 1):
        assert (order.attempt, order.size_lots) == (number, whole - number + 1)
        driver.trade(2, 1, 1, 1_000, fills=order.liquidation_id)
        events = driver.tick(1_000) if expires else driver.report(order.liquidation_id)
        ended = only(events, EventKind.LIQUIDATION_ORDER_ENDED)
        outcome = LiquidationOutcome.EXPIRED if expires else LiquidationOutcome.DONE
        assert (ended.outcome, ended.needed_lots) == (outcome, whole - number)
        if number < asked:
            order = only(events, EventKind.LIQUIDATION_ORDER)
    assert "LIQUIDATION_ORDER" not in kinds(events)
    rest = whole - asked
    closed = only(events, EventKind.AUTO_DELEVERAGE)
    assert (closed.size_lots, closed.price_ticks, closed.loss_atoms) == (rest, 1_000, 0)
    loss = only(events, EventKind.LOSS_ALLOCATION)
    assert (loss.needed_lots, loss.size_lots, loss.discount_atoms) == (rest, rest, 10 * rest)
    assert driver.account(1).equity_atoms == 340 - 10 * rest
    assert driver.fund().balance_atoms == 10 * rest


def discount_of(event: Event) -> int:
    assert event.fee_atoms == 0
    return event.discount_atoms


@pytest.mark.rule("LS-3")
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("equity", "delta", "discount"),
    [
        pytest.param(300, 0, 0, id="none"),
        pytest.param(300, 10_000, 100, id="1 % of 10,000"),
        pytest.param(300, 9_999, 100, id="rounded up: 99.99"),
        pytest.param(300, 10_001, 101, id="rounded up: 100.01"),
        pytest.param(101, 10_000, 100, id="one less than the equity"),
        pytest.param(99, 10_000, 99, id="at most the equity that goes with it"),
        pytest.param(0, 10_000, 0, id="of nothing"),
    ],
)
def test_discount_of_a_take_over(side: int, equity: int, delta: int, discount: int) -> None:
    driver = holder(equity, side=side, discount_ppm=delta)
    driver.fund_deposit(10**6)
    taken = only(driver.mark(1_000), EventKind.TAKE_OVER)
    assert (taken.size_lots, taken.quote_atoms) == (10, side * 10_000)
    assert discount_of(taken) == discount
    assert driver.fund().balance_atoms == 10**6 + discount
    assert driver.account(1).balance_atoms == equity - discount
    assert driver.lots(FUND) == side * 10


@pytest.mark.rule("LS-3")
@pytest.mark.parametrize(
    ("equity", "discounts"),
    [
        pytest.param(150, [96, 48], id="2.4 % of 4,000 and of 2,000"),
        pytest.param(90, [60, 30], id="two thirds and one third of 90"),
        pytest.param(91, [60, 30], id="60.67 and 30.33"),
        pytest.param(1, [0, 0], id="0.67 and 0.33"),
    ],
)
def test_legs_pay_by_the_maintenance_that_they_release(equity: int, discounts: list[int]) -> None:
    """M is 200 and 100, and all is decided on the equity with which the pass began."""
    driver = Driver()
    for market_id in (1, 2):
        driver.market(market_id, discount_ppm=24_000)
        driver.mark(100, market_id)
    driver.fund_deposit(10**6)
    driver.deposit(1, equity + 400)
    driver.deposit(2, 10**6)
    driver.trade(1, 2, 20, 100, 2)
    events = driver.trade(1, 2, 40, 100, 1, fees=(400, 0))
    taken = [event for event in events if event.kind == EventKind.TAKE_OVER]
    assert [event.market_id for event in taken] == [1, 2]
    assert [discount_of(event) for event in taken] == discounts


@pytest.mark.rule("LS-3", "BD-6")
@pytest.mark.parametrize(("room", "discount"), [(0, 0), (99, 99), (100, 100), (101, 100)])
def test_a_fund_takes_no_discount_beyond_its_largest_balance(room: int, discount: int) -> None:
    driver = holder(300)
    driver.fund_deposit(2**60 - room)
    taken = only(driver.mark(1_000), EventKind.TAKE_OVER)
    assert discount_of(taken) == discount
    assert driver.account(1).balance_atoms == 300 - discount


@pytest.mark.rule("LS-19", "BD-6")
@pytest.mark.parametrize(("room", "discount"), [(0, 0), (29, 29), (30, 30), (10**6, 30)])
def test_a_fund_has_the_discount_of_what_holders_close_too(room: int, discount: int) -> None:
    """Of 10 lots 7 may stay; for the other 3 the fund has no place."""
    driver = holder(400, max_position_lots=10)
    driver.fund_deposit(2**60 - room)
    driver.update(FUND, 10, 2_000)
    events = driver.mark(1_000)
    order = only(events, EventKind.LIQUIDATION_ORDER)
    assert order.size_lots == 3
    events = driver.report(order.liquidation_id)
    assert only(events, EventKind.LOSS_ALLOCATION).discount_atoms == discount


@pytest.mark.rule("LS-3", "LS-19")
def test_a_fill_pays_the_fee_and_everything_else_the_discount() -> None:
    driver = holder(450, liquidation_fee_ppm=5_000)
    order = only(driver.mark(1_000), EventKind.LIQUIDATION_ORDER)
    fill = only(
        driver.trade(2, 1, 1, 1_000, fills=order.liquidation_id), EventKind.LIQUIDATION_FILL
    )
    assert (fill.fee_atoms, fill.discount_atoms) == (5, 0)
    loss = only(driver.report(order.liquidation_id), EventKind.LOSS_ALLOCATION)
    assert (loss.fee_atoms, loss.discount_atoms) == (0, 10 * loss.size_lots)
    (totals,) = driver.engine.counters().markets
    assert totals.liquidation_fees_atoms == 5
    assert totals.discounts_atoms == loss.discount_atoms
