"""Booking of one position: money is kept, gains are rounded down, flips split the payment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.face import testing
from tests.core.driver import Driver

LOTS = st.integers(-(2**40), 2**40)
NON_ZERO = LOTS.filter(bool)
ATOMS = st.integers(-(2**54), 2**54)


@pytest.mark.rule("BK-5")
@given(LOTS, ATOMS, NON_ZERO, ATOMS)
def test_balance_less_cost_changes_by_what_was_paid(
    size: int, cost: int, bought: int, paid: int
) -> None:
    if size == 0:
        cost = 0
    new_size, new_cost, balance_change = testing.book_position(size, cost, bought, paid)
    assert new_size == size + bought
    assert balance_change - (new_cost - cost) == -paid


@pytest.mark.rule("ST-4")
@given(LOTS, ATOMS, NON_ZERO, ATOMS)
def test_a_flat_position_has_no_cost(size: int, cost: int, bought: int, paid: int) -> None:
    held = size or 1
    assert testing.book_position(held, cost, -held, paid)[:2] == (0, 0)


@pytest.mark.rule("BK-3")
@given(NON_ZERO, ATOMS, st.integers(1, 2**40), ATOMS)
def test_realised_gain_is_rounded_down(size: int, cost: int, close: int, paid: int) -> None:
    close = min(close, abs(size))
    bought = -close if size > 0 else close
    _, new_cost, balance_change = testing.book_position(size, cost, bought, paid)
    # Exactly: gain = -paid - cost * close / |size|.
    scaled_gain = -paid * abs(size) - cost * close
    assert balance_change == scaled_gain // abs(size)
    assert abs(new_cost) <= abs(cost)


@pytest.mark.rule("BK-4")
@given(NON_ZERO, st.integers(1, 10**4), st.integers(1, 2**40), st.integers(1, 10**4))
def test_a_flip_by_a_trade_is_exact(size: int, entry: int, beyond: int, price: int) -> None:
    bought = -size - beyond if size > 0 else -size + beyond
    new_size, new_cost, balance_change = testing.book_position(
        size, size * entry, bought, bought * price
    )
    assert new_size == size + bought
    assert new_cost == new_size * price
    assert balance_change == size * (price - entry)


@pytest.mark.rule("BK-2", "BK-3", "BK-4")
@pytest.mark.parametrize(
    ("before", "bought", "paid", "after"),
    [
        pytest.param((0, 0), 3, 30, (3, 30, 0), id="open"),
        pytest.param((0, 0), -3, -30, (-3, -30, 0), id="open short"),
        pytest.param((3, 31), 2, 20, (5, 51, 0), id="add"),
        pytest.param((3, 31), -1, -12, (2, 20, 1), id="reduce: 12 - ceil(31 / 3) = 1"),
        pytest.param((-3, -31), 1, 8, (-2, -21, 2), id="reduce short: -8 - ceil(-31 / 3) = 2"),
        pytest.param((3, 31), -3, -36, (0, 0, 5), id="close: 36 - 31"),
        pytest.param((3, 31), -5, -61, (-2, -25, 5), id="flip: ceil(-61 * 3 / 5) = -36; 36 - 31"),
        pytest.param((-3, -31), 4, 41, (1, 10, 0), id="flip short: ceil(41 * 3 / 4) = 31; 31 - 31"),
        pytest.param((3, 31), -1, 2, (2, 20, -13), id="a sale may cost money: -2 - 11"),
    ],
)
def test_booking_table(
    before: tuple[int, int], bought: int, paid: int, after: tuple[int, int, int]
) -> None:
    assert testing.book_position(*before, bought, paid) == after


@pytest.mark.parametrize("sign", [1, -1])
def test_booking_at_its_bounds_does_not_wrap(sign: int) -> None:
    size, cost = sign * 2**54, sign * 2**54
    assert testing.book_position(size, cost, -size, sign * 2**62) == (0, 0, -sign * 2**62 - cost)
    assert testing.book_position(size, cost, -sign, -sign * 2**54) == (
        size - sign,
        cost - sign,
        sign * 2**54 - sign,
    )


@pytest.mark.rule("BK-1", "MG-1")
def test_a_trade_books_its_size_at_its_price_on_both_sides() -> None:
    """Ticks of 0.01 and lots of 0.001 of an asset with 6 decimals: 10 atoms a tick on a lot."""
    driver = Driver(asset_exponent=-6)
    driver.market(tick_exponent=-2, lot_exponent=-3)
    driver.mark(210_000)
    for account_id in (1, 2):
        driver.deposit(account_id, 10**8)
    driver.trade(1, 2, 10, 200_000)
    costs = [driver.position(account_id).cost_atoms for account_id in (1, 2)]
    assert costs == [20_000_000, -20_000_000]
    # A lot is worth 2,100,000 at mark: each has gained or lost 10 * 100,000.
    assert [driver.account(account_id).equity_atoms for account_id in (1, 2)] == [
        10**8 + 1_000_000,
        10**8 - 1_000_000,
    ]
    assert driver.account(1).notional_atoms == 21_000_000
