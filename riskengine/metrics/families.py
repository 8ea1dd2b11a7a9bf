"""Build Prometheus families: names, labels and samples in, one family out."""

from collections.abc import Iterable
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from riskengine.metrics.histogram import DurationHistogram
from riskengine.units import NANOS_PER_SECOND

Labels = tuple[str, ...]
Samples = Iterable[tuple[Labels, float]]


def counter(name: str, documentation: str, labels: Labels, samples: Samples) -> Metric:
    """Make a counter; `name` ends in `_total`."""
    assert name.endswith("_total"), name
    family = CounterMetricFamily(name, documentation, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def gauge(name: str, documentation: str, labels: Labels, samples: Samples) -> Metric:
    """Make a gauge."""
    family = GaugeMetricFamily(name, documentation, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def single_counter(name: str, documentation: str, value: float) -> Metric:
    """Make a counter without labels."""
    return counter(name, documentation, (), [((), value)])


def single_gauge(name: str, documentation: str, value: float) -> Metric:
    """Make a gauge without labels."""
    return gauge(name, documentation, (), [((), value)])


def duration_histogram(
    name: str,
    documentation: str,
    labels: Labels,
    samples: Iterable[tuple[Labels, DurationHistogram]],
) -> Metric:
    """Make a histogram in seconds; `name` ends in `_seconds`.

    Count and buckets come of one copy, so they agree with one another whatever is observed
    meanwhile; the sum may be one observation ahead.
    """
    assert name.endswith("_seconds"), name
    family = HistogramMetricFamily(name, documentation, labels=labels)
    for values, histogram in samples:
        counts = list(accumulate(tuple(histogram.counts)))
        bounds = [repr(bound / NANOS_PER_SECOND) for bound in histogram.bounds_nanos]
        buckets: list[tuple[str, float]] = list(zip([*bounds, "+Inf"], counts, strict=True))
        family.add_metric(values, buckets, histogram.sum_nanos / NANOS_PER_SECOND)
    return family


def scaled(value: int, exponent: int) -> float:
    """Return value * 10^exponent as the nearest float: atoms to asset units, lots to contracts."""
    return float(value * 10**exponent) if exponent >= 0 else value / 10**-exponent
