"""A client in Node, behind mutual TLS and with roles, plays the session of the README."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskengine.simulator.certificates import Authority, Certificate
from tests.e2e.secured import ENGINE, OPERATOR, Secured, table
from tests.e2e.server import WAIT_SECONDS, Server
from tests.e2e.typed import ROOT, blocks
from tests.running import finished

NODE = shutil.which("node")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
]

CLIENT = Path(__file__).with_name("node_client.mjs")
CONTRACT = ROOT / "riskengine/api/v1/riskengine.binpb"
CALL = """
call() {{
  case "$1" in
    AdminService/*) who=operator ;;
    AccountService/*|RiskService/CheckOrder) who=gateway ;;
    *) who=engine ;;
  esac
  "{node}" "{client}" "{contract}" "{address}" "{folder}/ca.pem" \
    "{folder}/$who.pem" "{folder}/$who.key" "$1" "$2"
}}
"""


@pytest.fixture
def secured(tmp_path: Path, authority: Authority, server_certificate: Certificate) -> Secured:
    made = Secured(tmp_path, authority, server_certificate)
    made.know(ENGINE + OPERATOR + table("gateway", ["gateway"]))
    for name in ("engine", "operator", "gateway"):
        authority.issue(name)
    return made


@pytest.fixture
def server(secured: Secured) -> Iterator[Server]:
    with Server(secured.folder, **secured.settings) as running:
        yield running


def test_a_client_in_node_plays_the_session_of_the_readme(secured: Secured, server: Server) -> None:
    (session,) = (b for b in blocks((ROOT / "README.md").read_text(), "sh") if "buf curl" in b)
    call = CALL.format(
        node=NODE,
        client=CLIENT,
        contract=CONTRACT,
        address=server.grpc_address,
        folder=secured.authority.cert.parent,
    )
    played, count = re.subn(r"^call\(\) \{.*?^\}$", lambda _: call, session, flags=re.M | re.S)
    assert count == 1
    said = finished(["bash", "-e"], ROOT, given=played).stdout
    for line in (
        '"reason": "REJECT_REASON_INSUFFICIENT_MARGIN"',
        "3000000000 atoms, would exceed the equity, 2180000000 atoms",
        '"state": "ACCOUNT_STATE_LIQUIDATING"',
        '"liquidationPriceTicks": "187578"',
        '"bankruptcyPriceTicks": "178200"',
        '"missingAtoms": "0"',
    ):
        assert line in said, line


def test_a_client_in_node_is_held_to_its_role(secured: Secured, server: Server) -> None:
    done = in_node(secured, server, secured.authority.cert.parent, "AdminService/GetLoadReport")
    assert done.returncode == 1
    told = json.loads(done.stderr)
    assert told["status"] == 7
    assert told["message"] == (
        "engine may not call AdminService.GetLoadReport; roles that may: operator"
    )


def test_a_client_in_node_with_a_foreign_certificate_gets_nothing(
    secured: Secured, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One of another CA, for the same name."""
    foreign = tmp_path_factory.mktemp("foreign")
    Authority(foreign).issue("engine")
    done = in_node(secured, server, foreign, "AdminService/GetState")
    assert done.returncode == 1
    assert json.loads(done.stderr)["status"] == "UNAVAILABLE"
    own = in_node(secured, server, secured.authority.cert.parent, "AdminService/GetState")
    assert json.loads(own.stdout)["logId"]


def in_node(
    secured: Secured, server: Server, folder: Path, method: str
) -> "subprocess.CompletedProcess[str]":
    """Call as the engine, by the certificate in a folder."""
    assert NODE is not None
    shown = [secured.authority.cert, folder / "engine.pem", folder / "engine.key"]
    command = [NODE, CLIENT, CONTRACT, server.grpc_address, *shown, method, "{}"]
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=WAIT_SECONDS, check=False
    )
