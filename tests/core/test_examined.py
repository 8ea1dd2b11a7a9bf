"""What examiners found of closes at the mark, and how it has to be."""

import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState, EventKind, LiquidationOutcome, RejectReason, Side
from tests.core.driver import Driver, kinds, only

FEES = 2


@pytest.mark.rule("WF-19", "WF-23")
def test_a_take_over_that_heals_ends_the_orders_of_other_legs() -> None:
    driver = Driver()
    for market in (1, 2):
        driver.market(market, discount_ppm=10_000)
    driver.marks({1: 1000, 2: 1000})
    driver.fund_deposit(100_000)
    # 9,000 in a market: of 9,800 and 8,712 the latter.
    driver.risk(fund_market_notional_ppm=90_000)
    driver.deposit(1, 1100)
    driver.deposit(2, 100_000)
    driver.trade(1, 2, 10, 1000, 1)
    driver.trade(1, 2, 9, 1000, 2)
    driver.mark(980, 1)
    outcome = driver.mark(968, 2)
    ended = only(outcome, EventKind.LIQUIDATION_ORDER_ENDED)
    assert ended.outcome == LiquidationOutcome.RECOVERED
    assert EventKind.LIQUIDATION_ENDED.name in kinds(outcome)
    assert driver.account(1).state != AccountState.LIQUIDATING
    assert driver.engine.scan() == 0


@pytest.mark.rule("WF-19", "WF-23")
def test_a_rest_that_heals_ends_the_order_of_another_leg() -> None:
    driver = Driver()
    for market, attempts in ((1, 1), (2, 2)):
        driver.market(
            market, book_attempts=attempts, liquidation_fee_ppm=5_000, discount_ppm=20_000
        )
    driver.marks({1: 100, 2: 100})
    driver.deposit(1, 240)
    driver.deposit(9, 10**6)
    driver.trade(1, 9, 10, 100, 1)
    driver.trade(1, 9, 10, 100, 2)
    driver.marks({1: 90, 2: 90})
    driver.mark(94, 1)
    driver.tick(1000)
    assert driver.account(1).state != AccountState.LIQUIDATING
    assert driver.engine.scan() == 0


@pytest.mark.rule("LD-2", "WF-28")
def test_a_loaded_order_may_have_the_number_of_one_that_was_kept() -> None:
    driver = Driver()
    driver.market()
    driver.risk(late_fill_millis=1_000)
    driver.mark(100)
    driver.deposit(1, 100)
    driver.deposit(2, 1_000)
    driver.trade(1, 2, 10, 100)
    driver.mark(94)
    driver.mark(100)
    driver.trade(2, 1, 10, 100)
    for account in (1, 2):
        driver.withdraw(account, driver.account(account).balance_atoms)
        driver.close(account)
    driver.begin_loading(1)
    driver.load(7, 100)
    driver.load_position(7, 10, 1_000)
    driver.load(2, 1_000)
    driver.load_position(2, -10, -1_000)
    driver.mark(94)
    driver.load_order(1, 7, Side.SHORT, 5, limit_price_ticks=90)
    driver.go_live()
    driver.mark(100)
    again = Engine.read_back(driver.engine.save())
    assert again.state_hash() == driver.engine.state_hash()


@pytest.mark.rule("GD-25")
def test_fees_that_are_far_below_zero_pay_nothing() -> None:
    driver = Driver()
    driver.market()
    driver.mark(100)
    rebate = 1 << 54
    for account in range(1, 15):
        driver.deposit(account, 1)
    for _ in range(40):
        for account in range(1, 15, 2):
            driver.trade(account, account + 1, 1, 100, fees=(-rebate, -rebate))
    driver.deposit(100, 100)
    driver.deposit(101, 10**4)
    driver.trade(100, 101, 1, 100, fees=(600, 0))
    refusal = driver.refuse("write_off", 100, 1, 400, FEES, 0, 0)
    assert (refusal.reason, refusal.limit) == (RejectReason.NOT_WITHDRAWABLE, 0)


@pytest.mark.rule("GD-12", "GD-6")
def test_an_order_can_be_filled_whole_after_the_step_was_raised() -> None:
    driver = Driver()
    driver.market(size_step_lots=10, discount_ppm=20_000)
    driver.mark(100)
    driver.deposit(1, 1_000)
    driver.deposit(2, 10**6)
    driver.trade(1, 2, 100, 100)
    order = only(driver.mark(94), EventKind.LIQUIDATION_ORDER)
    driver.market(size_step_lots=40, discount_ppm=20_000)
    fill = driver.trade(2, 1, order.size_lots, 94, fills=1)
    assert order.size_lots % 40 != 0
    assert only(fill, EventKind.LIQUIDATION_FILL).size_lots == order.size_lots
