"""Loading through the sequencer: rows of edge values, keys, the clock, and what the log makes."""

from pathlib import Path
from random import Random

import pytest
from google.protobuf.message import Message

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1.instructions_pb2 import LiquidationOrder
from riskengine.api.v1.risk_service_pb2 import StreamInstructionsResponse
from riskengine.core.enums import VenueMode
from riskengine.machine.request_kinds import KIND_OF
from riskengine.service.errors import CallError, CallReason
from tests.service import requests
from tests.service.bench import START_NANOS, Bench, running_bench
from tests.service.test_edge_values import check_whole_or_not_at_all, filled

ROUNDS = 60
LOADED: tuple[type[Message], ...] = (
    admin_pb.LoadAccountsRequest,
    admin_pb.LoadPositionsRequest,
    admin_pb.LoadLiquidationsRequest,
)
REPORT = "AdminService.GetLoadReport"


async def begin(bench: Bench, last_liquidation_id: int = 100) -> None:
    steps = (
        requests.create_asset(),
        requests.create_fund(),
        requests.set_market(timeout_millis=1_000),
        requests.mark(10_000),
        requests.begin_loading(last_liquidation_id),
        requests.load_accounts((1, 100_000, 100_000), (2, 1_000_000, 900_000)),
        requests.load_positions((1, 100, 1_000_001), (2, -100, -1_000_003)),
    )
    for request in steps:
        assert not (await bench.execute(request)).rejections


async def load_order(bench: Bench, deadline_nanos: int) -> None:
    order = LiquidationOrder(
        liquidation_id=7,
        account_id=1,
        market_id=requests.MARKET,
        side=common_pb2.SIDE_SHORT,
        size_lots=10,
        limit_price_ticks=9_000,
        deadline_nanos=deadline_nanos,
    )
    orders = requests.load_liquidations(order, filled_lots=[0])
    assert not (await bench.execute(orders)).rejections


@pytest.mark.parametrize("request_type", LOADED, ids=lambda one: one.__name__)
async def test_edge_values_that_are_loaded_are_answered(
    tmp_path: Path, request_type: type[Message]
) -> None:
    kind = KIND_OF[request_type]
    rng = Random(kind.number)
    async with running_bench(tmp_path) as bench:
        await begin(bench)
        for _ in range(ROUNDS):
            raw = filled(request_type(), rng).SerializeToString()
            await check_whole_or_not_at_all(bench, kind, raw)
        bench.engine.check_invariants()
        bench.ask(REPORT, admin_pb.GetLoadReportRequest())
        assert not (await bench.execute(requests.go_live(accept_imbalance=True))).rejections


async def test_a_batch_that_is_sent_again_is_answered_as_before(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await begin(bench)
        request = requests.load_accounts((7, 5, 5))
        request.key.CopyFrom(requests.key("bank", 1))
        first = await bench.execute(request)
        again = await bench.execute(request)
        assert (again.sequence, again.duplicate) == (first.sequence, True)
        request.ClearField("key")
        (refusal,) = (await bench.execute(request)).rejections
        assert refusal.reason == common_pb2.REJECT_REASON_ALREADY_EXISTS


async def test_no_timer_is_waited_for_until_the_venue_is_live(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await begin(bench)
        await load_order(bench, START_NANOS + 5)
        bench.clock.now_nanos += 10
        before = bench.engine.sequence
        bench.sequencer.tick()
        assert bench.engine.sequence == before
        assert bench.engine.open_liquidation_count == 1
        assert not (await bench.execute(requests.go_live())).rejections
        assert bench.engine.open_liquidation_count == 0
        assert bench.engine.venue_mode == VenueMode.LIVE


async def test_the_report_foresees_what_is_due_by_the_clock(tmp_path: Path) -> None:
    """Not only by the time of the last command: going live now is what it is asked for."""
    async with running_bench(tmp_path) as bench:
        await begin(bench)
        await load_order(bench, START_NANOS + 5)
        assert not (await bench.execute(requests.mark(9_400))).rejections
        lists = []
        for now_nanos in (START_NANOS + 4, START_NANOS + 5, START_NANOS - 1):
            bench.clock.now_nanos = now_nanos
            found = bench.ask(REPORT, admin_pb.GetLoadReportRequest())
            assert isinstance(found, admin_pb.GetLoadReportResponse)
            waiting, liquidated = found.waiting.account_count, found.liquidated.account_count
            lists.append((found.time_nanos - START_NANOS, waiting, liquidated))
        assert lists == [(4, 1, 0), (5, 0, 1), (0, 1, 0)]
        bench.clock.now_nanos = START_NANOS + 5
        assert not (await bench.execute(requests.go_live())).rejections
        told = StreamInstructionsResponse.FromString(b"".join(bench.ring.read(1, 2))).instructions
        assert [one.WhichOneof("body") for one in told] == [
            "liquidation_order_ended",
            "auto_deleverage",
        ]


async def test_the_report_is_of_a_venue_that_is_loaded(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await begin(bench)
        found = bench.ask(REPORT, admin_pb.GetLoadReportRequest())
        assert isinstance(found, admin_pb.GetLoadReportResponse)
        assert (found.account_count, found.position_count, found.sequence) == (2, 2, 7)
        assert [(one.long_lots, one.short_lots) for one in found.markets] == [(100, 100)]
        assert found.markets[0].cost_atoms == "-2"
        assert found.conservation[0].carried_in_atoms == "-100000"
        assert not found.HasField("rejection")
        assert found.called.account_count == found.liquidated.account_count == 0
        await bench.execute(requests.load_positions())
        await bench.execute(requests.load_accounts((3, 1, 1)))
        await bench.execute(requests.load_positions((3, 50, 500_000)))
        found = bench.ask(REPORT, admin_pb.GetLoadReportRequest())
        assert isinstance(found, admin_pb.GetLoadReportResponse)
        assert found.rejection.reason == common_pb2.REJECT_REASON_IMBALANCED
        assert found.rejection.message.startswith("imbalance_lots of market 1 is 50; ")
        assert [one.account_id for one in found.liquidated.accounts] == [3]
        await bench.execute(requests.go_live(accept_imbalance=True))
        with pytest.raises(CallError) as caught:
            bench.ask(REPORT, admin_pb.GetLoadReportRequest())
        assert caught.value.reason is CallReason.NOT_LOADING
