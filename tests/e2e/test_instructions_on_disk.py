"""Instructions on disk, over the wire: resumed from far back, across kills, until all confirm."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from threading import Thread
from urllib.request import urlopen

import grpc
import pytest
from google.protobuf.message import Message

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.instructions_pb2 import Instruction
from tests.e2e import venue
from tests.e2e.reference import Reference, random_batches
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of, poll
from tests.e2e.test_kill import Sender, open_market
from tests.e2e.test_resume import open_levered, swing
from tests.service import requests

pytestmark = pytest.mark.e2e

FEW = 8
"""Instructions that are kept in memory, by the retention of these tests."""


def keep_few(client: Client) -> None:
    retention = client.state().retention
    retention.instruction_count = FEW
    venue.accepted(
        client.admin.SetRetention(admin_pb.SetRetentionRequest(retention=retention)).result
    )


def folder(server: Server) -> Path:
    return server.folder / "data/instructions"


def numbers(found: list[Instruction]) -> list[int]:
    return [each.instruction_sequence for each in found]


def confirm(client: Client, consumer_id: str, through: int) -> int:
    request = risk_pb.ConfirmInstructionsRequest(
        consumer_id=consumer_id, through_instruction_sequence=through
    )
    return client.risk.ConfirmInstructions(request).confirmed_instruction_sequence


def consumers(client: Client) -> dict[str, tuple[int, int]]:
    """Return what each has confirmed, and how many it has yet to."""
    response = client.admin.ListConsumers(admin_pb.ListConsumersRequest())
    assert all(each.lag_bytes <= response.stored_bytes for each in response.consumers)
    return {
        each.consumer_id: (each.confirmed_instruction_sequence, each.lag_instruction_count)
        for each in response.consumers
    }


def test_streams_and_consumers_go_on_after_a_kill_and_a_stop(server: Server) -> None:
    """Also from what memory has no more; and what was confirmed or forgotten stays so."""
    with client_of(server) as client:
        open_levered(client)
        keep_few(client)
        swing(client, 50)
        before = venue.instructions(client, 1, 100)
        assert numbers(before) == list(range(1, 101))
        assert consumers(client) == {}
        assert confirm(client, "venue", 0) == 0
        assert confirm(client, "audit", 4) == 4
        assert confirm(client, "audit", 2) == 4
        assert consumers(client) == {"audit": (4, 96), "venue": (0, 100)}
    server.kill()
    server.start()
    with client_of(server) as client:
        state = client.state()
        assert (state.oldest_instruction_sequence, state.instruction_sequence) == (1, 100)
        for first in (1, 47, 92, 93, 100):
            assert venue.instructions(client, first, 100) == before[first - 1 :]
        assert consumers(client) == {"audit": (4, 96), "venue": (0, 100)}
        assert confirm(client, "venue", 100) == 100
        request = admin_pb.ForgetConsumerRequest(consumer_id="audit")
        assert client.admin.ForgetConsumer(request).confirmed_instruction_sequence == 4
    assert server.terminate() == 0
    server.start()
    with client_of(server) as client:
        assert consumers(client) == {"venue": (100, 0)}
        assert venue.instructions(client, 1, 100) == before


def test_one_command_that_makes_more_than_memory_keeps_is_read_whole(client: Client) -> None:
    """By a subscriber who was there before, and by one who resumes."""
    count = 200
    venue.open_venue(client, [(account, 1_000_000) for account in range(1, 2 * count + 1)])
    longs = [(account, account + count, 10_000, 900) for account in range(1, count + 1)]
    venue.trade(client, *longs)
    keep_few(client)
    request = risk_pb.StreamInstructionsRequest(from_instruction_sequence=1)
    stream = client.risk.StreamInstructions(request, timeout=WAIT_SECONDS)
    before = client.state()
    assert before.instruction_sequence == 0
    venue.mark(client, 9_300)
    last = client.state().instruction_sequence
    assert last >= count > FEW
    there: list[Instruction] = []
    while len(there) < last:
        there += next(stream).instructions
    stream.cancel()
    assert numbers(there) == list(range(1, last + 1))
    assert len({each.sequence for each in there}) == 1
    assert venue.instructions(client, 1, last) == there
    assert venue.instructions(client, last // 2, last) == there[last // 2 - 1 :]


class Subscriber:
    """Reads all instructions, resuming where it was cut off, and confirms now and then."""

    def __init__(self) -> None:
        self.found: list[Instruction] = []

    def read(self, client: Client, last: int = 0) -> None:
        """Read until the server ends, or up to a number."""
        if last and len(self.found) == last:
            return
        request = risk_pb.StreamInstructionsRequest(from_instruction_sequence=len(self.found) + 1)
        stream = client.risk.StreamInstructions(request, timeout=WAIT_SECONDS)
        with suppress(grpc.RpcError):
            for response in stream:
                self.found += response.instructions
                confirm(client, "subscriber", len(self.found))
                if len(self.found) == last:
                    stream.cancel()

    @contextmanager
    def reading(self, client: Client) -> Iterator[None]:
        thread = Thread(target=self.read, args=(client,))
        thread.start()
        yield
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3])
def test_a_subscriber_of_a_killed_server_misses_and_doubles_nothing(
    tmp_path: Path, seed: int
) -> None:
    rng, batches = Random(seed), random_batches(seed, "engine", 1_000)
    reference, sender, subscriber = Reference(), Sender(batches), Subscriber()
    with Server(tmp_path, snapshot_interval_seconds=1) as server:
        with client_of(server) as client:
            open_market(client, reference)
            retention = requests.set_retention(1_000, 1_024, 1 << 22, FEW)
            reference.apply(retention, client.admin.SetRetention(retention).result)
        for _ in range(2):
            with client_of(server) as client, subscriber.reading(client):
                sender.send(client, server, kill_after=rng.randint(100, 400))
            server.start()
        with client_of(server) as client:
            sender.send(client, server, kill_after=0)
            for batch, result in zip(batches, sender.answers, strict=True):
                reference.apply(batch, result)
            last = client.state().instruction_sequence
            assert last > 5 * FEW
            subscriber.read(client, last)
            assert subscriber.found == reference.instructions
            assert venue.instructions(client, 1, last) == reference.instructions
            assert confirm(client, "subscriber", last) == last
            assert consumers(client) == {"subscriber": (last, 0)}
        log = server.log()
    assert "instructions.set_aside" not in log
    assert "instructions.begun_anew" not in log


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start one server for what changes nothing, or only what it looks at itself."""
    with Server(tmp_path_factory.mktemp("shared")) as running:
        yield running


