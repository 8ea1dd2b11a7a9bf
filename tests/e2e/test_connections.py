"""A thousand connections that say nothing, to either port: calls are served, segments roll."""

import re
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2_grpc import HealthStub

from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.service.call_places import IDLE_SECONDS
from tests.e2e import venue
from tests.e2e.pages import page, readiness, sample
from tests.e2e.raw_http2 import ask_and_read_nothing, begin_calls
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of, poll
from tests.e2e.test_end import until_end
from tests.service import requests

pytestmark = pytest.mark.e2e

IDLE = 1_100
FEW_DESCRIPTORS = 'ulimit -n 600; exec "$0" "$@"'


@contextmanager
def idle_connections(address: str, count: int) -> Iterator[list[socket.socket]]:
    """Hold connections that say nothing; some may be closed by the server at once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4_096)), hard))
    host, _, port = address.rpartition(":")
    with ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection((host, int(port)), WAIT_SECONDS))
            for _ in range(count)
        ]


def roll_segments(client: Client, client_id: str, batches: int) -> None:
    """Book so much that the journal goes on in new files."""
    rows = [(1, 1)] * 10_000

    def sent() -> Iterator[risk_pb.SubmitRequest]:
        for number in range(1, batches + 1):
            yield requests.submit_deposits(client_id, number, *rows)

    for answer in client.risk.Submit(sent(), timeout=WAIT_SECONDS):
        venue.accepted(answer.result)


@pytest.mark.slow
@pytest.mark.parametrize("port", ["grpc", "metrics"])
def test_idle_connections_end_nothing(tmp_path: Path, port: str) -> None:
    server = Server(tmp_path, max_handshake_millis=2_000)
    server.command = ("bash", "-c", FEW_DESCRIPTORS, *Server.command)
    with server, client_of(server) as client:
        venue.open_venue(client, ((1, 1_000),))
        address = server.grpc_address if port == "grpc" else server.metrics_address
        with idle_connections(address, IDLE):
            roll_segments(client, "engine", 150)
            assert len(list((tmp_path / "data/journal").glob("*.log"))) > 3
            assert readiness(server.metrics_address)[0] == 200
            poll(lambda: can_connect(server), "a new client is served")
        assert server.terminate() == 0


def test_a_message_that_unpacks_to_much_is_not_unpacked(server: Server) -> None:
    before = peak_kib(server)
    options = [("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(server.grpc_address, options=options) as channel:
        deposit = channel.unary_unary(
            "/riskengine.api.v1.AccountService/Deposit", requests.as_is, requests.as_is
        )
        with pytest.raises(grpc.RpcError) as caught:
            deposit(bytes(200 << 20), compression=grpc.Compression.Gzip, timeout=WAIT_SECONDS)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert peak_kib(server) - before < 20 << 10


def test_messages_that_lack_their_last_byte_are_given_up(tmp_path: Path) -> None:
    path, group = "/riskengine.api.v1.RiskService/ApplyTrades", '{group="engine"}'
    settings = {"max_engine_calls": 300, "request_seconds": 3}
    with Server(tmp_path, **settings) as server, client_of(server) as client:
        venue.open_venue(client, ((1, 1_000),))

        def under_way() -> float:
            return sample(page(server), f"riskengine_open_calls{group}")

        with ExitStack() as stack:
            for _ in range(4):
                calls = begin_calls(server.grpc_address, path, 100, 600)
                stack.callback(calls.close)
            poll(lambda: under_way() == 300, "all places are taken")
            assert client.state().sequence > 0, "operators have their own"

            def has_room() -> bool:
                try:
                    return venue.mark(client, 9_990).sequence > 0
                except grpc.RpcError:
                    return False

            poll(has_room, "a matching engine finds room before they are given up")
            poll(lambda: under_way() == 0, "they are given up")
        assert peak_kib(server) < 200 << 10


def peak_kib(server: Server) -> int:
    """Return the most memory that a server has had."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{server.process.pid}/status").read_text())
    assert found
    return int(found[1])


def can_connect(server: Server) -> bool:
    with client_of(server) as client:
        try:
            return client.state().sequence > 0
        except grpc.RpcError:
            return False


