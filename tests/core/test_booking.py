"""Booking of one position: money is kept, gains are rounded down, flips split the payment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.face import testing

LOTS = st.integers(-(2**40), 2**40)
NON_ZERO = LOTS.filter(bool)
ATOMS = st.integers(-(2**54), 2**54)


@given(LOTS, ATOMS, NON_ZERO, ATOMS)
def test_balance_less_cost_changes_by_what_was_paid(
    size: int, cost: int, bought: int, paid: int
) -> None:
    if size == 0:
        cost = 0
    new_size, new_cost, balance_change = testing.book_position(size, cost, bought, paid)
    assert new_size == size + bought
    assert balance_change - (new_cost - cost) == -paid


@given(LOTS, ATOMS, NON_ZERO, ATOMS)
def test_a_flat_position_has_no_cost(size: int, cost: int, bought: int, paid: int) -> None:
    held = size or 1
    assert testing.book_position(held, cost, -held, paid)[:2] == (0, 0)


@given(NON_ZERO, ATOMS, st.integers(1, 2**40), ATOMS)
def test_realised_gain_is_rounded_down(size: int, cost: int, close: int, paid: int) -> None:
    close = min(close, abs(size))
    bought = -close if size > 0 else close
    _, new_cost, balance_change = testing.book_position(size, cost, bought, paid)
    # Exactly: gain = -paid - cost * close / |size|.
    scaled_gain = -paid * abs(size) - cost * close
    assert balance_change == scaled_gain // abs(size)
    assert abs(new_cost) <= abs(cost)


@given(NON_ZERO, st.integers(1, 10**4), st.integers(1, 2**40), st.integers(1, 10**4))
def test_a_flip_by_a_trade_is_exact(size: int, entry: int, beyond: int, price: int) -> None:
    bought = -size - beyond if size > 0 else -size + beyond
    new_size, new_cost, balance_change = testing.book_position(
        size, size * entry, bought, bought * price
    )
    assert new_size == size + bought
    assert new_cost == new_size * price
    assert balance_change == size * (price - entry)


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
