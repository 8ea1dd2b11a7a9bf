"""Section `marks`: the trigger index against NumPy and full scans, by population and move.

Each repetition is a walk of its own on a fresh copy of the population: rounds that do not count, so
that the book has lived for a while, then rounds that do.
"""

from collections.abc import Iterator
from pathlib import Path

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
from loadtests.bench.profiles import CALM_PPM, USUAL_PPM, WILD_PPM, Profile, label
from loadtests.bench.recompute import recompute_micros
from loadtests.bench.timing import as_nanos, mean_micros, median_of, quantile_micros
from loadtests.bench.walk import HEDGE_COMMON_SHARE, LOOSE_HEDGE_COMMON_SHARE, Kind, MarkWalk
from riskengine.core.engine import Engine

Results = dict[str, float]


def run(profile: Profile, _work: Path) -> Results:
    """Return the results of every population."""
    results: Results = {}
    empty_call = call_nanos(profile.markets, profile.repetitions * 10)
    results["mark_call_us_p50"] = quantile_micros(empty_call, 0.5)
    for accounts in profile.accounts:
        population = make_population(accounts, profile.markets, profile.seed)
        results |= _population_results(profile, population)
        results |= _hedged_results(profile, accounts)
    return results


def _population_results(profile: Profile, population: Population) -> Results:
    """Time marks at every move, and the peers between the repetitions of the usual one."""
    name = label(len(population.account_ids))
    base = build_engine(population)
    results: Results = {
        f"positions_{name}": float(base.position_count),
        f"positions_per_account_{name}": population.positions_per_account,
    }
    for prefix, kind in (
        (f"mark_{CALM_PPM}ppm", Kind(CALM_PPM)),
        (f"mark_{WILD_PPM}ppm", Kind(WILD_PPM)),
        ("drift_mark", Kind(USUAL_PPM, pull=0.0)),
    ):
        marks = MarkRun()
        for _ in _benches(profile, base, population, kind, marks):
            pass
        results |= _mark_results(prefix, name, marks)
    return results | _with_peers(profile, base, population)


def _benches(
    profile: Profile,
    base: Engine,
    population: Population,
    kind: Kind,
    marks: MarkRun,
) -> Iterator[MarkBench]:
    """Yield each repetition's bench when its marks have been timed into `marks`."""
    for number in range(profile.repetitions):
        walk = MarkWalk(population.marks_ticks, kind, profile.seed + number)
        bench = MarkBench(base.fork(), walk, marks)
        bench.warm(profile.rounds(kind.move_ppm))
        bench.repeat(profile.rounds(kind.move_ppm))
        yield bench


def _with_peers(profile: Profile, base: Engine, population: Population) -> Results:
    """Time the index and its peers in turn, so that noise of the machine meets all of them."""
    name = label(len(population.account_ids))
    book, marks = NumpyBook(population), MarkRun()
    check_peers(base, book, population)
    scanned = MarkBench(
        build_engine(population, full_scan=True),
        MarkWalk(population.marks_ticks, Kind(USUAL_PPM), profile.seed),
    )
    numpy_nanos: list[int] = []
    scan_nanos: list[int] = []
    recomputes: list[float] = []
    for bench in _benches(profile, base, population, Kind(USUAL_PPM), marks):
        ticks = bench.walk.marks_ticks.tolist()
        numpy_nanos += time_numpy(book, list(enumerate(ticks))[: profile.numpy_passes], ticks)
        scan_nanos += time_scan(bench.engine, profile.numpy_passes)
        scanned.repeat(profile.market_scan_rounds)
        recomputes.append(recompute_micros(profile, bench))
    mark = median_of(mean_micros(nanos) for nanos in marks.repetitions)
    numpy_micros = quantile_micros(as_nanos(numpy_nanos), 0.5)
    scan_micros = quantile_micros(as_nanos(scan_nanos), 0.5)
    market_micros = median_of(mean_micros(nanos) for nanos in scanned.run.repetitions)
    return {
        **_mark_results("mark", name, marks),
        f"recompute_us_mean_{name}": median_of(recomputes),
        f"numpy_us_p50_{name}": numpy_micros,
        f"scan_us_p50_{name}": scan_micros,
        f"market_scan_us_mean_{name}": market_micros,
        f"mark_speedup_vs_numpy_{name}": numpy_micros / mark,
        f"mark_speedup_vs_scan_{name}": scan_micros / mark,
        f"mark_speedup_vs_market_scan_{name}": market_micros / mark,
    }


def _hedged_results(profile: Profile, accounts: int) -> Results:
    """Time usual marks on accounts that are as long as they are short."""
    name = label(accounts)
    population = make_hedged_population(accounts, profile.markets, profile.seed)
    base = build_engine(population)
    results = {f"hedged_positions_per_account_{name}": population.positions_per_account}
    for prefix, common_share in (
        ("hedged_mark", HEDGE_COMMON_SHARE),
        ("loose_hedged_mark", LOOSE_HEDGE_COMMON_SHARE),
    ):
        marks, kind = MarkRun(), Kind(USUAL_PPM, common_share=common_share, pull=0.0)
        for _ in _benches(profile, base, population, kind, marks):
            pass
        results |= _mark_results(prefix, name, marks)
    return results


def _mark_results(prefix: str, name: str, marks: MarkRun) -> Results:
    """Return what marks took; a quiet mark is one that made no event."""
    recomputes = prefix.replace("mark", "recomputes_per_mark")
    count = len(marks.nanos)
    return {
        f"{prefix}_us_mean_{name}": median_of(mean_micros(nanos) for nanos in marks.repetitions),
        f"{prefix}_quiet_us_mean_{name}": mean_micros(marks.nanos[marks.quiet]),
        f"{prefix}_us_p50_{name}": quantile_micros(marks.nanos, 0.5),
        f"{prefix}_us_p99_{name}": quantile_micros(marks.nanos, 0.99),
        f"{prefix}_us_p999_{name}": quantile_micros(marks.nanos, 0.999),
        f"{prefix}_us_max_{name}": quantile_micros(marks.nanos, 1.0),
        f"{prefix}_count_{name}": float(count),
        f"{prefix}_orders_per_mark_{name}": marks.liquidation_orders / count,
        f"{recomputes}_{name}": median_of(marks.recomputes_per_mark),
    }
