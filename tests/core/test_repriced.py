"""Trades at a price worse than mark that would leave a side below zero."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.enums import AccountState, EventKind, RejectReason, Side
from riskengine.core.types import Event, Rejection
from tests.core.driver import FUND_ACCOUNT, Driver, kinds, only

TAKER, FRIEND, HOLDER = 1, 2, 3
FUND = FUND_ACCOUNT + 1
RICH = 10**9


def venue(deposit: int, fund: int = 0, **market: Any) -> Driver:
    """Return an engine at a mark of 100, in which the holder is rich."""
    driver = Driver()
    driver.market(**market)
    driver.mark(100)
    driver.deposit(TAKER, deposit)
    driver.deposit(FRIEND, 10_000)
    driver.deposit(HOLDER, RICH)
    if fund:
        driver.fund_deposit(fund)
    return driver


def repriced(events: list[Event]) -> list[int]:
    return [event.amount_atoms for event in events if event.kind == EventKind.TRADE_REPRICED]


def owed(driver: Driver) -> int:
    """Return what all accounts and the fund are worth below zero."""
    views = [driver.account(each) for each in (TAKER, FRIEND, HOLDER, FUND)]
    return sum(max(0, -view.equity_atoms) for view in views)


@pytest.mark.rule("BK-6")
def test_the_evidence_is_of_before_the_payment() -> None:
    driver = venue(100)
    driver.trade(TAKER, HOLDER, 10, 100)
    told = only(driver.trade(FRIEND, TAKER, 6, 20), EventKind.TRADE_REPRICED)
    assert (told.account_id, told.counterparty_account_id) == (TAKER, FRIEND)
    assert (told.market_id, told.side, told.size_lots) == (1, Side.SHORT, 6)
    assert (told.price_ticks, told.mark_price_ticks) == (20, 100)
    # 100 - 6 * 80 = -380; 4 lots stay.
    assert (told.equity_atoms, told.amount_atoms) == (-380, 380)
    assert (told.position_lots, told.maintenance_atoms, told.tier) == (4, 20, 0)


@pytest.mark.rule("BK-6")
def test_ten_orders_that_fill_in_one_batch() -> None:
    """On 40 paid in: the first is paid from it, the second in part, the others are the friend's."""
    driver = venue(40, fund=10_000, tiers=((0, 20_000, 10_000),))
    rows = ((1,) * 10, (TAKER,) * 10, (FRIEND,) * 10, (105,) * 10, (5,) * 10, (), (), ())
    events = driver.do("trades", *rows)
    assert repriced(events) == [10, *[25] * 8]
    assert driver.fund().equity_atoms == 10_000
    assert driver.account(FRIEND).equity_atoms == 10_000 + 40
    assert driver.account(TAKER).equity_atoms == owed(driver) == 0
    (counters,) = driver.engine.counters().markets
    assert (counters.repriced_trades, counters.repriced_atoms) == (9, 210)


@pytest.mark.rule("BK-6")
def test_a_loss_with_a_friend_is_not_the_holder_of_another_market() -> None:
    """A junk leg is dumped; the holder of a lot of a major market closes it at the mark."""
    driver = venue(20_000)
    driver.market(2, max_price_ticks=10**8)
    driver.mark(60_000, 2)
    driver.trade(TAKER, HOLDER, 1, 60_000, 2)
    driver.trade(TAKER, FRIEND, 1_000, 100)
    events = driver.trade(FRIEND, TAKER, 1_000, 1)
    assert repriced(events) == [99_000 - 20_000]
    order = only(events, EventKind.LIQUIDATION_ORDER)
    closed = only(driver.report(order.liquidation_id), EventKind.AUTO_DELEVERAGE)
    assert (closed.counterparty_account_id, closed.price_ticks) == (HOLDER, 60_000)
    assert driver.account(HOLDER).equity_atoms == RICH
    assert driver.account(FRIEND).equity_atoms == 10_000 + 20_000
    assert owed(driver) == 0


@pytest.mark.rule("BK-6")
@pytest.mark.parametrize(
    ("fee", "amount", "equity"),
    [
        pytest.param(0, 0, 0, id="E = 0"),
        pytest.param(1, 1, 0, id="E = -1"),
        pytest.param(100, 100, 0, id="E = -100 = -T"),
        pytest.param(101, 100, -1, id="E = -101: T is all that the price took"),
        pytest.param(-1, 0, 1, id="a rebate"),
    ],
)
def test_at_most_what_the_price_took(fee: int, amount: int, equity: int) -> None:
    driver = venue(100)
    driver.trade(TAKER, HOLDER, 10, 100)
    events = driver.trade(FRIEND, TAKER, 10, 90, fees=(0, fee))
    assert repriced(events) == [amount] * (amount > 0)
    assert driver.account(TAKER).equity_atoms == equity
    assert driver.account(FRIEND).equity_atoms == 10_000 + 100 - amount


