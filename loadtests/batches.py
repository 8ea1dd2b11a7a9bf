"""Random batches and orders, the same for the same seed."""

from random import Random

from loadtests.world import MARKETS, LoadMarket
from riskengine.api.v1 import columns_pb2, common_pb2, risk_service_pb2
from riskengine.units import PPM

MAX_TRADE_LOTS = 10
PRICE_SPREAD_PPM = 500
MARK_MOVE_PPM = 2_000
MARK_RANGE_PPM = 50_000


def _near(random: Random, price_ticks: int, spread_ppm: int) -> int:
    move = price_ticks * random.randint(-spread_ppm, spread_ppm)
    return price_ticks + move // PPM


def trades(random: Random, accounts: int, rows: int) -> columns_pb2.TradeColumns:
    """Make trades between random pairs of accounts, near the first marks."""
    columns = columns_pb2.TradeColumns()
    for _ in range(rows):
        market = random.choice(MARKETS)
        buyer = random.randint(1, accounts)
        seller = random.randint(1, accounts - 1)
        columns.market_id.append(market.market_id)
        columns.buyer_account_id.append(buyer)
        columns.seller_account_id.append(seller + (seller >= buyer))
        columns.price_ticks.append(_near(random, market.mark_price_ticks, PRICE_SPREAD_PPM))
        columns.size_lots.append(random.randint(1, MAX_TRADE_LOTS))
    return columns


class MarkWalk:
    """Marks of all markets that wander within 5 % of the first ones."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._marks = {market: market.mark_price_ticks for market in MARKETS}

    def step(self) -> columns_pb2.MarkPriceColumns:
        """Move every mark and return them."""
        self._marks = {market: self._next(market, mark) for market, mark in self._marks.items()}
        return columns_pb2.MarkPriceColumns(
            market_id=[market.market_id for market in self._marks],
            mark_price_ticks=self._marks.values(),
        )

    def _next(self, market: LoadMarket, mark_ticks: int) -> int:
        reach = market.mark_price_ticks * MARK_RANGE_PPM // PPM
        moved = _near(self._random, mark_ticks, MARK_MOVE_PPM)
        low, high = market.mark_price_ticks - reach, market.mark_price_ticks + reach
        return max(low, min(high, moved))


def order(random: Random, accounts: int) -> risk_service_pb2.CheckOrderRequest:
    """Make an order of a random account near the first mark."""
    market = random.choice(MARKETS)
    return risk_service_pb2.CheckOrderRequest(
        account_id=random.randint(1, accounts),
        market_id=market.market_id,
        side=random.choice((common_pb2.SIDE_LONG, common_pb2.SIDE_SHORT)),
        size_lots=random.randint(1, MAX_TRADE_LOTS),
        price_ticks=_near(random, market.mark_price_ticks, PRICE_SPREAD_PPM),
    )
