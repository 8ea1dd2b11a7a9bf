"""Liquidation and bankruptcy prices, checked by going there."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from riskengine.core.enums import AccountState, EventKind
from riskengine.core.types import Event
from tests.core.driver import Driver

FLAT = [(0, 100_000, 50_000)]
STEEP = [(0, 20_000, 10_000), (5_000, 200_000, 100_000), (20_000, 1_000_000, 900_000)]
MAX_PRICE = 2_000


def holder(size: int, entry: int, deposit: int, tiers: list[tuple[int, int, int]]) -> Driver:
    driver = Driver()
    driver.market(tiers=tiers, max_price_ticks=MAX_PRICE)
    driver.market(2)
    driver.marks({1: entry, 2: 100})
    driver.deposit(1, deposit)
    driver.deposit(2, 10**9)
    if size > 0:
        driver.trade(1, 2, size, entry)
    else:
        driver.trade(2, 1, -size, entry)
    return driver


def is_liquidated(driver: Driver, mark: int) -> bool:
    fork = driver.fork()
    events = fork.mark(mark)
    return EventKind.CANCEL_ORDERS in {event.kind for event in events if event.account_id == 1}


@pytest.mark.rule("QS-7")
@given(
    size=st.integers(1, 100),
    entry=st.integers(1, 1_000),
    deposit=st.integers(1, 50_000),
    tiers=st.sampled_from([FLAT, STEEP]),
    is_long=st.booleans(),
    other=st.integers(-50, 50),
)
def test_at_the_liquidation_price_the_account_is_liquidated_one_tick_safer_it_is_not(
    size: int,
    entry: int,
    deposit: int,
    tiers: list[tuple[int, int, int]],
    is_long: bool,
    other: int,
) -> None:
    driver = holder(size if is_long else -size, entry, deposit, tiers)
    if other > 0:
        driver.trade(1, 2, other, 100, market_id=2)
    elif other < 0:
        driver.trade(2, 1, -other, 100, market_id=2)
    assume(driver.engine.counters().liquidations_started == 0)
    price = driver.position(1).liquidation_price_ticks
    worse = 1 if is_long else MAX_PRICE
    if price == 0:
        assert not is_liquidated(driver, worse)
        return
    assert 1 <= price <= MAX_PRICE
    assert is_liquidated(driver, price)
    safer = price + 1 if is_long else price - 1
    # No other price lies between the mark, where it is safe, and the liquidation price.
    assert not is_liquidated(driver, safer)


@pytest.mark.rule("QS-7")
@pytest.mark.parametrize(
    ("size", "entry", "deposit", "price"),
    [
        pytest.param(10, 100, 100, 94, id="100 + 10 (p - 100) < 0.5 p: p < 94.7"),
        pytest.param(10, 100, 955, 4, id="955 - 1000 + 10 p < ceil(0.5 p): p = 4, not 5"),
        pytest.param(10, 100, 1_000, 0, id="fully paid: never"),
        pytest.param(-10, 100, 100, 105, id="100 - 10 (p - 100) < 0.5 p: p > 104.76"),
        pytest.param(-10, 100, 21_000, 0, id="beyond the highest price: 22,000 / 10.5 > 2,000"),
        pytest.param(-10, 100, 19_990, 2_000, id="20,990 < 10.5 p: only at the highest, 1999.05"),
        pytest.param(1, 1, 1, 0, id="one lot at one tick"),
    ],
)
def test_liquidation_price_table(size: int, entry: int, deposit: int, price: int) -> None:
    driver = holder(size, entry, deposit, FLAT)
    assert driver.position(1).liquidation_price_ticks == price


@pytest.mark.rule("QS-7")
@pytest.mark.parametrize(
    ("size", "deposit", "price"),
    [
        pytest.param(100, 4_000, 61, id="tier 1 at the root: -6000 + 100 p < 10 p - 450, p < 61.7"),
        pytest.param(100, 7_000, 30, id="tier 0 at the root: -3000 + 100 p < p, p < 30.3"),
        pytest.param(-100, 4_000, 132, id="tier 1: 14000 - 100 p < 10 p - 450, p > 131.4"),
    ],
)
def test_the_tier_is_that_of_the_root(size: int, deposit: int, price: int) -> None:
    driver = holder(size, 100, deposit, STEEP)
    assert driver.position(1).liquidation_price_ticks == price


@pytest.mark.rule("QS-7")
def test_the_price_of_a_liquidated_account_lies_on_the_other_side_of_the_mark() -> None:
    driver = holder(10, 100, 100, FLAT)
    driver.mark(94)
    assert driver.account(1).state == AccountState.LIQUIDATING
    driver.mark(93)
    assert driver.position(1).liquidation_price_ticks == 94


@pytest.mark.rule("QS-8")
@pytest.mark.parametrize(
    ("size", "deposit", "mark", "price"),
    [
        pytest.param(10, 500, 100, 50, id="long: 100 - 500 / 10"),
        pytest.param(10, 501, 100, 50, id="long: up, 49.9"),
        pytest.param(10, 499, 100, 51, id="long: up, 50.1"),
        pytest.param(10, 500, 110, 50, id="long: no matter where the mark is"),
        pytest.param(10, 2_000, 100, 0, id="long: never below nothing"),
        pytest.param(-10, 500, 100, 150, id="short: 100 + 500 / 10"),
        pytest.param(-10, 501, 100, 150, id="short: down, 150.1"),
        pytest.param(-10, 499, 100, 149, id="short: down, 149.9"),
        pytest.param(-10, 500, 110, 150, id="short: no matter where the mark is"),
    ],
)
def test_bankruptcy_price_of_the_only_leg(size: int, deposit: int, mark: int, price: int) -> None:
    driver = holder(size, 100, deposit, FLAT)
    driver.mark(mark)
    assert driver.position(1).bankruptcy_price_ticks == price


@pytest.mark.rule("QS-8")
def test_bankruptcy_prices_share_the_equity_by_maintenance() -> None:
    driver = holder(30, 100, 1_000, FLAT)
    driver.trade(2, 1, 10, 100, market_id=2)
    # MM = 150 + 50; E * 150 / 200 = 750 on 30 lots, 250 on 10.
    prices = [position.bankruptcy_price_ticks for position in driver.account(1).positions]
    assert prices == [100 - 750 // 30, 100 + 250 // 10]


@pytest.mark.rule("QS-8")
@pytest.mark.parametrize("size", [7, -7])
@pytest.mark.parametrize("deposit", [60, 100, 137])
def test_closing_at_the_bankruptcy_price_leaves_nothing_and_no_debt(
    size: int, deposit: int
) -> None:
    driver = holder(size, 100, deposit, FLAT)
    price = driver.position(1).bankruptcy_price_ticks
    buyer, seller = (2, 1) if size > 0 else (1, 2)

    def closed_at(ticks: int) -> tuple[int, list[Event]]:
        fork = driver.fork()
        events = fork.trade(buyer, seller, abs(size), ticks)
        return fork.account(1).balance_atoms, events

    balance, events = closed_at(price)
    assert 0 <= balance < abs(size)
    assert events == []
    worse = price - 1 if size > 0 else price + 1
    balance, (repriced,) = closed_at(worse)
    assert balance == 0
    assert repriced.equity_atoms < 0


def test_a_fund_has_prices_too() -> None:
    driver = holder(10, 100, 60, FLAT)
    driver.fund_deposit(1_000)
    driver.mark(90)
    fund = driver.engine.account(driver.fund().account_id)
    assert fund is not None
    (position,) = fund.positions
    # It paid 40 and took over at 900: E(p) = 960 - 900 + 10 p, above MM(p) at every p.
    assert (position.cost_atoms, position.liquidation_price_ticks) == (900, 0)
