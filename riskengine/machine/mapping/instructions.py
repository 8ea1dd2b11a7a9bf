"""Events of the core to instructions of the contract."""

from collections.abc import Callable
from typing import Any

from riskengine.api.v1 import instructions_pb2 as pb
from riskengine.api.v1.risk_service_pb2 import StreamInstructionsResponse
from riskengine.core.enums import EventKind, Side
from riskengine.core.types import Event


def instruction(event: Event) -> pb.Instruction:
    """Map one event."""
    message = pb.Instruction()
    _fill(message, event)
    return message


def instruction_piece(event: Event) -> bytes:
    """Return the event as a response of one instruction, serialised.

    Pieces joined are a response of them all: so is a repeated field merged on the wire.
    """
    response = StreamInstructionsResponse()
    _fill(response.instructions.add(), event)
    return response.SerializeToString()


def cause_of_piece(piece: bytes) -> tuple[int, int]:
    """Return sequence and time of the command that gave the instruction of a piece."""
    (message,) = StreamInstructionsResponse.FromString(piece).instructions
    return message.sequence, message.time_nanos


def _fill(message: pb.Instruction, event: Event) -> None:
    """Fill in place, which copies nothing; the kind's number is that of its field in the body."""
    message.instruction_sequence = event.instruction_sequence
    message.sequence = event.sequence
    message.time_nanos = event.time_nanos
    message.asset_id = event.asset_id
    message.isolated_market_id = event.isolated_market_id
    name, fill_body = _BODIES[event.kind]
    fill_body(getattr(message, name), event)


def _add_evidence(evidence: pb.Evidence, event: Event) -> None:
    evidence.mark_price_ticks = event.mark_price_ticks
    evidence.equity_atoms = event.equity_atoms
    evidence.maintenance_atoms = event.maintenance_atoms
    evidence.position_lots = event.position_lots
    evidence.tier = event.tier


def _bought(event: Event) -> int:
    """Return the lots of an event, negative where its side is short.

    An order, a fill or a trade of that side moves the position by it; a close of a position of that
    side moves it the other way.
    """
    return event.size_lots if event.side == Side.LONG else -event.size_lots


def _margin_call(body: pb.MarginCall, event: Event) -> None:
    body.account_id = event.account_id
    _add_evidence(body.evidence, event)


def _margin_call_cleared(body: pb.MarginCallCleared, event: Event) -> None:
    body.account_id = event.account_id
    _add_evidence(body.evidence, event)


def _cancel_orders(body: pb.CancelOrders, event: Event) -> None:
    body.account_id = event.account_id
    _add_evidence(body.evidence, event)


def _liquidation_order(body: pb.LiquidationOrder, event: Event) -> None:
    body.liquidation_id = event.liquidation_id
    body.account_id = event.account_id
    body.market_id = event.market_id
    body.side = event.side  # type: ignore[assignment]
    body.size_lots = event.size_lots
    body.limit_price_ticks = event.price_ticks
    body.deadline_nanos = event.deadline_nanos
    body.sliced = bool(event.sliced)
    _add_evidence(body.evidence, event)
    body.attempt = event.attempt


def _liquidation_fill(body: pb.LiquidationFill, event: Event) -> None:
    body.liquidation_id = event.liquidation_id
    body.account_id = event.account_id
    body.market_id = event.market_id
    body.side = event.side  # type: ignore[assignment]
    body.size_lots = event.size_lots
    body.price_ticks = event.price_ticks
    body.fee_atoms = event.fee_atoms
    _add_evidence(body.evidence, event)
    body.position_change_lots = _bought(event)


def _liquidation_order_ended(body: pb.LiquidationOrderEnded, event: Event) -> None:
    body.liquidation_id = event.liquidation_id
    body.account_id = event.account_id
    body.market_id = event.market_id
    body.filled_lots = event.size_lots
    body.unfilled_lots = event.needed_lots
    body.outcome = event.outcome  # type: ignore[assignment]


def _take_over(body: pb.TakeOver, event: Event) -> None:
    body.account_id = event.account_id
    body.market_id = event.market_id
    body.fund_id = event.fund_id
    body.fund_account_id = event.counterparty_account_id
    body.side = event.side  # type: ignore[assignment]
    body.size_lots = event.size_lots
    body.quote_atoms = event.quote_atoms
    body.discount_atoms = event.discount_atoms
    _add_evidence(body.evidence, event)
    body.position_change_lots = -_bought(event)


def _auto_deleverage(body: pb.AutoDeleverage, event: Event) -> None:
    body.account_id = event.account_id
    body.counterparty_account_id = event.counterparty_account_id
    body.market_id = event.market_id
    body.side = event.side  # type: ignore[assignment]
    body.size_lots = event.size_lots
    body.price_ticks = event.price_ticks
    body.quote_atoms = event.quote_atoms
    body.rank = event.rank
    body.score_ppm = event.score_ppm
    body.policy = event.policy  # type: ignore[assignment]
    _add_evidence(body.evidence, event)
    body.loss_atoms = event.loss_atoms
    body.position_change_lots = _bought(event)
    body.counterparty_position_change_lots = -_bought(event)


