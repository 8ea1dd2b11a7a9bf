"""Marks straight into the core, one market a command, and the peers of the trigger index."""

from array import array
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns

import numpy as np
from numpy.typing import NDArray

from loadtests.bench.desk import Desk
from loadtests.bench.loading import build_engine
from loadtests.bench.numpy_book import NumpyBook
from loadtests.bench.pieces import go_on
from loadtests.bench.population import LEAST_TICKS, MULTIPLIER, Population
from loadtests.bench.profiles import USUAL_PPM
from loadtests.bench.timing import Nanos, as_nanos, mean_micros, median_of, no_collector
from loadtests.bench.walk import Kind, MarkWalk
from riskengine.core.engine import Engine
from riskengine.core.types import Event

Round = Sequence[tuple[int, int]]
Samples = MutableSequence[int]

MARK_NANOS = 1_000
"""Log time between two marks."""


@dataclass(slots=True)
class MarkRun:
    """What marks did; samples are whole calls of the core, in nanoseconds."""

    repetitions: list[Nanos] = field(default_factory=list)
    events: list[Nanos] = field(default_factory=list)
    """Events that each mark made, beside `repetitions`."""
    recomputes_per_mark: list[float] = field(default_factory=list)
    """Mean of each repetition."""
    liquidation_orders: int = 0

    @property
    def nanos(self) -> Nanos:
        """Return the samples of all repetitions."""
        return np.concatenate(self.repetitions)

    @property
    def quiet(self) -> NDArray[np.bool_]:
        """Return which of the samples made no event."""
        quiet: NDArray[np.bool_] = np.concatenate(self.events) == 0
        return quiet

    @property
    def quiet_us_mean(self) -> float:
        """Return the mean over marks that made no event: the median of the repetitions'."""
        played = zip(self.repetitions, self.events, strict=True)
        return median_of(mean_micros(nanos[events == 0]) for nanos, events in played)


class MarkBench:
    """One engine under marks; liquidation orders are answered between rounds, untimed."""

    def __init__(self, engine: Engine, walk: MarkWalk, run: MarkRun | None = None) -> None:
        self.run = run or MarkRun()
        self.engine = engine
        self.walk = walk
        self._desk = Desk(engine)
        markets = len(walk.marks_ticks)
        self._ids = [np.array([index + 1], dtype=np.int64) for index in range(markets)]
        self._time = engine.time_nanos

    def warm(self, rounds: int) -> None:
        """Play rounds that do not count."""
        for _ in range(rounds):
            self._play(array("q"), array("q"))

    def repeat(self, rounds: int) -> None:
        """Time one more repetition."""
        nanos, events = array("q"), array("q")
        orders, recomputed = self._desk.orders, self.engine.counters().recomputed_accounts
        with no_collector():
            for _ in range(rounds):
                self._play(nanos, events)
        recomputed = self.engine.counters().recomputed_accounts - recomputed
        self.run.repetitions.append(as_nanos(nanos))
        self.run.events.append(as_nanos(events))
        self.run.recomputes_per_mark.append(recomputed / len(nanos))
        self.run.liquidation_orders += self._desk.orders - orders

    def count(self, rounds: int) -> Nanos:
        """Return how many accounts each mark recomputes; nothing is timed, for asking is slow."""
        counts, price = array("q"), np.zeros(1, dtype=np.int64)
        for _ in range(rounds):
            before = self.engine.counters().recomputed_accounts
            for market, mark in self.walk.round():
                price[0] = mark
                self._time += MARK_NANOS
                outcome = self.engine.mark_prices(self._time, self._ids[market], price)
                after = self.engine.counters().recomputed_accounts
                counts.append(after - before)
                before = after
                self._desk.note_all(outcome)
            self._answer()
        return as_nanos(counts)

    def _play(self, nanos: Samples, events: Samples) -> None:
        """Send the marks of one round and answer the orders."""
        price = np.zeros(1, dtype=np.int64)
        mark_prices, ids, clock = self.engine.mark_prices, self._ids, perf_counter_ns
        made: list[Event] = []
        for market, mark in self.walk.round():
            price[0] = mark
            self._time += MARK_NANOS
            time, market_id = self._time, ids[market]
            began = clock()
            outcome = mark_prices(time, market_id, price)
            nanos.append(clock() - began)
            events.append(len(outcome.events))
            made += outcome.events
            if self.engine.has_work:
                made += self._go_on(nanos, events)
        self._desk.note(made)
        self._answer()

    def _go_on(self, nanos: Samples, events: Samples) -> list[Event]:
        """End the work of the last mark, in its time; return what the Continues brought."""
        began = perf_counter_ns()
        pieces = [outcome.events for outcome in go_on(self.engine)]
        nanos[-1] += perf_counter_ns() - began
        made = [event for piece in pieces for event in piece]
        events[-1] += len(made)
        return made

    def _answer(self) -> None:
        self._desk.answer(self._time, self.walk.marks_ticks.tolist())


def time_numpy(book: NumpyBook, marks: Round, marks_ticks: Sequence[int]) -> list[int]:
    """Time a whole-book pass after each of these marks."""
    nanos, units = [], np.array(marks_ticks, dtype=np.float64) * MULTIPLIER
    for market, mark in marks:
        began = perf_counter_ns()
        units[market] = mark * MULTIPLIER
        book.recompute(units)
        nanos.append(perf_counter_ns() - began)
    return nanos


def time_scan(engine: Engine, passes: int) -> list[int]:
    """Time the core's own pass over every account."""
    nanos = []
    for _ in range(passes):
        began = perf_counter_ns()
        engine.scan()
        nanos.append(perf_counter_ns() - began)
    return nanos


def call_nanos(markets: int, rounds: int) -> Nanos:
    """Time marks of markets without positions: what Python's call costs by itself."""
    marks, none = np.full(markets, LEAST_TICKS, dtype=np.int64), np.zeros(0, dtype=np.int64)
    population = Population(marks, none, none, none, none, none)
    bench = MarkBench(build_engine(population), MarkWalk(marks, Kind(USUAL_PPM), 1))
    bench.repeat(rounds)
    return bench.run.nanos


def check_peers(engine: Engine, book: NumpyBook, population: Population) -> None:
    """Raise AssertionError unless NumPy's book and the core agree on the margin of accounts."""
    book.recompute(population.marks_ticks.astype(np.float64) * MULTIPLIER)
    for row in range(0, len(book.accounts), max(1, len(book.accounts) // 500)):
        account_id = int(population.account_ids[book.accounts[row]])
        view = engine.account(account_id)
        assert view is not None
        # The core rounds each leg's requirement up.
        slack = len(view.positions)
        assert abs(view.equity_atoms - book.equity[row]) < 1, account_id
        assert 0 <= view.maintenance_atoms - book.maintenance[row] <= slack, account_id
