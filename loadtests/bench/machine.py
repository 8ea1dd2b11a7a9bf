"""What the numbers were measured on."""

import os
import platform
from pathlib import Path

import grpc
import numpy as np

GIB = 2**30


def machine_lines() -> list[str]:
    """Return processor, memory, kernel and versions, a line each."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    load = os.getloadavg()[0]
    return [
        f"{_cpu_model()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB",
        f"{platform.system()} {platform.release()}, load {load:.1f} at the start",
        f"Python {platform.python_version()}, NumPy {np.__version__}, grpcio {grpc.__version__}",
    ]


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
