"""Section `crash`: the path of 10 October 2025 straight into the core, with answers to its orders.

Each step sets the marks of all markets as one instant. Its time is that of the call and of the
Continues that end its work (WK-3); `crash_mark_us_max` is that of the longest single call among
them, for between them others are answered. What it asks for is answered before the next step, from
books of a fixed depth; that is timed apart. The path is played several times from the same state,
and each result is the median: the work is the same each time, what the machine's other users do is
not.
"""

from array import array
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter_ns

import numpy as np

from loadtests.bench.desk import Desk
from loadtests.bench.loading import START_NANOS, build_engine
from loadtests.bench.pieces import timed_pieces
from loadtests.bench.population import MULTIPLIER, Population, make_population
from loadtests.bench.profiles import Profile, label
from loadtests.bench.timing import as_nanos, mean_micros, median_of, no_collector, quantile_micros
from riskengine.core.engine import Engine
from riskengine.core.enums import Stage
from riskengine.simulator.markets import MARKETS
from riskengine.simulator.prices import PricePath, built_in_path
from riskengine.units import NANOS_PER_MICRO, NANOS_PER_SECOND, PPM

Results = dict[str, float]

TICK_EXPONENTS = (-1, -5, -6, -4, -5)
"""Finer than the simulator's for its alts: prices of some hundred thousand ticks in each market."""

FUND_OF_INTEREST_PPM = 8_000
"""What is in the insurance fund at the start, of the notional; as in the demo."""

DEPTH_PPM_PER_SECOND = 1_000
"""What the market makers take on one side of a book in a second, of its positions' lots."""


def run(profile: Profile, _work: Path) -> Results:
    """Return the medians of the times of the mark calls, and what happened."""
    path = crash_path(profile)
    marks = np.array(path.index_ticks[0], dtype=np.int64)
    population = make_population(profile.largest, len(marks), profile.seed, marks)
    engine = build_engine(population, fund_atoms=fund_atoms(population))
    depth = depth_lots(population, profile.crash_step_seconds)
    steps = min(len(path), 1 + profile.crash_seconds // profile.crash_step_seconds)
    name = label(profile.largest)
    runs = [play(engine.fork(), path, depth, steps, name) for _ in range(profile.crash_repetitions)]
    return {key: median_of(run[key] for run in runs) for key in runs[0]}


def crash_path(profile: Profile) -> PricePath:
    """Return the simulator's path of the day in this benchmark's ticks."""
    specs = [
        replace(market, tick_exponent=exponent)
        for market, exponent in zip(MARKETS, TICK_EXPONENTS, strict=True)
    ]
    return built_in_path(specs, profile.seed, profile.crash_step_seconds)


def fund_atoms(population: Population) -> int:
    """Return the money of the insurance fund at the start."""
    values = np.abs(population.position_lots) * population.marks_ticks[population.position_markets]
    return int(values.sum()) * MULTIPLIER // PPM * FUND_OF_INTEREST_PPM


def depth_lots(population: Population, step_seconds: int) -> list[int]:
    """Return what one side of each market's book gives in a step."""
    lots = np.bincount(population.position_markets, np.abs(population.position_lots))
    share = DEPTH_PPM_PER_SECOND * step_seconds / PPM
    return [max(1, int(size * share)) for size in lots.tolist()]


def play(engine: Engine, path: PricePath, depth: list[int], steps: int, name: str) -> Results:
    """Play the first steps of a path; return the results under the name of the population."""
    desk = Desk(engine, depth)
    market_ids = np.arange(1, len(depth) + 1, dtype=np.int64)
    nanos, step_nanos, events = array("q"), array("q"), array("q")
    longest, most_pieces = 0, 0
    with no_collector():
        for step in range(1, steps):
            marks = path.index_ticks[step]
            prices = np.array(marks, dtype=np.int64)
            time = (
                START_NANOS + (path.times_seconds[step] - path.times_seconds[0]) * NANOS_PER_SECOND
            )
            began = perf_counter_ns()
            pieces = timed_pieces(engine, partial(engine.mark_prices, time, market_ids, prices))
            nanos.append(sum(pieces.nanos))
            longest = max(longest, *pieces.nanos)
            most_pieces = max(most_pieces, len(pieces.nanos))
            events.append(sum(len(outcome.events) for outcome in pieces.outcomes))
            desk.note(pieces.events)
            desk.refill()
            desk.answer(time, marks)
            step_nanos.append(perf_counter_ns() - began)
    marks_nanos, all_nanos = as_nanos(nanos), as_nanos(step_nanos)
    return {
        f"crash_mark_us_mean_{name}": mean_micros(marks_nanos),
        f"crash_mark_us_p50_{name}": quantile_micros(marks_nanos, 0.5),
        f"crash_mark_us_p99_{name}": quantile_micros(marks_nanos, 0.99),
        f"crash_mark_us_p999_{name}": quantile_micros(marks_nanos, 0.999),
        f"crash_mark_us_max_{name}": longest / NANOS_PER_MICRO,
        f"crash_whole_mark_us_max_{name}": quantile_micros(marks_nanos, 1.0),
        f"crash_most_pieces_a_mark_{name}": float(most_pieces),
        f"crash_mark_count_{name}": float(len(marks_nanos)),
        f"crash_most_events_a_mark_{name}": float(max(events)),
        f"crash_step_us_p999_{name}": quantile_micros(all_nanos, 0.999),
        f"crash_step_us_max_{name}": quantile_micros(all_nanos, 1.0),
        f"crash_seconds_{name}": float(all_nanos.sum()) / NANOS_PER_SECOND,
        f"crash_filled_orders_{name}": float(desk.filled_orders),
        **_what_happened(engine, name),
    }


def _what_happened(engine: Engine, name: str) -> Results:
    counters = engine.counters()
    closes = dict.fromkeys(Stage, 0)
    for closed in counters.closed:
        closes[Stage(closed.stage)] += closed.closes
    (sides,) = engine.conservation()
    if sides.missing_atoms:
        raise RuntimeError(f"{sides.missing_atoms} atoms are missing")
    return {
        f"crash_liquidations_{name}": float(counters.liquidations_started),
        f"crash_margin_calls_{name}": float(counters.margin_calls),
        f"crash_take_overs_{name}": float(closes[Stage.TAKE_OVER]),
        f"crash_deleveraged_{name}": float(closes[Stage.AUTO_DELEVERAGE]),
        f"crash_assessed_counterparties_{name}": float(counters.assessed_counterparties),
        f"crash_bad_debts_{name}": float(counters.bad_debts),
    }
