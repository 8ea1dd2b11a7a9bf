"""Trades that name liquidation orders, open or kept for late fills.

Whole and partial; too large, too bad, late, mismatched.
"""

from collections.abc import Callable
from random import Random

from tests.simulation.oracle import questions
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.names import Side
from tests.simulation.oracle.world import Market, Order


class Fills:
    def __init__(self, rng: Random, oracle: Oracle) -> None:
        self.rng = rng
        self.oracle = oracle

    def open_orders(self) -> list[Order]:
        accounts = self.oracle.world.accounts.values()
        return [order for account in accounts for order in account.open_orders]

    def open_ids(self) -> list[int]:
        return [order.liquidation_id for order in self.open_orders()]

    def stale_id(self) -> int:
        """Return any id: ended, of another account, or one that was never issued."""
        return self.rng.randint(0, self.oracle.world.last_liquidation_id + 1)

    def kept_orders(self) -> list[Order]:
        """Return ended orders of which something is unfilled: those that ended last."""
        return [one.order for one in self.oracle.world.kept[-20:] if one.order.unfilled_lots]

    def rows(self, other: Callable[[Market], int]) -> list[tuple[int, ...]]:
        orders = self.open_orders()
        kept = self.kept_orders()
        if kept and (not orders or self.rng.random() < 0.3):
            orders = kept
        chosen = self.rng.sample(orders, min(len(orders), self.rng.choice((1, 1, 3))))
        markets = self.oracle.world.markets
        return [self._row(order, other(markets[order.market_id])) for order in chosen]

    def _row(self, order: Order, other_id: int) -> tuple[int, ...]:
        rng = self.rng
        buyer, seller = order.account.account_id, other_id
        if order.side == Side.SHORT:
            buyer, seller = seller, buyer
        if rng.random() < 0.03:
            buyer, seller = seller, buyer
        fees = (rng.choice((0, 0, 1)), rng.choice((0, -1)))
        size = self._size(order)
        return (
            order.market_id,
            buyer,
            seller,
            self._price(order),
            size,
            *fees,
            order.liquidation_id,
        )

    def _size(self, order: Order) -> int:
        step = self.oracle.world.markets[order.market_id].parameters.size_step_lots
        left = order.unfilled_lots
        part = self.rng.randint(1, left)
        size = self.rng.choice((left, left, left, part, part, left + 1, 2 * left))
        if size == left and self.rng.random() < 0.8:
            return size
        return max(step, size - size % step)

    def _price(self, order: Order) -> int:
        """Return a price about the limit, the mark or the bankruptcy price; most often no worse."""
        world, rng = self.oracle.world, self.rng
        market = world.markets[order.market_id]
        account = world.accounts.get(order.account)
        price = market.mark_price_ticks
        if account and order.market_id in account.positions and rng.random() < 0.5:
            price = questions.bankruptcy_price(world, account, order.market_id)
        price += rng.choice((0, 0, 1, -1, price // 100, -(price // 100)))
        if price % 17 == 0:
            price = price * (20, 80, 120, 300)[price // 17 % 4] // 100
        step = market.parameters.price_step_ticks
        price = max(1, min(price, market.parameters.max_price_ticks))
        price = max(step, price - price % step)
        is_worse = order.is_better(order.limit_price_ticks, price)
        return order.limit_price_ticks if is_worse and rng.random() < 0.9 else price