@pytest.fixture
def asked(shared: Server) -> Iterator[Client]:
    with client_of(shared) as connected:
        yield connected


Ask = Callable[[Client], Message]
REFUSED: dict[str, tuple[Ask, grpc.StatusCode, str]] = {
    "number not yet published": (
        lambda client: client.risk.ConfirmInstructions(
            risk_pb.ConfirmInstructionsRequest(consumer_id="a", through_instruction_sequence=1)
        ),
        grpc.StatusCode.INVALID_ARGUMENT,
        "through_instruction_sequence is 1; allowed: 0 to 0, the last instruction published",
    ),
    "no id": (
        lambda client: client.risk.ConfirmInstructions(risk_pb.ConfirmInstructionsRequest()),
        grpc.StatusCode.INVALID_ARGUMENT,
        "consumer_id is ''; allowed: 1 to 64 printable ASCII characters",
    ),
    "forgetting nobody": (
        lambda client: client.admin.ForgetConsumer(admin_pb.ForgetConsumerRequest(consumer_id="a")),
        grpc.StatusCode.NOT_FOUND,
        "'a' is no consumer",
    ),
}


def test_a_refusal_names_the_field_and_changes_nothing(asked: Client) -> None:
    for ask, code, said in REFUSED.values():
        with pytest.raises(grpc.RpcError) as caught:
            ask(asked)
        assert caught.value.code() is code
        assert caught.value.details() == said
    assert consumers(asked) == {}


@pytest.mark.parametrize(
    "method", ["RiskService/ConfirmInstructions", "AdminService/ForgetConsumer"]
)
def test_fields_that_are_not_known_are_refused(asked: Client, method: str) -> None:
    raw = b"\x0a\x01a\x78\x01"
    call = asked.channel.unary_unary(f"/riskengine.api.v1.{method}", requests.as_is, requests.as_is)
    with pytest.raises(grpc.RpcError) as caught:
        call(raw)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "has no field 15" in (caught.value.details() or "")
    assert consumers(asked) == {}


def test_sizes_and_lags_are_listed_and_on_the_metrics_page(asked: Client, shared: Server) -> None:
    open_levered(asked)
    swing(asked, 2)
    confirm(asked, "slow", 1)
    confirm(asked, "fast", 4)
    response = asked.admin.ListConsumers(admin_pb.ListConsumersRequest())
    assert response.last_instruction_sequence == 4
    fast, slow = response.consumers
    assert (fast.lag_instruction_count, fast.lag_bytes) == (0, 0)
    assert (slow.lag_instruction_count, slow.lag_bytes) == (3, response.stored_bytes)
    wanted = (
        "riskengine_consumers 2.0",
        "riskengine_consumer_lag_instructions 3.0",
        f"riskengine_instructions_size_bytes {float(response.stored_bytes)}",
        "riskengine_oldest_instruction_sequence 1.0",
        "riskengine_instructions_alarm 0.0",
    )
    page = f"http://{shared.metrics_address}/metrics"
    poll(
        lambda: set(wanted) <= set(urlopen(page).read().decode().splitlines()),
        "the page",
    )
    for consumer_id in ("fast", "slow"):
        asked.admin.ForgetConsumer(admin_pb.ForgetConsumerRequest(consumer_id=consumer_id))


def test_instructions_that_cannot_be_written_end_the_server_as_the_journal_does(
    tmp_path: Path,
) -> None:
    """And a start makes them again, once they can be."""
    with Server(tmp_path, failure_grace_millis=0) as server:
        with client_of(server) as client:
            open_levered(client)
            shutil.rmtree(folder(server))
            with pytest.raises(grpc.RpcError) as caught:
                client.risk.UpdateMarkPrices(requests.mark(9_480))
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
            assert "instructions" in (caught.value.details() or "")
        assert server.wait() == 74
        assert "journal.failed" in server.log()
        server.start()
        with client_of(server) as client:
            (called,) = venue.instructions(client, 1, 1)
            assert called.WhichOneof("body") == "margin_call"
            poll(lambda: list(folder(server).glob("*.ins")), "its segment")
