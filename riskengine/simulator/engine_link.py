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
from riskengine.simulator.levels import RISK_PARAMETERS, with_debts_due
from riskengine.simulator.submit_stream import Ack, SubmitStream

CLIENT_ID = "demo-venue"
CALL_SECONDS = 30.0
DUE_SECONDS = 0.005
"""More than a debt waits that is to be due."""


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


@dataclass(frozen=True, slots=True)
class LinkState:
    """Where a link stands when nothing is on its way: another one can go on from there."""

    next_batch_sequence: int = 1
    next_instruction_sequence: int = 1
    reopened_streams: int = 0
    telemetry: Telemetry = field(default_factory=Telemetry)


@dataclass(slots=True)
class _Sent:
    answer: asyncio.Future[Ack]
    trades: Sequence[Trade] = ()
    deposits: Sequence[tuple[int, int]] = ()
    marks_ticks: Sequence[int] = ()


class EngineLink:
    """Sends the venue's batches; the ledger follows what the engine answers."""

    def __init__(
        self, client: EngineClient, ledger: Ledger, begin: LinkState | None = None
    ) -> None:
        begin = begin or LinkState()
        self.client = client
        self.ledger = ledger
        self.telemetry = begin.telemetry
        self._submit = SubmitStream(client, CLIENT_ID, begin.next_batch_sequence)
        self._instructions = InstructionStream(client, begin.next_instruction_sequence)
        self._reopened_before = begin.reopened_streams
        self._sent: list[_Sent] = []

    @property
    def state(self) -> LinkState:
        """Return where it stands; every answer was waited for."""
        assert not self._sent, f"{len(self._sent)} batches are not answered"
        return LinkState(
            self._submit.next_batch_sequence,
            self._instructions.next_instruction_sequence,
            self.reopened_streams,
            self.telemetry,
        )

    @property
    def reopened_streams(self) -> int:
        """Return how often the instruction stream stood still and was opened again."""
        return self._reopened_before + self._instructions.reopened

    async def close(self) -> None:
        """End both streams."""
        await self._submit.close()
        await self._instructions.close()

    async def send_trades(self, trades: Sequence[Trade]) -> None:
        """Send trades; they are in the ledger once they are answered."""
        for batch in chunks(trades):
            answer = await self._submit.submit(trade_columns(self.ledger.markets, batch))
            self._sent.append(_Sent(answer, trades=batch))

    async def send_deposits(self, deposits: Sequence[tuple[int, int]]) -> None:
        """Send deposits; they are in the ledger once they are answered."""
        for batch in chunks(deposits):
            answer = await self._submit.submit(deposit_columns(batch))
            self._sent.append(_Sent(answer, deposits=batch))

    async def send_reports(self, liquidation_ids: Sequence[int]) -> None:
        """Report liquidation orders as done."""
        for batch in chunks(liquidation_ids):
            self._sent.append(_Sent(await self._submit.submit(report_columns(batch))))

    async def send_marks(self, marks_ticks: Sequence[int]) -> None:
        """Send the marks of one instant; they are in the ledger once they are answered."""
        answer = await self._submit.submit(mark_columns(self.ledger.markets, marks_ticks))
        self._sent.append(_Sent(answer, marks_ticks=marks_ticks))

    async def answered(self) -> Ack | None:
        """Wait for every answer and book what was applied; return that of the marks, if any."""
        sent, self._sent = self._sent, []
        marks = None
        for batch in sent:
            ack = await batch.answer
            self.telemetry.answers.add(ack.answered_nanos - ack.sent_nanos)
            self.telemetry.batches += 1
            self.telemetry.sequence = ack.result.sequence
            self.telemetry.rows += ack.result.applied_rows
            refused = self._refused(ack.result)
            self.ledger.trades(t for row, t in enumerate(batch.trades) if row not in refused)
            for row, (account_id, amount) in enumerate(batch.deposits):
                if row not in refused:
                    self.ledger.deposit(account_id, amount)
            if batch.marks_ticks:
                self.ledger.marks = list(batch.marks_ticks)
                marks = ack
        return marks

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

    async def decided(self) -> list[Received]:
        """Wait for every answer; return every instruction that anything so far has caused.

        A command may cause none, so the engine is asked how far its instructions go. The question
        follows the batches at once; it is repeated when it overtook one of them.
        """
        question = asyncio.create_task(self._state())
        try:
            marks = await self.answered()
            state = await question
        finally:
            question.cancel()
        if state.sequence < self.telemetry.sequence:
            state = await self._state()
        received = await self._instructions.read_to(state.instruction_sequence)
        if marks is not None:
            for instruction, received_nanos in received:
                if instruction.sequence == marks.result.sequence:
                    self.telemetry.decisions.add(received_nanos - marks.sent_nanos)
        return received

    async def fund_is_stopped(self) -> bool:
        """Ask whether the insurance fund has lost what it may lose, and pays nothing."""
        request = admin_service_pb2.ListInsuranceFundsRequest()
        answer = await self.client.admin.ListInsuranceFunds(request, timeout=CALL_SECONDS)
        return answer.funds[0].is_stopped

    async def have_debts_spread(self) -> None:
        """Have every debt be due at once, and those that are left wait for ever again."""
        await asyncio.sleep(DUE_SECONDS)
        for levels in (with_debts_due(), RISK_PARAMETERS):
            request = admin_service_pb2.SetRiskParametersRequest(parameters=levels)
            answer = await self.client.admin.SetRiskParameters(request, timeout=CALL_SECONDS)
            assert not answer.result.rejections, answer.result.rejections[0].message

    async def _state(self) -> admin_service_pb2.GetStateResponse:
        request = admin_service_pb2.GetStateRequest()
        return await self.client.admin.GetState(request, timeout=CALL_SECONDS)

    async def may_rest(self, request: risk_service_pb2.CheckOrderRequest) -> bool:
        """Ask whether an order is accepted."""
        began = time.monotonic_ns()
        answer = await self.client.risk.CheckOrder(request, timeout=CALL_SECONDS)
        self.telemetry.checks.add(time.monotonic_ns() - began)
        return answer.accepted
