"""Values of the core to the messages that answer questions."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1 import state_pb2 as state_pb
from riskengine.core.types import MarketView, OrderCheck
from riskengine.machine.frozen_state import FrozenState
from riskengine.machine.mapping.results import rejection

MessageT = TypeVar("MessageT", bound=Message)


def message_of(message: type[MessageT], value: Any) -> MessageT:
    """Make a message whose fields are those of a value, by name.

    A message in it that the value does not name is made of the same value. Whole numbers beyond 64
    bits travel as decimal text.
    """
    return message(**{name: read(value) for name, read in _fields(message.DESCRIPTOR)})


@cache
def _fields(message: Any) -> list[tuple[str, Callable[[Any], Any]]]:
    return [(field.name, _reader(field)) for field in message.fields]


def _reader(field: Any) -> Callable[[Any], Any]:
    name: str = field.name
    if field.message_type:
        made = partial(message_of, GetMessageClass(field.message_type))
        if field.is_repeated:
            return lambda value: map(made, getattr(value, name))
        return lambda value: made(getattr(value, name, value))
    if field.type == FieldDescriptor.TYPE_STRING:
        return lambda value: str(getattr(value, name))
    return lambda value: getattr(value, name)


def market_state(view: MarketView) -> admin_pb.MarketState:
    """Map a market with what it stands at."""
    return admin_pb.MarketState(
        market=message_of(admin_pb.Market, view.parameters),
        mark_price_ticks=view.mark_price_ticks,
        open_interest_lots=view.long_lots,
        imbalance_lots=view.imbalance_lots,
    )


def state_head(frozen: FrozenState, log_id: str) -> bytes:
    """Return the first message of a state stream, serialised."""
    head = state_pb.StateHead(
        sequence=frozen.sequence,
        time_nanos=frozen.time_nanos,
        next_instruction_sequence=frozen.next_instruction_sequence,
        venue_mode=frozen.venue_mode,  # type: ignore[arg-type]
        last_liquidation_id=frozen.last_liquidation_id,
        parameters=message_of(admin_pb.RiskParameters, frozen.parameters),
        assets=[message_of(admin_pb.Asset, view) for view in frozen.assets],
        markets=map(market_state, frozen.markets),
        funds=[message_of(admin_pb.InsuranceFund, view) for view in frozen.funds],
        log_id=log_id,
        fund_windows=[message_of(state_pb.FundWindow, one) for one in frozen.fund_windows],
        market_payouts=[message_of(state_pb.MarketPayouts, one) for one in frozen.market_payouts],
    )
    return state_pb.StreamStateResponse(head=head).SerializeToString()


def order_check(check: OrderCheck) -> risk_pb.CheckOrderResponse:
    """Map the answer to a planned order."""
    return risk_pb.CheckOrderResponse(
        accepted=check.rejection is None,
        rejection=None if check.rejection is None else rejection(check.rejection),
        equity_after_atoms=check.equity_after_atoms,
        initial_after_atoms=check.initial_after_atoms,
    )
