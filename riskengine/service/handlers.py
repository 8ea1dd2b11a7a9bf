"""What serves each RPC: a command, a question, an act, or one of a few by itself."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from time import monotonic_ns

from google.protobuf.descriptor import ServiceDescriptor

from riskengine.api.v1.admin_service_pb2 import (
    ConfirmStartRequest,
    ConfirmStartResponse,
    TakeSnapshotRequest,
    TakeSnapshotResponse,
)
from riskengine.api.v1.risk_service_pb2 import (
    GetClientRequest,
    StreamInstructionsRequest,
    StreamInstructionsResponse,
)
from riskengine.api.v1.state_pb2 import StreamStateRequest
from riskengine.machine.command import Received
from riskengine.machine.contract import request_type, response_type
from riskengine.machine.mapping.known import read_known
from riskengine.machine.request_kinds import KIND_OF
from riskengine.machine.sessions import ClientName
from riskengine.service.access import AccessControl
from riskengine.service.acts import ACTS
from riskengine.service.availability import Availability
from riskengine.service.clients import client_response
from riskengine.service.parts import Parts
from riskengine.service.questions import QUESTIONS
from riskengine.service.roles import RPCS, Reach
from riskengine.service.rpc import (
    Call,
    Edge,
    RpcHandler,
    exchange_handler,
    stream_handler,
    unary_handler,
)
from riskengine.service.sequencer import Sequencer
from riskengine.service.snapshots import SnapshotTaker
from riskengine.service.state_streams import StateStreams
from riskengine.service.submit_stream import InFlight, SubmitStream
from riskengine.service.subscriptions import Subscriptions
from riskengine.service.views import message_of

SUBMIT = "RiskService.Submit"
STREAM_INSTRUCTIONS = "RiskService.StreamInstructions"
STREAM_STATE = "AccountService.StreamState"
TAKE_SNAPSHOT = "AdminService.TakeSnapshot"
CONFIRM_START = "AdminService.ConfirmStart"
GET_CLIENT = "RiskService.GetClient"


@dataclass(frozen=True, slots=True)
class Handlers:
    """Make the handler of each RPC: what is not by itself, no question and no act is a command."""

    sequencer: Sequencer
    parts: Parts
    subscriptions: Subscriptions
    state_streams: StateStreams
    snapshots: SnapshotTaker
    availability: Availability
    access: AccessControl
    max_in_flight_batches: int

    @property
    def _edge(self) -> Edge:
        return Edge(self.availability, self.parts.identity, self.access)

    def of(self, service: ServiceDescriptor) -> dict[str, RpcHandler]:
        """Return a handler for each method of a service, by its name."""
        return {
            method.name: self._handler(f"{service.name}.{method.name}")
            for method in service.methods
        }

    def _handler(self, rpc: str) -> RpcHandler:
        if rpc == SUBMIT:
            return exchange_handler(rpc, self._submit, self._edge)
        if rpc == STREAM_INSTRUCTIONS:
            return stream_handler(rpc, self._stream_instructions, self._edge)
        if rpc == STREAM_STATE:
            return stream_handler(rpc, self._stream_state, self._edge)
        by_itself = {
            TAKE_SNAPSHOT: self._take_snapshot,
            CONFIRM_START: self._confirm_start,
            GET_CLIENT: self._get_client,
        }
        if rpc in by_itself:
            return unary_handler(rpc, by_itself[rpc], self._edge)
        if rpc in QUESTIONS:
            return self._question(rpc)
        if rpc in ACTS:
            return self._act(rpc)
        return self._command(rpc)

    async def _submit(self, call: Call, raw_requests: AsyncIterator[bytes]) -> None:
        in_flight = InFlight(self.max_in_flight_batches, self.parts.machine.sessions)
        await SubmitStream(self.sequencer, call, in_flight).run(raw_requests)

    async def _stream_instructions(self, call: Call, raw: bytes) -> None:
        read = partial(read_known, StreamInstructionsRequest)
        request = call.parse(read, StreamInstructionsRequest, raw)
        identity = self.parts.identity
        identity.check_field(request.expected_log_id)
        head = StreamInstructionsResponse(log_id=identity.log_id).SerializeToString()
        stream = self.subscriptions.stream(request.from_instruction_sequence)
        async with aclosing(stream) as answers:
            async for answer, count in answers:
                await call.context.write(head + answer)
                head = b""
                call.facts["instructions"] += count
                call.touch()

    async def _stream_state(self, call: Call, raw: bytes) -> None:
        request = call.parse(partial(read_known, StreamStateRequest), StreamStateRequest, raw)
        call.facts["messages"] = await self.state_streams.send(request, call.context.write)

    async def _take_snapshot(self, call: Call, raw: bytes) -> bytes:
        call.parse(partial(read_known, TakeSnapshotRequest), TakeSnapshotRequest, raw)
        taken = await self.snapshots.take()
        return message_of(TakeSnapshotResponse, taken).SerializeToString()

    async def _confirm_start(self, call: Call, raw: bytes) -> bytes:
        request = call.parse(partial(read_known, ConfirmStartRequest), ConfirmStartRequest, raw)
        caller = call.admission.caller.name
        begun = await self.parts.start.confirm(request.log_time_nanos, caller)
        await self.parts.outbox.told(begun.sequence)
        return ConfirmStartResponse(**begun._asdict()).SerializeToString()

    async def _get_client(self, call: Call, raw: bytes) -> bytes:
        """Answer of a client of whoever asks, and of nobody else's."""
        request = call.parse(partial(read_known, GetClientRequest), GetClientRequest, raw)
        parts, name = self.parts, ClientName(call.admission.caller.name, request.client_id)
        try:
            response = client_response(parts, name)
        finally:
            await parts.outbox.settled()
        return response.SerializeToString()

    def _question(self, rpc: str) -> RpcHandler:
        question, parts, request = QUESTIONS[rpc], self.parts, request_type(rpc)
        read = partial(read_known, request)
        account_of = attrgetter("account_id") if RPCS[rpc].reach is Reach.ACCOUNT else None

        async def answer(call: Call, raw: bytes) -> bytes:
            asked = call.parse(read, request, raw)
            if account_of is not None:
                call.admission.check_account(account_of(asked))
            try:
                answered = question.answer(parts, asked)
                response = await answered if isinstance(answered, Awaitable) else answered
            finally:
                if not question.tells_what_is_durable:
                    await parts.outbox.settled()
            return response.SerializeToString()

        return unary_handler(rpc, answer, self._edge)

    def _act(self, rpc: str) -> RpcHandler:
        act, parts, request = ACTS[rpc], self.parts, request_type(rpc)
        read = partial(read_known, request)

        async def answer(call: Call, raw: bytes) -> bytes:
            response = await act(parts, call.parse(read, request, raw))
            return response.SerializeToString()

        return unary_handler(rpc, answer, self._edge)

    def _command(self, rpc: str) -> RpcHandler:
        kind, response = KIND_OF[request_type(rpc)], response_type(rpc)
        sequencer = self.sequencer

        async def answer(call: Call, raw: bytes) -> bytes:
            asked = call.parse(kind.read, kind.request, raw)
            admission = call.admission
            is_noted = admission.is_noted(rpc)
            received = Received(raw, asked, monotonic_ns(), admission.caller.name, is_noted)
            result = await sequencer.execute(kind, received)
            call.count_rows(result)
            return response(result=result).SerializeToString()

        return unary_handler(rpc, answer, self._edge)
