"""Liquidation orders that the venue answers only after their deadline, or after their end."""

from collections.abc import Sequence
from random import Random

from riskengine.api.v1 import instructions_pb2

LATE_SHARE = 0.3
"""How many of a slow market's orders are late while the venue may wait."""
AFTER_END_SHARE = 0.5
"""How often the fills of late orders come behind the report that they are done."""
MOST_WAITS = 24
"""How often the venue waits in a run at most: each time as long as the market's timeout."""


class LateAnswers:
    """Chooses late orders in one market, seeded, and knows which of them are cancelled."""

    def __init__(self, market_id: int, steps: int, seed: int) -> None:
        self._market_id = market_id
        self._steps_apart = -(-steps // MOST_WAITS)
        self._may_wait_from = 0
        self._rng = Random(f"late answers {seed}")
        self._late: set[int] = set()
        self._cancelled: set[int] = set()
        self.orders = 0
        """How many orders were answered once they were cancelled."""
        self.fills_after_end = 0

    def follow(self, kind: str, instruction: instructions_pb2.Instruction, step: int) -> None:
        """Choose among new orders; note which are cancelled, and forget which have ended."""
        match kind:
            case "liquidation_order":
                order = instruction.liquidation_order
                if order.market_id == self._market_id and self._is_chosen(step):
                    self._late.add(order.liquidation_id)
            case "cancel_liquidation_order":
                self._cancelled.add(instruction.cancel_liquidation_order.liquidation_id)
            case "liquidation_order_ended":
                ended = instruction.liquidation_order_ended.liquidation_id
                self._late.discard(ended)
                self._cancelled.discard(ended)

    def _is_chosen(self, step: int) -> bool:
        return self._rng.random() < LATE_SHARE and step >= self._may_wait_from

    def prompt(
        self, orders: Sequence[instructions_pb2.LiquidationOrder]
    ) -> list[instructions_pb2.LiquidationOrder]:
        """Return those of the orders that are answered at once."""
        return [order for order in orders if order.liquidation_id not in self._late]

    def are_cancelled(self, orders: Sequence[instructions_pb2.LiquidationOrder]) -> bool:
        """Tell whether all of the orders that are late were cancelled at their deadlines."""
        ids = {order.liquidation_id for order in orders}
        return not (ids & self._late) - self._cancelled

    def come_after_end(
        self, orders: Sequence[instructions_pb2.LiquidationOrder], step: int
    ) -> bool:
        """Count late orders that are answered now; tell whether fills come after their end."""
        self._may_wait_from = step + self._steps_apart
        self.orders += len(orders)
        return self._rng.random() < AFTER_END_SHARE
