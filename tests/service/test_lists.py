"""Lists: their pages, whom they are of, and which state they say that they reflect."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from google.protobuf.message import Message

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.common_pb2 import SIDE_SHORT
from riskengine.api.v1.instructions_pb2 import LiquidationOrder
from riskengine.api.v1.risk_service_pb2 import ListLiquidationsRequest, StreamInstructionsResponse
from riskengine.service.errors import CallError, CallReason
from tests.machine.told import of_dump
from tests.service import requests
from tests.service.bench import Bench, running_bench
from tests.service.venue import open_venue


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with running_bench(tmp_path) as running:
        await open_venue(running)
        yield running


def listed(bench: Bench, **asked: int | str) -> risk_pb.ListLiquidationsResponse:
    request = ListLiquidationsRequest(**asked)  # type: ignore[arg-type]
    answer = bench.ask("RiskService.ListLiquidations", request)
    assert isinstance(answer, risk_pb.ListLiquidationsResponse)
    return answer


def ids(answer: risk_pb.ListLiquidationsResponse) -> list[int]:
    return [order.liquidation_id for order in answer.liquidations]


def issued(bench: Bench) -> dict[int, LiquidationOrder]:
    """Return the orders that were instructed, by id."""
    found = {}
    for piece in bench.ring.read(1, 1_000):
        (instruction,) = StreamInstructionsResponse.FromString(piece).instructions
        if instruction.WhichOneof("body") == "liquidation_order":
            order = instruction.liquidation_order
            found[order.liquidation_id] = order
    return found


@pytest.mark.rule("QS-10")
async def test_open_liquidation_orders_are_listed_as_they_were_instructed(bench: Bench) -> None:
    first, second = listed(bench).liquidations
    for order in (first, second):
        said = issued(bench)[order.liquidation_id]
        for field in ("account_id", "market_id", "side", "limit_price_ticks", "deadline_nanos"):
            assert getattr(order, field) == getattr(said, field), field
        assert order.size_lots == said.size_lots
        assert (order.asset_id, order.isolated_market_id) == (1, 0)
    assert (first.liquidation_id, first.side, first.filled_lots) == (1, SIDE_SHORT, 0)
    assert (second.liquidation_id, second.filled_lots) == (2, 10)
    assert {order.liquidation_id for order in (first, second)} == of_dump(
        bench.engine
    ).orders.keys()


@pytest.mark.rule("QS-10")
async def test_an_order_that_has_ended_is_listed_no_more(bench: Bench) -> None:
    await bench.execute(requests.report(1))
    assert 1 not in ids(listed(bench))


@pytest.mark.rule("QS-10")
async def test_liquidation_orders_come_in_pages_and_of_whom_is_asked(bench: Bench) -> None:
    first = listed(bench, page_size=1)
    assert (ids(first), first.next_page_token) == ([1], "1")
    second = listed(bench, page_size=1, page_token=first.next_page_token)
    assert (ids(second), second.next_page_token) == ([2], "")
    for behind in (2, 3, 2**63 - 1):
        assert ids(listed(bench, page_token=str(behind))) == []
    assert ids(listed(bench, account_id=2)) == [2]
    assert ids(listed(bench, account_id=3)) == []
    assert ids(listed(bench, market_id=1, account_id=1)) == [1]


@pytest.mark.rule("QS-10")
@pytest.mark.parametrize("page_size", [1, 7, 1_000])
async def test_pages_are_all_that_are_open_whatever_has_ended(
    tmp_path: Path, page_size: int
) -> None:
    accounts = range(1, 31)
    async with running_bench(tmp_path) as bench:
        for request in (
            requests.create_asset(),
            requests.create_fund(),
            requests.set_market(),
            requests.mark(requests.PRICE_TICKS),
            requests.deposit(100, 10**9),
            *(requests.deposit(account_id, 130_000) for account_id in accounts),
            requests.trades(*((account_id, 100, 10_000, 100) for account_id in accounts)),
            requests.mark(9_100),
            requests.report(1, 2, *range(5, 31, 3)),
        ):
            assert (await bench.execute(request)).sequence
        found, token = list[int](), ""
        while not found or token:
            page = listed(bench, page_size=page_size, page_token=token)
            assert 0 < len(page.liquidations) <= page_size
            found, token = found + ids(page), page.next_page_token
        assert found == sorted(of_dump(bench.engine).orders)
        assert len(found) > 15


@pytest.mark.parametrize(
    ("asked", "field", "value"),
    [
        ({"page_size": 1_001}, "page_size", "1001"),
        ({"page_size": -1}, "page_size", "-1"),
        ({"page_token": "0"}, "page_token", "0"),
        ({"page_token": "1.1.0"}, "page_token", "1.1.0"),
        ({"page_token": "x" * 50}, "page_token", "x" * 40),
        ({"page_token": str(2**63)}, "page_token", str(2**63)),
        ({"account_id": 9}, "account_id", "9"),
        ({"account_id": -1}, "account_id", "-1"),
        ({"market_id": 2}, "market_id", "2"),
    ],
)
async def test_a_wrong_question_names_its_field(
    bench: Bench, asked: dict[str, int | str], field: str, value: str
) -> None:
    with pytest.raises(CallError) as caught:
        listed(bench, **asked)
    assert caught.value.reason is CallReason.INVALID_FIELD
    assert (caught.value.metadata["field"], caught.value.metadata["value"]) == (field, value)


LISTS: dict[str, Message] = {
    "RiskService.ListLiquidations": ListLiquidationsRequest(),
    "AccountService.ListAccounts": account_pb.ListAccountsRequest(),
    "AdminService.ListAssets": admin_pb.ListAssetsRequest(),
    "AdminService.ListMarkets": admin_pb.ListMarketsRequest(),
    "AdminService.ListInsuranceFunds": admin_pb.ListInsuranceFundsRequest(),
}


@pytest.mark.parametrize("rpc", LISTS)
async def test_a_list_says_which_state_it_reflects_and_what_comes_next(
    bench: Bench, rpc: str
) -> None:
    answer = cast(Any, bench.ask(rpc, LISTS[rpc]))
    assert answer.sequence == bench.engine.sequence
    assert answer.log_id == bench.log_id
    assert answer.next_instruction_sequence == bench.ring.last_sequence + 1
