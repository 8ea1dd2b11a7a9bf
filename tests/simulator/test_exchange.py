"""Depth, impact and matching: what liquidation orders find in the book."""

import pytest

from riskengine.api.v1 import common_pb2, instructions_pb2
from riskengine.simulator.exchange import Exchange
from riskengine.simulator.ledger import Ledger, Trade
from riskengine.simulator.liquidity import Liquidity
from riskengine.simulator.markets import ATOMS, FUND_ACCOUNT_ID, MARKETS
from riskengine.simulator.population import MAKER_COUNT

XRP = 1
START = [market.ticks(market.start_price) for market in MARKETS]
TRADER = MAKER_COUNT + 1
INTEREST = 10_000_000 * ATOMS


@pytest.fixture
def exchange() -> Exchange:
    """A trader is long 1,000 lots of XRP (10,000 XRP) that market makers sold."""
    ledger = Ledger(MARKETS, TRADER)
    ledger.marks = list(START)
    for account_id in (*range(1, TRADER + 1), FUND_ACCOUNT_ID):
        ledger.deposit(account_id, 1_000_000 * ATOMS)
    ledger.trade(Trade(XRP, TRADER, 1, START[XRP], 1_000))
    exchange = Exchange(ledger, range(1, MAKER_COUNT + 1), INTEREST, START)
    exchange.advance(START, 3.0)
    exchange.quote()
    return exchange


def liquidation(size_lots: int, limit_ticks: int) -> instructions_pb2.LiquidationOrder:
    return instructions_pb2.LiquidationOrder(
        liquidation_id=5,
        account_id=TRADER,
        market_id=2,
        side=common_pb2.SIDE_SHORT,
        size_lots=size_lots,
        limit_price_ticks=limit_ticks,
    )


def test_a_liquidation_fills_against_makers_and_names_its_order(exchange: Exchange) -> None:
    trades = exchange.liquidate(liquidation(1_000, 1), XRP)
    assert sum(trade.size_lots for trade in trades) == 1_000
    assert {trade.liquidation_id for trade in trades} == {5}
    assert {trade.seller_id for trade in trades} == {TRADER}
    assert all(trade.buyer_id <= MAKER_COUNT for trade in trades)
    assert all(trade.price_ticks < START[XRP] for trade in trades)
    assert all(trade.buyer_fee_atoms == trade.seller_fee_atoms == 0 for trade in trades)


def test_a_liquidation_stops_at_its_limit(exchange: Exchange) -> None:
    best = exchange.books[XRP].best_ticks(buys=True)
    trades = exchange.liquidate(liquidation(1_000, best), XRP)
    assert 0 < sum(trade.size_lots for trade in trades) < 1_000
    assert exchange.liquidate(liquidation(1_000, START[XRP]), XRP) == []


def test_a_liquidation_only_reduces(exchange: Exchange) -> None:
    exchange.ledger.trade(Trade(XRP, 2, TRADER, START[XRP], 990))
    trades = exchange.liquidate(liquidation(1_000, 1), XRP)
    assert sum(trade.size_lots for trade in trades) == 10


def test_selling_uses_up_depth_and_pushes_the_price_which_comes_back(exchange: Exchange) -> None:
    liquidity = exchange.liquidity[XRP]
    full = liquidity.supply_lots[1]
    exchange.liquidate(liquidation(1_000, 1), XRP)
    assert liquidity.supply_lots[1] == full - 1_000
    pushed = exchange.advance(START, 3.0)[XRP]
    assert pushed < START[XRP]
    assert exchange.advance(START, 600.0)[XRP] > pushed
    assert liquidity.supply_lots[1] == full


def test_depth_thins_with_volatility_and_never_below_its_least() -> None:
    liquidity = Liquidity(MARKETS[XRP], 10_000)
    liquidity.advance(28_300, 3.0)
    calm = min(liquidity.supply_lots)
    depths = []
    for step in range(1, 11):
        liquidity.advance(round(28_300 * 0.97**step), 3.0)
        depths.append(min(liquidity.supply_lots))
    assert calm == 10_000
    assert depths == sorted(depths, reverse=True)
    assert 36 <= depths[-1] < calm // 5


def test_makers_without_free_margin_quote_only_what_reduces(exchange: Exchange) -> None:
    for maker in range(1, MAKER_COUNT + 1):
        exchange.ledger.pay(maker, TRADER, 1_100_000 * ATOMS)  # equity is negative
    exchange.quote()
    book = exchange.books[XRP]
    assert {order.account_id for order in book.bids} == {1}  # the only one that is short
    assert book.asks == []


def test_a_price_that_goes_through_a_resting_order_fills_it_at_its_own_price(
    exchange: Exchange,
) -> None:
    price = round(START[XRP] * 0.98)
    exchange.books[XRP].add(TRADER, is_buy=True, price_ticks=price, size_lots=7)
    exchange.advance([round(ticks * 0.97) for ticks in START], 3.0)
    (trade,) = exchange.quote()
    assert (trade.buyer_id, trade.price_ticks, trade.size_lots) == (TRADER, price, 7)
    assert trade.buyer_fee_atoms < 0  # a maker's rebate
    assert exchange.cancel_orders(TRADER) == 0


def test_the_funds_inventory_is_sold_slowly(exchange: Exchange) -> None:
    exchange.ledger.trade(Trade(XRP, FUND_ACCOUNT_ID, 1, START[XRP], 50_000))
    depth = exchange.books[XRP].depth_lots(buys=True)
    trades = exchange.dispose_inventory()
    sold = sum(trade.size_lots for trade in trades)
    assert {trade.seller_id for trade in trades} == {FUND_ACCOUNT_ID}
    assert 0 < sold <= depth // 20


def test_takers_pay_and_makers_earn(exchange: Exchange) -> None:
    (trade, *_) = exchange.order(TRADER, XRP, 10, exchange.slipped(XRP, is_buy=True), is_buy=True)
    value = trade.size_lots * trade.price_ticks * MARKETS[XRP].multiplier
    assert trade.buyer_fee_atoms == value * 500 // 1_000_000
    assert trade.seller_fee_atoms == value * -50 // 1_000_000
