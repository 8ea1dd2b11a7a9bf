"""Late fills: what of them is the account's, and what the fund's (WF-27, WF-28).

A mark of 94 leaves account 1, long 50 from 100 with 500, E 200 of M 235, and an order to sell 10
at 94 or better.
"""

import numpy as np
import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import EventKind, LiquidationOutcome, RejectReason, Side
from riskengine.core.types import Event, Rejection
from tests.core.driver import FUND_ACCOUNT, Driver, kinds, only

RICH, POOR = 9, 8
FUND = FUND_ACCOUNT + 1
HOUR_MILLIS = 3_600_000
TIMEOUT_MILLIS = 1_000
MOST_KEPT = 2**20
OVERFILL = RejectReason.LIQUIDATION_OVERFILL


def ordered(fund_atoms: int = 10_000, lots: int = 50) -> Driver:
    driver = Driver()
    driver.market()
    driver.risk(late_fill_millis=HOUR_MILLIS)
    driver.mark(100)
    if fund_atoms:
        driver.fund_deposit(fund_atoms)
    for account_id, amount in ((RICH, 10**9), (POOR, 100), (1, 500)):
        driver.deposit(account_id, amount)
    driver.trade(1, RICH, lots, 100)
    order = only(driver.mark(94), EventKind.LIQUIDATION_ORDER)
    assert (order.size_lots, order.price_ticks, order.side) == (10, 94, Side.SHORT)
    return driver


def taken_over() -> Driver:
    """The order expires, and the fund takes its 10 lots at 94."""
    driver = ordered()
    assert only(driver.tick(TIMEOUT_MILLIS), EventKind.TAKE_OVER).size_lots == 10
    return driver


def recovered() -> Driver:
    """A deposit ends the order: nothing of it goes another way."""
    driver = ordered()
    assert driver.deposit(1, 50)[0].outcome == LiquidationOutcome.RECOVERED
    return driver


def late(driver: Driver, lots: int, price_ticks: int = 94, buyer: int = RICH) -> list[Event]:
    return driver.trade(buyer, 1, lots, price_ticks, fills=1)


def refused(driver: Driver, lots: int, price_ticks: int = 94, **sides: int) -> Rejection:
    row = (1, sides.get("buyer", RICH), sides.get("seller", 1), price_ticks, lots, 0, 0, 1)
    return driver.refuse("trades", *((value,) for value in row))


def kept(driver: Driver) -> list[tuple[int, int, int]]:
    """Return id, unfilled and moved lots of the ended orders that are kept."""
    orders = driver.engine.dump()["ended_orders"]
    return [(one["liquidation_id"], one["unfilled_lots"], one["moved_lots"]) for one in orders]


@pytest.mark.rule("WF-27", "WF-28")
def test_a_late_fill_of_what_the_fund_took_makes_the_fund_flat() -> None:
    """Booked on the account it would be closed twice, and lose twice."""
    driver = taken_over()
    assert kept(driver) == [(1, 10, 10)]
    assert (driver.lots(1), driver.lots(FUND)) == (40, 10)
    equity, funds = driver.account(1).equity_atoms, driver.fund().equity_atoms
    told = only(late(driver, 10), EventKind.LATE_FILL)
    assert (told.account_id, told.fund_id, told.counterparty_account_id) == (1, 1, FUND)
    assert (told.liquidation_id, told.market_id, told.side) == (1, 1, Side.SHORT)
    assert (told.size_lots, told.price_ticks) == (10, 94)
    assert (driver.lots(1), driver.lots(FUND)) == (40, 0)
    assert (driver.account(1).equity_atoms, driver.fund().equity_atoms) == (equity, funds)
    assert driver.engine.counters().markets[0].late_fills == 1


@pytest.mark.rule("WF-27", "WF-28")
def test_a_late_fill_after_a_recovery_is_the_accounts() -> None:
    """Booked on the fund, which took nothing, it would be short and lose 40 at 98."""
    driver = recovered()
    assert kept(driver) == [(1, 10, 0)]
    assert late(driver, 10) == []
    assert (driver.lots(1), driver.lots(FUND)) == (40, 0)
    assert driver.engine.counters().markets[0].late_fills == 1


