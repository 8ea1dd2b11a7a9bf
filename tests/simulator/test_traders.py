"""The background flow: seeded, within margin, and quiet where an account is liquidated."""

import pytest

from riskengine.simulator.exchange import Exchange
from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import MARKETS
from riskengine.simulator.population import Population, make_population
from riskengine.simulator.traders import MAX_RESTING, Intent, Traders

COUNT = 600
START = [market.ticks(market.start_price) for market in MARKETS]


@pytest.fixture(scope="module")
def population() -> Population:
    return make_population(MARKETS, START, COUNT, seed=2)


@pytest.fixture
def exchange(population: Population) -> Exchange:
    ledger = Ledger(MARKETS, COUNT)
    ledger.marks = list(START)
    for account in population.accounts:
        ledger.deposit(account.account_id, account.deposit_atoms)
    ledger.trades(population.opening_trades)
    exchange = Exchange(ledger, population.maker_ids, population.open_interest_atoms(), START)
    exchange.advance(START, 3.0)
    exchange.quote()
    return exchange


def test_takers_trade_with_makers_and_keep_their_margin(
    population: Population, exchange: Exchange
) -> None:
    trades = Traders(population, exchange, seed=1).market_orders(200_000_000)
    assert len(trades) > 50
    exchange.ledger.trades(trades)
    takers = {max(trade.buyer_id, trade.seller_id) for trade in trades}
    assert min(takers) > len(population.maker_ids)
    for account_id in takers:
        ledger = exchange.ledger
        assert ledger.equity_atoms(account_id) >= ledger.margin_atoms(account_id)


def test_nobody_trades_while_liquidated(population: Population, exchange: Exchange) -> None:
    traders = Traders(population, exchange, seed=1)
    for account_id in range(1, COUNT + 1):
        traders.liquidation_began(account_id)
    assert traders.market_orders(200_000_000) == []
    assert [traders.limit_orders() for _ in range(200)] == [[]] * 200
    for account_id in range(1, COUNT + 1):
        traders.liquidation_ended(account_id)
    assert traders.market_orders(200_000_000) != []


def test_limit_orders_rest_away_from_the_price_and_fill_the_book_up_to_a_bound(
    population: Population, exchange: Exchange
) -> None:
    traders = Traders(population, exchange, seed=1)
    intents = [intent for _ in range(500) for intent in traders.limit_orders()]
    assert len(intents) > 20
    for intent in intents:
        mark = START[intent.market]
        assert (intent.price_ticks < mark) is intent.is_buy
        assert intent.size_lots > 0
    far = Intent(COUNT, 0, is_buy=True, price_ticks=1, size_lots=1)
    for _ in range(MAX_RESTING + 10):
        traders.rest(far)
    assert exchange.books[0].cancel_account(COUNT) <= MAX_RESTING


def test_some_answer_a_margin_call_once_and_none_that_is_liquidated(
    population: Population, exchange: Exchange
) -> None:
    traders = Traders(population, exchange, seed=1)
    holders = [trade.buyer_id for trade in population.opening_trades if trade.buyer_id > 12]
    for account_id in holders:
        traders.margin_called(account_id, step=10)
    traders.liquidation_began(holders[0])
    paid = [deposit for step in range(11, 23) for deposit in traders.top_ups(step)]
    assert 0.1 < len(paid) / len(holders) < 0.5
    assert all(amount > 0 for _, amount in paid)
    assert holders[0] not in {account_id for account_id, _ in paid}
    assert [traders.top_ups(step) for step in range(11, 23)] == [[]] * 12


def test_the_seed_decides(population: Population, exchange: Exchange) -> None:
    flows = []
    for seed in (1, 1, 2):
        traders = Traders(population, exchange, seed)
        flows.append([intent for _ in range(200) for intent in traders.limit_orders()])
    assert flows[0] == flows[1] != []
    assert flows[0] != flows[2]
