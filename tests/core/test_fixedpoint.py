"""Fixed-point arithmetic against Python's unbounded integers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.face import testing

INT64 = st.integers(-(2**63), 2**63 - 1)
INT128 = st.integers(-(2**127), 2**127 - 1) | st.sampled_from(
    [
        edge + step
        for edge in (-(2**127) + 2, -(2**64), -(2**63), 0, 2**63, 2**64, 2**127 - 3)
        for step in (-2, -1, 0, 1, 2)
    ]
)
DIVISOR64 = st.integers(1, 2**63 - 1) | st.sampled_from([1, 2, 10**6, 2**62, 2**63 - 1])
DIVISOR128 = DIVISOR64 | st.integers(1, 2**127 - 1)


def ceil_div(numerator: int, divisor: int) -> int:
    return -(-numerator // divisor)


@given(INT128, DIVISOR128)
def test_div_rounds_as_its_name_says(numerator: int, divisor: int) -> None:
    assert testing.div_floor(numerator, divisor) == numerator // divisor
    assert testing.div_ceil(numerator, divisor) == ceil_div(numerator, divisor)


@given(st.integers(-(2**62), 2**62), DIVISOR64, st.integers(-1, 1))
def test_div_is_exact_next_to_multiples(quotient: int, divisor: int, step: int) -> None:
    numerator = quotient * divisor + step
    assert testing.div_floor(numerator, divisor) == numerator // divisor
    assert testing.div_ceil(numerator, divisor) == ceil_div(numerator, divisor)


@given(
    st.integers(0, 2**63 * 10**6 - 10**6)
    | st.sampled_from([2**63 + step for step in (-(10**6), -1, 0, 1, 10**6)])
)
def test_from_ppm_rounds_as_its_name_says(amount_ppm: int) -> None:
    assert testing.from_ppm_floor(amount_ppm) == amount_ppm // 10**6
    assert testing.from_ppm_ceil(amount_ppm) == ceil_div(amount_ppm, 10**6)


@given(INT64, INT64, DIVISOR64)
def test_mul_div_forms_the_product_in_128_bits(a: int, b: int, divisor: int) -> None:
    floor, ceil = a * b // divisor, ceil_div(a * b, divisor)
    if floor >= -(2**63) and ceil < 2**63:
        assert testing.mul_div_floor(a, b, divisor) == floor
        assert testing.mul_div_ceil(a, b, divisor) == ceil


@pytest.mark.parametrize(
    ("a", "b", "divisor", "floor", "ceil"),
    [
        (2**62, 2**62, 2**62, 2**62, 2**62),
        (2**63 - 1, 2**63 - 1, 2**63 - 1, 2**63 - 1, 2**63 - 1),
        (-(2**63), 2**63 - 1, 2**63 - 1, -(2**63), -(2**63)),
        (7, 1, 2, 3, 4),
        (-7, 1, 2, -4, -3),
        (-1, 1, 2**62, -1, 0),
        (1, 1, 2**62, 0, 1),
        (0, -5, 3, 0, 0),
    ],
)
def test_mul_div_at_edges(a: int, b: int, divisor: int, floor: int, ceil: int) -> None:
    assert testing.mul_div_floor(a, b, divisor) == floor
    assert testing.mul_div_ceil(a, b, divisor) == ceil


@given(st.integers(-(2**62), 2**62), st.integers(1, 2**30))
def test_rounding_to_steps(value: int, step: int) -> None:
    down, up = testing.round_down_to(value, step), testing.round_up_to(value, step)
    assert down % step == up % step == 0
    assert value - step < down <= value <= up < value + step
