"""Round trips, one at a time: an echo, and from a mark to the liquidation order that it causes."""

from time import perf_counter_ns
from typing import TypeAlias

import grpc

from loadtests.bench.client import SERVICE, Channel, open_submit, read, require_applied
from riskengine.api.v1 import risk_service_pb2

Subscribe: TypeAlias = "grpc.aio.UnaryStreamMultiCallable[bytes, bytes]"


class EchoTrips:
    """A Submit stream on which each batch is sent when the one before is answered."""

    def __init__(self, channel: Channel) -> None:
        self.nanos: list[int] = []
        self._call = open_submit(channel)

    async def once(self, request: bytes) -> None:
        """Time one batch and its answer."""
        began = perf_counter_ns()
        await self._call.write(request)
        risk_service_pb2.SubmitResponse.FromString(await read(self._call))
        self.nanos.append(perf_counter_ns() - began)

    def close(self) -> None:
        """End the stream."""
        self._call.cancel()


class Decisions:
    """A Submit stream for marks and a stream of instructions, from a number on."""

    def __init__(self, channel: Channel, from_instruction_sequence: int) -> None:
        self.nanos: list[int] = []
        self._submit = open_submit(channel)
        subscribe: Subscribe = channel.unary_stream(f"{SERVICE}/StreamInstructions")
        wanted = risk_service_pb2.StreamInstructionsRequest(
            from_instruction_sequence=from_instruction_sequence
        )
        self._instructions = subscribe(wanted.SerializeToString())

    async def once(self, request: bytes, account_id: int) -> None:
        """Time a mark to the order that closes the account, then wait for the answer as well."""
        began = perf_counter_ns()
        await self._submit.write(request)
        await self._order_of(account_id)
        self.nanos.append(perf_counter_ns() - began)
        require_applied(await read(self._submit))

    async def _order_of(self, account_id: int) -> None:
        """Read on until the liquidation order of the account has come."""
        while True:
            raw = await read(self._instructions)
            message = risk_service_pb2.StreamInstructionsResponse.FromString(raw)
            for instruction in message.instructions:
                if instruction.liquidation_order.account_id == account_id:
                    return

    def close(self) -> None:
        """End both streams."""
        self._submit.cancel()
        self._instructions.cancel()
