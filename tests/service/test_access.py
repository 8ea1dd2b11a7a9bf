"""Who gets in over a real channel: every RPC, with nothing, with a role, and after a change."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from structlog.testing import capture_logs

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.account_service_pb2_grpc import AccountServiceStub
from riskengine.api.v1.common_pb2 import (
    COMMAND_OUTCOME_NOT_TAKEN,
    REJECT_REASON_CLIENT_FORGOTTEN,
)
from riskengine.api.v1.risk_service_pb2_grpc import RiskServiceStub
from riskengine.api.v1.state_pb2 import StreamStateRequest
from riskengine.config import Config
from riskengine.machine.contract import SERVICES
from riskengine.metrics.statistics import AccessStatistics
from riskengine.service.access import AccessControl
from riskengine.service.credentials import Credentials, read_credentials
from riskengine.service.roles import RPCS, Role
from riskengine.service.server import GrpcServer
from tests.e2e.raw_http2 import begin_calls
from tests.service import requests
from tests.service.bench import Bench, running_bench
from tests.service.test_rpc import LIMITS, NEWER_FIELD, error_info

FORBIDDEN, UNKNOWN = grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED


def token_of(name: str) -> str:
    return f"{name}-{'s' * 40}"


def as_caller(name: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token_of(name)}"),)


def credentials(**roles: str) -> Credentials:
    """Return callers by name, each with its roles and what else stands in its table."""
    tables = [
        f'[[caller]]\nname = "{name}"\nroles = [{more.partition(";")[0]}]\n'
        f'token_sha256 = "{sha256(token_of(name).encode()).hexdigest()}"\n'
        f"{more.partition(';')[2]}\n"
        for name, more in roles.items()
    ]
    return read_credentials("".join(tables).encode(), has_certificates=False)


EACH = {role.value: f'"{role.value}"' for role in Role}
SCOPED = {"desk": '"account_reader";accounts = [1, 3]'}


class Guarded:
    def __init__(
        self, bench: Bench, access: AccessControl, channel: grpc.aio.Channel, address: str
    ) -> None:
        self.bench = bench
        self.access = access
        self.address = address
        self.channel = channel
        self.account = AccountServiceStub(channel)
        self.risk = RiskServiceStub(channel)


@asynccontextmanager
async def serving(folder: Path, known: Credentials) -> AsyncIterator[Guarded]:
    statistics = AccessStatistics()
    access = AccessControl(known, statistics)
    async with running_bench(folder) as bench:
        bench.statistics.access = statistics
        services = {service: bench.handlers(access=access).of(service) for service in SERVICES}
        server = GrpcServer(services, bench.availability, LIMITS, bench.places(), access)
        port = server.bind("127.0.0.1:0")
        await server.start()
        address = f"127.0.0.1:{port}"
        async with grpc.aio.insecure_channel(address) as channel:
            yield Guarded(bench, access, channel, address)
        await server.stop(1)


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with serving(tmp_path, credentials(**EACH, **SCOPED)) as running:
        await opened(running)
        yield running


async def opened(running: Guarded) -> None:
    """Open accounts 1 and 2."""
    await running.bench.execute(requests.create_asset())
    for account_id in (1, 2):
        await running.bench.execute(requests.deposit(account_id))


async def reflected(running: Guarded) -> list[str]:
    """Return every RPC that the server tells of by reflection, as its path."""
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(running.channel)  # type: ignore[arg-type]
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    async for answer in stub.ServerReflectionInfo(iter([asked]), metadata=as_caller("operator")):
        names = [service.name for service in answer.list_services_response.service]
    found = []
    for name in names:
        asked = reflection_pb2.ServerReflectionRequest(file_containing_symbol=name)
        call = stub.ServerReflectionInfo(iter([asked]), metadata=as_caller("operator"))
        async for answer in call:
            for raw in answer.file_descriptor_response.file_descriptor_proto:
                file = FileDescriptorProto.FromString(raw)
                found += [
                    f"/{name}/{method.name}"
                    for service in file.service
                    if name == f"{file.package}.{service.name}"
                    for method in service.method
                ]
    return found


def rpc_of(path: str) -> str:
    service, _, method = path.removeprefix("/").partition("/")
    return f"{service.removeprefix('riskengine.api.v1.')}.{method}"


async def code_of(running: Guarded, path: str, metadata: Any) -> grpc.StatusCode:
    """Return with which status a call ends that would change nothing if it were admitted."""
    call = running.channel.stream_stream(path, requests.as_is, requests.as_is)
    asked = NEWER_FIELD if path.startswith("/riskengine.") else b""
    stream = call(iter([asked]), metadata=metadata, timeout=1.5)
    try:
        async for _ in stream:
            pass
    except grpc.aio.AioRpcError as error:
        return error.code()
    return await stream.code()


async def test_every_rpc_that_is_reflected_is_refused_to_a_call_without_credentials(
    guarded: Guarded,
) -> None:
    paths = await reflected(guarded)
    assert {rpc_of(path) for path in paths} == set(RPCS)
    before = guarded.bench.engine.sequence
    for path in paths:
        assert await code_of(guarded, path, None) is UNKNOWN, path
    assert guarded.bench.statistics.access.unauthenticated_calls == len(paths)
    assert guarded.bench.engine.sequence == before


@pytest.mark.parametrize(
    "metadata", [{}, {"authorization": f"Bearer {'x' * 40}"}, dict(as_caller("metrics"))]
)
async def test_who_may_not_call_holds_no_place(guarded: Guarded, metadata: dict[str, str]) -> None:
    """He is refused before his message is there, which these never are."""
    path, count = "/riskengine.api.v1.AccountService/Withdraw", 10
    access, calls = guarded.bench.statistics.access, guarded.bench.statistics.calls
    connection = await asyncio.to_thread(begin_calls, guarded.address, path, count, 100, metadata)
    with closing(connection):
        async with asyncio.timeout(5):
            while access.unauthenticated_calls + access.denied_calls < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not calls.open["gateway"]


@pytest.mark.parametrize("role", Role)
async def test_every_rpc_is_refused_to_a_role_that_may_not_call_it(
    guarded: Guarded, role: Role
) -> None:
    denied = set()
    for path in await reflected(guarded):
        code = await code_of(guarded, path, as_caller(role.value))
        assert code is not UNKNOWN
        if code is FORBIDDEN:
            denied.add(rpc_of(path))
    assert denied == {rpc for rpc, access in RPCS.items() if role not in access.roles}


@pytest.mark.parametrize(
    "metadata",
    [
        (("authorization", "Bearer " + "x" * 40),),
        (("authorization", token_of("operator")),),
        (("authorization", f"Basic {token_of('operator')}"),),
        (("authorization", "Bearer "),),
        (*as_caller("operator"), *as_caller("operator")),
        (("x-authorization", f"Bearer {token_of('operator')}"),),
    ],
)
async def test_what_is_no_token_of_a_caller_is_unauthenticated(
    guarded: Guarded, metadata: Any
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await guarded.account.GetAccount(
            account_pb.GetAccountRequest(account_id=1), metadata=metadata
        )
    assert caught.value.code() is UNKNOWN
    assert error_info(caught.value).reason in ("UNKNOWN_CREDENTIALS", "NO_CREDENTIALS")
    assert token_of("operator") not in (caught.value.details() or "")


async def test_a_token_that_could_be_guessed_is_nobodys(tmp_path: Path) -> None:
    digest = sha256(b"short").hexdigest()
    table = f'[[caller]]\nname = "a"\nroles = ["operator"]\ntoken_sha256 = "{digest}"\n'
    known = read_credentials(table.encode(), has_certificates=False)
    async with serving(tmp_path, known) as running:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await running.account.GetAccount(
                account_pb.GetAccountRequest(account_id=1),
                metadata=(("authorization", "Bearer short"),),
            )
        assert caught.value.code() is UNKNOWN


async def test_who_may_not_is_told_which_role_may(guarded: Guarded) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await guarded.account.Withdraw(
            account_pb.WithdrawRequest(account_id=1, asset_id=1, amount_atoms=1),
            metadata=as_caller("matching_engine"),
        )
    assert caught.value.code() is FORBIDDEN
    info = error_info(caught.value)
    assert info.reason == "ROLE_MISSING"
    assert dict(info.metadata) == {
        "caller": "matching_engine",
        "rpc": "AccountService.Withdraw",
        "roles": "gateway, operator",
    }


@pytest.mark.parametrize(
    ("account_id", "code"),
    [(1, grpc.StatusCode.OK), (2, FORBIDDEN), (3, grpc.StatusCode.NOT_FOUND), (4, FORBIDDEN)],
)
async def test_a_reader_reads_its_accounts_and_learns_nothing_of_others(
    guarded: Guarded, account_id: int, code: grpc.StatusCode
) -> None:
    """Not even whether there is such an account: 2 is there and 4 is not."""
    asked = account_pb.GetAccountRequest(account_id=account_id)
    call = guarded.account.GetAccount(asked, metadata=as_caller("desk"))
    assert await call.code() is code


@pytest.mark.parametrize(
    "ask",
    [
        lambda running: running.account.ListAccounts(
            account_pb.ListAccountsRequest(), metadata=as_caller("desk")
        ),
        lambda running: running.risk.ListLiquidations(
            risk_pb.ListLiquidationsRequest(), metadata=as_caller("desk")
        ),
        lambda running: running.risk.ListLiquidations(
            risk_pb.ListLiquidationsRequest(account_id=2), metadata=as_caller("desk")
        ),
        lambda running: running.account.StreamState(
            StreamStateRequest(account_id=[1]), metadata=as_caller("desk")
        ),
        lambda running: running.risk.StreamInstructions(
            risk_pb.StreamInstructionsRequest(), metadata=as_caller("desk")
        ),
    ],
)
async def test_lists_and_streams_of_all_are_refused_to_a_reader_of_some(
    guarded: Guarded, ask: Callable[[Guarded], Any]
) -> None:
    assert await ask(guarded).code() is FORBIDDEN


async def test_liquidations_of_an_account_are_told_to_its_reader(guarded: Guarded) -> None:
    asked = risk_pb.ListLiquidationsRequest(account_id=1)
    call = guarded.risk.ListLiquidations(asked, metadata=as_caller("desk"))
    assert await call.code() is grpc.StatusCode.OK


async def batches_of(*batches: risk_pb.SubmitRequest) -> AsyncIterator[risk_pb.SubmitRequest]:
    for batch in batches:
        yield batch
    await asyncio.Event().wait()


async def registered(guarded: Guarded, caller: str, client_id: str) -> int:
    """Register a client of a caller and return its incarnation."""
    request = risk_pb.RegisterClientRequest(client_id=client_id)
    answer = await guarded.risk.RegisterClient(request, metadata=as_caller(caller))
    return answer.result.incarnation


def of_client(request: risk_pb.SubmitRequest, incarnation: int) -> risk_pb.SubmitRequest:
    request.key.incarnation = incarnation
    return request


def mark_batch(number: int, incarnation: int = 0) -> risk_pb.SubmitRequest:
    key = requests.key("engine", number)
    batch = risk_pb.SubmitRequest(key=key, mark_prices=requests.mark(9_000).mark_prices)
    return of_client(batch, incarnation)


async def test_a_stream_takes_of_each_batch_what_its_unary_form_takes(guarded: Guarded) -> None:
    """A gateway pays in by Submit, and is refused with the mark that it sends behind."""
    bank = await registered(guarded, "gateway", "bank")
    paid = of_client(requests.submit_deposits("bank", 1, (1, 10)), bank)
    sent = batches_of(paid, mark_batch(1))
    stream: Any = guarded.risk.Submit(sent, metadata=as_caller("gateway"))
    answer = await stream.read()
    assert answer.result.applied_rows == 1
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stream.read()
    assert caught.value.code() is FORBIDDEN
    assert error_info(caught.value).metadata["rpc"] == "RiskService.UpdateMarkPrices"


async def test_a_callers_clients_are_its_own(guarded: Guarded) -> None:
    """One id, two callers: neither sees the other's, nor can it use up the number of it."""
    callers = ("matching_engine", "gateway")
    incarnations = {caller: await registered(guarded, caller, "main") for caller in callers}
    assert len(set(incarnations.values())) == 2
    for incarnation in incarnations.values():
        paid = of_client(requests.submit_deposits("main", 1, (1, 10)), incarnation)
        stream: Any = guarded.risk.Submit(batches_of(paid), metadata=as_caller("gateway"))
        answer = await stream.read()
        stream.cancel()
        is_own = incarnation == incarnations["gateway"]
        assert (answer.result.applied_rows == 1) == is_own
        if not is_own:
            assert answer.result.outcome == COMMAND_OUTCOME_NOT_TAKEN
            assert answer.result.rejections[0].reason == REJECT_REASON_CLIENT_FORGOTTEN
    asked = risk_pb.GetClientRequest(client_id="main")
    for caller, next_number in (("matching_engine", 1), ("gateway", 2)):
        told = await guarded.risk.GetClient(asked, metadata=as_caller(caller))
        assert (told.client.caller, told.client.client_id) == (caller, "main")
        assert told.client.incarnation == incarnations[caller]
        assert told.client.next_batch_sequence == next_number
    call = guarded.risk.GetClient(asked, metadata=as_caller("operator"))
    assert await call.code() is grpc.StatusCode.NOT_FOUND


