"""Late fills beside a further order for the same lots, and of accounts that are gone (WF-28)."""

from collections.abc import Callable

import pytest

from riskengine.core.enums import EventKind, LiquidationOutcome, RejectReason, Side
from riskengine.core.types import Event, Rejection
from tests.core.driver import Driver, kinds, only
from tests.core.test_late_fills import (
    FUND,
    HOUR_MILLIS,
    OVERFILL,
    RICH,
    TIMEOUT_MILLIS,
    kept,
    late,
    ordered,
    recovered,
    refused,
    taken_over,
)


def ordered_again(late_lots: int) -> tuple[Driver, list[Event]]:
    """Have the 10 lots be ordered once more, and then so many filled by the first order.

    E is 170 of M 233 before, since the mark is 93.
    """
    driver = ordered()
    driver.market(book_attempts=2)
    order = only(driver.tick(TIMEOUT_MILLIS), EventKind.LIQUIDATION_ORDER)
    assert (order.liquidation_id, order.attempt, order.size_lots) == (2, 2, 10)
    driver.deposit(1, 20)
    assert driver.mark(93) == []
    return driver, late(driver, late_lots)


@pytest.mark.rule("WF-28", "WF-24")
def test_a_late_fill_cuts_the_order_for_what_it_has_filled() -> None:
    """Else the venue fills both, and 14 lots go where 10 were needed."""
    driver, events = ordered_again(4)
    told = only(events, EventKind.LIQUIDATION_ORDER_REDUCED)
    assert (told.liquidation_id, told.size_lots, told.needed_lots) == (2, 6, 6)
    assert driver.lots(1) == 46
    row = (1, RICH, 1, 94, 7, 0, 0, 2)
    refusal = driver.refuse("trades", *((value,) for value in row))
    assert (refusal.reason, refusal.limit) == (OVERFILL, 6)


@pytest.mark.rule("WF-28", "WF-6")
def test_an_order_of_which_a_late_fill_leaves_nothing_ends() -> None:
    """What is needed now, with E 180 of M 186, are 4 lots."""
    driver, events = ordered_again(10)
    ended = only(events, EventKind.LIQUIDATION_ORDER_ENDED)
    assert (ended.liquidation_id, ended.outcome) == (2, LiquidationOutcome.REPLACED)
    order = only(events, EventKind.LIQUIDATION_ORDER)
    assert (order.liquidation_id, order.attempt, order.size_lots) == (3, 1, 4)
    assert kept(driver) == [(1, 0, 0), (2, 10, 0)]


@pytest.mark.rule("WF-28")
def test_a_late_fill_that_is_the_funds_cuts_no_order() -> None:
    """The account's 10 lots are gone another way: the order is for others."""
    driver = taken_over()
    driver.market(book_attempts=2)
    first = only(driver.mark(93), EventKind.LIQUIDATION_ORDER)
    second = only(driver.tick(TIMEOUT_MILLIS), EventKind.LIQUIDATION_ORDER)
    assert (second.attempt, second.size_lots) == (2, first.size_lots)
    assert kinds(late(driver, 10)) == ["LATE_FILL"]


def moved_at_the_last(fund_atoms: int, attempts: int) -> Driver:
    """Have the 10 lots be ordered so often, unfilled, and then closed without the book."""
    driver = ordered(fund_atoms)
    driver.market(book_attempts=attempts)
    for _ in range(attempts):
        driver.tick(TIMEOUT_MILLIS)
    assert driver.lots(1) == 40
    before = [(number, 10, 0) for number in range(1, attempts)]
    assert kept(driver) == [*before, (attempts, 10, 10)]
    return driver


@pytest.mark.rule("WF-27", "WF-28")
@pytest.mark.parametrize("attempts", [2, 3])
@pytest.mark.parametrize("fund_atoms", [10_000, 0])
def test_a_late_fill_of_an_earlier_order_finds_what_was_moved_of_the_last(
    fund_atoms: int, attempts: int
) -> None:
    """It found nothing moved of its own order, and sold ten other lots of the account."""
    driver = moved_at_the_last(fund_atoms, attempts)
    driver.fund_deposit(10_000)
    had = driver.lots(FUND)
    equity = driver.account(1).equity_atoms
    assert only(late(driver, 4), EventKind.LATE_FILL).size_lots == 4
    row = (1, RICH, 1, 94, 6, 0, 0, 2)
    assert only(driver.do("trades", *((one,) for one in row)), EventKind.LATE_FILL).size_lots == 6
    assert (driver.lots(1), driver.lots(FUND)) == (40, had - 10)
    assert driver.account(1).equity_atoms == equity
    assert [moved for _, _, moved in kept(driver)] == [0] * attempts
    assert late(driver, 6) == []
    assert (driver.lots(1), driver.lots(FUND)) == (34, had - 10)


