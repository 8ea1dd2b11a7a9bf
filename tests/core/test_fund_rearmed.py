"""A fund that has paid carries its inventory on less: the index must look at it that much sooner.

The fund holds 10 lots of market 2, bought at 100. With 1,000 it carries them down to any price.
"""

import pytest

from riskengine.core.enums import EventKind
from tests.core.driver import FUND_ACCOUNT, Driver, only

FUND = FUND_ACCOUNT + 1
LOTS = 10


@pytest.fixture
def driver() -> Driver:
    driver = Driver()
    for market_id in (1, 2):
        driver.market(market_id)
        driver.mark(100, market_id)
    driver.fund_deposit(1_000)
    for account_id, amount in ((1, 100_000), (2, 100_000), (3, 100)):
        driver.deposit(account_id, amount)
    driver.trade(FUND, 2, LOTS, 100, 2)
    return driver


def assert_deleveraged_below(driver: Driver, price_ticks: int) -> None:
    """The fund carries its inventory at that mark of market 2, and one tick lower it does not."""
    assert driver.mark(price_ticks, 2) == []
    assert driver.lots(FUND, 2) == LOTS
    events = driver.mark(price_ticks - 1, 2)
    assert only(events, EventKind.AUTO_DELEVERAGE).account_id == FUND


def test_after_a_payout(driver: Driver) -> None:
    # A fee of 500 on what was bought and sold at 100 leaves a debt of 400 without positions.
    driver.trade(3, 1, 10, 100)
    events = driver.trade(1, 3, 10, 100, fees=(0, 500))
    assert only(events, EventKind.INSURANCE_PAYOUT).amount_atoms == 400
    # 600 + 10 (p - 100) < 0.5 p below p = 42.1.
    assert_deleveraged_below(driver, 43)


def test_after_its_payment_into_a_loss(driver: Driver) -> None:
    # Account 3 is worth 100 - 20 (100 - p) = -920 at 49. Taking it over would leave the fund 80,
    # below the 50 + 49 that it would have to hold; so it pays all of the loss, and ADL closes.
    driver.trade(3, 1, 20, 100)
    events = driver.mark(49)
    assert only(events, EventKind.LOSS_ALLOCATION).amount_atoms == 920
    # 80 + 10 (p - 100) < 0.5 p below p = 96.8.
    assert_deleveraged_below(driver, 97)


def test_after_a_take_over(driver: Driver) -> None:
    # At 55, -800 for 20 lots: the fund keeps 200 for the 50 + 55 that it must hold.
    driver.trade(3, 1, 20, 100)
    events = driver.mark(55)
    assert only(events, EventKind.TAKE_OVER).size_lots == 20
    # 200 + 10 (p - 100) < 0.5 p + 55 below p = 90.0.
    assert_deleveraged_below(driver, 90)


@pytest.mark.rule("LS-5")
def test_after_a_payment_for_what_nobody_closes(driver: Driver) -> None:
    """What a fund has paid for a loss stays paid, whether holders come or not."""
    driver.deposit(4, 100)
    driver.update(4, 20, 100)
    loss = only(driver.mark(49), EventKind.LOSS_ALLOCATION)
    assert (loss.amount_atoms, loss.size_lots, loss.needed_lots) == (920, 0, 20)
    assert driver.fund().balance_atoms == 80
    assert_deleveraged_below(driver, 97)
