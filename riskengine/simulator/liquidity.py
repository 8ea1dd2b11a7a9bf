"""How much rests in a book, and how far selling and buying push the price."""

import math
from collections.abc import Sequence

from riskengine.simulator.ledger import Ledger, Trade
from riskengine.simulator.markets import MarketSpec
from riskengine.simulator.order_book import OrderBook
from riskengine.units import PPM

CALM_PPM = 900.0
"""Move of a calm minute: the depth of a market is its base at a volatility far below this."""
VOLATILITY_SECONDS = 20.0
REFILL_SECONDS = 25.0
IMPACT_SECONDS = 45.0
IMPACT_OF_WHOLE_DEPTH_PPM = 6_000.0
IMPACT_CAP_PPM = 25_000.0
LEVELS = 8
WEIGHTS = tuple(range(1, LEVELS + 1))
HALF_SPREAD_PPM, LEVEL_PPM = 150.0, 600.0
MAKER_RESERVE = 1.5
"""A market maker adds to a position only while its equity is this many times its initial margin."""


class Liquidity:
    """The market makers' supply in one market, and the venue's price there.

    Supply thins at once when volatility rises, is used up by what takes it, and comes back with
    time. What is taken moves the price away from the index; the move decays.
    """

    def __init__(self, market: MarketSpec, base_lots: int) -> None:
        self.market = market
        self.base_lots = max(base_lots, sum(WEIGHTS))
        self.supply_lots = [self.base_lots, self.base_lots]
        """Of the side that sells (0) and of the side that buys (1)."""
        self.target_lots = self.base_lots
        self.volatility_ppm = 0.0
        """Move of one minute at the present pace."""
        self.impact_ppm = 0.0
        self._index_ticks = 0

    def advance(self, index_ticks: int, elapsed_seconds: float) -> int:
        """Move to the next step's index; return the venue's mark price in ticks."""
        elapsed = max(elapsed_seconds, 1.0)
        if self._index_ticks:
            move = abs(math.log(index_ticks / self._index_ticks)) * PPM
            pace = move / math.sqrt(elapsed / 60.0)
            keep = math.exp(-elapsed / VOLATILITY_SECONDS)
            self.volatility_ppm = keep * self.volatility_ppm + (1.0 - keep) * pace
        self._index_ticks = index_ticks
        self.target_lots = max(sum(WEIGHTS), int(self.base_lots / (1.0 + self.stress)))
        refill = 1.0 - math.exp(-elapsed / REFILL_SECONDS)
        for side, supply in enumerate(self.supply_lots):
            missing = self.target_lots - supply
            self.supply_lots[side] += math.ceil(missing * refill) if missing > 0 else missing
        self.impact_ppm *= math.exp(-elapsed / IMPACT_SECONDS)
        mark = round(index_ticks * (1.0 + self.impact_ppm / PPM))
        return min(max(1, mark), self.market.max_price_ticks)

    @property
    def stress(self) -> float:
        """Return volatility against a multiple of calm; 0 when nothing moves."""
        return self.volatility_ppm / (4.0 * CALM_PPM)

    def absorb(self, size_lots: int, *, taker_buys: bool) -> None:
        """Account for supply that was taken: less of it is left, and the price is pushed."""
        side = 0 if taker_buys else 1
        self.supply_lots[side] = max(0, self.supply_lots[side] - size_lots)
        push = IMPACT_OF_WHOLE_DEPTH_PPM * size_lots / max(1, self.target_lots)
        impact = self.impact_ppm + (push if taker_buys else -push)
        self.impact_ppm = min(IMPACT_CAP_PPM, max(-IMPACT_CAP_PPM, impact))

    def depth_share_ppm(self) -> int:
        """Return what is left of the calm depth on the thinner side."""
        return min(self.supply_lots) * PPM // self.base_lots

    def level(self, mid_ticks: int, level: int, *, is_buy: bool) -> int:
        """Return the price of a quote, from 0, the nearest to the middle."""
        distance = (HALF_SPREAD_PPM + LEVEL_PPM * level) * (1.0 + self.stress / 2.0)
        offset = mid_ticks * min(distance, 0.4 * PPM) / PPM
        if is_buy:
            return max(1, math.floor(mid_ticks - offset))
        return min(self.market.max_price_ticks, math.ceil(mid_ticks + offset))


class MarketMakers:
    """The accounts that quote, each for as long as it has free margin."""

    def __init__(self, ledger: Ledger, maker_ids: Sequence[int]) -> None:
        self._ledger = ledger
        self._ids = tuple(maker_ids)
        self._turn = 0
        self._strong: frozenset[int] = frozenset(maker_ids)

    def assess(self) -> None:
        """Find who may add to positions in this step."""
        self._strong = frozenset(
            maker
            for maker in self._ids
            if self._ledger.equity_atoms(maker)
            > MAKER_RESERVE * self._ledger.margin_atoms(maker) + 1
        )

    def next(self, market: int, *, is_buy: bool) -> int:
        """Return the next maker in turn that may quote this side, 0 when there is none."""
        for _ in self._ids:
            self._turn = (self._turn + 1) % len(self._ids)
            maker = self._ids[self._turn]
            held = self._ledger.position(maker, market)
            if maker in self._strong or (held < 0 if is_buy else held > 0):
                return maker
        return 0

    def quote(
        self, book: OrderBook, liquidity: Liquidity, market: int, mid_ticks: int
    ) -> list[Trade]:
        """Replace all quotes; return the trades with orders that the price went through.

        Such a resting order is filled at its own price.
        """
        book.cancel_quotes()
        trades = self._fill_crossed(book, market, mid_ticks)
        for is_buy in (True, False):
            supply = liquidity.supply_lots[1 if is_buy else 0]
            for level, weight in enumerate(WEIGHTS):
                size = supply * weight // sum(WEIGHTS)
                maker = self.next(market, is_buy=is_buy) if size else 0
                if maker:
                    price = liquidity.level(mid_ticks, level, is_buy=is_buy)
                    book.add(maker, is_buy=is_buy, price_ticks=price, size_lots=size, is_quote=True)
        return trades

    def _fill_crossed(self, book: OrderBook, market: int, mid_ticks: int) -> list[Trade]:
        trades = []
        for takes_bids in (True, False):
            size = sum(
                order.size_lots
                for order in book.side(buys=takes_bids)
                if (
                    order.price_ticks >= mid_ticks if takes_bids else order.price_ticks <= mid_ticks
                )
            )
            maker = self.next(market, is_buy=not takes_bids) if size else 0
            if not maker:
                continue
            for fill in book.take(
                maker, is_buy=not takes_bids, limit_ticks=mid_ticks, size_lots=size
            ):
                pair = (fill.account_id, maker) if takes_bids else (maker, fill.account_id)
                trades.append(Trade(market, *pair, fill.price_ticks, fill.size_lots))
        return trades