@pytest.mark.rule("WF-27", "WF-28")
def test_a_late_fill_takes_nothing_of_what_was_moved_of_an_earlier_liquidation() -> None:
    driver = taken_over()
    order = only(driver.mark(93), EventKind.LIQUIDATION_ORDER)
    driver.deposit(1, 1_000)
    row = (1, RICH, 1, 94, order.size_lots, 0, 0, order.liquidation_id)
    assert driver.do("trades", *((one,) for one in row)) == []
    assert driver.lots(1) == 40 - order.size_lots
    assert kept(driver) == [(1, 10, 10), (order.liquidation_id, 0, 0)]


@pytest.mark.rule("WF-28", "WF-18")
def test_a_late_fill_of_an_earlier_order_is_taken_off_the_rest_that_waits() -> None:
    """The second order of market 2 has ended, and its rest waits for the other: 15 went of 11."""
    driver = Driver()
    driver.risk(late_fill_millis=HOUR_MILLIS, take_over_ppm=500_000)
    driver.fund_deposit(10_000)
    for account_id, amount in ((RICH, 10**9), (1, 450)):
        driver.deposit(account_id, amount)
    for market_id in (1, 2, 3):
        driver.market(market_id, book_attempts=2)
        driver.mark(100, market_id)
        driver.trade(1, RICH, 20, 100, market_id)
    driver.marks({1: 95, 2: 95, 3: 95})
    again = driver.tick(TIMEOUT_MILLIS)
    orders = [event for event in again if event.kind == EventKind.LIQUIDATION_ORDER]
    assert [(event.liquidation_id, event.size_lots) for event in orders] == [(3, 20), (4, 11)]
    driver.report(4)
    assert driver.trade(RICH, 1, 4, 95, 2, fills=2) == []
    assert driver.lots(1, 2) == 16
    taken = [event for event in driver.report(3) if event.kind == EventKind.TAKE_OVER]
    assert [(event.market_id, event.size_lots) for event in taken] == [(1, 20), (2, 7)]
    assert kept(driver) == [(1, 20, 0), (2, 7, 0), (4, 11, 7), (3, 20, 20)]


def gone(driver: Driver) -> Driver:
    """Have account 1 sell all, take its money out and be closed."""
    driver.trade(RICH, 1, driver.lots(1), 100)
    driver.withdraw(1, driver.account(1).balance_atoms)
    driver.close(1)
    return driver


@pytest.mark.rule("WF-28", "ST-2")
@pytest.mark.parametrize(("venue", "before", "after"), [(taken_over, 10, 0), (recovered, 0, -10)])
def test_a_late_fill_of_an_account_that_is_gone_is_the_funds(
    venue: Callable[[], Driver], before: int, after: int
) -> None:
    """It was refused, and the venue had nobody to book it on."""
    driver = gone(venue())
    assert driver.lots(FUND) == before
    balance = driver.fund().balance_atoms
    told = only(late(driver, 4), EventKind.LATE_FILL)
    assert (told.account_id, told.asset_id, told.counterparty_account_id) == (1, 1, FUND)
    assert (told.side, told.size_lots, told.price_ticks) == (Side.SHORT, 4, 94)
    driver.trade(RICH, 1, 6, 94, fills=1, fees=(0, 3))
    assert (driver.lots(FUND), kept(driver)) == (after, [(1, 0, 0)])
    assert driver.engine.account(1) is None
    assert driver.fund().balance_atoms == balance - 3
    assert refused(driver, 1).reason == OVERFILL


@pytest.mark.rule("WF-28", "GD-12")
def test_what_an_order_of_an_account_that_is_gone_does_not_fit_is_refused() -> None:
    driver = gone(recovered())
    assert refused(driver, 11) == Rejection(0, OVERFILL, "size_lots", 11, 10, 1)
    assert refused(driver, 10, 93).reason == RejectReason.LIQUIDATION_PRICE
    unknown = Rejection(0, RejectReason.UNKNOWN_ACCOUNT, "buyer_account_id", 1, 0, 1)
    assert refused(driver, 10, buyer=1, seller=RICH) == unknown
    assert refused(driver, 10, buyer=FUND).reason == RejectReason.SELF_TRADE
    driver.wait(HOUR_MILLIS)
    assert refused(driver, 10).reason == RejectReason.UNKNOWN_ACCOUNT
