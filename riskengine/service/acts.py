"""The one table of acts: each RPC that changes something of this server, and nothing of the log."""

from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.message import Message

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.service.questions import Desk


async def _confirm_instructions(
    desk: Desk, request: risk_pb.ConfirmInstructionsRequest
) -> risk_pb.ConfirmInstructionsResponse:
    confirmed = await desk.consumers.confirm(
        request.consumer_id, request.through_instruction_sequence
    )
    return risk_pb.ConfirmInstructionsResponse(confirmed_instruction_sequence=confirmed)


async def _forget_consumer(
    desk: Desk, request: admin_pb.ForgetConsumerRequest
) -> admin_pb.ForgetConsumerResponse:
    confirmed = await desk.consumers.forget(request.consumer_id)
    return admin_pb.ForgetConsumerResponse(confirmed_instruction_sequence=confirmed)


ACTS: dict[str, Callable[[Desk, Any], Awaitable[Message]]] = {
    "RiskService.ConfirmInstructions": _confirm_instructions,
    "AdminService.ForgetConsumer": _forget_consumer,
}