def _loss_allocation(body: pb.LossAllocation, event: Event) -> None:
    body.account_id = event.account_id
    body.market_id = event.market_id
    body.side = event.side  # type: ignore[assignment]
    body.policy = event.policy  # type: ignore[assignment]
    body.needed_lots = event.needed_lots
    body.allocated_lots = event.size_lots
    body.touched_accounts = event.touched_accounts
    body.skipped_accounts = event.skipped_accounts
    body.quote_atoms = event.quote_atoms
    body.fund_payment_atoms = event.amount_atoms
    body.discount_atoms = event.discount_atoms
    body.haircut_atoms = event.haircut_atoms
    _add_evidence(body.evidence, event)
    body.loss_atoms = event.loss_atoms
    body.position_change_lots = -_bought(event)


def _insurance_payout(body: pb.InsurancePayout, event: Event) -> None:
    body.account_id = event.account_id
    body.fund_id = event.fund_id
    body.amount_atoms = event.amount_atoms


def _bad_debt(body: pb.BadDebt, event: Event) -> None:
    body.account_id = event.account_id
    body.amount_atoms = event.amount_atoms


def _liquidation_ended(body: pb.LiquidationEnded, event: Event) -> None:
    body.account_id = event.account_id
    body.state = event.state  # type: ignore[assignment]
    _add_evidence(body.evidence, event)


def _position_mismatch(body: pb.PositionMismatch, event: Event) -> None:
    body.account_id = event.account_id
    body.market_id = event.market_id
    body.engine_lots = event.position_lots
    body.stated_lots = event.stated_lots
    body.position_change_lots = event.stated_lots - event.position_lots


def _liquidation_order_reduced(body: pb.LiquidationOrderReduced, event: Event) -> None:
    body.liquidation_id = event.liquidation_id
    body.account_id = event.account_id
    body.market_id = event.market_id
    body.side = event.side  # type: ignore[assignment]
    body.size_lots = event.size_lots
    body.unfilled_lots = event.needed_lots


def _trade_repriced(body: pb.TradeRepriced, event: Event) -> None:
    body.account_id = event.account_id
    body.counterparty_account_id = event.counterparty_account_id
    body.market_id = event.market_id
    body.side = event.side  # type: ignore[assignment]
    body.size_lots = event.size_lots
    body.price_ticks = event.price_ticks
    body.amount_atoms = event.amount_atoms
    _add_evidence(body.evidence, event)
    body.position_change_lots = _bought(event)


def _cancel_liquidation_order(body: pb.CancelLiquidationOrder, event: Event) -> None:
    body.liquidation_id = event.liquidation_id
    body.account_id = event.account_id
    body.market_id = event.market_id
    body.side = event.side  # type: ignore[assignment]
    body.unfilled_lots = event.needed_lots
    body.deadline_nanos = event.deadline_nanos


def _late_fill(body: pb.LateFill, event: Event) -> None:
    body.liquidation_id = event.liquidation_id
    body.account_id = event.account_id
    body.market_id = event.market_id
    body.fund_id = event.fund_id
    body.fund_account_id = event.counterparty_account_id
    body.side = event.side  # type: ignore[assignment]
    body.size_lots = event.size_lots
    body.price_ticks = event.price_ticks
    body.fund_position_change_lots = _bought(event)


def _loss_spread(body: pb.LossSpread, event: Event) -> None:
    body.account_id = event.account_id
    body.amount_atoms = event.amount_atoms
    _add_evidence(body.evidence, event)


def _debt_written_off(body: pb.DebtWrittenOff, event: Event) -> None:
    body.account_id = event.account_id
    body.amount_atoms = event.amount_atoms
    body.payer = event.payer  # type: ignore[assignment]
    body.fund_id = event.fund_id
    body.left_atoms = event.left_atoms


_BODIES: dict[int, tuple[str, Callable[[Any, Event], None]]] = {
    EventKind.MARGIN_CALL: ("margin_call", _margin_call),
    EventKind.MARGIN_CALL_CLEARED: ("margin_call_cleared", _margin_call_cleared),
    EventKind.CANCEL_ORDERS: ("cancel_orders", _cancel_orders),
    EventKind.LIQUIDATION_ORDER: ("liquidation_order", _liquidation_order),
    EventKind.LIQUIDATION_FILL: ("liquidation_fill", _liquidation_fill),
    EventKind.LIQUIDATION_ORDER_ENDED: ("liquidation_order_ended", _liquidation_order_ended),
    EventKind.TAKE_OVER: ("take_over", _take_over),
    EventKind.AUTO_DELEVERAGE: ("auto_deleverage", _auto_deleverage),
    EventKind.LOSS_ALLOCATION: ("loss_allocation", _loss_allocation),
    EventKind.INSURANCE_PAYOUT: ("insurance_payout", _insurance_payout),
    EventKind.BAD_DEBT: ("bad_debt", _bad_debt),
    EventKind.LIQUIDATION_ENDED: ("liquidation_ended", _liquidation_ended),
    EventKind.POSITION_MISMATCH: ("position_mismatch", _position_mismatch),
    EventKind.LIQUIDATION_ORDER_REDUCED: ("liquidation_order_reduced", _liquidation_order_reduced),
    EventKind.TRADE_REPRICED: ("trade_repriced", _trade_repriced),
    EventKind.CANCEL_LIQUIDATION_ORDER: ("cancel_liquidation_order", _cancel_liquidation_order),
    EventKind.LATE_FILL: ("late_fill", _late_fill),
    EventKind.LOSS_SPREAD: ("loss_spread", _loss_spread),
    EventKind.DEBT_WRITTEN_OFF: ("debt_written_off", _debt_written_off),
}
