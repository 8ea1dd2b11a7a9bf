"""Parts of a whole by weights: exact to the unit, by largest remainder."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.face.loss_testing import exact_parts, exact_parts_by_id

WEIGHTS = st.lists(st.integers(0, 2**55), max_size=40)
FEW = st.lists(st.integers(0, 3), max_size=12)
WHOLE = st.integers(0, 2**62)


@pytest.mark.parametrize(
    ("weights", "whole", "parts"),
    [
        pytest.param([], 5, [], id="nobody"),
        pytest.param([0, 0], 5, [0, 0], id="no weight at all"),
        pytest.param([1, 1, 1], 0, [0, 0, 0], id="nothing to share"),
        pytest.param([1, 1, 1], 4, [2, 1, 1], id="equal remainders: the first"),
        pytest.param([1, 3, 3], 2, [0, 1, 1], id="2/7, 6/7, 6/7: the largest"),
        pytest.param([2, 0, 3], 5, [2, 0, 3], id="as much as there is"),
        pytest.param([1, 2], 9, [3, 6], id="more than there is"),
        pytest.param([2**62, 2**62], 2**62 + 1, [2**61 + 1, 2**61], id="128 bits"),
    ],
)
def test_parts(weights: list[int], whole: int, parts: list[int]) -> None:
    assert exact_parts(weights, whole) == parts


@given(WEIGHTS | FEW, WHOLE | st.integers(0, 40))
def test_parts_are_those_of_the_largest_remainder(weights: list[int], whole: int) -> None:
    total = sum(weights)
    parts = exact_parts(weights, whole)
    if total == 0:
        assert parts == [0] * len(weights)
        return
    exact = [Fraction(whole * weight, total) for weight in weights]
    wanted = [floor(part) for part in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: (wanted[i] - exact[i], i))
    for index in by_remainder[: whole - sum(wanted)]:
        wanted[index] += 1
    assert parts == wanted
    assert sum(parts) == whole
    if whole <= total:
        assert all(part <= weight for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize(
    ("weights", "ids", "whole", "parts"),
    [
        pytest.param([1, 1, 1], [9, 3, 5], 1, [0, 1, 0], id="the lowest id"),
        pytest.param([1, 1, 1], [9, 3, 5], 5, [1, 2, 2], id="and the next"),
        pytest.param([3, 1, 3], [9, 3, 5], 1, [0, 0, 1], id="of the largest remainder"),
        pytest.param([0, 1, 0], [1, 2, 3], 7, [0, 7, 0], id="without weight nothing"),
        pytest.param([0, 0], [1, 2], 7, [0, 0], id="no weight at all"),
    ],
)
def test_ties_go_by_id(weights: list[int], ids: list[int], whole: int, parts: list[int]) -> None:
    assert exact_parts_by_id(weights, ids, whole) == parts
