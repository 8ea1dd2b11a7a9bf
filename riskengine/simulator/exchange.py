"""The venue's matching: books, quotes and prices of all markets."""

from collections.abc import Sequence

from riskengine.api.v1 import common_pb2, instructions_pb2
from riskengine.simulator.ledger import Ledger, Trade
from riskengine.simulator.liquidity import Liquidity, MarketMakers
from riskengine.simulator.markets import ATOMS, FUND_ACCOUNT_ID
from riskengine.simulator.order_book import OrderBook
from riskengine.units import PPM

TAKER_FEE_PPM, MAKER_FEE_PPM = 500, -50
DISPOSAL_OF_DEPTH_PPM = 40_000
"""How much of what rests in a book the venue sells of the fund's inventory in one step."""
DUST_ATOMS = 25 * ATOMS


class Exchange:
    """Matches against the books and keeps the venue's prices."""

    def __init__(
        self, ledger: Ledger, maker_ids: Sequence[int], interest_atoms: int, start: Sequence[int]
    ) -> None:
        self.ledger = ledger
        self.books = [OrderBook() for _ in ledger.markets]
        self.makers = MarketMakers(ledger, maker_ids)
        total_weight = sum(market.interest_weight for market in ledger.markets)
        self.liquidity = [
            Liquidity(
                market,
                market.lots_of(
                    interest_atoms
                    * market.interest_weight
                    // total_weight
                    * market.depth_ppm
                    // PPM,
                    ticks,
                ),
            )
            for market, ticks in zip(ledger.markets, start, strict=True)
        ]
        self.marks = list(start)

    def advance(self, index_ticks: Sequence[int], elapsed_seconds: float) -> list[int]:
        """Move all markets to the next step; return the mark prices to report."""
        self.marks = [
            liquidity.advance(ticks, elapsed_seconds)
            for liquidity, ticks in zip(self.liquidity, index_ticks, strict=True)
        ]
        return self.marks

    def quote(self) -> list[Trade]:
        """Let the market makers quote around the marks; return the trades that this makes."""
        self.makers.assess()
        trades: list[Trade] = []
        for market, (book, liquidity) in enumerate(zip(self.books, self.liquidity, strict=True)):
            trades += self.makers.quote(book, liquidity, market, self.marks[market])
        return [self._with_fees(trade, taker_buys=None) for trade in trades]

    def cancel_orders(self, account_id: int) -> int:
        """Take an account's orders out of every book; return how many there were."""
        return sum(book.cancel_account(account_id) for book in self.books)

    def order(
        self, account_id: int, market: int, size_lots: int, limit_ticks: int, *, is_buy: bool
    ) -> list[Trade]:
        """Match an ordinary immediate-or-cancel order; return its trades."""
        trades = self._match(account_id, market, size_lots, limit_ticks, is_buy=is_buy)
        return [self._with_fees(trade, taker_buys=is_buy) for trade in trades]

    def liquidate(self, order: instructions_pb2.LiquidationOrder, market: int) -> list[Trade]:
        """Match a liquidation order as far as position, limit and depth go; return its trades."""
        is_buy = order.side == common_pb2.SIDE_LONG
        held = self.ledger.position(order.account_id, market)
        closing = max(0, -held if is_buy else held)
        trades = self._match(
            order.account_id,
            market,
            min(order.size_lots, closing),
            order.limit_price_ticks,
            is_buy=is_buy,
        )
        return [trade._replace(liquidation_id=order.liquidation_id) for trade in trades]

    def dispose_inventory(self) -> list[Trade]:
        """Sell, or buy back, a little of the fund's inventory; return the trades."""
        trades: list[Trade] = []
        for market, book in enumerate(self.books):
            held = self.ledger.position(FUND_ACCOUNT_ID, market)
            is_buy = held < 0
            size = book.depth_lots(buys=not is_buy) * DISPOSAL_OF_DEPTH_PPM // PPM
            spec = self.ledger.markets[market]
            if spec.notional_atoms(abs(held), self.marks[market]) < DUST_ATOMS:
                size = abs(held)
            size = min(abs(held), size)
            if size:
                limit = self._slipped(market, 20_000, is_buy=is_buy)
                trades += self._match(FUND_ACCOUNT_ID, market, size, limit, is_buy=is_buy)
        return trades

    def slipped(self, market: int, *, is_buy: bool) -> int:
        """Return the worst price that an ordinary taker accepts now."""
        return self._slipped(market, 10_000, is_buy=is_buy)

    def _slipped(self, market: int, ppm: int, *, is_buy: bool) -> int:
        mark = self.marks[market]
        offset = mark * ppm // PPM
        highest = self.ledger.markets[market].max_price_ticks
        return min(highest, mark + offset) if is_buy else max(1, mark - offset)

    def _match(
        self, account_id: int, market: int, size_lots: int, limit_ticks: int, *, is_buy: bool
    ) -> list[Trade]:
        fills = self.books[market].take(
            account_id, is_buy=is_buy, limit_ticks=limit_ticks, size_lots=size_lots
        )
        taken = sum(fill.size_lots for fill in fills if fill.is_quote)
        if taken:
            self.liquidity[market].absorb(taken, taker_buys=is_buy)
        pairs = [
            (account_id, fill.account_id) if is_buy else (fill.account_id, account_id)
            for fill in fills
        ]
        return [
            Trade(market, *pair, fill.price_ticks, fill.size_lots)
            for pair, fill in zip(pairs, fills, strict=True)
        ]

    def _with_fees(self, trade: Trade, *, taker_buys: bool | None) -> Trade:
        """Put the fees on a trade; without a taker both pay as makers do."""
        value = trade.size_lots * trade.price_ticks * self.ledger.multipliers[trade.market]
        taker, maker = value * TAKER_FEE_PPM // PPM, value * MAKER_FEE_PPM // PPM
        return trade._replace(
            buyer_fee_atoms=taker if taker_buys else maker,
            seller_fee_atoms=taker if taker_buys is False else maker,
        )
