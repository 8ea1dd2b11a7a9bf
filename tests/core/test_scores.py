"""The factors of a score at their cap of 2^40, and one below it."""

import pytest

from riskengine.core.enums import EventKind
from tests.core.driver import Driver, only

CAP = 2**40
LAST = 1_099_511
"""The last whole number that is below the cap as a ratio: LAST * 10^6 < 2^40."""


def venue(mark: int) -> Driver:
    """Every liquidation goes to the book as long as there is any equity; 9 is the maker."""
    driver = Driver()
    driver.market(1, max_price_ticks=10**7)
    driver.market(2)
    driver.marks({1: mark, 2: 100})
    driver.risk(take_over_ppm=500_000, margin_call_ppm=1_000_001)
    driver.deposit(9, 10**9)
    return driver


@pytest.mark.rule("LS-11")
@pytest.mark.parametrize(
    ("mark", "leverage_ppm"),
    [
        pytest.param(LAST, LAST * 10**6, id="one lot over one atom of equity"),
        pytest.param(LAST + 1, CAP, id="capped"),
    ],
)
def test_leverage(mark: int, leverage_ppm: int) -> None:
    """The profit is 500,000 ppm: a lot that was sold for twice the mark."""
    driver = venue(2 * mark)
    for account_id in (1, 3):
        driver.deposit(account_id, 10**7)
    driver.trade(9, 3, 1, 2 * mark)
    driver.mark(mark)
    driver.trade(1, 9, 1, mark)
    # Fees leave 3 with an equity of 1, then 1 with 20; each has an order out.
    driver.trade(3, 9, 1, 100, 2, fees=(10**7 + mark - 1, 0))
    assert driver.account(3).equity_atoms == 1
    order = only(driver.trade(1, 9, 1, 100, 2, fees=(10**7 - 20, 0)), EventKind.LIQUIDATION_ORDER)
    assert (order.market_id, order.size_lots) == (1, 1)
    events = driver.report(order.liquidation_id)
    closed = [e for e in events if e.kind == EventKind.AUTO_DELEVERAGE and e.market_id == 1]
    assert [(e.counterparty_account_id, e.equity_atoms) for e in closed] == [(3, 1)]
    assert closed[0].score_ppm == leverage_ppm // 2


@pytest.mark.rule("LS-11")
@pytest.mark.parametrize(
    ("gain", "profit_ppm"),
    [
        pytest.param(LAST, LAST * 10**6, id="a gain over a cost of one"),
        pytest.param(LAST + 1, CAP, id="capped"),
    ],
)
def test_profit(gain: int, profit_ppm: int) -> None:
    """The leverage is 1,000,000 ppm: equity is as large as the notional."""
    driver = venue(1)
    driver.deposit(1, gain)
    driver.deposit(3, 1)
    driver.trade(3, 1, 1, 1)
    # A short of one lot at 1 ends with no equity; its order cannot be filled and is reported.
    order = only(driver.mark(1 + gain), EventKind.LIQUIDATION_ORDER)
    assert (order.account_id, order.equity_atoms) == (1, 0)
    assert driver.account(3).equity_atoms == driver.account(3).notional_atoms == 1 + gain
    closed = only(driver.report(order.liquidation_id), EventKind.AUTO_DELEVERAGE)
    assert (closed.counterparty_account_id, closed.score_ppm) == (3, profit_ppm)


@pytest.mark.rule("LS-12")
def test_a_gain_of_nothing_scores_like_the_smallest_loss() -> None:
    """Neither wins nor loses: minus 0, whatever the leverage."""
    driver = venue(100)
    driver.deposit(1, 50)
    driver.deposit(3, 1_000)
    driver.trade(1, 3, 10, 100)
    order = only(driver.trade(1, 9, 1, 100, 2, fees=(20, 0)), EventKind.LIQUIDATION_ORDER)
    closed = only(driver.report(order.liquidation_id), EventKind.AUTO_DELEVERAGE)
    assert (closed.counterparty_account_id, closed.score_ppm) == (3, 0)
