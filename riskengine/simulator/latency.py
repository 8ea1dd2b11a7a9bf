"""Latencies as the client sees them."""

import math

BUCKETS_AN_OCTAVE = 16


class LatencyRecorder:
    """A histogram of durations with buckets 4.4 % apart, from a microsecond on."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.count = 0
        self.highest_nanos = 0

    def add(self, nanos: int, times: int = 1) -> None:
        """Count a duration."""
        bucket = round(math.log2(max(nanos, 1_000) / 1_000) * BUCKETS_AN_OCTAVE)
        self._counts[bucket] = self._counts.get(bucket, 0) + times
        self.count += times
        self.highest_nanos = max(self.highest_nanos, nanos)

    def quantile_millis(self, share: float) -> float:
        """Return the duration that this share of all does not exceed, 0 when there is none."""
        left = math.ceil(share * self.count)
        for bucket in sorted(self._counts):
            left -= self._counts[bucket]
            if left <= 0:
                micros = math.exp2(bucket / BUCKETS_AN_OCTAVE)
                return min(micros, self.highest_nanos / 1_000) / 1_000
        return 0.0
