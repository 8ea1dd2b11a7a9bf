"""A gRPC server that breaks its streams on purpose."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import grpc.aio

from riskengine.api.v1 import (
    common_pb2,
    instructions_pb2,
    risk_service_pb2,
    risk_service_pb2_grpc,
)
from riskengine.simulator.client import EngineClient, open_channel

Submit = risk_service_pb2.SubmitRequest
Answer = risk_service_pb2.SubmitResponse
INCARNATION = 1_000


class FlakyEngine(risk_service_pb2_grpc.RiskServiceServicer):
    """Applies each batch once, and forgets to answer now and then.

    A stream ends after `answers_a_stream` answers, with one more batch applied and not answered.
    Batches of liquidation reports are not taken, those of deposits are refused whole.
    """

    def __init__(self, *, answers_a_stream: int, instructions: int) -> None:
        self.applied: list[int] = []
        self.streams = 0
        self._answers_a_stream = answers_a_stream
        self._instructions = instructions

    async def RegisterClient(  # noqa: N802 - named by the contract
        self,
        request: risk_service_pb2.RegisterClientRequest,
        context: grpc.aio.ServicerContext[
            risk_service_pb2.RegisterClientRequest, risk_service_pb2.RegisterClientResponse
        ],
    ) -> risk_service_pb2.RegisterClientResponse:
        result = common_pb2.CommandResult(sequence=INCARNATION, incarnation=INCARNATION)
        return risk_service_pb2.RegisterClientResponse(result=result)

    async def Submit(  # noqa: N802 - named by the contract
        self,
        request_iterator: AsyncIterator[Submit],
        context: grpc.aio.ServicerContext[Submit, Answer],
    ) -> AsyncIterator[Answer]:
        self.streams += 1
        answered = 0
        async for request in request_iterator:
            number = request.key.batch_sequence
            assert request.key.incarnation == INCARNATION
            duplicate = number in self.applied
            if request.WhichOneof("batch") == "liquidation_reports":
                yield Answer(batch_sequence=number)
                continue
            if not duplicate:
                assert number == len(self.applied) + 1, "a gap"
                self.applied.append(number)
            if answered == self._answers_a_stream:
                await context.abort(grpc.StatusCode.UNAVAILABLE, "going away")
            answered += 1
            is_refused = request.WhichOneof("batch") == "deposits"
            result = common_pb2.CommandResult(
                sequence=number,
                duplicate=duplicate,
                applied_rows=0 if is_refused else 1,
                outcome=(
                    common_pb2.COMMAND_OUTCOME_REFUSED
                    if is_refused
                    else common_pb2.COMMAND_OUTCOME_APPLIED
                ),
            )
            yield Answer(batch_sequence=number, result=result)

    async def StreamInstructions(  # noqa: N802 - named by the contract
        self,
        request: risk_service_pb2.StreamInstructionsRequest,
        context: grpc.aio.ServicerContext[
            risk_service_pb2.StreamInstructionsRequest, risk_service_pb2.StreamInstructionsResponse
        ],
    ) -> AsyncIterator[risk_service_pb2.StreamInstructionsResponse]:
        """Give two at a time, four a stream."""
        self.streams += 1
        first = request.from_instruction_sequence
        last = min(first + 3, self._instructions)
        for number in range(first, last + 1, 2):
            yield risk_service_pb2.StreamInstructionsResponse(
                instructions=[
                    instructions_pb2.Instruction(instruction_sequence=each)
                    for each in range(number, min(number + 1, last) + 1)
                ]
            )
        await context.abort(grpc.StatusCode.UNAVAILABLE, "going away")


def flaky_engine(*, answers_a_stream: int = 1_000_000, instructions: int = 0) -> FlakyEngine:
    """Return one; what it does not implement answers UNIMPLEMENTED."""
    return FlakyEngine(  # type: ignore[abstract]
        answers_a_stream=answers_a_stream, instructions=instructions
    )


@asynccontextmanager
async def serving(engine: FlakyEngine) -> AsyncIterator[EngineClient]:
    """Serve on a free port; yield a client of it."""
    server = grpc.aio.server()
    risk_service_pb2_grpc.add_RiskServiceServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with open_channel(f"127.0.0.1:{port}") as channel:
            yield EngineClient(channel)
    finally:
        await server.stop(None)
