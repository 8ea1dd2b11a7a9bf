"""One market's limit order book: price, then time."""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(slots=True)
class Order:
    """A resting order; `size_lots` is what is left of it."""

    order_id: int
    account_id: int
    is_buy: bool
    price_ticks: int
    size_lots: int
    is_quote: bool = False
    """True for a market maker's order, which is replaced at every step."""


class BookFill(NamedTuple):
    """Part of a resting order that was taken, at that order's price."""

    account_id: int
    is_quote: bool
    price_ticks: int
    size_lots: int


def _priority(order: Order) -> tuple[int, int]:
    return (-order.price_ticks if order.is_buy else order.price_ticks, order.order_id)


@dataclass(slots=True)
class OrderBook:
    """Resting orders of both sides, best first."""

    bids: list[Order] = field(default_factory=list)
    asks: list[Order] = field(default_factory=list)
    _last_order_id: int = 0

    def side(self, *, buys: bool) -> list[Order]:
        """Return the resting orders that buy, or those that sell."""
        return self.bids if buys else self.asks

    def add(
        self,
        account_id: int,
        *,
        is_buy: bool,
        price_ticks: int,
        size_lots: int,
        is_quote: bool = False,
    ) -> Order:
        """Rest an order behind all others at its price. It must not cross the book."""
        self._last_order_id += 1
        order = Order(self._last_order_id, account_id, is_buy, price_ticks, size_lots, is_quote)
        insort(self.side(buys=is_buy), order, key=_priority)
        return order

    def cancel_account(self, account_id: int) -> int:
        """Take out all orders of an account; return how many."""
        return self._drop(lambda order: order.account_id == account_id)

    def cancel_quotes(self) -> None:
        """Take out the market makers' orders."""
        self._drop(lambda order: order.is_quote)

    def _drop(self, gone: Callable[[Order], bool]) -> int:
        before = len(self.bids) + len(self.asks)
        self.bids = [order for order in self.bids if not gone(order)]
        self.asks = [order for order in self.asks if not gone(order)]
        return before - len(self.bids) - len(self.asks)

    def take(
        self, account_id: int, *, is_buy: bool, limit_ticks: int, size_lots: int
    ) -> list[BookFill]:
        """Match an immediate-or-cancel order; its own account's resting orders are passed over."""
        resting = self.side(buys=not is_buy)
        fills: list[BookFill] = []
        left = size_lots
        for order in resting:
            beyond = order.price_ticks > limit_ticks if is_buy else order.price_ticks < limit_ticks
            if left == 0 or beyond:
                break
            if order.account_id == account_id:
                continue
            size = min(left, order.size_lots)
            order.size_lots -= size
            left -= size
            fills.append(BookFill(order.account_id, order.is_quote, order.price_ticks, size))
        if fills:
            resting[:] = [order for order in resting if order.size_lots > 0]
        return fills

    def depth_lots(self, *, buys: bool) -> int:
        """Return the size that rests on a side."""
        return sum(order.size_lots for order in self.side(buys=buys))

    def best_ticks(self, *, buys: bool) -> int:
        """Return the best price of a side, 0 when it is empty."""
        orders = self.side(buys=buys)
        return orders[0].price_ticks if orders else 0
