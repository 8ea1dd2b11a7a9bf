"""From a mark sent to the liquidation order that it causes, over the wire."""

from collections.abc import Sequence
from time import perf_counter_ns
from typing import TypeAlias

import grpc

from loadtests.bench.client import SERVICE, Channel, open_submit, read, require_applied
from riskengine.api.v1 import risk_service_pb2

Subscribe: TypeAlias = "grpc.aio.UnaryStreamMultiCallable[bytes, bytes]"
Instructions: TypeAlias = "grpc.aio.UnaryStreamCall[bytes, bytes]"


async def mark_to_instruction(
    channel: Channel,
    requests: Sequence[bytes],
    account_ids: Sequence[int],
    from_instruction_sequence: int,
) -> list[int]:
    """Send marks, each of which liquidates one account; return nanoseconds to its order.

    Each is sent when the one before has been answered as well, on streams that stay open.
    """
    submit = open_submit(channel)
    open_stream: Subscribe = channel.unary_stream(f"{SERVICE}/StreamInstructions")
    wanted = risk_service_pb2.StreamInstructionsRequest(
        from_instruction_sequence=from_instruction_sequence
    )
    instructions = open_stream(wanted.SerializeToString())
    nanos = []
    for request, account_id in zip(requests, account_ids, strict=True):
        began = perf_counter_ns()
        await submit.write(request)
        await _order_of(instructions, account_id)
        nanos.append(perf_counter_ns() - began)
        require_applied(await read(submit))
    submit.cancel()
    instructions.cancel()
    return nanos


async def _order_of(instructions: Instructions, account_id: int) -> None:
    """Read on until the liquidation order of the account has come."""
    while True:
        message = risk_service_pb2.StreamInstructionsResponse.FromString(await read(instructions))
        for instruction in message.instructions:
            if instruction.liquidation_order.account_id == account_id:
                return
