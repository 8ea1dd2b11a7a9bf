"""A client that shares no code with the server: buf curl, by reflection alone."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import WAIT_SECONDS, Server

pytestmark = pytest.mark.e2e

BUF = Path(sys.executable).with_name("buf")


def buf_curl(
    server: Server, method: str, *requests: dict[str, Any]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(BUF),
            "curl",
            *("--protocol", "grpc", "--http2-prior-knowledge"),
            *("-d", "@-"),
            f"http://{server.grpc_address}/riskengine.api.v1.{method}",
        ],
        input="\n".join(json.dumps(request) for request in requests),
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )


def answered(server: Server, method: str, *requests: dict[str, Any]) -> dict[str, Any]:
    done = buf_curl(server, method, *requests)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_foreign_client_opens_an_account_and_reads_it(server: Server) -> None:
    asset = {"asset": {"asset_id": 1, "symbol": "USD", "exponent": -6}}
    assert answered(server, "AdminService/CreateAsset", asset)["result"]["sequence"] == "1"
    known = answered(server, "RiskService/RegisterClient", {"client_id": "buf"})["result"]
    paid = answered(
        server,
        "RiskService/Submit",
        {
            "key": {
                "client_id": "buf",
                "batch_sequence": 1,
                "incarnation": known["incarnation"],
            },
            "deposits": {"account_id": [7], "asset_id": [1], "amount_atoms": [5_000_000]},
        },
    )
    assert paid["result"]["appliedRows"] == 1
    account = answered(server, "AccountService/GetAccount", {"account_id": 7})["account"]
    assert account["state"] == "ACCOUNT_STATE_NORMAL"
    assert account["margin"]["equityAtoms"] == "5000000"
    state = answered(server, "AdminService/GetState", {})
    assert state["conservation"][0]["missingAtoms"] == "0"


def test_a_foreign_client_reads_the_state(server: Server) -> None:
    asset = {"asset": {"asset_id": 1, "symbol": "USD", "exponent": -6}}
    assert answered(server, "AdminService/CreateAsset", asset)["result"]["sequence"] == "1"
    for account_id in (7, 8):
        paid = {"account_id": account_id, "asset_id": 1, "amount_atoms": 5}
        answered(server, "AccountService/Deposit", paid)
    done = buf_curl(server, "AccountService/StreamState", {"account_id": [8]})
    assert done.returncode == 0, done.stderr
    head, rows = (json.loads(text) for text in re.split(r"(?<=})\s+(?={)", done.stdout.strip()))
    assert (head["head"]["sequence"], head["head"]["nextInstructionSequence"]) == ("3", "1")
    assert rows["rows"]["accounts"]["accountId"] == ["8"]
    assert rows["rows"]["accounts"]["balanceAtoms"] == ["5"]
    listed = answered(server, "RiskService/ListLiquidations", {})
    assert (listed["sequence"], listed["nextInstructionSequence"]) == ("3", "1")


def test_a_foreign_client_is_told_what_was_wrong(server: Server) -> None:
    done = buf_curl(server, "AccountService/ListAccounts", {"page_size": 5_000})
    assert done.returncode != 0
    error = json.loads(done.stderr)
    assert error["code"] == "invalid_argument"
    assert error["message"] == "page_size is 5000; allowed: 1 to 1000, or 0 for the default"
    assert {detail["type"] for detail in error["details"]} == {
        "google.rpc.ErrorInfo",
        "google.rpc.BadRequest",
    }
