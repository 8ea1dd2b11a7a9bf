"""A disk that does not answer, is full, or is slow."""

import json
import subprocess
from pathlib import Path
from time import monotonic

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2_grpc import HealthStub

from tests.e2e import venue
from tests.e2e.pages import readiness
from tests.e2e.server import Client, Server, client_of, poll
from tests.service import requests

pytestmark = pytest.mark.e2e

SOURCE = Path(__file__).with_name("hung_disk.c")


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("shim") / "hung_disk.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", built, SOURCE, "-ldl"], check=True)
    return built


class HungDisk:
    """A server whose disk stops answering when it is told to."""

    def __init__(self, folder: Path, shim: Path) -> None:
        self.server = Server(
            folder,
            disk_answer_millis=300,
            shutdown_grace_millis=500,
            snapshot_at_stop_millis=500,
            failure_grace_millis=0,
        )
        self._while = folder / "hung"
        self.server.environment = {"LD_PRELOAD": str(shim), "HUNG_WHILE": str(self._while)}

    def hang(self) -> None:
        self._while.touch()

    def answer(self) -> None:
        self._while.unlink()


def health(client: Client) -> str:
    check = HealthStub(client.channel).Check  # type: ignore[attr-defined]
    answer = check(health_pb2.HealthCheckRequest(), timeout=5)
    return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)


def test_a_disk_that_does_not_answer_is_told_and_waited_for(tmp_path: Path, shim: Path) -> None:
    disk = HungDisk(tmp_path, shim)
    with disk.server as server, client_of(server) as client:
        venue.open_venue(client, ((1, 1_000),))
        disk.hang()
        waiting = client.account.Deposit.future(requests.deposit(1, 5), timeout=20)
        poll(lambda: health(client) == "NOT_SERVING", "health says so")
        with pytest.raises(grpc.RpcError, match="disk has not answered for 300 milli") as caught:
            client.account.Deposit(requests.deposit(1, 7), timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        status, told = readiness(server.metrics_address)
        assert (status, told["ready"], told["phase"]) == (503, False, "disk not answering")
        assert not waiting.done()
        disk.answer()
        venue.accepted(waiting.result().result)
        poll(lambda: health(client) == "SERVING", "health says that it answers")
        assert readiness(server.metrics_address)[0] == 200
        assert venue.account(client, 1).margin.balance_atoms == 1_005
        assert server.terminate() == 0


def test_an_end_beside_a_hung_disk_is_bounded(tmp_path: Path, shim: Path) -> None:
    disk = HungDisk(tmp_path, shim)
    with disk.server as server, client_of(server) as client:
        venue.open_venue(client, ((1, 1_000),))
        disk.hang()
        waiting = client.account.Deposit.future(requests.deposit(1, 5), timeout=20)
        poll(lambda: health(client) == "NOT_SERVING", "health says so")
        start = monotonic()
        assert server.terminate() == 74
        assert monotonic() - start < 10
        assert waiting.exception() is not None
        assert json.loads(server.log().splitlines()[-1])["event"] == "server.end_forced"
        disk.answer()
        server.start()
        with client_of(server) as again:
            assert venue.account(again, 1).margin.balance_atoms in (1_000, 1_005)
