"""The peers of the trigger index do the same work as it."""

import numpy as np

from loadtests.bench.desk import Desk
from loadtests.bench.loading import START_NANOS, build_engine, load, open_venue, opening_columns
from loadtests.bench.marks import MarkBench, check_peers
from loadtests.bench.numpy_book import NumpyBook
from loadtests.bench.population import MULTIPLIER, make_population
from loadtests.bench.victims import LOTS, make_victims, with_victims
from loadtests.bench.walk import Kind, MarkWalk
from riskengine.core.engine import Engine
from riskengine.core.enums import EventKind

SEED = 7


def test_the_index_and_the_full_scan_end_in_the_same_state() -> None:
    population = make_population(1_000, 20, SEED)
    indexed, scanned = (
        MarkBench(
            build_engine(population, full_scan=full_scan),
            MarkWalk(population.marks_ticks, Kind(5_000), SEED),
        )
        for full_scan in (False, True)
    )
    for bench in (indexed, scanned):
        bench.repeat(rounds=30)
    assert indexed.run.liquidation_orders > 20
    assert indexed.run.liquidation_orders == scanned.run.liquidation_orders
    assert indexed.engine.state_hash() == scanned.engine.state_hash()
    assert sum(indexed.run.recomputes_per_mark) > 0
    assert len(indexed.run.nanos) == 30 * 20


def test_numpy_and_the_core_find_the_same_margin_and_the_same_accounts() -> None:
    population = make_population(2_000, 20, SEED)
    engine, book = build_engine(population), NumpyBook(population)
    check_peers(engine, book, population)
    # A fall of 3 % at once, so that some are in need. Judgement would act on them, so it is asked
    # of the book and of views alone.
    fallen = population.marks_ticks * 97 // 100
    found = book.recompute(fallen.astype(np.float64) * MULTIPLIER)
    market_ids = np.arange(1, 21, dtype=np.int64)
    outcome = engine.mark_prices(START_NANOS, market_ids, fallen)
    begun = {event.account_id for event in outcome.events if event.kind == EventKind.CANCEL_ORDERS}
    needy = book.accounts[book.equity < book.maintenance]
    assert len(begun) == found > 10
    assert begun == set(population.account_ids[needy].tolist())


def test_each_step_of_the_ladder_liquidates_the_next_victim_alone() -> None:
    population = make_population(100, 20, SEED)
    victims = make_victims(21, 30)
    opening = with_victims(opening_columns(population), victims)
    engine = Engine()
    open_venue(engine, opening.marks_ticks)
    load(engine, opening)
    market = np.array([21], dtype=np.int64)
    liquidated = []
    for mark in victims.marks_ticks:
        outcome = engine.mark_prices(START_NANOS, market, np.array([mark]))
        orders = [e for e in outcome.events if e.kind == EventKind.LIQUIDATION_ORDER]
        liquidated.append([order.account_id for order in orders])
        assert all(0 < order.size_lots <= LOTS for order in orders)
    assert liquidated == [[account_id] for account_id in victims.account_ids.tolist()]


def test_the_desk_fills_as_far_as_the_books_go_and_reports_the_rest() -> None:
    population = make_population(2_000, 5, SEED)
    engine = build_engine(population)
    fallen = population.marks_ticks * 95 // 100
    outcome = engine.mark_prices(START_NANOS, np.arange(1, 6, dtype=np.int64), fallen)
    desk = Desk(engine, depth_lots=[1_000] * 5)
    desk.note(outcome.events)
    desk.answer(START_NANOS, fallen.tolist())
    assert engine.open_liquidation_count == 0
    assert 0 < desk.filled_orders < desk.orders
    assert [sides.missing_atoms for sides in engine.conservation()] == [0]
    traded = sum(counter.traded_lots for counter in engine.counters().markets)
    assert traded <= 2 * 5 * 1_000
