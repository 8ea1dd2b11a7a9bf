"""Probes on the metrics port, from before recovery to the end."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import venue
from tests.e2e.pages import fetch, page, readiness, sample
from tests.e2e.server import WAIT_SECONDS, Server, client_of, poll
from tests.service import requests

pytestmark = pytest.mark.e2e


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_paths_and_methods(server: Server) -> None:
    address = server.metrics_address
    assert fetch(address, "/healthz") == (200, "live\n")
    assert readiness(address) == (200, {"ready": True, "phase": "ready"})
    for path in ("/", "/metrics/", "/favicon.ico", "/readyz/x"):
        status, body = fetch(address, path)
        assert (status, "/metrics, /healthz, /readyz" in body) == (404, True)
    assert sample(page(server), "riskengine_ready") == 1


def test_a_recovery_is_live_and_not_ready_and_says_how_far_it_is(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    settings: dict[str, int | str] = {"metrics_listen": address, "snapshot_at_stop_millis": 0}
    with Server(tmp_path, **settings) as server:
        with client_of(server) as client:
            venue.open_venue(client, ((1, 1_000),))
            rows = [(1, 1)] * 10_000
            for number in range(1, 150):
                batch = requests.submit_deposits("bank", number, *rows)
                (answer,) = client.risk.Submit(iter([batch]), timeout=WAIT_SECONDS)
                venue.accepted(answer.result)
        server.kill()
        server.launch()
        seen = []

        def is_ready() -> bool:
            try:
                status, told = readiness(address)
            except OSError:
                return False
            assert fetch(address, "/healthz")[0] == 200
            seen.append(told)
            return status == 200

        poll(is_ready, "ready")
        server.wait_until_ready()
    recovering = [told for told in seen if told["phase"] == "recovering"]
    assert recovering
    assert all(not told["ready"] for told in recovering)
    assert max(told["total_bytes"] for told in recovering) > 1 << 20
    assert all(0 <= told["done_bytes"] <= told["total_bytes"] for told in recovering)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_start_ends_by_a_signal_also_as_the_first_process(
    tmp_path: Path, number: signal.Signals
) -> None:
    """The kernel lets the first process of a container ignore what it does not handle."""
    unshare = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child")
    try:
        subprocess.run([*unshare, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no namespace of processes may be made here")
    script = f"""
import os, signal, sys
from riskengine import bootstrap
from riskengine.config import Config

def recover(*_arguments):
    assert os.getpid() == 1
    os.kill(1, {int(number)})
    sys.exit("it went on")

bootstrap.recover = recover
bootstrap.serve(Config(data_dir={str(tmp_path)!r}, metrics_listen="127.0.0.1:0"))
"""
    done = subprocess.run(
        [*unshare, sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
        cwd=Path(__file__).parents[2],
        env=dict(os.environ),
    )
    assert done.returncode == 128 + number, done.stderr
    assert '"server.stop"' in done.stderr