async def test_a_call_says_in_its_line_who_made_it_and_no_token(guarded: Guarded) -> None:
    with capture_logs() as logs:
        await guarded.account.GetAccount(
            account_pb.GetAccountRequest(account_id=1), metadata=as_caller("gateway")
        )
        call = guarded.account.GetAccount(
            account_pb.GetAccountRequest(account_id=1), metadata=(("authorization", "Bearer x"),)
        )
        assert await call.code() is UNKNOWN
        call = guarded.account.GetAccount(
            account_pb.GetAccountRequest(account_id=1), metadata=as_caller("metrics")
        )
        assert await call.code() is FORBIDDEN
    assert [line.get("caller") for line in logs] == ["gateway", None, "metrics"]
    assert "Bearer" not in str(logs)
    assert token_of("gateway") not in str(logs)


async def test_denied_calls_are_counted(guarded: Guarded) -> None:
    for name in ("nobody", "metrics", "metrics"):
        call = guarded.account.GetAccount(
            account_pb.GetAccountRequest(account_id=1), metadata=as_caller(name)
        )
        assert await call.code() in (UNKNOWN, FORBIDDEN)
    statistics = guarded.bench.statistics.access
    assert (statistics.unauthenticated_calls, statistics.denied_calls) == (1, 2)


async def test_nothing_is_changed_by_who_may_not(guarded: Guarded) -> None:
    before = guarded.bench.machine.state_hash()
    call = guarded.account.Deposit(requests.deposit(1), metadata=as_caller("metrics"))
    assert await call.code() is FORBIDDEN
    assert guarded.bench.machine.state_hash() == before


async def test_a_watch_that_must_make_room_hears_of_it(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskengine.service.call_places.IDLE_SECONDS", 0.0)
    watch = guarded.channel.unary_stream(
        "/grpc.health.v1.Health/Watch", requests.as_is, requests.as_is
    )
    first = watch(b"", metadata=as_caller("metrics"), timeout=30)
    await first.read()
    others = [
        watch(b"", metadata=as_caller("metrics"), timeout=30)
        for _ in range(Config().max_health_calls)
    ]
    for one in others:
        await one.read()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await first.read()
    assert error_info(caught.value).reason == "GAVE_ROOM"
    for one in others:
        one.cancel()
