"""The edge over a real channel: bytes that are no request, deadlines, bugs, and the log line."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import grpc
import pytest
import structlog
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from structlog.testing import capture_logs

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1.account_service_pb2_grpc import AccountServiceStub
from riskengine.machine.contract import METHODS, SERVICES
from riskengine.service.availability import Availability
from riskengine.service.errors import CallError, CallReason
from riskengine.service.identity import EXPECTED_LOG_ID, Identity
from riskengine.service.rpc import Call, Context
from riskengine.service.rpc import Edge as RpcEdge
from riskengine.service.server import GrpcServer, ServerLimits
from tests.service import requests
from tests.service.bench import Bench, everybody_may, running_bench

LIMITS = ServerLimits(
    max_request_bytes=10_000,
    max_response_bytes=1 << 20,
    max_metadata_bytes=16_384,
    max_concurrent_streams=100,
    max_connections=1_000,
    max_connection_idle_millis=60_000,
    max_handshake_millis=10_000,
    keepalive_interval_millis=30_000,
    keepalive_timeout_millis=10_000,
)
IDLE_EDGE = RpcEdge(Availability(), Identity("1.2.3", 0, ""), everybody_may())
DEPOSIT = "/riskengine.api.v1.AccountService/Deposit"


class Edge:
    def __init__(self, bench: Bench, channel: grpc.aio.Channel) -> None:
        self.bench = bench
        self.channel = channel
        self.stub = AccountServiceStub(channel)

    async def call_raw(self, raw: bytes, method: str = DEPOSIT) -> bytes:
        return await self.channel.unary_unary(method, requests.as_is, requests.as_is)(raw)


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    async with running_bench(tmp_path) as bench:
        services = {service: bench.handlers().of(service) for service in SERVICES}
        server = GrpcServer(services, bench.availability, LIMITS, bench.places(), everybody_may())
        port = server.bind("127.0.0.1:0")
        await server.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Edge(bench, channel)
        await server.stop(1)


def error_info(error: grpc.aio.AioRpcError) -> ErrorInfo:
    metadata = error.trailing_metadata()
    assert metadata is not None
    details = metadata["grpc-status-details-bin"]
    assert isinstance(details, bytes)
    status = Status.FromString(details)
    info = ErrorInfo()
    assert status.details[0].Unpack(info)
    return info


@pytest.mark.parametrize(
    "raw", [b"\xff", b"\x0a\xff", b"\x10", b"\x0a\x03\x0a\x01\xff", b"\x07", b"\x00"]
)
async def test_bytes_that_are_no_request(edge: Edge, raw: bytes) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await edge.call_raw(raw)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    info = error_info(caught.value)
    assert (info.domain, info.reason) == ("riskengine", "UNDECODABLE_REQUEST")
    assert info.metadata["message"] == "riskengine.api.v1.DepositRequest"
    assert info.metadata["bytes"] == str(len(raw))
    assert edge.bench.engine.sequence == 0


async def test_a_field_of_a_newer_contract_is_refused_by_number(edge: Edge) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await edge.call_raw(requests.deposit(1).SerializeToString() + b"\xf8\x06\x01")
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    info = error_info(caught.value)
    assert info.reason == "UNKNOWN_FIELD"
    assert dict(info.metadata) == {"message": "riskengine.api.v1.DepositRequest", "field": "111"}
    assert edge.bench.engine.sequence == 0


NEWER_FIELD = b"\xf8\x06\x01"
"""Field 111 = 1."""
REDUCE_ONLY_AS_FIXED32 = b"\x35\x01\x00\x00\x00"


@pytest.mark.parametrize("rpc", [rpc for rpc in METHODS if rpc != "RiskService.Submit"])
async def test_no_call_ignores_a_field_of_a_newer_contract(edge: Edge, rpc: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await edge.call_raw(NEWER_FIELD, "/riskengine.api.v1." + rpc.replace(".", "/"))
    assert error_info(caught.value).reason == "UNKNOWN_FIELD"


async def test_a_condition_in_another_form_is_not_ignored(edge: Edge) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await edge.call_raw(REDUCE_ONLY_AS_FIXED32, "/riskengine.api.v1.RiskService/CheckOrder")
    info = error_info(caught.value)
    assert (info.reason, info.metadata["field"]) == ("UNKNOWN_FIELD", "6")
    assert "has no field 6 of this form" in (caught.value.details() or "")


async def test_a_field_at_fault_is_named(edge: Edge) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await edge.stub.ListAccounts(account_pb.ListAccountsRequest(page_size=-1))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    metadata = caught.value.trailing_metadata()
    assert metadata is not None
    details = metadata["grpc-status-details-bin"]
    assert isinstance(details, bytes)
    bad = BadRequest()
    assert Status.FromString(details).details[1].Unpack(bad)
    assert bad.field_violations[0].field == "page_size"


async def test_an_unknown_account_is_not_found(edge: Edge) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await edge.stub.GetAccount(account_pb.GetAccountRequest(account_id=77))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert error_info(caught.value).metadata["account_id"] == "77"


async def test_a_request_over_the_size_limit_is_refused_by_the_transport(edge: Edge) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await edge.call_raw(b"\x0a" * 10_001)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_bug_in_a_question_is_internal_and_logged_with_its_traceback(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("riskengine.service.questions.Page.of_request", broken)
    with capture_logs() as logs, pytest.raises(grpc.aio.AioRpcError) as caught:
        await edge.stub.ListAccounts(account_pb.ListAccountsRequest())
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in (caught.value.details() or "")
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("call.bug", "error"),
        ("call.end", "info"),
    ]
    assert logs[0]["exc_info"] is True


async def test_each_call_leaves_one_line(edge: Edge) -> None:
    with capture_logs() as logs:
        await edge.stub.Deposit(account_pb.DepositRequest(account_id=1))
    (line,) = logs
    assert line.pop("duration_micros") > 0
    assert line == {
        "event": "call.end",
        "log_level": "info",
        "rpc": "AccountService.Deposit",
        "status": "OK",
        "applied_rows": 0,
        "rejected_rows": 1,
    }


async def test_a_call_to_a_closed_service_is_unavailable(edge: Edge) -> None:
    edge.bench.availability.fail(OSError("disk full"))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await edge.stub.GetAccount(account_pb.GetAccountRequest(account_id=1))
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert error_info(caught.value).reason == "JOURNAL_FAILED"
    assert "disk full" in (caught.value.details() or "")


class SpentContext:
    """The context of a call whose deadline has passed on its way."""

    def time_remaining(self) -> float:
        return 0.0


def test_a_call_whose_deadline_has_passed_is_not_taken() -> None:
    call = Call(DEPOSIT, structlog.get_logger(), cast("Context", SpentContext()), IDLE_EDGE)
    with pytest.raises(CallError) as caught:
        call.check()
    assert caught.value.reason is CallReason.DEADLINE_PASSED


async def test_a_call_that_expects_another_log_changes_nothing(edge: Edge) -> None:
    """Its metadata says which; the bytes of a batch are the same before and after a restore."""
    request = requests.create_asset()
    asset = "/riskengine.api.v1.AdminService/CreateAsset"
    call = edge.channel.unary_unary(asset, type(request).SerializeToString, requests.as_is)
    other = "0123456789abcdef"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(request, metadata=((EXPECTED_LOG_ID, other),))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    info = error_info(caught.value)
    assert info.reason == "OTHER_LOG"
    assert dict(info.metadata) == {"log_id": edge.bench.log_id, "expected_log_id": other}
    assert edge.bench.engine.sequence == 0
    await call(request, metadata=((EXPECTED_LOG_ID, edge.bench.log_id),))
    assert edge.bench.engine.sequence == 1


@pytest.mark.parametrize("expected", ["", "0123", "0123456789ABCDEF", "x" * 5_000])
async def test_what_is_no_id_of_a_log_is_a_wrong_field(edge: Edge, expected: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await edge.stub.GetAccount(
            account_pb.GetAccountRequest(account_id=1), metadata=((EXPECTED_LOG_ID, expected),)
        )
    info = error_info(caught.value)
    assert (info.reason, info.metadata["field"]) == ("INVALID_FIELD", EXPECTED_LOG_ID)
    assert len(info.metadata["value"]) < 50
