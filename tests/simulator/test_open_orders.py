"""Liquidation orders that wait: they shrink and end as the engine says."""

import pytest

from riskengine.api.v1 import instructions_pb2
from riskengine.api.v1.instructions_pb2 import LiquidationOutcome
from riskengine.simulator.open_orders import OpenOrders


def follow(orders: OpenOrders, **body: object) -> None:
    (kind,) = body
    orders.follow(kind, instructions_pb2.Instruction(**body))  # type: ignore[arg-type]


@pytest.fixture
def orders() -> OpenOrders:
    """Order 1 is of 10 lots, order 2 of 20."""
    orders = OpenOrders()
    for number in (1, 2):
        order = instructions_pb2.LiquidationOrder(liquidation_id=number, size_lots=10 * number)
        follow(orders, liquidation_order=order)
    return orders


def sizes(orders: OpenOrders) -> dict[int, int]:
    return {order.liquidation_id: order.size_lots for order in orders.waiting()}


def test_what_is_filled_or_taken_off_does_not_wait(orders: OpenOrders) -> None:
    fill = instructions_pb2.LiquidationFill(liquidation_id=2, size_lots=5)
    follow(orders, liquidation_fill=fill)
    assert sizes(orders) == {1: 10, 2: 15}
    reduced = instructions_pb2.LiquidationOrderReduced(
        liquidation_id=2, size_lots=9, unfilled_lots=4
    )
    follow(orders, liquidation_order_reduced=reduced)
    assert sizes(orders) == {1: 10, 2: 4}


@pytest.mark.parametrize("outcome", LiquidationOutcome.values()[1:])
def test_an_order_that_ended_is_not_reported(
    orders: OpenOrders, outcome: LiquidationOutcome
) -> None:
    asked = orders.waiting()
    ended = instructions_pb2.LiquidationOrderEnded(liquidation_id=1, outcome=outcome)
    follow(orders, liquidation_order_ended=ended)
    assert orders.still_open(asked) == [2]
    ended.liquidation_id = 2
    follow(orders, liquidation_order_ended=ended)
    assert not orders
    assert orders.waiting() == []


def test_other_instructions_leave_them(orders: OpenOrders) -> None:
    follow(orders, margin_call=instructions_pb2.MarginCall(account_id=1))
    assert sizes(orders) == {1: 10, 2: 20}
