"""kill -9 under load, again and again: nothing acknowledged is lost and nothing is done twice."""

from collections.abc import Sequence
from contextlib import suppress
from random import Random

import grpc
import pytest

from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from tests.e2e import venue
from tests.e2e.reference import Reference, own_records, random_batches
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of
from tests.service import requests

pytestmark = pytest.mark.e2e

ROUNDS = 5
BATCHES = 3_000
SENT_AGAIN = 10


class Sender:
    """Pipelines batches as a matching engine does, and sends again what was not answered."""

    def __init__(self, batches: Sequence[risk_pb.SubmitRequest]) -> None:
        self.answers: list[common_pb2.CommandResult] = []
        self._batches = batches

    def send(self, client: Client, server: Server, kill_after: int) -> None:
        """Send all, from a few that were answered on; kill the server after so many answers."""
        first = max(0, len(self.answers) - SENT_AGAIN)
        stream = client.risk.Submit(iter(self._batches[first:]), timeout=WAIT_SECONDS)
        with suppress(grpc.RpcError):
            for place, response in enumerate(stream, start=first):
                self._note(place, response)
                if place - first + 1 == kill_after:
                    server.kill()
        expected = grpc.StatusCode.UNAVAILABLE if kill_after else grpc.StatusCode.OK
        assert stream.code() is expected

    def _note(self, place: int, response: risk_pb.SubmitResponse) -> None:
        """Keep an answer; one that was given before must be the same."""
        assert response.batch_sequence == place + 1
        if place < len(self.answers):
            assert response.result.duplicate
            response.result.duplicate = False
            assert response.result == self.answers[place]
        else:
            response.result.duplicate = False
            self.answers.append(response.result)


def open_market(client: Client, reference: Reference) -> None:
    """Make the venue of the batches, in the server and in the reference."""
    admin = client.admin
    asset, fund = requests.create_asset(), requests.create_fund()
    paid, market = requests.deposit_fund(50_000), requests.set_market(timeout_millis=3_600_000)
    reference.apply(asset, admin.CreateAsset(asset).result)
    made = admin.CreateInsuranceFund(fund).result
    reference.apply(fund, made)
    done = admin.DepositInsuranceFund(paid).result
    reference.apply(paid, done)
    reference.apply(market, admin.SetMarket(market).result)
    mark = requests.mark(requests.PRICE_TICKS)
    marked = client.risk.UpdateMarkPrices(mark).result
    reference.apply(mark, marked)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_server_loses_and_doubles_nothing(server: Server, seed: int) -> None:
    rng = Random(seed)
    batches = random_batches(seed, "engine", BATCHES)
    reference, sender = Reference(), Sender(batches)
    with client_of(server) as client:
        open_market(client, reference)
    for _ in range(ROUNDS):
        with client_of(server) as client:
            sender.send(client, server, kill_after=rng.randint(1, BATCHES // ROUNDS))
        server.start()
    with client_of(server) as client:
        sender.send(client, server, kill_after=0)
        reference.own = own_records(server.folder / "data")
        for batch, result in zip(batches, sender.answers, strict=True):
            reference.apply(batch, result)
        state = client.state()
        assert state.state_hash == reference.engine.state_hash()
        assert state.sequence == state.durable_sequence == reference.engine.sequence
        count = len(reference.instructions)
        assert state.instruction_sequence == count > 50
        assert venue.instructions(client, 1, count) == reference.instructions
        venue.check_money(client)
    server.kill()
    server.start()
    with client_of(server) as client:
        again = client.state()
        reference.own = own_records(server.folder / "data")
        reference.note_up_to(again.sequence)
        assert again.sequence == state.sequence + 1
        assert again.state_hash == reference.engine.state_hash()
        assert again.instruction_sequence == count
