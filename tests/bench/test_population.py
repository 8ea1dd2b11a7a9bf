"""What the benchmarks' populations, trades and marks promise."""

from collections.abc import Callable

import numpy as np
import pytest

from loadtests.bench.flow import held_trades, stranger_trades
from loadtests.bench.loading import build_engine
from loadtests.bench.population import (
    MOST_LEVERAGE,
    MULTIPLIER,
    Column,
    Population,
    make_hedged_population,
    make_population,
)
from loadtests.bench.walk import Kind, MarkWalk

SEED = 7
Make = Callable[[int, int, int], Population]


def _values_atoms(population: Population) -> Column:
    marks = population.marks_ticks[population.position_markets]
    return population.position_lots * marks * MULTIPLIER


def _same(a: Population, b: Population) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in Population.__slots__)


@pytest.mark.parametrize("make", [make_population, make_hedged_population])
def test_a_population_depends_on_its_seed_alone(make: Make) -> None:
    assert _same(make(300, 20, SEED), make(300, 20, SEED))
    assert not _same(make(300, 20, SEED), make(300, 20, SEED + 1))


@pytest.mark.parametrize("make", [make_population, make_hedged_population])
def test_nobody_is_in_need_at_the_start(make: Make) -> None:
    population = make(2_000, 50, SEED)
    engine = build_engine(population)
    assert engine.scan() == 0
    assert engine.position_count == len(population.position_lots)
    assert [sides.missing_atoms for sides in engine.conservation()] == [0]
    pairs = set(
        zip(
            population.position_accounts.tolist(),
            population.position_markets.tolist(),
            strict=True,
        )
    )
    assert len(pairs) == len(population.position_lots)


def test_positions_leverage_and_popularity_are_as_the_issue_has_them() -> None:
    population = make_population(20_000, 200, SEED)
    assert population.positions_per_account == pytest.approx(2.4, abs=0.05)
    gross = np.bincount(population.position_accounts, np.abs(_values_atoms(population)))
    leverage = gross / population.deposits_atoms
    # A lot is a few dollars: rounding shows in the smallest accounts.
    assert np.quantile(leverage, [0.05, 0.5, 0.95]) == pytest.approx([1.2, 7.1, 40], rel=0.15)
    assert leverage.max() < MOST_LEVERAGE * 1.2
    by_market = np.bincount(population.position_markets)
    assert by_market[0] / by_market[9] == pytest.approx(10, rel=0.3)


def test_hedged_accounts_are_as_long_as_they_are_short() -> None:
    population = make_hedged_population(2_000, 200, SEED)
    values, owner = _values_atoms(population), population.position_accounts
    net, gross = np.bincount(owner, values), np.bincount(owner, np.abs(values))
    large = gross > 1_000 * 10**6
    assert large.sum() > 1_000
    assert np.abs(net[large] / gross[large]).max() < 0.02


def test_held_trades_are_between_two_holders_of_the_market() -> None:
    population = make_population(500, 20, SEED)
    owners = population.account_ids[population.position_accounts].tolist()
    held = set(zip(owners, (population.position_markets + 1).tolist(), strict=True))
    trades = held_trades(population, 2_000, SEED)
    assert len(trades.size_lots) > 1_900
    markets, buyers, sellers = (column.tolist() for column in trades[:3])
    assert set(zip(buyers, markets, strict=True)) <= held
    assert set(zip(sellers, markets, strict=True)) <= held
    assert all(buyer != seller for buyer, seller in zip(buyers, sellers, strict=True))


def test_strangers_trade_with_anybody_but_themselves() -> None:
    population = make_population(500, 20, SEED)
    trades = stranger_trades(population, 2_000, SEED)
    assert len(np.unique(trades.buyer_account_id)) > 450
    assert (trades.buyer_account_id != trades.seller_account_id).all()
    assert (trades.price_ticks > 0).all()


def test_marks_move_as_far_as_they_should_and_partly_together() -> None:
    first = np.full(200, 10**6, dtype=np.int64)
    walk = MarkWalk(first, Kind(1_000, common_share=0.5, pull=0.0), SEED)
    logs = [np.log(first)]
    for _ in range(200):
        marks = walk.round()
        assert sorted(market for market, _ in marks) == list(range(200))
        logs.append(np.log(walk.marks_ticks))
    moves = np.diff(np.array(logs), axis=0)
    assert moves.std() == pytest.approx(1e-3, rel=0.1)
    assert moves.mean(axis=1).std() == pytest.approx(1e-3 * 0.5**0.5, rel=0.2)
