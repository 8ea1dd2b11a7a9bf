"""The real server as a process of its own, as an operator would run it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import grpc

from riskengine.api.v1.account_service_pb2_grpc import AccountServiceStub
from riskengine.api.v1.admin_service_pb2 import GetStateRequest, GetStateResponse
from riskengine.api.v1.admin_service_pb2_grpc import AdminServiceStub
from riskengine.api.v1.risk_service_pb2_grpc import RiskServiceStub
from riskengine.channels import open_blocking
from riskengine.client_files import ClientFiles
from tests.e2e.registering import Registering

WAIT_SECONDS = 30
READY = "riskengine ready "
HELD = "riskengine held "


class NotStartedError(Exception):
    """The server ended before it was ready; the text holds its exit code and its log."""


def _text(value: int | str) -> str:
    """Return a setting as it stands in the environment."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Server:
    """One server on a data folder; it can be killed, stopped, and started again on the same.

    `files` are what its clients show.
    """

    command: Sequence[str] = (sys.executable, "-m", "riskengine")

    def __init__(self, folder: Path, **settings: int | str) -> None:
        self.folder = folder
        self.log_path = folder / "server.log"
        self.files = ClientFiles()
        self.grpc_address = ""
        self.metrics_address = ""
        self.environment: dict[str, str] = {}
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self.kill()

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None
        return self._process

    def start(self) -> None:
        """Start it and wait for its ready line."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start it."""
        clean = {name: text for name, text in os.environ.items() if "RISKENGINE_" not in name}
        settings = {
            "listen": "127.0.0.1:0",
            "metrics_listen": "127.0.0.1:0",
            "data_dir": str(self.folder / "data"),
            "create": "true",
            "journal_segment_bytes": 1 << 20,
            "max_request_bytes": 1 << 19,
            **self._settings,
        }
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.command, "serve"],
                env={
                    **clean,
                    **{f"RISKENGINE_{key.upper()}": _text(settings[key]) for key in settings},
                    **self.environment,
                },
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def wait_until_ready(self, what: str = READY) -> None:
        """Wait for its ready line, or for the one that says that it is held."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith(what):
            raise NotStartedError(f"exit code {self.wait()}\n{self.log()}")
        words = dict(word.split("=", 1) for word in line.removeprefix(what).split())
        self.grpc_address, self.metrics_address = words["grpc"], words["metrics"]

    def kill(self) -> None:
        """End it as a power cut would end the process: nothing is flushed."""
        self._end(signal.SIGKILL)

    def terminate(self) -> int:
        """Ask it to end and return its exit code."""
        return self._end(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for its end and return its exit code."""
        process = self.process
        code = process.wait(WAIT_SECONDS)
        assert process.stdout is not None
        process.stdout.close()
        self._process = None
        return code

    def log(self) -> str:
        return self.log_path.read_text()

    def _end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.wait()


class Client:
    """The three services over one channel; clients are registered as they come."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._registering = Registering(channel)
        self.channel = grpc.intercept_channel(channel, self._registering)
        self.risk = RiskServiceStub(self.channel)
        self.account = AccountServiceStub(self.channel)
        self.admin = AdminServiceStub(self.channel)

    def register(self, *client_ids: str) -> None:
        """Register clients, so that what they send takes no other sequence."""
        for client_id in client_ids:
            assert self.incarnation(client_id)

    def incarnation(self, client_id: str) -> int:
        """Return the incarnation of a client, which is registered if it is new."""
        return self._registering.incarnation(client_id)

    def state(self) -> GetStateResponse:
        return self.admin.GetState(GetStateRequest(with_state_hash=True), timeout=WAIT_SECONDS)


@contextmanager
def client_of(server: Server) -> Iterator[Client]:
    with open_blocking(server.grpc_address, server.files) as channel:
        yield Client(channel)


def poll(question: object, what: str) -> None:
    """Ask until the answer is true, or fail when it has taken too long."""
    assert callable(question)
    end = time.monotonic() + WAIT_SECONDS
    while not question():
        assert time.monotonic() < end, f"{what} did not come true"
        time.sleep(0.01)
