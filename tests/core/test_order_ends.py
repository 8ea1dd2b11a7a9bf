"""Open orders at each judgement, and when the fund is asked beside them (WF-23 to WF-25)."""

from typing import Any

import pytest

from riskengine.core.enums import AccountState, EventKind, LiquidationOutcome, Side
from tests.core.driver import FUND_ACCOUNT, Driver, kinds, only
from tests.core.test_attempts import holder

FUND = FUND_ACCOUNT + 1
RICH = 10**6


def ordered(equity: int, *, side: int = 1, **market: Any) -> tuple[Driver, int]:
    """Return a venue where account 1, of 10 lots with M = 500, has an order out; and its lots."""
    driver = holder(equity, side=side, **market)
    order = only(driver.mark(1_000), EventKind.LIQUIDATION_ORDER)
    assert order.liquidation_id == 1
    return driver, order.size_lots


def is_asked(driver: Driver) -> int:
    (account,) = (one for one in driver.engine.dump()["accounts"] if one["account_id"] == 1)
    asked: int = account["asked"]
    return asked


@pytest.mark.rule("WF-23")
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("paid_in", "ends"),
    [
        pytest.param(50, False, id="E = 500 = M"),
        pytest.param(74, False, id="E = 524 < 1.05 M"),
        pytest.param(75, True, id="E = 525 = 1.05 M"),
        pytest.param(76, True, id="E > 1.05 M"),
    ],
)
def test_an_order_ends_once_its_account_has_the_buffer(side: int, paid_in: int, ends: bool) -> None:
    driver, lots = ordered(450, side=side)
    events = driver.deposit(1, paid_in)
    assert kinds(events) == ["LIQUIDATION_ORDER_ENDED", "LIQUIDATION_ENDED"] * ends
    if ends:
        assert events[0].outcome == LiquidationOutcome.RECOVERED
        assert (events[0].size_lots, events[0].needed_lots) == (0, lots)
    assert driver.engine.open_liquidation_count == (not ends)
    assert abs(driver.lots(1)) == 10


@pytest.mark.rule("WF-21", "WF-23")
def test_a_fill_that_reaches_the_requirement_ends_it_whatever_is_left() -> None:
    """One lot of two is filled: M = 450 = E, which is no buffer; the other ends by the report."""
    driver, lots = ordered(450)
    assert lots == 2
    assert kinds(driver.trade(2, 1, 1, 1_000, fills=1)) == ["LIQUIDATION_FILL"]
    assert driver.account(1).state == AccountState.LIQUIDATING
    events = driver.report(1)
    assert kinds(events) == ["LIQUIDATION_ORDER_ENDED", "LIQUIDATION_ENDED"]
    assert driver.lots(1) == 9


@pytest.mark.rule("WF-23", "LS-4")
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(("moved", "ends"), [(45, False), (46, True)])
def test_who_is_below_zero_waits_for_no_order(side: int, moved: int, ends: bool) -> None:
    """10 lots lose all of 450, or 10 more: they are closed at once, and holders bear those 10."""
    driver, _ = ordered(450, side=side)
    events = driver.mark(1_000 - side * moved)
    if not ends:
        assert events == []
        assert driver.account(1).equity_atoms == 0
        return
    ended = only(events, EventKind.LIQUIDATION_ORDER_ENDED)
    assert ended.outcome == LiquidationOutcome.REPLACED
    assert only(events, EventKind.LOSS_ALLOCATION).haircut_atoms == 10
    assert driver.account(1).positions == ()
    assert driver.account(1).balance_atoms == 0
    assert driver.account(1).state == AccountState.NORMAL