@pytest.mark.rule("BK-6")
@pytest.mark.parametrize("price", [100, 101, 10**6])
def test_a_price_better_than_mark_pays_nothing_back(price: int) -> None:
    driver = venue(100)
    driver.trade(TAKER, HOLDER, 10, 100)
    driver.deposit(FRIEND, 10**8)
    events = driver.trade(FRIEND, TAKER, 10, price, fees=(0, 200 + 10 * (price - 100)))
    assert repriced(events) == []
    assert driver.account(TAKER).equity_atoms == -100
    assert driver.account(TAKER).state == AccountState.BANKRUPT


@pytest.mark.rule("BK-6")
def test_who_is_below_zero_trades_at_the_mark() -> None:
    driver = venue(100)
    driver.trade(TAKER, HOLDER, 10, 100)
    driver.trade(FRIEND, TAKER, 10, 100, fees=(0, 150))
    assert driver.account(TAKER).state == AccountState.BANKRUPT
    told = only(driver.trade(TAKER, FRIEND, 1, 110), EventKind.TRADE_REPRICED)
    assert (told.equity_atoms, told.amount_atoms) == (-50 - 10, 10)


@pytest.mark.rule("BK-6")
def test_a_fund_is_a_side_like_others() -> None:
    driver = venue(100, fund=100)
    driver.trade(FUND, HOLDER, 10, 100)
    events = driver.trade(FRIEND, FUND, 10, 80)
    assert repriced(events) == [100]
    assert driver.fund().balance_atoms == 0


@pytest.mark.rule("BK-6")
def test_a_market_can_leave_its_trades_as_they_are() -> None:
    driver = venue(100, fund=10_000)
    driver.trade(TAKER, HOLDER, 10, 100)
    driver.market(reprices_trades=0)
    assert "TRADE_REPRICED" not in kinds(driver.trade(FRIEND, TAKER, 10, 1))
    assert driver.fund().balance_atoms == 10_000 - 890
    assert driver.account(FRIEND).equity_atoms == 10_000 + 990


def loaded(balance: int) -> Driver:
    """Return a live venue in which the taker is long 10 and account 4 has that balance."""
    driver = Driver()
    driver.market()
    driver.begin_loading()
    driver.load(TAKER, 100)
    driver.load(HOLDER, RICH)
    driver.load(4, balance, debt_market_id=1)
    driver.mark(100)
    driver.load_position(TAKER, 10, 1_000)
    driver.load_position(HOLDER, -10, -1_000)
    driver.go_live()
    return driver


@pytest.mark.rule("BK-6", "GD-14", "BD-6")
@pytest.mark.parametrize(("room", "is_booked"), [(9, False), (10, True), (11, True)])
def test_a_payment_past_the_bound_refuses_the_trade(room: int, is_booked: bool) -> None:
    """E = 100 - 110: account 4 is to pay 10, and has room for so much."""
    driver = loaded(-(2**60) + room)
    row = ((1,), (4,), (TAKER,), (89,), (10,), (), (), ())
    if is_booked:
        assert repriced(driver.do("trades", *row)) == [10]
        return
    refusal = driver.refuse("trades", *row)
    assert refusal == Rejection(0, RejectReason.OVERFLOW, "price_ticks", 89, 2**60)
    # At a price that leaves the taker at zero nothing is to be paid.
    assert repriced(driver.trade(4, TAKER, 10, 90)) == []


@pytest.mark.rule("BK-6")
@given(
    deposit=st.integers(1, 2_000),
    held=st.integers(-20, 20),
    size=st.integers(1, 40),
    price=st.integers(1, 300),
    fees=st.tuples(st.integers(-50, 50), st.integers(-50, 50)),
    buys=st.booleans(),
)
def test_one_side_is_not_moved_below_zero_and_the_other_has_the_mark(
    deposit: int, held: int, size: int, price: int, fees: tuple[int, int], buys: bool
) -> None:
    driver = venue(deposit)
    # Whatever is below maintenance waits for its order: nothing else moves an account.
    driver.risk(take_over_ppm=500_000)
    if held > 0:
        driver.trade(TAKER, HOLDER, held, 100)
    elif held < 0:
        driver.trade(HOLDER, TAKER, -held, 100)
    sides = (TAKER, FRIEND) if buys else (FRIEND, TAKER)
    before = {each: driver.account(each).equity_atoms for each in sides}
    events = driver.trade(*sides, size, price, fees=fees)
    amounts = repriced(events)
    worse = (price - 100) * size
    for account_id, lost, fee in zip(sides, (worse, -worse), fees, strict=True):
        left = before[account_id] - lost - fee
        amount = min(max(0, lost), max(0, -left))
        told = [event for event in events if event.kind == EventKind.TRADE_REPRICED]
        mine = [event.amount_atoms for event in told if event.account_id == account_id]
        assert mine == [amount] * (amount > 0)
    assert len(amounts) <= 1
