"""What is told of clients, a page at a time, and what the service does with them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import common_pb2
from riskengine.machine.sessions import ClientName
from riskengine.service.clients import client_response
from riskengine.service.errors import CallError, CallReason
from tests.service import requests
from tests.service.bench import Bench, running_bench

CALLERS = ("", "engine-1", "wallet")
NAMES = [(caller, client_id) for caller in CALLERS for client_id in ("a", "b b")]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with running_bench(tmp_path) as running:
        await running.execute(requests.create_asset())
        for caller, client_id in reversed(NAMES):
            await running.execute(deposit(client_id, 1), caller)
        yield running


def deposit(client_id: str, number: int, atoms: int = 5):  # type: ignore[no-untyped-def]
    request = requests.deposit(1, atoms)
    request.key.CopyFrom(requests.key(client_id, number))
    return request


def listed(bench: Bench, **asked: int | str) -> admin_pb.ListClientsResponse:
    request = admin_pb.ListClientsRequest(**asked)  # type: ignore[arg-type]
    answer = bench.ask("AdminService.ListClients", request)
    assert isinstance(answer, admin_pb.ListClientsResponse)
    return answer


async def test_all_clients_are_listed_in_order_of_caller_and_id(bench: Bench) -> None:
    answer = listed(bench)
    assert [(client.caller, client.client_id) for client in answer.clients] == NAMES
    assert (answer.client_count, answer.next_page_token) == (len(NAMES), "")
    assert answer.sequence == bench.engine.sequence
    assert bench.statistics.clients == len(NAMES)
    for client in answer.clients:
        told = client_response(bench.parts, ClientName(client.caller, client.client_id))
        assert told.client == client
        assert (client.next_batch_sequence, client.answer_count) == (2, 1)
        assert client.used_nanos == bench.clock.now_nanos


@pytest.mark.parametrize("size", [1, 2, 4, 5])
async def test_pages_are_the_whole_list(bench: Bench, size: int) -> None:
    found: list[tuple[str, str]] = []
    token = ""
    while not found or token:
        answer = listed(bench, page_size=size, page_token=token)
        assert len(answer.clients) <= size
        found += [(client.caller, client.client_id) for client in answer.clients]
        token = answer.next_page_token
    assert found == NAMES


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"page_size": 1_001}, "page_size"),
        ({"page_size": -1}, "page_size"),
        ({"page_token": "a"}, "page_token"),
        ({"page_token": "a "}, "page_token"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    bench: Bench, asked: dict[str, int | str], field: str
) -> None:
    with pytest.raises(CallError) as caught:
        listed(bench, **asked)
    assert caught.value.reason is CallReason.INVALID_FIELD
    assert caught.value.metadata["field"] == field


async def test_a_client_is_told_to_its_caller_alone(bench: Bench) -> None:
    for name in (ClientName("desk", "a"), ClientName("", "c")):
        with pytest.raises(CallError) as caught:
            client_response(bench.parts, name)
        assert caught.value.reason is CallReason.CLIENT_NOT_FOUND


async def test_a_client_that_is_forgotten_books_nothing_until_it_is_registered(
    bench: Bench,
) -> None:
    name = ClientName("wallet", "a")
    known = client_response(bench.parts, name).client
    request = admin_pb.ForgetClientRequest(caller="wallet", client_id="a")
    assert (await bench.execute(request)).outcome == common_pb2.COMMAND_OUTCOME_APPLIED
    again = deposit("a", 1)
    again.key.incarnation = known.incarnation
    refused = await bench.execute(again, "wallet")
    assert refused.outcome == common_pb2.COMMAND_OUTCOME_NOT_TAKEN
    assert refused.rejections[0].reason == common_pb2.REJECT_REASON_CLIENT_FORGOTTEN
    assert bench.statistics.clients == len(NAMES) - 1
    taken = await bench.execute(deposit("a", 1, 6), "wallet")
    assert taken.outcome == common_pb2.COMMAND_OUTCOME_APPLIED
    assert client_response(bench.parts, name).client.incarnation > known.incarnation


async def test_a_name_stands_with_each_keyed_command_and_a_restart_knows_it(
    tmp_path: Path,
) -> None:
    async with running_bench(tmp_path) as bench:
        await bench.execute(requests.create_asset())
        first = await bench.execute(deposit("main", 1), "engine-1")
        refused = await bench.execute(deposit("main", 2, 0), "engine-1")
    async with running_bench(tmp_path) as again:
        for number, atoms, before in ((1, 5, first), (2, 0, refused)):
            repeated = await again.execute(deposit("main", number, atoms), "engine-1")
            assert (repeated.duplicate, repeated.sequence) == (True, before.sequence)
        assert not (await again.execute(deposit("main", 1), "wallet")).duplicate