@pytest.mark.rule("WF-23", "WF-24")
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("closed", "filled", "whole", "open_lots"),
    [
        pytest.param(5, 0, 5, 5, id="5 are held, 5 are ordered"),
        pytest.param(6, 0, 4, 4, id="4 are held"),
        pytest.param(6, 1, 4, 3, id="1 was filled, 3 are held"),
        pytest.param(10, 0, 0, 0, id="none is held"),
        pytest.param(12, 0, 0, 0, id="nor of the other side"),
    ],
)
def test_an_order_is_cut_to_what_is_held(
    side: int, closed: int, filled: int, whole: int, open_lots: int
) -> None:
    """E = 280 of 500: 5 of 10 lots are ordered. Fees leave the account below its requirement."""
    driver, lots = ordered(280, side=side)
    assert lots == 5
    driver.risk(take_over_ppm=500_000, liquidation_buffer_ppm=10**6)
    sides = (2, 1) if side > 0 else (1, 2)
    if filled:
        driver.trade(*sides, filled, 1_000, fills=1)
    fee = 280 - 50 * (10 - closed - filled) // 2 - 50 * (closed > 10)
    fees = (0, fee) if side > 0 else (fee, 0)
    events = driver.trade(*sides, closed, 1_000, fees=fees)
    if not open_lots:
        ended = only(events, EventKind.LIQUIDATION_ORDER_ENDED)
        assert ended.needed_lots == lots
        gone, recovered = LiquidationOutcome.POSITION_GONE, LiquidationOutcome.RECOVERED
        # Without positions it has as much as it requires; with others it has not.
        assert ended.outcome == (recovered if closed == 10 else gone)
        return
    if whole == lots:
        assert events == []
    else:
        cut = only(events, EventKind.LIQUIDATION_ORDER_REDUCED)
        assert kinds(events) == ["LIQUIDATION_ORDER_REDUCED"]
        assert (cut.liquidation_id, cut.side) == (1, Side.SHORT if side > 0 else Side.LONG)
        assert (cut.size_lots, cut.needed_lots) == (whole, open_lots)
    (order,) = driver.engine.open_liquidations(0, 9)
    assert (order.size_lots, order.filled_lots) == (whole, filled)
    assert driver.engine.open_liquidation_count == 1


@pytest.mark.rule("WF-25")
def test_the_fund_is_asked_once_until_an_order_ends() -> None:
    """E = 320 is below two thirds of 500, and the fund has nothing; then it has, unasked."""
    driver, _ = ordered(320)
    assert is_asked(driver) == 1
    driver.fund_deposit(RICH)
    assert driver.mark(1_000) == []
    events = driver.report(1)
    assert kinds(events) == ["LIQUIDATION_ORDER_ENDED", "TAKE_OVER", "LIQUIDATION_ENDED"]
    assert driver.lots(FUND) == 10


@pytest.mark.rule("WF-25")
@pytest.mark.parametrize(
    ("price", "asked"),
    [
        pytest.param(1_001, 1, id="E = 330 of 501"),
        pytest.param(1_002, 0, id="E = 340 of 501"),
    ],
)
def test_the_fund_is_asked_again_by_who_was_above_its_level(price: int, asked: int) -> None:
    driver, _ = ordered(320)
    driver.fund_deposit(RICH)
    assert driver.mark(price) == []
    assert is_asked(driver) == asked
    events = driver.mark(1_000)
    if asked:
        assert events == []
        return
    assert kinds(events) == ["LIQUIDATION_ORDER_ENDED", "TAKE_OVER", "LIQUIDATION_ENDED"]
    assert events[0].outcome == LiquidationOutcome.REPLACED


@pytest.mark.rule("WF-3", "WF-25")
@pytest.mark.parametrize(
    ("price", "is_taken"),
    [
        pytest.param(988, False, id="E = 330 of 494: 0.668"),
        pytest.param(987, True, id="E = 320 of 494: 0.648"),
    ],
)
def test_who_falls_below_the_level_behind_its_order_is_the_funds(
    price: int, is_taken: bool
) -> None:
    """The level is 0.666667; of an equity of 450 of 500 the book was asked first."""
    driver, _ = ordered(450)
    driver.fund_deposit(RICH)
    events = driver.mark(price)
    assert ("TAKE_OVER" in kinds(events)) == is_taken
    assert driver.lots(FUND) == 10 * is_taken