@pytest.mark.slow
def test_idle_streams_lock_nobody_out(tmp_path: Path) -> None:
    with Server(tmp_path, max_engine_streams=50) as server, client_of(server) as client:
        venue.open_venue(client, ((1, 1_000),))
        with ExitStack() as stack:
            end = Event()
            stack.callback(end.set)
            for _ in range(10):
                channel = grpc.insecure_channel(
                    server.grpc_address, options=[("grpc.use_local_subchannel_pool", 1)]
                )
                crowd = Client(stack.enter_context(channel))
                for _ in range(30):
                    crowd.risk.StreamInstructions(risk_pb.StreamInstructionsRequest())
                    stream = crowd.risk.Submit(nothing_until(end))
                    stack.callback(stream.cancel)
            venue.mark(client, 9_990)
            assert client.state().sequence > 0

            def is_taken() -> bool:
                batch = requests.submit_deposits("engine", 1, (1, 1))
                stream = client.risk.Submit(iter([batch]), timeout=5)
                for answer in until_end(stream):
                    venue.accepted(answer.result)
                if stream.code() is grpc.StatusCode.OK:
                    return True
                assert stream.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
                return False

            poll(is_taken, "the matching engine finds a place")
            text = page(server)
            assert sample(text, 'riskengine_open_calls{group="submit"}') <= 50
            refused = 'riskengine_call_places_total{group="submit",result="refused"}'
            assert sample(text, refused) > 0


def test_an_idle_stream_is_told_that_it_made_room(tmp_path: Path) -> None:
    with Server(tmp_path, max_engine_streams=1) as server, client_of(server) as client:
        venue.open_venue(client, ((1, 1_000),))
        first = client.risk.StreamInstructions(risk_pb.StreamInstructionsRequest())
        group = 'riskengine_open_calls{group="instructions"}'
        poll(lambda: sample(page(server), group) == 1, "it has its place")
        second = client.risk.StreamInstructions(risk_pb.StreamInstructionsRequest())
        assert list(until_end(second)) == []
        assert second.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        sleep(IDLE_SECONDS)
        third = client.risk.StreamInstructions(risk_pb.StreamInstructionsRequest())
        assert list(until_end(first)) == []
        assert first.code() is grpc.StatusCode.UNAVAILABLE
        assert "had been idle" in (first.details() or "")
        third.cancel()
        poll(lambda: '"reason": "GAVE_ROOM"' in server.log(), "the log has it")


WATCH = "/grpc.health.v1.Health/Watch"
WATCHES = 'riskengine_open_calls{group="health_watch"}'


def test_who_watches_health_and_reads_nothing_holds_nothing_up(tmp_path: Path) -> None:
    """The end of the server waited for him, and so did the look at a disk that had been slow."""
    with Server(tmp_path) as server, ask_and_read_nothing(server.grpc_address, WATCH):
        poll(lambda: sample(page(server), WATCHES) == 1, "he has his place")
        sleep(0.2)
        assert server.terminate() == 0


def test_a_crowd_of_watches_makes_room_before_a_single_one(tmp_path: Path) -> None:
    own = [("grpc.use_local_subchannel_pool", 1)]
    request = health_pb2.HealthCheckRequest()
    with (
        Server(tmp_path, max_health_calls=3) as server,
        grpc.insecure_channel(server.grpc_address, options=own) as one,
        grpc.insecure_channel(server.grpc_address, options=own) as many,
    ):
        watch, watch_of_many = (_watch(channel) for channel in (one, many))
        single = watch(request)
        assert next(single).status == health_pb2.HealthCheckResponse.SERVING
        crowd = []
        for _ in range(2):
            crowd.append(watch_of_many(request))
            assert next(crowd[-1]).status == health_pb2.HealthCheckResponse.SERVING
        assert sample(page(server), WATCHES) == 3
        sleep(IDLE_SECONDS)
        newest = watch_of_many(request)
        assert next(newest).status == health_pb2.HealthCheckResponse.SERVING
        assert list(until_end(crowd[0])) == []
        assert "had been idle" in (crowd[0].details() or "")
        assert single.is_active()
        assert server.terminate() == 0
        assert next(single).status == health_pb2.HealthCheckResponse.NOT_SERVING


def _watch(channel: grpc.Channel) -> Any:
    return HealthStub(channel).Watch  # type: ignore[attr-defined]


def nothing_until(end: Event) -> Iterator[risk_pb.SubmitRequest]:
    """Send nothing for as long as the call lasts."""
    end.wait()
    yield from ()