@pytest.mark.rule("WF-28")
def test_what_an_account_does_not_hold_any_more_is_the_funds() -> None:
    """Orders of an account whose position went (left-curve 2143): it would be opened anew."""
    driver = Driver()
    driver.risk(late_fill_millis=HOUR_MILLIS)
    for market_id in (1, 2):
        driver.market(market_id)
        driver.mark(100, market_id)
    for account_id, amount in ((1, 1_000), (3, 1_040), (RICH, 10**6)):
        driver.deposit(account_id, amount)
    driver.trade(1, 3, 100, 100)
    driver.trade(RICH, 3, 10, 100, 2)
    order = only(driver.mark(105), EventKind.LIQUIDATION_ORDER)
    assert (order.account_id, order.side, order.size_lots) == (3, Side.LONG, 12)
    events = driver.mark(85)
    ended = [event for event in events if event.kind == EventKind.LIQUIDATION_ORDER_ENDED]
    assert [event.outcome for event in ended] == [LiquidationOutcome.RECOVERED]
    assert (driver.lots(1), driver.lots(3)) == (0, 0)
    driver.fund_deposit(10_000)
    events = driver.trade(3, RICH, 12, 85, fills=1)
    assert only(events, EventKind.LATE_FILL).size_lots == 12
    assert (driver.lots(3), driver.lots(FUND)) == (0, 12)


@pytest.mark.rule("WF-28", "GD-12")
def test_what_is_unfilled_goes_on_counting_after_the_end() -> None:
    driver = taken_over()
    late(driver, 4)
    assert kept(driver) == [(1, 6, 6)]
    assert refused(driver, 7) == Rejection(0, OVERFILL, "size_lots", 7, 6, 1)
    reason = RejectReason.LIQUIDATION_PRICE
    assert refused(driver, 6, 93) == Rejection(0, reason, "price_ticks", 93, 94, 1)
    reason = RejectReason.LIQUIDATION_SIDE
    expected = Rejection(0, reason, "buyer_account_id", 1, Side.SHORT, 1)
    assert refused(driver, 6, buyer=1, seller=RICH) == expected
    reason = RejectReason.LIQUIDATION_MISMATCH
    assert refused(driver, 6, seller=POOR) == Rejection(0, reason, "liquidation_id", 1, 0)
    assert only(late(driver, 6), EventKind.LATE_FILL).size_lots == 6
    assert refused(driver, 1) == Rejection(0, OVERFILL, "size_lots", 1, 0, 1)
    assert (driver.lots(1), driver.lots(FUND)) == (40, 0)


@pytest.mark.rule("WF-28")
@pytest.mark.parametrize(("millis", "is_kept"), [(HOUR_MILLIS - 1, True), (HOUR_MILLIS, False)])
def test_an_ended_order_is_kept_for_so_long(millis: int, *, is_kept: bool) -> None:
    driver = taken_over()
    driver.wait(millis)
    if is_kept:
        assert only(late(driver, 10), EventKind.LATE_FILL).size_lots == 10
        return
    unknown = Rejection(0, RejectReason.UNKNOWN_LIQUIDATION, "liquidation_id", 1, 0, 1)
    row = (1, RICH, 1, 94, 10, 0, 0, 1)
    assert driver.try_to("trades", *((value,) for value in row)).rejections == [unknown]
    assert kept(driver) == [(1, 10, 10)]
    driver.deposit(RICH, 1)
    assert kept(driver) == []


@pytest.mark.rule("WF-28")
def test_what_was_forgotten_is_not_kept_again_by_a_longer_time() -> None:
    driver = taken_over()
    longer = driver.fork()
    longer.risk(late_fill_millis=24 * HOUR_MILLIS)
    longer.wait(24 * HOUR_MILLIS - 1)
    assert only(late(longer, 10), EventKind.LATE_FILL).size_lots == 10
    driver.risk(late_fill_millis=0)
    driver.risk(late_fill_millis=HOUR_MILLIS)
    assert kept(driver) == []
    assert refused(driver, 10).reason == RejectReason.UNKNOWN_LIQUIDATION


@pytest.mark.rule("WF-17", "WF-28")
def test_where_none_are_kept_a_late_fill_is_an_ordinary_trade() -> None:
    driver = ordered()
    driver.risk(late_fill_millis=0)
    driver.tick(TIMEOUT_MILLIS)
    assert kept(driver) == []
    assert "LATE_FILL" not in kinds(late(driver, 10))
    assert (driver.lots(1), driver.lots(FUND)) == (30, 10)
    assert driver.engine.counters().markets[0].late_fills == 0


@pytest.mark.rule("WF-27", "WF-28")
def test_what_holders_closed_is_moved_too() -> None:
    """The account keeps what it bought after: those lots were never the order's."""
    driver = ordered(0)
    driver.mark(89)
    assert kept(driver) == [(1, 10, 10)]
    driver.deposit(1, 10_000)
    driver.trade(1, RICH, 20, 89)
    driver.fund_deposit(10_000)
    assert only(late(driver, 4), EventKind.LATE_FILL).size_lots == 4
    assert (driver.lots(1), driver.lots(FUND)) == (20, -4)


