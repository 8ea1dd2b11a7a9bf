"""The README can be typed as it stands: its session and its client."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import Server

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
ADDRESS = "127.0.0.1:50051"
RUN_SECONDS = 60


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("readme")) as running:
        yield running


def typed(server: Server, command: list[str], text: str) -> str:
    done = subprocess.run(
        command,
        input=text.replace(ADDRESS, server.grpc_address).replace(
            ".venv/bin/", f"{Path(sys.executable).parent}/"
        ),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


@pytest.mark.e2e
def test_the_session_and_the_client_run_and_say_what_is_printed(server: Server) -> None:
    (session,) = (block for block in blocks("sh") if "buf curl" in block)
    said = typed(server, ["bash", "-e"], session)
    for line in (
        '"reason": "REJECT_REASON_INSUFFICIENT_MARGIN"',
        "3000000000 atoms, would exceed the equity, 2180000000 atoms",
        '"state": "ACCOUNT_STATE_LIQUIDATING"',
        '"liquidationPriceTicks": "187578"',
        '"bankruptcyPriceTicks": "178200"',
    ):
        assert line in README, line
        assert line in said, line
    assert said.count('"missingAtoms": "0"') == 1
    (client,) = blocks("python")
    printed = typed(server, [sys.executable, "-"], client).splitlines()
    assert printed[:3] == ["durable as 9", "1 cancel_orders", "2 liquidation_order"]
