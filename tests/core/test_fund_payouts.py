"""In which order several funds are told of that pay for one account (LS-5)."""

import pytest

from riskengine.core.enums import EventKind
from tests.core.driver import Driver


@pytest.mark.rule("LS-5")
@pytest.mark.parametrize(("first_mark", "order"), [(100, [2, 1]), (99, [1, 2])])
def test_a_leg_that_has_lost_nothing_asks_no_fund(first_mark: int, order: list[int]) -> None:
    """Market 1, whose leg requires most, and market 3 have fund 1; market 2 has fund 2."""
    driver = Driver(funds=2)
    for market_id, fund_id in ((1, 1), (2, 2), (3, 1)):
        driver.market(market_id, fund_id=fund_id)
        driver.fund_deposit(1_000, fund_id)
    driver.marks({1: 100, 2: 100, 3: 100})
    driver.deposit(2, 10**6)
    driver.deposit(1, 600)
    for market_id, lots in ((1, 30), (2, 20), (3, 10)):
        driver.trade(1, 2, lots, 100, market_id)
    events = driver.marks({1: first_mark, 2: 75, 3: 75})
    paid = [event.fund_id for event in events if event.kind == EventKind.INSURANCE_PAYOUT]
    assert paid == order
