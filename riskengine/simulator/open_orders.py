"""Liquidation orders that wait for the book."""

from collections.abc import Sequence

from riskengine.api.v1 import instructions_pb2


class OpenOrders:
    """The orders that the engine has issued and not ended, oldest first."""

    def __init__(self) -> None:
        self._orders: dict[int, instructions_pb2.LiquidationOrder] = {}

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._orders)

    def waiting(self) -> list[instructions_pb2.LiquidationOrder]:
        """Return the orders, each with the size that is unfilled."""
        return list(self._orders.values())

    def still_open(self, orders: Sequence[instructions_pb2.LiquidationOrder]) -> list[int]:
        """Return the ids of those of them that have not ended."""
        return [order.liquidation_id for order in orders if order.liquidation_id in self._orders]

    def follow(self, kind: str, instruction: instructions_pb2.Instruction) -> None:
        """Open, shrink or cancel an order as an instruction says; any other changes none."""
        match kind:
            case "liquidation_order":
                order = instructions_pb2.LiquidationOrder()
                order.CopyFrom(instruction.liquidation_order)
                self._orders[order.liquidation_id] = order
            case "liquidation_fill":
                fill = instruction.liquidation_fill
                self._orders[fill.liquidation_id].size_lots -= fill.size_lots
            case "liquidation_order_reduced":
                reduced = instruction.liquidation_order_reduced
                self._orders[reduced.liquidation_id].size_lots = reduced.unfilled_lots
            case "liquidation_order_ended":
                del self._orders[instruction.liquidation_order_ended.liquidation_id]
