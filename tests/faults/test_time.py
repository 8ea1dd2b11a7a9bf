"""Faults of other venues in time: a server that was down, a clock that jumped.

Each was seen elsewhere, in public; the venues are those of `venue`.
"""

import pytest

from riskengine.core.enums import EventKind
from tests.core.driver import Driver, kinds, only
from tests.faults.venue import RICH, holder, money

ORDER_MILLIS = 5_000


def ordered() -> Driver:
    """Have account 1, long 50 from 100 on 500, sell 10 through the book at a mark of 94."""
    driver = holder(50, 500, 10_000, liquidation_timeout_millis=ORDER_MILLIS)
    order = only(driver.mark(94), EventKind.LIQUIDATION_ORDER)
    assert (order.liquidation_id, order.needed_lots or order.size_lots) == (1, 10)
    return driver


@pytest.mark.rule("TM-6")
def test_a_deadline_does_not_run_while_the_server_is_down() -> None:
    """Down for 6.5 s, it came back, took the lots over and then booked the fill too (etcd 2660)."""
    driver = ordered()
    driver.start(6_500)
    events = driver.trade(RICH, 1, 10, 94, fills=1)
    assert "LIQUIDATION_ORDER_ENDED" in kinds(events)
    assert "TAKE_OVER" not in kinds(events)
    assert driver.lots(1) == 40
    assert money(driver, 1) == [500 - 50 * 6]


@pytest.mark.rule("TM-6", "TM-7")
def test_a_clock_that_was_ahead_for_a_moment_does_not_hold_up_deadlines_for_ever() -> None:
    """One command was an hour ahead; an order of a second did not end before that hour was over.

    The log's time goes on from where it is, at the pace of real time, and no clock puts it back.
    """
    driver = holder(50, 500, 10_000)
    driver.wait(3_600_000)
    only(driver.mark(94), EventKind.LIQUIDATION_ORDER)
    driver.start(0)
    assert driver.engine.next_timer_nanos == driver.time_nanos + 1_000_000_000
    assert "LIQUIDATION_ORDER_ENDED" in kinds(driver.tick(1_000))
