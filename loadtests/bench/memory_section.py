"""Sections `columns` and `memory`: how much a process grows by a population.

The columns come from files that the one writes and the other maps, so that no memory which making
them left behind is used again and hides growth.
"""

from dataclasses import fields
from pathlib import Path

import numpy as np

from loadtests.bench.loading import OpeningColumns, load, open_venue, opening_columns
from loadtests.bench.population import make_population
from loadtests.bench.profiles import Profile, label
from riskengine.core.engine import Engine

Results = dict[str, float]


def write_columns(profile: Profile, work: Path) -> Results:
    """Write the columns that open the largest population; there are no results."""
    population = make_population(profile.largest, profile.markets, profile.seed)
    columns = opening_columns(population)
    for column in fields(columns):
        np.save(work / f"{column.name}.npy", getattr(columns, column.name))
    return {}


def run(profile: Profile, work: Path) -> Results:
    """Return bytes a position, accounts included, of the largest population."""
    columns = OpeningColumns(
        *(np.load(work / f"{column.name}.npy", mmap_mode="r") for column in fields(OpeningColumns))
    )
    engine = Engine()
    open_venue(engine, columns.marks_ticks)
    before = resident_bytes()
    load(engine, columns)
    grown = resident_bytes() - before
    name = label(profile.largest)
    return {
        f"bytes_per_position_{name}": grown / engine.position_count,
        f"resident_growth_mib_{name}": grown / 2**20,
    }


def resident_bytes() -> int:
    """Return the anonymous memory of this process that is resident."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the kernel does not tell RssAnon")
