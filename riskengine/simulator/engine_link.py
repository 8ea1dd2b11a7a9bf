"""The venue's side of the engine's API: sends, waits for decisions, and measures."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from riskengine.api.v1 import admin_service_pb2, common_pb2, risk_service_pb2
from riskengine.simulator.client import EngineClient
from riskengine.simulator.columns import (
    chunks,
    deposit_columns,
    mark_columns,
    report_columns,
    trade_columns,
)
from riskengine.simulator.instruction_stream import InstructionStream, Received
from riskengine.simulator.latency import LatencyRecorder
from riskengine.simulator.ledger import Ledger, Trade
from riskengine.simulator.submit_stream import Ack, SubmitStream

CLIENT_ID = "demo-venue"
CALL_SECONDS = 30.0


@dataclass(slots=True)
class Telemetry:
    """What the client measured."""

    answers: LatencyRecorder = field(default_factory=LatencyRecorder)
    """Batch sent to durable answer."""
    decisions: LatencyRecorder = field(default_factory=LatencyRecorder)
    """Marks sent to each instruction that they caused."""
    checks: LatencyRecorder = field(default_factory=LatencyRecorder)
    """Order checks."""
    batches: int = 0
    rows: int = 0
    refused_rows: int = 0
    first_refusal: str = ""
    sequence: int = 0


class EngineLink:
    """Sends the venue's batches; the ledger follows what the engine answers."""

    def __init__(self, client: EngineClient, ledger: Ledger) -> None:
        self.client = client
        self.ledger = ledger
        self.telemetry = Telemetry()
        self._submit = SubmitStream(client, CLIENT_ID)
        self._instructions = InstructionStream(client)
        self._sent: list[
            tuple[asyncio.Future[Ack], Sequence[Trade], Sequence[tuple[int, int]]]
        ] = []

    async def close(self) -> None:
        """End both streams."""
        await self._submit.close()
        await self._instructions.close()

    async def send_trades(self, trades: Sequence[Trade]) -> None:
        """Send trades; they are in the ledger after `answered`."""
        for batch in chunks(trades):
            answer = await self._submit.submit(trade_columns(self.ledger.markets, batch))
            self._sent.append((answer, batch, ()))

    async def send_deposits(self, deposits: Sequence[tuple[int, int]]) -> None:
        """Send deposits; they are in the ledger after `answered`."""
        for batch in chunks(deposits):
            answer = await self._submit.submit(deposit_columns(batch))
            self._sent.append((answer, (), batch))

    async def send_reports(self, liquidation_ids: Sequence[int]) -> None:
        """Report liquidation orders as done."""
        for batch in chunks(liquidation_ids):
            answer = await self._submit.submit(report_columns(batch))
            self._sent.append((answer, (), ()))

    async def send_marks(self, marks_ticks: Sequence[int]) -> Ack:
        """Send the marks of one instant; return the answer, with all before it booked."""
        columns = mark_columns(self.ledger.markets, marks_ticks)
        answer = await self._submit.submit(columns)
        self._sent.append((answer, (), ()))
        await self.answered()
        self.ledger.marks = list(marks_ticks)
        return answer.result()

    async def answered(self) -> None:
        """Wait for every answer; book what was applied."""
        sent, self._sent = self._sent, []
        for answer, trades, deposits in sent:
            ack = await answer
            self.telemetry.answers.add(ack.answered_nanos - ack.sent_nanos)
            self.telemetry.batches += 1
            self.telemetry.sequence = ack.result.sequence
            self.telemetry.rows += ack.result.applied_rows
            refused = self._refused(ack.result)
            self.ledger.trades(t for row, t in enumerate(trades) if row not in refused)
            for row, (account_id, amount) in enumerate(deposits):
                if row not in refused:
                    self.ledger.deposit(account_id, amount)

    def _refused(self, result: common_pb2.CommandResult) -> set[int]:
        if not result.rejected_rows:
            return set()
        assert len(result.rejections) == result.rejected_rows, "more refusals than are listed"
        first = result.rejections[0]
        reason = common_pb2.RejectReason.Name(first.reason)
        self.telemetry.first_refusal = self.telemetry.first_refusal or (
            f"command {result.sequence}, row {first.row}: {reason} {first.message}"
        )
        self.telemetry.refused_rows += result.rejected_rows
        return {rejection.row for rejection in result.rejections}

    async def decided(self, marks: Ack | None = None) -> list[Received]:
        """Return every instruction that anything answered so far has caused.

        A command may cause none, so the engine is asked how far its instructions go.
        """
        state = await self.client.admin.GetState(
            admin_service_pb2.GetStateRequest(), timeout=CALL_SECONDS
        )
        received = await self._instructions.read_to(state.instruction_sequence)
        if marks is not None:
            for instruction, received_nanos in received:
                if instruction.sequence == marks.result.sequence:
                    self.telemetry.decisions.add(received_nanos - marks.sent_nanos)
        return received

    async def may_rest(self, request: risk_service_pb2.CheckOrderRequest) -> bool:
        """Ask whether an order is accepted."""
        began = time.monotonic_ns()
        answer = await self.client.risk.CheckOrder(request, timeout=CALL_SECONDS)
        self.telemetry.checks.add(time.monotonic_ns() - began)
        return answer.accepted
