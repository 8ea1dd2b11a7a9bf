"""A histogram of durations that costs a bisection and two additions an observation."""

from bisect import bisect_left
from collections.abc import Sequence

from riskengine.units import NANOS_PER_MICRO

APPLY_BOUNDS_NANOS = tuple(
    micros * NANOS_PER_MICRO
    for micros in (
        *(2, 5, 10, 20, 50, 100, 200, 500),
        *(1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 500_000),
    )
)
"""For work in memory: 2 us to 0.5 s."""

STORAGE_BOUNDS_NANOS = tuple(
    micros * NANOS_PER_MICRO
    for micros in (
        *(50, 100, 200, 500, 1_000, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 20_000, 30_000),
        *(50_000, 100_000, 200_000, 500_000, 1_000_000, 5_000_000),
    )
)
"""For what waits for storage: 50 us to 5 s, finest between 1 and 30 ms where a sync lies."""


class DurationHistogram:
    """Count durations in fixed buckets; a duration equal to a bound belongs below it.

    `counts` has one entry a bound, and a last one for what is above all bounds; they are not
    cumulative. Written by one thread; another may read it at any time, and sees each number whole.
    """

    __slots__ = ("bounds_nanos", "counts", "sum_nanos")

    def __init__(self, bounds_nanos: Sequence[int]) -> None:
        assert list(bounds_nanos) == sorted(set(bounds_nanos)), "bounds must rise"
        self.bounds_nanos = tuple(bounds_nanos)
        self.counts = [0] * (len(self.bounds_nanos) + 1)
        self.sum_nanos = 0

    def observe(self, nanos: int) -> None:
        """Count one duration."""
        self.counts[bisect_left(self.bounds_nanos, nanos)] += 1
        self.sum_nanos += nanos
