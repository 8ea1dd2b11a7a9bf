"""Bounds that are reached only by a state of their own: totals, costs, positions, and notional."""

import pytest

from riskengine.core.engine import bounds
from riskengine.core.enums import PositionUpdateMode, RejectReason
from riskengine.core.types import Rejection
from tests.core.driver import Driver

OVERFLOW = RejectReason.OVERFLOW
LARGEST = 2**54
MOST_POSITIONS = 128


@pytest.mark.rule("BD-10")
def test_bounds_are_those_of_the_page() -> None:
    assert bounds() == {
        "max_id": 2**62 - 1,
        "fund_account_base": 2**62,
        "max_notional_atoms": 2**54,
        "max_balance_atoms": 2**60,
        "max_side_total_lots": 2**61,
        "max_positions_per_account": 128,
        "max_accounts": 2**30,
        "max_assets": 16,
        "max_markets": 4_096,
        "max_funds": 4_096,
        "max_tiers": 16,
        "max_rows": 65_536,
    }


@pytest.mark.rule("BD-9", "GD-14")
@pytest.mark.parametrize("side", [1, -1])
def test_total_of_a_side(side: int) -> None:
    """2^61 is the largest total before a row; the row itself may pass it."""
    driver = Driver()
    driver.market(
        max_price_ticks=1,
        max_position_lots=LARGEST,
        tiers=[(0, 1, 1)],
    )
    driver.mark(1)
    accounts = tuple(range(1, 131))
    driver.do("deposits", accounts, (1,) * 130, (2**55,) * 130)
    full = side * LARGEST

    def add(ids: tuple[int, ...], size: int) -> None:
        count = len(ids)
        driver.do(
            "position_updates",
            PositionUpdateMode.DELTA,
            ids,
            (1,) * count,
            (size,) * count,
            (1,) * count,
        )

    add(accounts[:128], full)
    (market,) = driver.engine.markets()
    assert max(market.long_lots, market.short_lots) == 2**61
    add(accounts[128:129], full)
    for account_id, size in ((130, full), (130, 1), (1, -full)):
        row = ((account_id,), (1,), (size,), (1,))
        refusal = driver.refuse("position_updates", PositionUpdateMode.DELTA, *row)
        assert refusal == Rejection(0, OVERFLOW, "size_lots", size, 2**61)
    columns = [(value,) for value in (1, 130, 129, 1, 1)]
    refusal = driver.refuse("trades", *columns, (), (), ())
    assert refusal == Rejection(0, OVERFLOW, "size_lots", 1, 2**61)


@pytest.mark.rule("BD-4", "GD-14")
def test_cost_of_a_position() -> None:
    """Nobody pays more than the highest price, but one who is brought over may have: 4 a lot."""
    driver = Driver()
    half = LARGEST // 2
    driver.market(max_price_ticks=2, max_position_lots=half, tiers=[(0, 2, 2)])
    driver.mark(2)
    driver.begin_loading()
    for account_id in (1, 2):
        driver.load(account_id, 2**58)
    driver.load_position(1, half // 2, LARGEST)
    driver.load_position(2, -half // 2, -half)
    driver.go_live()
    refusal = driver.refuse("trades", (1,), (1,), (2,), (1,), (1,), (), (), ())
    assert refusal == Rejection(0, OVERFLOW, "price_ticks", 1, LARGEST)
    driver.trade(2, 1, 1, 2)
    driver.trade(1, 2, 2, 2)
    assert driver.position(1).cost_atoms == LARGEST


@pytest.fixture(scope="module")
def wide() -> Driver:
    """1 has a position in each of 128 markets; there are two more."""
    driver = Driver()
    for market_id in range(1, MOST_POSITIONS + 3):
        driver.market(market_id)
    driver.marks(dict.fromkeys(range(1, MOST_POSITIONS + 3), 100))
    driver.deposit(1, 2**60)
    driver.deposit(2, 2**60)
    markets = tuple(range(1, MOST_POSITIONS + 1))
    rows = len(markets)
    ones = (1,) * rows
    driver.do("position_updates", PositionUpdateMode.DELTA, ones, markets, ones, (100,) * rows)
    return driver


@pytest.mark.rule("BD-5", "GD-14")
@pytest.mark.parametrize("mode", [PositionUpdateMode.DELTA, PositionUpdateMode.ABSOLUTE])
def test_a_129th_position(wide: Driver, mode: PositionUpdateMode) -> None:
    driver = wide.fork()
    capacity = Rejection(0, RejectReason.CAPACITY, "market_id", 129, MOST_POSITIONS, 1)
    assert len(driver.account(1).positions) == MOST_POSITIONS
    assert driver.refuse("position_updates", mode, (1,), (129,), (5,), (100,)) == capacity
    driver.update(1, 2, 100, market_id=128)
    driver.update(1, -1, 100, market_id=1)
    driver.update(1, 5, 100, market_id=129, mode=mode)
    assert len(driver.account(1).positions) == MOST_POSITIONS
    refused = driver.refuse("position_updates", mode, (1,), (1,), (5,), (100,))
    assert refused == capacity._replace(value=1)


@pytest.mark.rule("BD-5", "GD-14", "QS-3")
def test_a_129th_position_by_a_trade(wide: Driver) -> None:
    driver = wide.fork()
    capacity = Rejection(0, RejectReason.CAPACITY, "market_id", 129, MOST_POSITIONS, 1)
    for buyer, seller, fees in ((1, 2, (0, 0)), (2, 1, (0, 0)), (1, 2, (-2, 0))):
        row = (129, buyer, seller, 100, 5, *fees, 0)
        # Capacity comes before the bound of the balance, which a rebate of 2 would pass.
        assert driver.refuse("trades", *((value,) for value in row)) == capacity
    order = driver.engine.check_order(1, 129, 1, 5, 100, False)
    assert order.rejection == capacity
    assert (
        driver.refuse("trades", *((value,) for value in (129, 1, 2, 100, 10**6, 0, 0, 0)))
        == capacity
    )
    driver.trade(1, 2, 5, 100, market_id=128)


@pytest.mark.rule("BD-3", "BD-6")
def test_bounds_of_a_market_leave_room_for_its_largest_position() -> None:
    """Notional, cost and margin at their largest: nothing wraps."""
    driver = Driver()
    driver.market(max_price_ticks=2**27, max_position_lots=2**27)
    driver.mark(2**27)
    gain = 2**27 * (2**27 - 1)
    driver.deposit(1, 2**60)
    driver.deposit(2, 2**60 - gain)
    driver.trade(1, 2, 2**27, 2**27)
    for mark in (2**27, 1):
        driver.mark(mark)
        long, short = driver.account(1), driver.account(2)
        assert long.equity_atoms + short.equity_atoms == 2**61 - gain
        assert long.notional_atoms == short.notional_atoms == 2**27 * mark
        assert long.maintenance_atoms == -(-(2**27) * mark * 5 // 100)
    driver.trade(2, 1, 2**27, 1)
    assert driver.account(1).balance_atoms == 2**60 - gain
    refusal = driver.refuse("deposits", (2,), (1,), (1,))
    assert refusal == Rejection(0, OVERFLOW, "amount_atoms", 1, 2**60)
