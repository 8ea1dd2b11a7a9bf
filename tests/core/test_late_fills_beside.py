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
