"""The commands as a user types them."""

import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import grpc
import pytest

from riskengine import __version__
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.admin_service_pb2 import GetServerStatusRequest, TakeSnapshotRequest
from riskengine.config import SETTINGS
from tests.e2e import venue
from tests.e2e.server import WAIT_SECONDS, Server, client_of, poll
from tests.service import requests

pytestmark = pytest.mark.e2e

TOOLS = ("verify", "inspect", "audit", "replay", "backup", "restore")
COMMANDS = ("init", "serve", "demo", "health", "version", *TOOLS)
INSPECT = ("records", "record", "state", "snapshots")


def riskengine(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: text for name, text in os.environ.items() if "RISKENGINE_" not in name}
    return subprocess.run(
        [sys.executable, "-m", "riskengine", *arguments],
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )


def test_the_version_is_shown() -> None:
    for given in ("version", "--version"):
        assert riskengine(given).stdout == f"riskengine {__version__}\n"


def test_help_names_every_command_and_every_setting() -> None:
    overview = riskengine("--help").stdout
    for command in COMMANDS:
        assert f"  {command} " in overview
    text = riskengine("serve", "--help").stdout
    for key in SETTINGS:
        assert f"  {key} = " in text


@pytest.mark.parametrize("command", ["", *COMMANDS, *(f"inspect {each}" for each in INSPECT)])
def test_help_fits_into_a_terminal(command: str) -> None:
    done = riskengine(*command.split(), "--help", COLUMNS="80")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80, done.stdout


def test_a_wrong_setting_is_named_and_nothing_starts(tmp_path: Path) -> None:
    path = tmp_path / "engine.toml"
    path.write_text("max_batch_rows = 0\n")
    done = riskengine("serve", "--config", str(path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"riskengine: wrong configuration: {path}: max_batch_rows: 0 is out of bounds; "
        "allowed: 1 to 65536\n"
    )


def test_health_is_an_exit_code(server: Server) -> None:
    up = riskengine("health", "--address", server.grpc_address)
    assert (up.returncode, up.stdout) == (0, "SERVING\n")
    unknown = riskengine("health", "--address", server.grpc_address, "--service", "no.Service")
    assert unknown.returncode == 1
    assert unknown.stdout == (
        "NOT_FOUND: there is no service no.Service; there are riskengine.api.v1.AccountService, "
        "riskengine.api.v1.AdminService, riskengine.api.v1.RiskService\n"
    )
    one = ("--address", server.grpc_address, "--service", "riskengine.api.v1.RiskService")
    assert riskengine("health", *one).stdout == "SERVING\n"
    server.terminate()
    gone = ("health", "--address", server.grpc_address, "--timeout", "0.5", "--detail")
    down = riskengine(*gone)
    assert down.returncode == 1
    assert down.stdout.splitlines()[1].startswith("status UNAVAILABLE: ")


def test_health_says_how_the_server_itself_is(server: Server) -> None:
    asked = ("health", "--address", server.grpc_address, "--timeout", "5", "--detail")
    with client_of(server) as client:
        venue.open_venue(client, ((1, 100_000),))
        client.admin.TakeSnapshot(TakeSnapshotRequest())
        snapshots = server.folder / "data/snapshots"
        snapshots.rename(server.folder / "aside")
        with pytest.raises(grpc.RpcError):
            client.admin.TakeSnapshot(TakeSnapshotRequest())
        confirm = risk_pb.ConfirmInstructionsRequest(consumer_id="audit")
        client.risk.ConfirmInstructions(confirm)
        client.risk.ConfirmInstructions(confirm.__class__(consumer_id="venue"))
        log_id = client.state().log_id
        is_seen = GetServerStatusRequest()
        poll(lambda: client.admin.GetServerStatus(is_seen).instructions.consumer_count == 2, "both")
    lines = riskengine(*asked).stdout.splitlines()
    first, version, log, journal, snapshot, failure, instructions, consumers, streams = lines
    assert log == f"log {log_id}"
    assert instructions == "instructions 0 bytes on disk"
    assert consumers == ("consumers 2, furthest behind audit: 0 instructions, 0 bytes of files")
    assert first == "SERVING"
    assert re.fullmatch(rf"version {re.escape(__version__)}, started 20\S+Z", version)
    assert re.fullmatch(r"journal durable up to command \d of \d, [\d,]+ bytes", journal)
    assert streams == "state streams 0 open, 0 bytes to be sent"
    assert re.fullmatch(
        r"snapshot of command 6, 20\S+Z; since the start 1 taken, 1 failed", snapshot
    )
    assert re.fullmatch(r"snapshot failure 20\S+Z, FAILING: FileNotFoundError: .+", failure)


def test_the_metrics_page_is_served(server: Server) -> None:
    text = page(server)
    assert "riskengine_engine_up 1.0" in text
    assert f'riskengine_build_info{{version="{__version__}"}} 1.0' in text


def test_the_service_counts_what_it_does(server: Server) -> None:
    with client_of(server) as client:
        venue.open_venue(client, ((1, 100_000), (2, 1_000_000)))
        venue.trade(client, (1, 2, 10_000, 100))
        venue.mark(client, 9_473)
        request = risk_pb.StreamInstructionsRequest(from_instruction_sequence=1)
        stream = client.risk.StreamInstructions(request, timeout=WAIT_SECONDS)
        next(stream)
        client.risk.CheckOrder(risk_pb.CheckOrderRequest())
        client.account.Deposit(requests.deposit(1, 0))
        text = page(server)
        stream.cancel()
    for line in (
        'riskengine_commands_total{kind="deposits",result="applied"} 2.0',
        'riskengine_commands_total{kind="deposits",result="rejected"} 1.0',
        'riskengine_rejections_total{reason="out_of_range"} 1.0',
        'riskengine_order_checks_total{result="refused"} 1.0',
        "riskengine_decision_duration_seconds_count 2.0",
        "riskengine_journal_queue_commands 0.0",
    ):
        assert line in text, line


def page(server: Server) -> str:
    address = f"http://{server.metrics_address}/metrics"
    with urllib.request.urlopen(address, timeout=WAIT_SECONDS) as answer:
        text: str = answer.read().decode()
    return text
