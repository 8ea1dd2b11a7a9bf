"""The outages, a row each: what is done to a server while a matching engine goes on."""

import fcntl
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from shutil import move
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import NamedTuple

import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.units import NANOS_PER_SECOND
from tests.e2e.raw_http2 import begin_calls
from tests.e2e.server import NotStartedError, Server, client_of
from tests.e2e.test_connections import FEW_DESCRIPTORS, idle_connections
from tests.e2e.wall_clock import WallClock
from tests.outages.traffic import Traffic, open_venue

SHIM = Path(__file__).parents[1] / "e2e/hung_disk.c"
HUNG_SECONDS = 1.0
CONNECTIONS = 1_100
HOUR_SECONDS, YEAR_SECONDS = 3_600, 31_536_000
PACE_SECONDS = 1.0
STREAMS, STREAM_CONNECTIONS = 10_000, 10


class Row(NamedTuple):
    """An outage, how often it is tried, and how long the worst caller may wait."""

    name: str
    tries: int
    outage: Callable[[Path], "Result"]
    allowed_seconds: float


class Result(NamedTuple):
    """What one try came to: deposits acknowledged, lost and booked twice; the longest wait."""

    acknowledged: int
    lost: int
    doubled: int
    worst_seconds: float


@contextmanager
def served(server: Server, results: list[Result]) -> Iterator[Traffic]:
    """Have a matching engine go on for as long as the body lasts; add what it came to."""
    with server:
        open_venue(server)
        with Traffic(server) as traffic:
            yield traffic
            traffic.wait_for(20)
        difference = traffic.difference()
        results.append(
            Result(
                traffic.acknowledged,
                max(0, -difference),
                max(0, difference),
                traffic.worst_seconds,
            )
        )


def idle_on(port: str) -> Callable[[Path], Result]:
    def outage(folder: Path) -> Result:
        server, results = Server(folder, max_handshake_millis=1_000), list[Result]()
        server.command = ("bash", "-c", FEW_DESCRIPTORS, *Server.command)
        with served(server, results) as traffic:
            address = server.grpc_address if port == "grpc" else server.metrics_address
            with idle_connections(address, CONNECTIONS):
                traffic.wait_for(50)
        return results[0]

    return outage


def unread_log(folder: Path) -> Result:
    server, results = Server(folder, log_level="debug"), list[Result]()
    server.log_path = folder / "pipe"
    os.mkfifo(server.log_path)
    reading = os.open(server.log_path, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, 4096)
    try:
        with served(server, results) as traffic:
            traffic.wait_for(100)
    finally:
        os.close(reading)
    return results[0]


def hung_disk(folder: Path) -> Result:
    shim, hung = folder / "hung_disk.so", folder / "hung"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", shim, SHIM, "-ldl"], check=True)
    server, results = Server(folder, disk_answer_millis=300), list[Result]()
    server.environment = {"LD_PRELOAD": str(shim), "HUNG_WHILE": str(hung)}
    with served(server, results):
        hung.touch()
        sleep(HUNG_SECONDS)
        hung.unlink()
    return results[0]


def stepping_clock(folder: Path) -> Result:
    """An hour and a year ahead, behind, and back, with a kill under each."""
    clock, results = WallClock(folder), list[Result]()
    server = clock.give_to(Server(folder, max_start_gap_seconds=2 * YEAR_SECONDS))
    with served(server, results) as traffic:
        for ahead_seconds in (HOUR_SECONDS, -HOUR_SECONDS, YEAR_SECONDS, -YEAR_SECONDS, 0):
            assert_pace(server, partial(clock.step_to, ahead_seconds))
            server.kill()
            server.start()
            traffic.wait_for(20)
    return results[0]


def assert_pace(server: Server, step: Callable[[], None]) -> None:
    """Check that the log's time goes on as fast as real time over a step of the wall clock."""
    with client_of(server) as client:
        real_seconds, log_nanos = monotonic(), client.state().time_nanos
        step()
        sleep(PACE_SECONDS)
        passed = monotonic() - real_seconds
        logged = (client.state().time_nanos - log_nanos) / NANOS_PER_SECOND
    assert abs(passed - logged) < PACE_SECONDS, (passed, logged)


