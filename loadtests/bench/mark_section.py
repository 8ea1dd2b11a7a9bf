"""Section `marks`: the trigger index against NumPy and full scans, by population and move."""

from pathlib import Path

import numpy as np

from loadtests.bench.loading import build_engine
from loadtests.bench.marks import (
    MarkBench,
    MarkRun,
    call_nanos,
    check_peers,
    time_numpy,
    time_scan,
)
from loadtests.bench.numpy_book import NumpyBook
from loadtests.bench.population import Population, make_hedged_population, make_population
from loadtests.bench.profiles import MOVES_PPM, USUAL_PPM, WILD_PPM, Profile, label
from loadtests.bench.timing import (
    NANOS_PER_MICRO,
    as_nanos,
    mean_micros,
    median_of,
    quantile_micros,
)
from loadtests.bench.walk import HEDGE_COMMON_SHARE, MarkWalk
from riskengine.core.engine import Engine

Results = dict[str, float]


def run(profile: Profile, _work: Path) -> Results:
    """Return the results of every population."""
    results: Results = {}
    empty_call = call_nanos(profile.repetitions * 2_000)
    results["mark_call_us_p50"] = quantile_micros(empty_call, 0.5)
    for accounts in profile.accounts:
        population = make_population(accounts, profile.markets, profile.seed)
        results |= _population_results(profile, population)
        results |= _hedged_results(profile, accounts)
    return results


def _population_results(profile: Profile, population: Population) -> Results:
    """Time marks at every move, and the peers between the repetitions of the usual one."""
    name = label(len(population.account_ids))
    base, book = build_engine(population), NumpyBook(population)
    check_peers(base, book, population)
    results: Results = {
        f"positions_{name}": float(base.position_count),
        f"positions_per_account_{name}": population.positions_per_account,
    }
    for move_ppm in MOVES_PPM:
        walk = MarkWalk(population.marks_ticks, move_ppm, profile.seed)
        bench = MarkBench(base.fork(), walk)
        if move_ppm == USUAL_PPM:
            results |= _with_peers(profile, bench, book, population)
        else:
            for _ in range(profile.repetitions):
                bench.repeat(profile.rounds(move_ppm))
        results |= _move_results(bench.run, name, move_ppm)
    results[f"recompute_us_mean_{name}"] = _recompute_micros(profile, base, population)
    return results


def _with_peers(
    profile: Profile, bench: MarkBench, book: NumpyBook, population: Population
) -> Results:
    """Time the index and its peers in turn, so that noise of the machine meets all of them."""
    name = label(len(population.account_ids))
    scanned = MarkBench(
        build_engine(population, full_scan=True),
        MarkWalk(population.marks_ticks, USUAL_PPM, profile.seed),
    )
    numpy_nanos: list[int] = []
    scan_nanos: list[int] = []
    for _ in range(profile.repetitions):
        bench.repeat(profile.rounds(USUAL_PPM))
        marks = bench.walk.marks_ticks.tolist()
        moved = list(enumerate(marks))[: profile.numpy_passes]
        numpy_nanos += time_numpy(book, moved, marks)
        scan_nanos += time_scan(bench.engine, profile.numpy_passes)
        scanned.repeat(profile.market_scan_rounds)
    mark = median_of(mean_micros(nanos) for nanos in bench.run.repetitions)
    numpy_micros = quantile_micros(as_nanos(numpy_nanos), 0.5)
    scan_micros = quantile_micros(as_nanos(scan_nanos), 0.5)
    market_micros = median_of(mean_micros(nanos) for nanos in scanned.run.repetitions)
    return {
        f"numpy_us_p50_{name}": numpy_micros,
        f"scan_us_p50_{name}": scan_micros,
        f"market_scan_us_mean_{name}": market_micros,
        f"mark_speedup_vs_numpy_{name}": numpy_micros / mark,
        f"mark_speedup_vs_scan_{name}": scan_micros / mark,
        f"mark_speedup_vs_market_scan_{name}": market_micros / mark,
    }


def _move_results(run: MarkRun, name: str, move_ppm: int) -> Results:
    """Name the results of one move; the usual one is not named in the keys."""
    prefix = "mark" if move_ppm == USUAL_PPM else f"mark_{move_ppm}ppm"
    recomputes = "recomputes_per_mark"
    if move_ppm != USUAL_PPM:
        recomputes = f"recomputes_per_mark_{move_ppm}ppm"
    return {
        f"{prefix}_us_mean_{name}": median_of(mean_micros(nanos) for nanos in run.repetitions),
        f"{prefix}_us_p50_{name}": quantile_micros(run.nanos, 0.5),
        f"{prefix}_us_p99_{name}": quantile_micros(run.nanos, 0.99),
        f"{prefix}_us_p999_{name}": quantile_micros(run.nanos, 0.999),
        f"{prefix}_us_max_{name}": quantile_micros(run.nanos, 1.0),
        f"{recomputes}_{name}": run.recomputes_per_mark,
        f"{prefix}_liquidations_{name}": float(run.liquidation_orders),
        f"{prefix}_count_{name}": float(len(run.nanos)),
    }


def _recompute_micros(profile: Profile, base: Engine, population: Population) -> float:
    """Return what one recomputation adds to a mark, beyond a mark that has none.

    The same marks are played on copies of one engine: once to count, then to time, of which each
    mark's median is taken. Marks that made events do not count: what follows is not the cost.
    """
    spent, recomputed = 0.0, 0
    for move_ppm in (USUAL_PPM, WILD_PPM):

        def bench(move_ppm: int = move_ppm) -> MarkBench:
            return MarkBench(base.fork(), MarkWalk(population.marks_ticks, move_ppm, profile.seed))

        counts = bench().count(profile.counted_rounds)
        runs = [bench() for _ in range(profile.counted_passes)]
        for timed in runs:
            timed.repeat(profile.counted_rounds)
        nanos = np.median([timed.run.nanos for timed in runs], axis=0)
        quiet = runs[0].run.events[0] == 0
        idle, busy = quiet & (counts == 0), quiet & (counts > 0)
        if idle.any() and busy.any():
            spent += float((nanos[busy] - nanos[idle].mean()).sum())
            recomputed += int(counts[busy].sum())
    return spent / recomputed / NANOS_PER_MICRO if recomputed else 0.0


def _hedged_results(profile: Profile, accounts: int) -> Results:
    """Time usual marks on accounts that are as long as they are short."""
    name = label(accounts)
    population = make_hedged_population(accounts, profile.markets, profile.seed)
    walk = MarkWalk(population.marks_ticks, USUAL_PPM, profile.seed, HEDGE_COMMON_SHARE)
    bench = MarkBench(build_engine(population), walk)
    for _ in range(profile.repetitions):
        bench.repeat(profile.rounds(USUAL_PPM))
    means = (mean_micros(nanos) for nanos in bench.run.repetitions)
    return {
        f"hedged_positions_per_account_{name}": population.positions_per_account,
        f"hedged_mark_us_mean_{name}": median_of(means),
        f"hedged_mark_us_p50_{name}": quantile_micros(bench.run.nanos, 0.5),
        f"hedged_mark_us_p99_{name}": quantile_micros(bench.run.nanos, 0.99),
        f"hedged_mark_us_p999_{name}": quantile_micros(bench.run.nanos, 0.999),
        f"hedged_mark_us_max_{name}": quantile_micros(bench.run.nanos, 1.0),
        f"hedged_recomputes_per_mark_{name}": bench.run.recomputes_per_mark,
        f"hedged_mark_liquidations_{name}": float(bench.run.liquidation_orders),
    }
