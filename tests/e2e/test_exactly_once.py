"""Exactly-once over the wire: repeated, reused, skipped and refused batches of a Submit stream."""

from collections.abc import Iterable

import pytest

from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from tests.e2e import venue
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of
from tests.service import requests

pytestmark = pytest.mark.e2e


def submit(client: Client, *batches: risk_pb.SubmitRequest) -> list[risk_pb.SubmitResponse]:
    stream: Iterable[risk_pb.SubmitResponse] = client.risk.Submit(
        iter(batches), timeout=WAIT_SECONDS
    )
    return list(stream)


def reasons(responses: Iterable[risk_pb.SubmitResponse]) -> list[int]:
    return [response.result.rejections[0].reason for response in responses]


def test_batches_are_answered_in_order(client: Client) -> None:
    venue.open_venue(client, ())
    batches = [requests.submit_deposits("bank", number, (number, 10)) for number in range(1, 401)]
    responses = submit(client, *batches)
    assert [response.batch_sequence for response in responses] == list(range(1, 401))
    sequences = [response.result.sequence for response in responses]
    assert sequences == list(range(sequences[0], sequences[0] + 400))
    assert client.state().account_count == 400


def test_a_repeated_batch_gets_its_first_answer_also_after_a_restart(server: Server) -> None:
    batch = requests.submit_deposits("bank", 1, (1, 10), (2, -1))
    with client_of(server) as client:
        venue.open_venue(client, ())
        (first,) = submit(client, batch)
        before = client.state()
        (second,) = submit(client, batch)
        assert client.state() == before
    server.kill()
    server.start()
    with client_of(server) as client:
        (third,) = submit(client, batch)
        venue.check_only_started(client.state(), before)
    assert second.result.duplicate
    assert second == third
    second.result.duplicate = False
    assert second == first


def test_what_is_not_due_is_not_taken_and_its_number_stays_free(client: Client) -> None:
    venue.open_venue(client, ())
    submit(client, requests.submit_deposits("bank", 1, (1, 10)))
    before = client.state()
    refused = submit(
        client,
        requests.submit_deposits("bank", 1, (1, 11)),
        requests.submit_deposits("bank", 3, (1, 10)),
    )
    assert reasons(refused) == [
        common_pb2.REJECT_REASON_SEQUENCE_REUSED,
        common_pb2.REJECT_REASON_SEQUENCE_GAP,
    ]
    assert refused[1].result.rejections[0].limit == 2
    assert client.state() == before
    (due,) = submit(client, requests.submit_deposits("bank", 2, (1, 10)))
    assert due.result.sequence == before.sequence + 1


@pytest.mark.rule("CM-8")
def test_batches_behind_a_refused_one_go_on(client: Client) -> None:
    """Of five the second names an account that is not there, the fourth has no batch."""
    venue.open_venue(client, ((1, 10), (2, 10)))
    client.register("engine")
    before = client.state()
    batches = [
        requests.submit_deposits("engine", 1, (1, 10)),
        requests.submit_trades("engine", 2, (1, 99, requests.PRICE_TICKS, 1)),
        risk_pb.SubmitRequest(
            key=requests.key("engine", 3), mark_prices=requests.mark(9_900).mark_prices
        ),
        risk_pb.SubmitRequest(key=requests.key("engine", 4)),
        requests.submit_deposits("engine", 5, (2, 10)),
    ]
    first, again = submit(client, *batches), submit(client, *batches)
    assert [one.result.outcome for one in first] == [
        common_pb2.COMMAND_OUTCOME_APPLIED,
        common_pb2.COMMAND_OUTCOME_REFUSED,
        common_pb2.COMMAND_OUTCOME_APPLIED,
        common_pb2.COMMAND_OUTCOME_REFUSED,
        common_pb2.COMMAND_OUTCOME_APPLIED,
    ]
    assert reasons([first[1], first[3]]) == [
        common_pb2.REJECT_REASON_UNKNOWN_ACCOUNT,
        common_pb2.REJECT_REASON_EMPTY_BATCH,
    ]
    sequences = [one.result.sequence for one in first]
    assert sequences == list(range(before.sequence + 1, before.sequence + 6))
    for one, repeated in zip(first, again, strict=True):
        assert repeated.result.duplicate
        repeated.result.duplicate = False
        assert repeated == one


def test_a_stream_needs_a_key_and_a_unary_call_may_have_one(client: Client) -> None:
    venue.open_venue(client, ())
    (refused,) = submit(client, risk_pb.SubmitRequest(deposits={"account_id": [1]}))
    assert reasons([refused]) == [common_pb2.REJECT_REASON_INVALID_TEXT]
    request = requests.deposit(1, 10)
    for _ in range(2):
        venue.accepted(client.account.Deposit(request).result)
    request.key.CopyFrom(requests.key("teller", 1))
    results = [client.account.Deposit(request).result for _ in range(3)]
    assert [result.duplicate for result in results] == [False, True, True]
    assert venue.account(client, 1).margin.balance_atoms == 30