@pytest.mark.rule("WF-27")
def test_the_rest_of_an_order_that_was_closed_with_holders_is_moved() -> None:
    driver = ordered(0)
    assert "LOSS_ALLOCATION" in kinds(driver.tick(TIMEOUT_MILLIS))
    assert kept(driver) == [(1, 10, 10)]


@pytest.mark.rule("WF-27", "WF-18")
def test_a_rest_that_is_ordered_again_is_not_moved() -> None:
    driver = ordered()
    driver.market(book_attempts=2)
    assert "TAKE_OVER" not in kinds(driver.tick(TIMEOUT_MILLIS))
    assert kept(driver) == [(1, 10, 0)]
    assert "TAKE_OVER" in kinds(driver.tick(TIMEOUT_MILLIS))
    assert kept(driver) == [(1, 10, 0), (2, 10, 10)]


@pytest.mark.rule("WF-27", "WF-23")
def test_an_order_whose_leg_the_fund_takes_whole_has_all_that_is_unfilled_moved() -> None:
    driver = ordered()
    driver.trade(RICH, 1, 3, 94, fills=1)
    events = driver.mark(91)
    assert only(events, EventKind.LIQUIDATION_ORDER_ENDED).outcome == LiquidationOutcome.REPLACED
    assert only(events, EventKind.TAKE_OVER).size_lots == 47
    assert kept(driver) == [(1, 7, 7)]


@pytest.mark.rule("WF-28", "WF-18")
def test_a_late_fill_of_a_rest_that_waits_is_taken_off_it() -> None:
    """An order that has ended waits for the others of its attempt before its rest is closed."""
    driver = Driver()
    driver.risk(late_fill_millis=HOUR_MILLIS, take_over_ppm=500_000)
    driver.fund_deposit(10_000)
    for account_id, amount in ((RICH, 10**9), (1, 450)):
        driver.deposit(account_id, amount)
    for market_id in (1, 2, 3):
        driver.market(market_id)
        driver.mark(100, market_id)
        driver.trade(1, RICH, 20, 100, market_id)
    events = driver.marks({1: 95, 2: 95, 3: 95})
    orders = [event for event in events if event.kind == EventKind.LIQUIDATION_ORDER]
    assert [(event.market_id, event.size_lots) for event in orders] == [(1, 20), (2, 11)]
    driver.report(2)
    assert driver.trade(RICH, 1, 4, 95, 2, fills=2) == []
    assert (driver.lots(1, 2), kept(driver)) == (16, [(2, 7, 0)])
    events = driver.report(1)
    taken = [event for event in events if event.kind == EventKind.TAKE_OVER]
    assert [(event.market_id, event.size_lots) for event in taken] == [(1, 20), (2, 7)]
    assert kept(driver) == [(2, 7, 7), (1, 20, 20)]


@pytest.mark.rule("WF-28", "BK-6")
@pytest.mark.parametrize("is_moved", [False, True])
def test_who_gains_by_the_price_gives_it_back(*, is_moved: bool) -> None:
    """A buyer at 120 is 160 below zero: of the 260 that the price gives it comes back."""
    driver = taken_over() if is_moved else recovered()
    funds = driver.fund().equity_atoms
    events = late(driver, 10, 120, POOR)
    told = only(events, EventKind.TRADE_REPRICED)
    payer = FUND if is_moved else 1
    assert (told.account_id, told.counterparty_account_id) == (POOR, payer)
    assert (told.equity_atoms, told.amount_atoms, told.size_lots) == (-160, 160, 10)
    assert "INSURANCE_PAYOUT" not in kinds(events)
    assert driver.account(POOR).equity_atoms == 0
    assert driver.fund().equity_atoms == funds + (100 if is_moved else 0)


@pytest.mark.rule("WF-28", "BK-6")
def test_the_fund_gives_back_before_the_account_does() -> None:
    """The account holds 4 of the 10 lots: of 160 that the buyer is below zero the fund has 156."""
    driver = recovered()
    driver.trade(RICH, 1, 46, 94)
    events = late(driver, 10, 120, POOR)
    repriced = [one for one in events if one.kind == EventKind.TRADE_REPRICED]
    told = [
        (one.counterparty_account_id, one.size_lots, one.amount_atoms, one.equity_atoms)
        for one in repriced
    ]
    assert told == [(FUND, 6, 156, -160), (1, 4, 4, -4)]
    assert driver.account(POOR).equity_atoms == 0


