"""The venue's answers to liquidation orders: fills against market makers, then reports."""

from collections.abc import Iterable, Sequence

import numpy as np

from loadtests.bench.loading import LOAD_ROWS, MAKER_IDS, require_applied, spans
from loadtests.bench.pieces import go_on
from loadtests.bench.population import Column
from riskengine.core.engine import Engine
from riskengine.core.enums import EventKind, Side
from riskengine.core.types import Event, Outcome

ORDER = int(EventKind.LIQUIDATION_ORDER)
REDUCED = int(EventKind.LIQUIDATION_ORDER_REDUCED)
ENDED = int(EventKind.LIQUIDATION_ORDER_ENDED)
SHORT = int(Side.SHORT)
NO_COLUMN = np.empty(0, dtype=np.int64)


MAKERS_PER_MARKET = 16
"""So that none holds positions in too many markets, or too large a one."""


def _maker(order: Event) -> int:
    """Return the market maker that takes the other side of an order."""
    turn = order.market_id * MAKERS_PER_MARKET + order.liquidation_id % MAKERS_PER_MARKET
    return MAKER_IDS[turn % len(MAKER_IDS)]


class Desk:
    """Fill orders at the mark, as far as there is depth and their limits allow.

    `depth_lots`, by market index, is what one side of a book gives until it is refilled; without
    it every book is endless. Deterministic: orders are answered in the order in which they came.
    """

    def __init__(self, engine: Engine, depth_lots: Sequence[int] | None = None) -> None:
        self.orders = 0
        self.filled_orders = 0
        self._engine = engine
        self._waiting: dict[int, Event] = {}
        self._unfilled: dict[int, int] = {}
        self._depth = depth_lots
        self._left: dict[tuple[int, int], int] = {}

    def note(self, events: Iterable[Event]) -> None:
        """Take the liquidation orders among the events, and what became of those before."""
        for event in events:
            if event.kind == ORDER:
                self._waiting[event.liquidation_id] = event
                self._unfilled[event.liquidation_id] = event.size_lots
            elif event.kind == REDUCED:
                self._unfilled[event.liquidation_id] = event.needed_lots
            elif event.kind == ENDED:
                self._waiting.pop(event.liquidation_id, None)
                self._unfilled.pop(event.liquidation_id, None)

    def refill(self) -> None:
        """Let every book have its depth again."""
        self._left.clear()

    def answer(self, time_nanos: int, marks_ticks: Sequence[int]) -> None:
        """Answer all orders, and those that the answers bring, until there are none."""
        while self._waiting:
            orders = list(self._waiting.values())
            self._waiting.clear()
            self.orders += len(orders)
            fills, reports = self._match(orders, marks_ticks)
            self._send_fills(time_nanos, fills)
            self._send_reports(time_nanos, reports)

    def _match(
        self, orders: Sequence[Event], marks_ticks: Sequence[int]
    ) -> tuple[list[tuple[int, ...]], list[int]]:
        """Return rows of trades, and the ids of the orders that they do not fill whole."""
        fills: list[tuple[int, ...]] = []
        reports: list[int] = []
        for order in orders:
            mark = marks_ticks[order.market_id - 1]
            sells = order.side == SHORT
            crosses = mark >= order.price_ticks if sells else mark <= order.price_ticks
            size = self._take(order) if crosses else 0
            if size:
                maker = _maker(order)
                buyer, seller = (maker, order.account_id) if sells else (order.account_id, maker)
                fills.append((order.market_id, buyer, seller, mark, size, order.liquidation_id))
            if size < self._unfilled[order.liquidation_id]:
                reports.append(order.liquidation_id)
            else:
                self.filled_orders += 1
        return fills, reports

    def _take(self, order: Event) -> int:
        wanted = self._unfilled[order.liquidation_id]
        if self._depth is None:
            return wanted
        book = (order.market_id, order.side)
        left = self._left.get(book, self._depth[order.market_id - 1])
        size = min(left, wanted)
        self._left[book] = left - size
        return size

    def _send_fills(self, time_nanos: int, fills: Sequence[tuple[int, ...]]) -> None:
        """Send the fills of orders that those before them have not ended."""
        for rows in spans(len(fills), LOAD_ROWS):
            still_open = [fill for fill in map(self._cut, fills[rows]) if fill[4]]
            if not still_open:
                continue
            columns: list[Column] = list(np.array(still_open, dtype=np.int64).T.copy())
            market, buyer, seller, price, size, liquidation = columns
            outcome = self._engine.trades(
                time_nanos, market, buyer, seller, price, size, NO_COLUMN, NO_COLUMN, liquidation
            )
            require_applied(outcome)
            self.note_all(outcome)

    def note_all(self, outcome: Outcome) -> None:
        """Note what a command brought, and what the Continues bring that end its work."""
        self.note(outcome.events)
        for piece in go_on(self._engine):
            self.note(piece.events)

    def _cut(self, fill: tuple[int, ...]) -> tuple[int, ...]:
        """Return the fill with no more than is unfilled of its order now; 0 when that has ended."""
        *trade, size, liquidation = fill
        return (*trade, min(size, self._unfilled.get(liquidation, 0)), liquidation)

    def _send_reports(self, time_nanos: int, reports: Sequence[int]) -> None:
        """Report the orders that have not ended by the fills, or by reports before them."""
        for rows in spans(len(reports), LOAD_ROWS):
            still_open = [order for order in reports[rows] if order in self._unfilled]
            if still_open:
                ids = np.array(still_open, dtype=np.int64)
                outcome = self._engine.liquidation_reports(time_nanos, ids)
                require_applied(outcome)
                self.note_all(outcome)
