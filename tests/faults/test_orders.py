"""Faults of other venues in orders, fills and steps, as small inputs.

Each was seen elsewhere, in public; the venues are those of `venue`.
"""

from typing import Any

import pytest

from riskengine.core.enums import AccountState, EventKind, PositionUpdateMode, RejectReason, Side
from riskengine.core.types import Event, OrderCheck, Rejection
from tests.core.driver import Driver, kinds, only
from tests.faults.venue import FUND, RICH, check, holder, money, venue

DELTA, ABSOLUTE = PositionUpdateMode.DELTA, PositionUpdateMode.ABSOLUTE


def sell(driver: Driver, lots: int, price_ticks: int, account_id: int = 1) -> OrderCheck:
    """Ask whether an account may sell."""
    return check(driver, Side.SHORT, lots, price_ticks, account_id)


def refusal(answer: OrderCheck) -> tuple[int, str, int, int]:
    """Return the reason of a refusal with its field, value and limit."""
    assert answer.rejection is not None
    return answer.rejection[1:5]


@pytest.mark.rule("QS-11")
@pytest.mark.parametrize(("band_ppm", "lowest"), [(100_000, 90), (50_000, 95)])
def test_nobody_sells_to_a_friend_at_any_price(band_ppm: int, lowest: int) -> None:
    """A position that is closed at 1 leaves its loss to the fund (helix 87)."""
    driver = holder(10, 100, 10_000, order_band_ppm=band_ppm)
    for price in (1, lowest - 1):
        expected = (RejectReason.PRICE_BAND, "price_ticks", price, lowest)
        assert refusal(sell(driver, 10, price)) == expected
    assert sell(driver, 10, lowest) == (None, 1_000 * (lowest - 100) // 100 + 100, 0)
    # Booked all the same, as a trade, its other side bears what account 1 has not.
    driver.deposit(2, 1_000)
    repriced = only(driver.trade(2, 1, 10, 1), EventKind.TRADE_REPRICED)
    assert (repriced.counterparty_account_id, repriced.amount_atoms) == (2, 890)
    assert money(driver, 1, 2, FUND) == [0, 1_000 + 10 * 99 - 890, 10_000]


@pytest.mark.rule("QS-5")
@pytest.mark.parametrize(
    ("lots", "price", "least"),
    [
        pytest.param(10, 90, None, id="closes for all that there is"),
        pytest.param(10, 89, 0, id="closes below zero"),
        pytest.param(5, 85, 50, id="E / M falls from 2 to 1, and E 25 is below I 50"),
        pytest.param(5, 90, None, id="E / M stays 2"),
        pytest.param(5, 89, 50, id="E 45 of I 50, and below 2 M"),
    ],
)
def test_a_reducing_order_leaves_the_account_as_healthy(
    lots: int, price: int, least: int | None
) -> None:
    """Without a band that stops it first."""
    driver = holder(10, 100, order_band_ppm=10**6)
    answer = sell(driver, lots, price)
    if least is None:
        assert answer.rejection is None
        return
    after = 100 - lots * (100 - price)
    expected = (RejectReason.INSUFFICIENT_MARGIN, "price_ticks", after, least)
    assert refusal(answer) == expected


@pytest.mark.rule("QS-3")
@pytest.mark.parametrize("reduce_only", [False, True])
def test_no_order_of_its_own_while_an_account_is_liquidated(*, reduce_only: bool) -> None:
    """Closing by hand beside a liquidation order closes twice."""
    driver = holder(10, 100)
    driver.mark(94)
    assert driver.account(1).state == AccountState.LIQUIDATING
    answer = driver.engine.check_order(1, 1, Side.SHORT, 10, 94, reduce_only)
    assert refusal(answer) == (RejectReason.ACCOUNT_IN_LIQUIDATION, "account_id", 1, 0)


def liquidated(**market: Any) -> tuple[Driver, Event]:
    """Account 1 is long 50 at mark 94 with E 200 of M 235, and has an order to sell 10."""
    driver = holder(50, 500, 10_000, **market)
    order = only(driver.mark(94), EventKind.LIQUIDATION_ORDER)
    assert (order.size_lots, order.side) == (10, Side.SHORT)
    return driver, order


def refused_fill(
    driver: Driver, lots: int, price_ticks: int, *, buyer: int = RICH, seller: int = 1
) -> Rejection:
    row = (1, buyer, seller, price_ticks, lots, 0, 0, 1)
    return driver.refuse("trades", *((value,) for value in row))


@pytest.mark.rule("GD-12", "WF-14")
@pytest.mark.parametrize("lots", [11, 50, 70])
def test_a_liquidation_order_is_not_overfilled(lots: int) -> None:
    """An order of 10 of 50 that was filled with 70 left a short of 20 (bytex 26)."""
    driver, _ = liquidated()
    expected = Rejection(0, RejectReason.LIQUIDATION_OVERFILL, "size_lots", lots, 10, 1)
    assert refused_fill(driver, lots, 94) == expected
    driver.trade(RICH, 1, 4, 94, fills=1)
    expected = Rejection(0, RejectReason.LIQUIDATION_OVERFILL, "size_lots", 7, 6, 1)
    assert refused_fill(driver, 7, 94) == expected
    driver.trade(RICH, 1, 6, 94, fills=1)
    assert (driver.lots(1), driver.account(1).state) == (40, AccountState.MARGIN_CALL)


@pytest.mark.rule("GD-12", "WF-14", "WF-17")
def test_a_fill_is_no_worse_than_the_limit_of_its_order() -> None:
    """An order with a limit of 90 that was filled at 20 had the fund pay 540 (dYdX 171)."""
    driver, order = liquidated()
    limit = order.price_ticks
    for price in (20, limit - 1):
        expected = Rejection(0, RejectReason.LIQUIDATION_PRICE, "price_ticks", price, limit, 1)
        assert refused_fill(driver, 10, price) == expected
    again = driver.fork()
    events = driver.trade(RICH, 1, 10, limit, fills=1)
    assert only(events, EventKind.LIQUIDATION_FILL).size_lots == 10
    # Sent again without the order's id it is a trade like any other, and the order stays open.
    assert "LIQUIDATION_FILL" not in kinds(again.trade(RICH, 1, 1, limit - 1))
    (open_order,) = again.engine.open_liquidations(0, 9)
    assert (open_order.size_lots, open_order.filled_lots) == (10, 0)
    # At 20 it costs its buyer what account 1 has not: E 198 - 9 * 74 = -468.
    repriced = only(again.trade(RICH, 1, 9, 20), EventKind.TRADE_REPRICED)
    assert (repriced.counterparty_account_id, repriced.amount_atoms) == (RICH, 468)
    assert money(again, 1, FUND) == [0, 10_000]


@pytest.mark.rule("GD-12")
def test_a_fill_of_a_buying_order_pays_no_more_than_its_limit() -> None:
    driver = venue(10_000)
    driver.deposit(1, 500)
    driver.trade(RICH, 1, 50, 100)
    order = only(driver.mark(106), EventKind.LIQUIDATION_ORDER)
    limit, lots = order.price_ticks, order.size_lots
    assert order.side == Side.LONG
    expected = Rejection(0, RejectReason.LIQUIDATION_PRICE, "price_ticks", limit + 1, limit, 1)
    assert refused_fill(driver, lots, limit + 1, buyer=1, seller=RICH) == expected
    expected = Rejection(0, RejectReason.LIQUIDATION_SIDE, "seller_account_id", 1, Side.LONG, 1)
    assert refused_fill(driver, lots, limit) == expected
    driver.trade(1, RICH, lots, limit, fills=1)
    assert driver.lots(1) == lots - 50


@pytest.mark.rule("GD-12")
def test_a_fill_has_the_account_on_the_side_of_its_order() -> None:
    driver, _ = liquidated()
    expected = Rejection(0, RejectReason.LIQUIDATION_SIDE, "buyer_account_id", 1, Side.SHORT, 1)
    assert refused_fill(driver, 10, 94, buyer=1, seller=RICH) == expected


@pytest.mark.rule("GD-6", "GD-12", "GD-15", "QS-1")
def test_a_step_that_is_raised_under_positions_leaves_nobody_stuck() -> None:
    """With 15 lots and a step of 10 nothing could be closed (vega 96, left-curve 1782)."""
    driver = holder(15, 10_000)
    driver.market(size_step_lots=10)
    off_step = Rejection(0, RejectReason.OFF_STEP, "size_lots", 5, 10)
    assert sell(driver, 5, 100).rejection == off_step
    assert sell(driver, 15, 100).rejection is None
    row = (1, RICH, 1, 100, 5, 0, 0, 0)
    assert driver.refuse("trades", *((value,) for value in row)) == off_step
    in_steps, by_delta, as_it_is = driver.fork(), driver.fork(), driver.fork()
    driver.trade(RICH, 1, 15, 100)
    assert driver.lots(1) == 0
    in_steps.trade(RICH, 1, 10, 100)
    in_steps.trade(RICH, 1, 5, 100)
    assert in_steps.lots(1) == 0
    by_delta.update(1, -15, 100, mode=DELTA)
    assert by_delta.lots(1) == 0
    assert as_it_is.update(1, 15, 100, mode=ABSOLUTE) == []


@pytest.mark.rule("GD-12", "QS-1")
def test_a_size_off_the_step_closes_and_never_opens() -> None:
    driver = holder(15, 10_000)
    driver.deposit(2, 10_000)
    driver.trade(2, RICH, 24, 100)
    driver.market(size_step_lots=10)
    # Neither adding as much again nor turning the position is closing it.
    for account_id, lots in ((1, 24), (2, 15)):
        expected = Rejection(0, RejectReason.OFF_STEP, "size_lots", lots, 10)
        assert sell(driver, lots, 100, account_id).rejection == expected
        row = (1, account_id, RICH, 100, lots, 0, 0, 0)
        assert driver.refuse("trades", *((value,) for value in row)) == expected
    bought = driver.engine.check_order(1, 1, Side.LONG, 15, 100, False)
    assert bought.rejection == Rejection(0, RejectReason.OFF_STEP, "size_lots", 15, 10)
    # One side that closes is enough: the other one is left with 15 less.
    held = driver.lots(RICH)
    driver.trade(RICH, 1, 15, 100)
    assert (driver.lots(1), driver.lots(RICH)) == (0, held + 15)


@pytest.mark.rule("WF-7", "GD-12")
def test_the_engine_orders_whole_steps_or_the_whole_position() -> None:
    """An order of 6 lots could not be filled where the step was 10 (left-curve 1782)."""
    driver = holder(16, 160, 10_000)
    driver.market(size_step_lots=10)
    # E 64 of M 76: with 12 lots it would have its buffer again, and a step is 10.
    order = only(driver.mark(94), EventKind.LIQUIDATION_ORDER)
    assert order.size_lots == 10
    driver.trade(RICH, 1, 10, 94, fills=1)
    assert driver.lots(1) == 6
    # E 22 of M 27, and 6 lots are less than a step: the order is for all of them, and is filled.
    order = only(driver.mark(87), EventKind.LIQUIDATION_ORDER)
    assert order.size_lots == 6
    driver.trade(RICH, 1, 6, 87, fills=2)
    assert driver.lots(1) == 0
