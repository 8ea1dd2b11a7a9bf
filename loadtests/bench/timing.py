"""Clocks, percentiles, and the cores that a process may use."""

import gc
import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median

import numpy as np
from numpy.typing import NDArray

from riskengine.units import NANOS_PER_MICRO, NANOS_PER_MILLI

Nanos = NDArray[np.int64]


@contextmanager
def no_collector() -> Iterator[None]:
    """Keep Python's cyclic collector out of the body."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def as_nanos(samples: "array[int] | Sequence[int]") -> Nanos:
    """Return samples as one array."""
    return np.asarray(samples, dtype=np.int64)


def median_of(values: Iterable[float]) -> float:
    """Return the median over repetitions."""
    return float(median(values))


def mean_micros(nanos: Nanos) -> float:
    """Return the mean of samples in microseconds."""
    return float(nanos.mean()) / NANOS_PER_MICRO


def quantile_micros(nanos: Nanos, share: float) -> float:
    """Return the sample below which `share` of them lie, in microseconds; never interpolated."""
    return float(np.quantile(nanos, share, method="higher")) / NANOS_PER_MICRO


def quantile_millis(nanos: Nanos, share: float) -> float:
    """Return the same in milliseconds."""
    return quantile_micros(nanos, share) * NANOS_PER_MICRO / NANOS_PER_MILLI


def cores() -> tuple[int, int]:
    """Return the client's core and the server's: two of those allowed, or one for both."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run the body on another core; this thread returns to where it was."""
    before = os.sched_getaffinity(0)
    pin(core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pin(core: int) -> None:
    """Keep this process on one core; to be called before it has threads."""
    os.sched_setaffinity(0, {core})
