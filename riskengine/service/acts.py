"""The one table of acts: each RPC that changes something of this server, and nothing of the log."""

from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.message import Message

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.service.parts import Parts


async def _confirm_instructions(
    parts: Parts, request: risk_pb.ConfirmInstructionsRequest
) -> risk_pb.ConfirmInstructionsResponse:
    parts.identity.check_field(request.expected_log_id)
    confirmed = await parts.consumers.confirm(
        request.consumer_id, request.through_instruction_sequence
    )
    return risk_pb.ConfirmInstructionsResponse(
        confirmed_instruction_sequence=confirmed, log_id=parts.identity.log_id
    )


async def _forget_consumer(
    parts: Parts, request: admin_pb.ForgetConsumerRequest
) -> admin_pb.ForgetConsumerResponse:
    confirmed = await parts.consumers.forget(request.consumer_id)
    return admin_pb.ForgetConsumerResponse(confirmed_instruction_sequence=confirmed)


ACTS: dict[str, Callable[[Parts, Any], Awaitable[Message]]] = {
    "RiskService.ConfirmInstructions": _confirm_instructions,
    "AdminService.ForgetConsumer": _forget_consumer,
}
