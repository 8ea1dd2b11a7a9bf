"""Who is in the venue: leverage, direction, margin, and that positions sum to zero."""

import pytest

from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import MARKETS
from riskengine.simulator.population import MAKER_COUNT, Group, Population, make_population

COUNT = 6_000
START = [market.ticks(market.start_price) for market in MARKETS]


@pytest.fixture(scope="module")
def population() -> Population:
    return make_population(MARKETS, START, COUNT, seed=3)


@pytest.fixture(scope="module")
def ledger(population: Population) -> Ledger:
    ledger = Ledger(MARKETS, COUNT)
    ledger.marks = list(START)
    for account in population.accounts:
        ledger.deposit(account.account_id, account.deposit_atoms)
    ledger.trades(population.opening_trades)
    return ledger


def trader_ids(population: Population) -> range:
    return range(population.maker_ids.stop, COUNT + 1)


def test_ids_are_1_to_the_count_with_the_makers_first(population: Population) -> None:
    assert [account.account_id for account in population.accounts] == list(range(1, COUNT + 1))
    groups = [population.group(account_id) for account_id in range(1, COUNT + 1)]
    assert groups.count(Group.MAKER) == MAKER_COUNT
    assert 0.02 < groups.count(Group.HEDGED) / COUNT < 0.04


@pytest.mark.parametrize(
    ("low", "high", "least", "most"),
    [
        (0.0, 1.1, 0.55, 0.70),  # most stand near or below 1x
        (19.0, 21.0, 0.02, 0.06),
        (47.0, 52.0, 0.01, 0.04),
        (85.0, 101.0, 0.003, 0.02),
    ],
)
def test_leverage_is_spread_as_in_2025(
    population: Population, ledger: Ledger, low: float, high: float, least: float, most: float
) -> None:
    leverages = [
        ledger.notional_atoms(account) / ledger.equity_atoms(account)
        for account in trader_ids(population)
    ]
    share = sum(low <= leverage <= high for leverage in leverages) / len(leverages)
    assert least < share < most


def test_traders_are_long_and_the_makers_hold_the_other_side(
    population: Population, ledger: Ledger
) -> None:
    for market in range(len(MARKETS)):
        held = [ledger.position(account, market) for account in trader_ids(population)]
        longs, shorts = sum(s for s in held if s > 0), -sum(s for s in held if s < 0)
        assert longs > 1.5 * shorts > 0
        makers = sum(ledger.position(maker, market) for maker in population.maker_ids)
        assert longs - shorts + makers == 0


def test_everybody_has_initial_margin_at_the_start(ledger: Ledger) -> None:
    for account_id in range(1, COUNT + 1):
        assert ledger.equity_atoms(account_id) >= ledger.margin_atoms(account_id), account_id


def test_hedged_accounts_hold_both_sides(population: Population) -> None:
    hedged = [account for account in population.accounts if account.group is Group.HEDGED]
    assert all(
        abs(sum(account.notionals_atoms.values())) <= 1 and len(account.notionals_atoms) == 2
        for account in hedged
    )


def test_the_seed_decides(population: Population) -> None:
    assert make_population(MARKETS, START, COUNT, seed=3) == population
    assert make_population(MARKETS, START, COUNT, seed=4) != population