@pytest.mark.rule("WF-28", "BK-6")
@pytest.mark.parametrize(("funds", "mark", "returned"), [(0, 100, 60), (30, 100, 30), (60, 100, 0)])
def test_a_late_fill_takes_nobodys_lots_from_a_fund_that_cannot_pay_for_them(
    funds: int, mark: int, returned: int
) -> None:
    """Holders had closed them at 89, so that the fund sells at 94 what it buys at the mark."""
    driver = ordered(0)
    driver.mark(89)
    driver.mark(mark)
    if funds:
        driver.fund_deposit(funds)
    events = late(driver, 10)
    repriced = [one for one in events if one.kind == EventKind.TRADE_REPRICED]
    assert [one.amount_atoms for one in repriced] == ([returned] if returned else [])
    if returned:
        assert (repriced[0].account_id, repriced[0].counterparty_account_id) == (FUND, RICH)
    assert driver.fund().equity_atoms == funds - (60 - returned)
    assert "BAD_DEBT" not in kinds(events)


@pytest.mark.rule("WF-28")
def test_fees_of_a_late_fill_are_the_accounts() -> None:
    driver = taken_over()
    balance = driver.account(1).balance_atoms
    driver.trade(RICH, 1, 10, 94, fills=1, fees=(0, 3))
    assert (driver.account(1).balance_atoms, driver.lots(1)) == (balance - 3, 40)


@pytest.mark.rule("WF-28")
@pytest.mark.parametrize(("lots", "left"), [(10, 0), (4, 6)])
def test_a_fund_that_is_the_other_side_keeps_its_lots(lots: int, left: int) -> None:
    driver = taken_over()
    assert only(late(driver, lots, buyer=FUND), EventKind.LATE_FILL).size_lots == lots
    assert (driver.lots(1), driver.lots(FUND), kept(driver)) == (40, 10, [(1, left, left)])


@pytest.mark.rule("WF-28", "GD-14")
def test_a_late_fill_that_the_fund_cannot_book_is_refused() -> None:
    driver = taken_over()
    driver.fund_deposit(10**8)
    driver.trade(RICH, FUND, 10, 94)
    driver.trade(RICH, FUND, 10**6 - 5, 94)
    expected = Rejection(0, RejectReason.OVERFLOW, "size_lots", 10, 10**6)
    assert refused(driver, 10) == expected


@pytest.mark.rule("WF-28", "GD-12")
def test_all_that_an_odd_order_left_passes_off_the_step() -> None:
    driver = ordered()
    driver.tick(TIMEOUT_MILLIS)
    driver.market(size_step_lots=20)
    assert refused(driver, 5).reason == RejectReason.OFF_STEP
    assert only(late(driver, 10), EventKind.LATE_FILL).size_lots == 10


@pytest.mark.rule("WF-28")
def test_the_order_that_ended_first_is_forgotten_when_there_are_too_many() -> None:
    """The full list is put into a saved state, whose last words are the kept orders and no more."""
    driver = Driver()
    driver.market()
    driver.risk(late_fill_millis=HOUR_MILLIS)
    driver.mark(94)
    driver.begin_loading(MOST_KEPT)
    driver.load(1, 500)
    driver.load(RICH, 10**6)
    driver.load_position(1, 50, 5_000)
    driver.load_position(RICH, -50, -5_000)
    driver.go_live()
    saved = np.frombuffer(driver.engine.save(), dtype=np.int64)
    one = (0, 1, 1, 0, 1, Side.SHORT, 94, 10, 0, 0, driver.time_nanos)
    rows = np.tile(np.array(one, dtype=np.int64), (MOST_KEPT, 1))
    rows[:, 0] = np.arange(1, MOST_KEPT + 1)
    assert saved[-2:].tolist() == [0, 0]
    words = np.concatenate((saved[:-2], np.array([MOST_KEPT]), rows.ravel(), saved[-1:]))
    driver.engine = Engine.read_back(words.tobytes())
    driver.engine.check_invariants()
    assert driver.engine.save() == words.tobytes()
    (order,) = driver.engine.open_liquidations(0, 9)
    driver.report(order.liquidation_id)
    unknown = Rejection(0, RejectReason.UNKNOWN_LIQUIDATION, "liquidation_id", 1, 0, MOST_KEPT + 1)
    assert refused(driver, 1) == unknown
    driver.trade(RICH, 1, 1, 94, fills=2)
    assert driver.engine.counters().markets[0].late_fills == 1


@pytest.mark.rule("WF-28")
def test_an_order_of_an_account_that_is_gone_is_kept_in_what_is_saved() -> None:
    """The account has come back under its name: the lots that it does not hold are the fund's."""
    driver = recovered()
    driver.trade(RICH, 1, 50, 94)
    driver.withdraw(1, driver.account(1).balance_atoms)
    driver.close(1)
    driver.engine = Engine.read_back(driver.engine.save())
    assert kept(driver) == [(1, 10, 0)]
    driver.deposit(1, 7)
    assert only(late(driver, 10), EventKind.LATE_FILL).size_lots == 10
    assert (driver.lots(1), driver.lots(FUND)) == (0, -10)
