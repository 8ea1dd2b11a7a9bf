"""What the numbers were measured on."""

import os
import platform
from pathlib import Path
from statistics import median
from time import perf_counter_ns

import grpc
import numpy as np

GIB = 2**30
READ_BYTES = 256 << 20
READS = 1 << 20


def machine_lines() -> list[str]:
    """Return processor, memory, kernel and versions, a line each."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    load = os.getloadavg()[0]
    return [
        f"{_cpu_model()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB",
        f"{platform.system()} {platform.release()}, load {load:.1f} at the start",
        f"Python {platform.python_version()}, NumPy {np.__version__}, grpcio {grpc.__version__}",
    ]


def memory_read_ns() -> float:
    """Return what a read at random from 256 MiB takes now.

    Most rows are bound by memory, and others on the machine use its caches and channels too.
    """
    cells = np.ones(READ_BYTES // 8, dtype=np.int64)
    places = np.random.default_rng(READS).integers(0, len(cells), READS)
    values = np.empty(READS, dtype=np.int64)
    times = []
    for _ in range(5):
        start_nanos = perf_counter_ns()
        cells.take(places, out=values)
        times.append((perf_counter_ns() - start_nanos) / READS)
    return median(times)


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
