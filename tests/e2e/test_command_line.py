"""The commands as a user types them."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from riskengine import __version__
from riskengine.config import SETTINGS
from tests.e2e.server import WAIT_SECONDS, Server

pytestmark = pytest.mark.e2e


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
    assert riskengine("version").stdout == f"riskengine {__version__}\n"


def test_help_names_every_command_and_every_setting() -> None:
    overview = riskengine("--help").stdout
    for command in ("serve", "demo", "health", "version"):
        assert f"  {command} " in overview
    text = riskengine("serve", "--help").stdout
    for key in SETTINGS:
        assert f"  {key} = " in text


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
    assert unknown.stdout.startswith("NOT_FOUND")
    server.terminate()
    down = riskengine("health", "--address", server.grpc_address, "--timeout", "0.5")
    assert down.returncode == 1


def test_the_metrics_page_is_served(server: Server) -> None:
    with urllib.request.urlopen(f"http://{server.metrics_address}/metrics", timeout=5) as page:
        text = page.read().decode()
    assert "riskengine_engine_up 1.0" in text
    assert f'riskengine_build_info{{version="{__version__}"}} 1.0' in text
