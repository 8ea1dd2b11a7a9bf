"""RiskService: for the matching engine."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from time import monotonic_ns

from riskengine.api.v1 import risk_service_pb2 as pb
from riskengine.metrics.statistics import Statistics
from riskengine.service import commands
from riskengine.service.mapping import views
from riskengine.service.rpc import Call
from riskengine.service.sequencer import Sequencer
from riskengine.service.submit_stream import SubmitStream
from riskengine.service.subscriptions import Subscriptions


class RiskServicer:
    """Serve RiskService; each method is named after its RPC."""

    def __init__(
        self,
        sequencer: Sequencer,
        subscriptions: Subscriptions,
        statistics: Statistics,
        *,
        max_in_flight_batches: int,
    ) -> None:
        self._sequencer = sequencer
        self._subscriptions = subscriptions
        self._statistics = statistics
        self._max_in_flight_batches = max_in_flight_batches

    async def submit(self, raw_requests: AsyncIterator[bytes], call: Call) -> None:
        limit = self._max_in_flight_batches
        stream = SubmitStream(self._sequencer, call, max_in_flight_batches=limit)
        await stream.run(raw_requests)

    async def stream_instructions(self, request: pb.StreamInstructionsRequest, call: Call) -> None:
        async with aclosing(
            self._subscriptions.stream(request.from_instruction_sequence)
        ) as answers:
            async for answer, count in answers:
                await call.context.write(answer)
                call.facts["instructions"] += count

    async def check_order(
        self, request: pb.CheckOrderRequest, _raw: bytes
    ) -> pb.CheckOrderResponse:
        start_nanos = monotonic_ns()
        check = self._sequencer.engine.check_order(
            request.account_id,
            request.market_id,
            int(request.side),
            request.size_lots,
            request.price_ticks,
            request.reduce_only,
        )
        self._statistics.check_order(check.rejection is None, monotonic_ns() - start_nanos)
        await self._sequencer.settled()
        return views.order_check(check)

    async def apply_trades(
        self, request: pb.ApplyTradesRequest, raw: bytes
    ) -> pb.ApplyTradesResponse:
        result = await self._sequencer.execute(commands.APPLY_TRADES, request, raw)
        return pb.ApplyTradesResponse(result=result)

    async def update_positions(
        self, request: pb.UpdatePositionsRequest, raw: bytes
    ) -> pb.UpdatePositionsResponse:
        result = await self._sequencer.execute(commands.UPDATE_POSITIONS, request, raw)
        return pb.UpdatePositionsResponse(result=result)

    async def update_mark_prices(
        self, request: pb.UpdateMarkPricesRequest, raw: bytes
    ) -> pb.UpdateMarkPricesResponse:
        result = await self._sequencer.execute(commands.UPDATE_MARK_PRICES, request, raw)
        return pb.UpdateMarkPricesResponse(result=result)

    async def report_liquidations(
        self, request: pb.ReportLiquidationsRequest, raw: bytes
    ) -> pb.ReportLiquidationsResponse:
        result = await self._sequencer.execute(commands.REPORT_LIQUIDATIONS, request, raw)
        return pb.ReportLiquidationsResponse(result=result)
