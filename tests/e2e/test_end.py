"""How a server ends: a drain on SIGTERM or SIGINT, and a stop for good when its disk fails."""

import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from time import sleep
from typing import TypeVar, cast

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_status import rpc_status

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from tests.e2e import venue
from tests.e2e.pages import readiness
from tests.e2e.server import WAIT_SECONDS, Client, NotStartedError, Server, client_of
from tests.service import requests

pytestmark = pytest.mark.e2e

T = TypeVar("T")
SERVICES = ("", *(f"riskengine.api.v1.{name}Service" for name in ("Risk", "Account", "Admin")))


class Health:
    """Watches the health of one service."""

    def __init__(self, client: Client, service: str) -> None:
        request = health_pb2.HealthCheckRequest(service=service)
        self._stream = HealthStub(client.channel).Watch(request, timeout=WAIT_SECONDS)  # type: ignore[attr-defined]

    def next(self) -> str:
        status = next(self._stream).status
        return health_pb2.HealthCheckResponse.ServingStatus.Name(status)


def endless(stop: Event, client_id: str) -> Iterator[risk_pb.SubmitRequest]:
    number = 0
    while not stop.is_set():
        number += 1
        yield requests.submit_deposits(client_id, number, *[(number, 1)] * 20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_what_was_taken(server: Server, number: signal.Signals) -> None:
    stop = Event()
    with client_of(server) as client:
        venue.open_venue(client, ())
        client.register("engine")
        before = client.state().sequence
        watched = [Health(client, service) for service in SERVICES]
        assert [health.next() for health in watched] == ["SERVING"] * 4
        subscription = client.risk.StreamInstructions(risk_pb.StreamInstructionsRequest())
        stream = client.risk.Submit(endless(stop, "engine"), timeout=WAIT_SECONDS)
        answers = 0
        for _ in range(50):
            answers += next(stream).result.applied_rows == 20
        server.process.send_signal(number)
        for response in until_end(stream):
            answers += response.result.applied_rows == 20
        stop.set()
        assert stream.code() is grpc.StatusCode.UNAVAILABLE
        assert list(until_end(subscription)) == []
        assert subscription.code() is grpc.StatusCode.UNAVAILABLE
        assert [health.next() for health in watched] == ["NOT_SERVING"] * 4
    assert server.wait() == 0
    assert not (server.folder / "data" / "addresses.json").exists()
    assert '"event": "server.end"' in server.log()
    server.start()
    with client_of(server) as client:
        assert client.state().sequence == before + answers + 1  # the start


@pytest.mark.parametrize("more", [signal.SIGTERM, signal.SIGINT])
def test_more_signals_change_nothing(server: Server, more: signal.Signals) -> None:
    process = server.process
    process.send_signal(signal.SIGTERM)
    while process.poll() is None:
        sleep(0.002)
        process.send_signal(more)
    assert server.wait() == 0
    assert "server.end" in server.log()
    assert "Traceback" not in server.log()


def test_a_disk_that_fails_stops_the_engine_for_good(tmp_path: Path) -> None:
    with Server(tmp_path, failure_grace_millis=2_000) as server, client_of(server) as client:
        venue.open_venue(client, ((1, 10),))
        rows = [(1, 1 << 40)] * 10_000
        venue.accepted(submit_one(client, requests.submit_deposits("bank", 1, *rows)).result)
        health = Health(client, "")
        assert health.next() == "SERVING"
        # From here on the kernel refuses any write behind the first 64 KiB of a file.
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
        before = client.state()
        for _ in range(2):
            with pytest.raises(grpc.RpcError) as caught:
                submit_one(client, requests.submit_deposits("bank", 2, *rows))
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
            assert "the journal failed" in (caught.value.details() or "")
        assert health.next() == "NOT_SERVING"
        status, told = readiness(server.metrics_address)
        assert (status, told["ready"], told["phase"]) == (503, False, "failed")
        assert "the file may not be larger" in told["reason"]
        with pytest.raises(grpc.RpcError, match="the journal failed"):
            client.account.GetAccount(account_pb.GetAccountRequest(account_id=1))
        assert server.wait() == 74
        server.start()
        with client_of(server) as again:
            venue.check_only_started(again.state(), before)
            (answer,) = again.risk.Submit(iter([requests.submit_deposits("bank", 2, (1, 1))]))
            venue.accepted(answer.result)


def test_a_port_that_is_taken_is_named(server: Server, tmp_path: Path) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "riskengine", "serve", "--listen", server.grpc_address],
        env={
            "RISKENGINE_DATA_DIR": str(tmp_path / "second"),
            "RISKENGINE_METRICS_LISTEN": "127.0.0.1:0",
            "RISKENGINE_CREATE": "true",
        },
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )
    assert second.returncode == 1
    assert server.grpc_address in second.stderr
    assert second.stdout == ""


def test_a_data_folder_is_used_by_one_server_only(server: Server) -> None:
    with pytest.raises(NotStartedError, match=r"exit code 1[\s\S]*recovery.refused"):
        Server(server.folder).start()


def test_a_damaged_journal_is_refused_by_name(server: Server) -> None:
    with client_of(server) as client:
        venue.open_venue(client, [(account_id, 10) for account_id in range(1, 30)])
    server.terminate()
    (segment,) = sorted((server.folder / "data" / "journal").glob("*.log"))[:1]
    content = bytearray(segment.read_bytes())
    content[1_000] ^= 1
    segment.write_bytes(content)
    with pytest.raises(NotStartedError) as caught:
        server.start()
    message = str(caught.value)
    assert message.startswith("exit code 1")
    assert re.search(rf"{segment.name} is damaged at offset \d+, sequence \d+", message)


def test_a_folder_that_cannot_be_used_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    snapshots = tmp_path / "data" / "snapshots"
    snapshots.touch()
    with pytest.raises(NotStartedError, match=r"exit code 1[\s\S]*recovery.refused") as caught:
        Server(tmp_path).start()
    assert str(snapshots) in str(caught.value)


def test_calls_beyond_the_bound_are_refused(tmp_path: Path) -> None:
    with Server(tmp_path, max_health_calls=2) as server, client_of(server) as client:
        held = [Health(client, ""), Health(client, "")]
        assert [health.next() for health in held] == ["SERVING"] * 2
        with pytest.raises(grpc.RpcError) as caught:
            Health(client, "").next()
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        retry = RetryInfo()
        assert rpc_status.from_call(cast("grpc.Call", caught.value)).details[1].Unpack(retry)
        assert retry.retry_delay.ToMilliseconds() > 0
        client.state()


def submit_one(client: Client, batch: risk_pb.SubmitRequest) -> risk_pb.SubmitResponse:
    return next(client.risk.Submit(iter([batch]), timeout=WAIT_SECONDS))


def until_end(stream: Iterable[T]) -> Iterator[T]:
    """Yield what a stream still holds; how it ended is for the caller to look at."""
    with suppress(grpc.RpcError):
        yield from stream