def moved_folder(folder: Path) -> Result:
    server, results = Server(folder, failure_grace_millis=0), list[Result]()
    with served(server, results) as traffic:
        move(folder / "data", folder / "aside")
        assert server.wait() == 74
        with pytest.raises(NotStartedError, match="holds no journal"):
            Server(folder, create="false").start()
        move(folder / "aside", folder / "data")
        server.start()
        traffic.wait_for(20)
    return results[0]


def deleted_lock(folder: Path) -> Result:
    server, results = Server(folder), list[Result]()
    with served(server, results):
        (folder / "data/journal/lock").unlink()
        with pytest.raises(NotStartedError, match="is open in another process"):
            Server(folder).start()
    return results[0]


def idle_streams(folder: Path) -> Result:
    server, results = Server(folder), list[Result]()
    with served(server, results) as traffic, ExitStack() as stack:
        for number in range(STREAM_CONNECTIONS):
            name = ("Submit", "StreamInstructions")[number % 2]
            path = f"/riskengine.api.v1.RiskService/{name}"
            streams = begin_calls(server.grpc_address, path, STREAMS // STREAM_CONNECTIONS, 0)
            stack.callback(streams.close)
        traffic.wait_for(50)
    return results[0]


def unfinished_messages(folder: Path) -> Result:
    server, results = Server(folder, request_seconds=2), list[Result]()
    with served(server, results) as traffic, ExitStack() as stack:
        for path in ("RiskService/ApplyTrades", "AccountService/Withdraw"):
            calls = begin_calls(server.grpc_address, f"/riskengine.api.v1.{path}", 400, 100)
            stack.callback(calls.close)
        traffic.wait_for(50)
    return results[0]


def killed(folder: Path) -> Result:
    server, results = Server(folder), list[Result]()
    with served(server, results) as traffic:
        server.kill()
        server.start()
        traffic.wait_for(20)
        with client_of(server) as client:
            client.account.ListAccounts(account_pb.ListAccountsRequest())
    return results[0]


ROWS = (
    Row("killed under load", 5, killed, 30),
    Row("1,100 idle connections to gRPC", 3, idle_on("grpc"), 10),
    Row("1,100 idle connections to metrics", 3, idle_on("metrics"), 10),
    Row("log pipe that nobody reads", 3, unread_log, 10),
    Row("disk that does not answer for 1 s", 5, hung_disk, 15),
    Row("clock an hour and a year off, and back", 12, stepping_clock, 30),
    Row("data folder moved away, and back", 5, moved_folder, 60),
    Row("lock file deleted, second server", 5, deleted_lock, 10),
    Row("10,000 idle streams", 5, idle_streams, 10),
    Row("800 messages without last byte", 5, unfinished_messages, 10),
)


class Summary(NamedTuple):
    """All tries of a row together."""

    row: Row
    tries: int
    acknowledged: int
    lost: int
    doubled: int
    worst_seconds: float

    @property
    def is_right(self) -> bool:
        """Return whether nothing was lost or doubled, and nobody waited too long."""
        return not (self.lost or self.doubled or self.worst_seconds > self.row.allowed_seconds)

    def line(self) -> str:
        verdict = "" if self.is_right else "  WRONG"
        return (
            f"{self.row.name:40}{self.tries:>6}{self.acknowledged:>14,}{self.lost:>6}"
            f"{self.doubled:>9}{self.worst_seconds:>9.2f} s{verdict}"
        )


HEAD = f"{'outage':40}{'tries':>6}{'acknowledged':>14}{'lost':>6}{'doubled':>9}{'waited':>11}"


def tried(row: Row, tries: int) -> Summary:
    """Try a row so often, each time on a server of its own."""
    results = []
    for _ in range(tries):
        with TemporaryDirectory(prefix="riskengine-outage-") as folder:
            results.append(row.outage(Path(folder)))
    return Summary(
        row,
        tries,
        sum(result.acknowledged for result in results),
        sum(result.lost for result in results),
        sum(result.doubled for result in results),
        max(result.worst_seconds for result in results),
    )
