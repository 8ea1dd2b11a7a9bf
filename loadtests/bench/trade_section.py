"""Section `trades`: batches of two-sided trades straight into the core."""

from pathlib import Path
from time import perf_counter_ns

from loadtests.bench.desk import NO_COLUMN
from loadtests.bench.flow import Trades, held_trades, stranger_trades
from loadtests.bench.loading import START_NANOS, build_engine, require_applied, spans
from loadtests.bench.population import make_population
from loadtests.bench.profiles import Profile, label
from loadtests.bench.timing import median_of, no_collector
from riskengine.core.engine import Engine
from riskengine.units import NANOS_PER_SECOND

Results = dict[str, float]

TRADES_PER_ACCOUNT = 2
"""At most in a run: a small population must not become another one by being traded."""


def run(profile: Profile, _work: Path) -> Results:
    """Return trades a second, by population and kind of flow."""
    results: Results = {}
    for accounts in profile.accounts:
        rows = flow_rows(profile.repetitions * profile.core_rows, accounts)
        name = label(accounts)
        population = make_population(accounts, profile.markets, profile.seed)
        engine = build_engine(population)
        for key, flow in (("", held_trades), ("_opening", stranger_trades)):
            trades = flow(population, rows, profile.seed)
            rate = trades_per_second(engine.fork(), trades, profile)
            results[f"trades_per_s_core{key}_{name}"] = rate
    return results


def flow_rows(rows: int, accounts: int) -> int:
    """Return so many trades, or as many as the population bears."""
    return min(rows, accounts * TRADES_PER_ACCOUNT)


def trades_per_second(engine: Engine, trades: Trades, profile: Profile) -> float:
    """Apply all trades in batches; return the median rate of the repetitions."""
    rows = len(trades.size_lots)
    return median_of(
        apply_rate(engine, trades.part(turn), profile.batch_rows)
        for turn in spans(rows, -(-rows // profile.repetitions))
    )


def apply_rate(engine: Engine, trades: Trades, batch_rows: int) -> float:
    """Apply trades in batches; return trades a second, of the calls alone."""
    nanos = 0
    batches = [trades.part(rows) for rows in spans(len(trades.size_lots), batch_rows)]
    with no_collector():
        for batch in batches:
            began = perf_counter_ns()
            outcome = engine.trades(START_NANOS, *batch, NO_COLUMN, NO_COLUMN, NO_COLUMN)
            nanos += perf_counter_ns() - began
            require_applied(outcome)
    return len(trades.size_lots) * NANOS_PER_SECOND / nanos
