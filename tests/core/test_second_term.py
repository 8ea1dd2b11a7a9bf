"""The second term of a liquidation order: cancelled at its deadline, ended later (WF-26).

A mark of 94 leaves account 1, long 50 from 100 with 500, E 200 of M 235, and an order to sell 10.
"""

import pytest

from riskengine.core.enums import AccountState, EventKind, LiquidationOutcome, Side
from riskengine.core.types import LiquidationView
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import Driver, kinds, only

RICH = 9
TIMEOUT_MILLIS = 5_000
DONE, EXPIRED = LiquidationOutcome.DONE, LiquidationOutcome.EXPIRED


def ordered(second_term_millis: int = 1_000) -> Driver:
    """Return an engine with the order out at 0, whose fund can take its rest."""
    driver = Driver()
    driver.market(liquidation_timeout_millis=TIMEOUT_MILLIS)
    driver.risk(second_term_millis=second_term_millis)
    driver.mark(100)
    driver.fund_deposit(10_000)
    for account_id, amount in ((RICH, 10**9), (1, 500)):
        driver.deposit(account_id, amount)
    driver.trade(1, RICH, 50, 100)
    order = only(driver.mark(94), EventKind.LIQUIDATION_ORDER)
    assert (order.liquidation_id, order.size_lots, order.side) == (1, 10, Side.SHORT)
    assert order.deadline_nanos == TIMEOUT_MILLIS * NANOS_PER_MILLI
    return driver


def open_order(driver: Driver) -> LiquidationView:
    (view,) = driver.engine.open_liquidations(0, 9)
    return view


@pytest.mark.rule("WF-26", "TM-2")
def test_an_order_is_cancelled_at_its_deadline_and_ends_at_the_second_one() -> None:
    driver = ordered()
    assert not open_order(driver).cancelling
    # The server comes back a second late: the venue has its term from then on.
    events = driver.tick(6_000)
    told = only(events, EventKind.CANCEL_LIQUIDATION_ORDER)
    assert kinds(events) == ["CANCEL_LIQUIDATION_ORDER"]
    assert (told.account_id, told.market_id, told.liquidation_id) == (1, 1, 1)
    assert (told.side, told.needed_lots) == (Side.SHORT, 10)
    assert told.deadline_nanos == 7_000 * NANOS_PER_MILLI == driver.engine.next_timer_nanos
    assert open_order(driver).cancelling
    assert open_order(driver).deadline_nanos == told.deadline_nanos
    driver.wait(999)
    assert driver.deposit(RICH, 1) == []
    events = driver.tick(1)
    assert kinds(events) == ["LIQUIDATION_ORDER_ENDED", "TAKE_OVER", "LIQUIDATION_ENDED"]
    assert events[0].outcome == EXPIRED
    assert driver.lots(1) == 40


@pytest.mark.rule("WF-26", "WF-14")
def test_fills_of_the_second_term_are_in_time() -> None:
    """The deadline passes, then the fill comes: the fund takes nothing."""
    driver = ordered()
    driver.tick(TIMEOUT_MILLIS)
    events = driver.trade(RICH, 1, 4, 94, fills=1)
    assert only(events, EventKind.LIQUIDATION_FILL).size_lots == 4
    assert (open_order(driver).filled_lots, open_order(driver).cancelling) == (4, True)
    events = driver.trade(RICH, 1, 6, 94, fills=1)
    assert only(events, EventKind.LIQUIDATION_ORDER_ENDED).outcome == LiquidationOutcome.FILLED
    assert (driver.lots(1), driver.lots(2**62 + 1)) == (40, 0)
    assert driver.account(1).state == AccountState.MARGIN_CALL
    driver.wait(9_000)
    assert driver.deposit(RICH, 1) == []


@pytest.mark.rule("WF-26", "WF-16")
def test_a_report_ends_an_order_that_is_cancelled() -> None:
    driver = ordered()
    driver.tick(TIMEOUT_MILLIS)
    events = driver.report(1)
    assert events[0].outcome == DONE
    assert (driver.lots(1), driver.lots(2**62 + 1)) == (40, 10)


@pytest.mark.rule("WF-26", "WF-23")
def test_an_order_that_is_cancelled_still_ends_with_its_account() -> None:
    driver = ordered()
    driver.tick(TIMEOUT_MILLIS)
    recovered, bankrupt = driver.fork(), driver.fork()
    events = recovered.deposit(1, 50)
    assert events[0].outcome == LiquidationOutcome.RECOVERED
    events = bankrupt.mark(89)
    assert events[0].outcome == LiquidationOutcome.REPLACED


@pytest.mark.rule("WF-26")
def test_the_term_is_that_of_the_deadline_and_there_is_no_third() -> None:
    driver = ordered(0)
    driver.risk(second_term_millis=3_600_000)
    driver.tick(TIMEOUT_MILLIS)
    driver.risk(second_term_millis=0)
    assert open_order(driver).cancelling
    assert driver.tick(3_600_000)[0].outcome == EXPIRED


@pytest.mark.rule("WF-26", "LD-10")
def test_a_loaded_order_that_is_due_has_its_second_term() -> None:
    driver = Driver()
    driver.market()
    driver.risk(second_term_millis=1_000)
    driver.mark(94)
    driver.wait(2_000)
    driver.begin_loading(1)
    driver.load(1, 500)
    driver.load(RICH, 10_000)
    driver.load_position(1, 50, 5_000)
    driver.load_position(RICH, -50, -5_000)
    driver.load_order(1, 1, Side.SHORT, 10, deadline_nanos=1_000 * NANOS_PER_MILLI)
    (waiting,) = driver.engine.load_report(driver.time_nanos).waiting.accounts
    assert waiting.until_nanos == 3_000 * NANOS_PER_MILLI
    assert kinds(driver.go_live()) == ["CANCEL_LIQUIDATION_ORDER"]
    assert open_order(driver).deadline_nanos == waiting.until_nanos
