"""Events of the core to instructions of the contract."""

from collections.abc import Callable

from google.protobuf.message import Message

from riskengine.api.v1 import instructions_pb2 as pb
from riskengine.api.v1.risk_service_pb2 import StreamInstructionsResponse
from riskengine.core.enums import EventKind
from riskengine.core.types import Event


def instruction(event: Event) -> pb.Instruction:
    """Map one event; the number of its kind is the number of its field in the body."""
    name, body = _BODIES[event.kind]
    return pb.Instruction(
        instruction_sequence=event.instruction_sequence,
        sequence=event.sequence,
        time_nanos=event.time_nanos,
        **{name: body(event)},  # type: ignore[arg-type]
    )


def instruction_piece(event: Event) -> bytes:
    """Return the event as a response of one instruction, serialised.

    Pieces joined are a response of them all: so is a repeated field merged on the wire.
    """
    return StreamInstructionsResponse(instructions=[instruction(event)]).SerializeToString()


def _evidence(event: Event) -> pb.Evidence:
    return pb.Evidence(
        mark_price_ticks=event.mark_price_ticks,
        equity_atoms=event.equity_atoms,
        maintenance_atoms=event.maintenance_atoms,
        position_lots=event.position_lots,
        tier=event.tier,
    )


def _margin_call(event: Event) -> pb.MarginCall:
    return pb.MarginCall(account_id=event.account_id, evidence=_evidence(event))


def _margin_call_cleared(event: Event) -> pb.MarginCallCleared:
    return pb.MarginCallCleared(account_id=event.account_id, evidence=_evidence(event))


def _cancel_orders(event: Event) -> pb.CancelOrders:
    return pb.CancelOrders(account_id=event.account_id, evidence=_evidence(event))


def _liquidation_order(event: Event) -> pb.LiquidationOrder:
    return pb.LiquidationOrder(
        liquidation_id=event.liquidation_id,
        account_id=event.account_id,
        market_id=event.market_id,
        side=event.side,  # type: ignore[arg-type]
        size_lots=event.size_lots,
        limit_price_ticks=event.price_ticks,
        deadline_nanos=event.deadline_nanos,
        sliced=bool(event.sliced),
        evidence=_evidence(event),
    )


def _liquidation_fill(event: Event) -> pb.LiquidationFill:
    return pb.LiquidationFill(
        liquidation_id=event.liquidation_id,
        account_id=event.account_id,
        market_id=event.market_id,
        side=event.side,  # type: ignore[arg-type]
        size_lots=event.size_lots,
        price_ticks=event.price_ticks,
        fee_atoms=event.fee_atoms,
        evidence=_evidence(event),
    )


def _liquidation_order_ended(event: Event) -> pb.LiquidationOrderEnded:
    return pb.LiquidationOrderEnded(
        liquidation_id=event.liquidation_id,
        account_id=event.account_id,
        market_id=event.market_id,
        filled_lots=event.size_lots,
        unfilled_lots=event.needed_lots,
        outcome=event.outcome,  # type: ignore[arg-type]
    )


def _take_over(event: Event) -> pb.TakeOver:
    return pb.TakeOver(
        account_id=event.account_id,
        market_id=event.market_id,
        fund_id=event.fund_id,
        fund_account_id=event.counterparty_account_id,
        side=event.side,  # type: ignore[arg-type]
        size_lots=event.size_lots,
        quote_atoms=event.quote_atoms,
        fee_atoms=event.fee_atoms,
        evidence=_evidence(event),
    )


def _auto_deleverage(event: Event) -> pb.AutoDeleverage:
    return pb.AutoDeleverage(
        account_id=event.account_id,
        counterparty_account_id=event.counterparty_account_id,
        market_id=event.market_id,
        side=event.side,  # type: ignore[arg-type]
        size_lots=event.size_lots,
        price_ticks=event.price_ticks,
        quote_atoms=event.quote_atoms,
        rank=event.rank,
        score_ppm=event.score_ppm,
        policy=event.policy,  # type: ignore[arg-type]
        evidence=_evidence(event),
    )


def _loss_allocation(event: Event) -> pb.LossAllocation:
    return pb.LossAllocation(
        account_id=event.account_id,
        market_id=event.market_id,
        side=event.side,  # type: ignore[arg-type]
        policy=event.policy,  # type: ignore[arg-type]
        needed_lots=event.needed_lots,
        allocated_lots=event.size_lots,
        touched_accounts=event.touched_accounts,
        skipped_accounts=event.skipped_accounts,
        quote_atoms=event.quote_atoms,
        fund_payment_atoms=event.amount_atoms,
        fee_atoms=event.fee_atoms,
        haircut_atoms=event.haircut_atoms,
        evidence=_evidence(event),
    )


def _insurance_payout(event: Event) -> pb.InsurancePayout:
    return pb.InsurancePayout(
        account_id=event.account_id, fund_id=event.fund_id, amount_atoms=event.amount_atoms
    )


def _bad_debt(event: Event) -> pb.BadDebt:
    return pb.BadDebt(account_id=event.account_id, amount_atoms=event.amount_atoms)


def _liquidation_ended(event: Event) -> pb.LiquidationEnded:
    return pb.LiquidationEnded(
        account_id=event.account_id,
        state=event.state,  # type: ignore[arg-type]
        evidence=_evidence(event),
    )


def _position_mismatch(event: Event) -> pb.PositionMismatch:
    return pb.PositionMismatch(
        account_id=event.account_id,
        market_id=event.market_id,
        engine_lots=event.position_lots,
        stated_lots=event.stated_lots,
    )


_BODIES: dict[int, tuple[str, Callable[[Event], Message]]] = {
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
}
