import math

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from riskengine.metrics.families import duration_histogram, scaled
from riskengine.metrics.histogram import (
    APPLY_BOUNDS_NANOS,
    STORAGE_BOUNDS_NANOS,
    DurationHistogram,
)


@pytest.mark.parametrize(
    ("nanos", "counts"),
    [
        (0, [1, 0, 0]),
        (999, [1, 0, 0]),
        (1_000, [1, 0, 0]),
        (1_001, [0, 1, 0]),
        (5_000, [0, 1, 0]),
        (5_001, [0, 0, 1]),
        (10**15, [0, 0, 1]),
    ],
)
def test_a_duration_on_a_bound_belongs_below_it(nanos: int, counts: list[int]) -> None:
    histogram = DurationHistogram((1_000, 5_000))
    histogram.observe(nanos)
    assert histogram.counts == counts
    assert histogram.sum_nanos == nanos


@pytest.mark.parametrize("bounds", [(5, 5), (5, 1)])
def test_bounds_must_rise(bounds: tuple[int, int]) -> None:
    with pytest.raises(AssertionError, match="bounds must rise"):
        DurationHistogram(bounds)


def test_the_buckets_of_a_page_are_cumulative_and_in_seconds() -> None:
    histogram = DurationHistogram((1_000, 5_000_000))
    for nanos in (1_000, 1_001, 5_000_000, 5_000_001, 7_000_000):
        histogram.observe(nanos)

    samples = _histogram(histogram).samples

    assert [(s.name, s.labels, s.value) for s in samples] == [
        ("x_seconds_bucket", {"kind": "a", "le": "1e-06"}, 1),
        ("x_seconds_bucket", {"kind": "a", "le": "0.005"}, 3),
        ("x_seconds_bucket", {"kind": "a", "le": "+Inf"}, 5),
        ("x_seconds_count", {"kind": "a"}, 5),
        ("x_seconds_sum", {"kind": "a"}, 0.017002002),
    ]


@pytest.mark.parametrize("bounds", [APPLY_BOUNDS_NANOS, STORAGE_BOUNDS_NANOS])
def test_every_bound_reaches_the_page_as_the_number_that_it_is(bounds: tuple[int, ...]) -> None:
    samples = _histogram(DurationHistogram(bounds)).samples
    limits = [float(s.labels["le"]) for s in samples if s.name.endswith("_bucket")]
    assert limits == [*(bound / 1e9 for bound in bounds), math.inf]


def test_an_empty_histogram_has_all_its_buckets() -> None:
    class OneFamily(Collector):
        def collect(self) -> list[Metric]:
            return [_histogram(DurationHistogram((1_000,)))]

    registry = CollectorRegistry()
    registry.register(OneFamily())
    page = generate_latest(registry).decode()
    assert 'x_seconds_bucket{kind="a",le="+Inf"} 0.0' in page


@pytest.mark.parametrize(
    ("value", "exponent", "expected"),
    [
        (1_234_567, -6, 1.234567),
        (-1, -6, -1e-6),
        (5, 0, 5.0),
        (5, 2, 500.0),
        (3 * 10**30, -18, 3e12),
        (1, -18, 1e-18),
    ],
)
def test_scaled(value: int, exponent: int, expected: float) -> None:
    assert scaled(value, exponent) == expected


def _histogram(histogram: DurationHistogram) -> Metric:
    return duration_histogram("x_seconds", "For the test", ("kind",), [(("a",), histogram)])
