"""Parts of a whole (LS-5, LS-14, LS-17): rounded down, the rest by largest remainder."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def exact_parts(whole: int, weights: Sequence[int], ties: Sequence[int] = ()) -> list[int]:
    """Return the part of each weight; of equal remainders the lowest tie, or the first, gets one.

    All parts are 0 when there is nothing to weigh by.
    """
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    shares = [Fraction(whole * weight, total) for weight in weights]
    parts = [floor(share) for share in shares]
    order = ties or range(len(parts))
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], order[i]))
    for index in by_remainder[: whole - sum(parts)]:
        parts[index] += 1
    assert sum(parts) == whole
    return parts
