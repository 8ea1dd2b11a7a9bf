"""A server that others reach: who gets in, what each may, and files that change meanwhile."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.config import JOURNAL_RECORD_BYTES
from riskengine.service.credentials import MAX_NAME_LENGTH
from riskengine.simulator.certificates import Authority, Certificate
from tests.e2e import venue
from tests.e2e.secured import ALL, ENGINE, OPERATOR, WALLET, Secured, table, token_of
from tests.e2e.server import WAIT_SECONDS, Server, poll
from tests.e2e.test_command_line import riskengine
from tests.e2e.test_foreign_client import BUF
from tests.e2e.typed import ROOT, blocks
from tests.metrics.pages import Page
from tests.running import finished
from tests.service import requests

pytestmark = pytest.mark.e2e

FORBIDDEN, UNKNOWN = grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED


@pytest.fixture
def secured(tmp_path: Path, authority: Authority, server_certificate: Certificate) -> Secured:
    return Secured(tmp_path, authority, server_certificate)


@pytest.fixture
def server(secured: Secured) -> Iterator[Server]:
    with Server(secured.folder, **secured.settings) as running:
        yield running


def code_of(call: Any, request: Any) -> grpc.StatusCode:
    try:
        call(request, timeout=WAIT_SECONDS)
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        return code
    return grpc.StatusCode.OK


def test_each_caller_does_what_it_is_for_and_nothing_else(secured: Secured, server: Server) -> None:
    wallet_token = token_of("wallet")
    with (
        secured.client(server, "operator") as operator,
        secured.client(server, "engine") as engine,
        secured.client(server, "anybody", token=wallet_token) as wallet,
        secured.client(server, "anybody") as anybody,
        secured.client(server, "anybody", token="w" * 40) as forger,
    ):
        asset, paid = requests.create_asset(), requests.deposit(7)
        for client, code in ((anybody, UNKNOWN), (forger, UNKNOWN), (engine, FORBIDDEN)):
            assert code_of(client.admin.CreateAsset, asset) is code
            assert code_of(client.account.Deposit, paid) is code
        assert operator.state().sequence == 0
        assert code_of(operator.admin.CreateAsset, asset) is grpc.StatusCode.OK
        assert code_of(wallet.account.Deposit, paid) is grpc.StatusCode.OK
        assert code_of(wallet.admin.CreateAsset, asset) is FORBIDDEN
        assert code_of(engine.account.GetAccount, account_of(7)) is grpc.StatusCode.OK
        assert operator.state().sequence == 2


def account_of(account_id: int) -> account_pb.GetAccountRequest:
    return account_pb.GetAccountRequest(account_id=account_id)


def test_a_client_without_a_certificate_or_in_the_clear_gets_nothing(
    secured: Secured, server: Server
) -> None:
    files = secured.files("operator")
    with_ca = ("--ca", files.ca)
    own = (*with_ca, "--cert", files.cert, "--key", files.key)
    address = ("--address", server.grpc_address)
    assert riskengine("health", *address, *own).stdout == "SERVING\n"
    for shown in ((), with_ca):
        done = riskengine("health", *address, *shown)
        assert (done.returncode, done.stdout[:13]) == (1, "UNAVAILABLE: ")


def test_health_finds_its_files_in_the_environment_and_says_what_is_missing(
    secured: Secured, server: Server
) -> None:
    files = secured.files("anybody", token=token_of("wallet"))
    environment = {
        "RISKENGINE_CLIENT_CA": files.ca,
        "RISKENGINE_CLIENT_CERT": files.cert,
        "RISKENGINE_CLIENT_KEY": files.key,
        "RISKENGINE_CLIENT_TOKEN_FILE": files.token_file,
    }
    address = ("--address", server.grpc_address)
    assert riskengine("health", *address, **environment).stdout == "SERVING\n"
    environment.pop("RISKENGINE_CLIENT_TOKEN_FILE")
    done = riskengine("health", *address, **environment)
    assert done.stdout == (
        "UNAUTHENTICATED: what the call shows, a token or a client certificate, is nobody's\n"
    )
    environment["RISKENGINE_CLIENT_KEY"] = str(secured.folder / "none")
    done = riskengine("health", *address, **environment)
    assert done.returncode == 2
    assert done.stderr.endswith("none: No such file or directory\n")
    environment = {"RISKENGINE_CLIENT_TOKEN_FILE": files.token_file}
    done = riskengine("health", *address, **environment)
    assert done.stderr == "riskengine: token_file is of no use without ca: it is for TLS\n"


def test_a_revoked_callers_stream_ends_without_a_restart(secured: Secured, server: Server) -> None:
    asked = risk_pb.StreamInstructionsRequest(from_instruction_sequence=1)
    with (
        secured.client(server, "engine") as engine,
        secured.client(server, "operator") as operator,
    ):
        stream = engine.risk.StreamInstructions(asked, timeout=WAIT_SECONDS)
        poll(lambda: subscribers(server) == 1, "a subscriber")
        secured.know(WALLET + OPERATOR)
        with pytest.raises(grpc.RpcError) as caught:
            next(stream)
        assert caught.value.code() is UNKNOWN
        assert code_of(engine.account.GetAccount, account_of(7)) is UNKNOWN
        assert operator.state().sequence == 0
        secured.know(ALL)
        poll(
            lambda: code_of(engine.account.GetAccount, account_of(7)) is not UNKNOWN,
            "that who is back is known",
        )


def metric(server: Server, name: str, **labels: str) -> float:
    with urllib.request.urlopen(f"http://{server.metrics_address}/metrics") as answer:
        return Page(answer.read().decode()).value(name, **labels)


def subscribers(server: Server) -> float:
    return metric(server, "riskengine_subscribers")


def refused(server: Server, file: str) -> float:
    return metric(server, "riskengine_access_change_refused", file=file)


def test_a_broken_file_of_credentials_keeps_the_old_ones_and_is_told(
    secured: Secured, server: Server
) -> None:
    secured.know(ENGINE + '[[caller]]\nname = "operator"\n')
    poll(lambda: refused(server, "credentials") == 1, "a refused file")
    with secured.client(server, "operator") as operator:
        assert operator.state().sequence == 0
    (line,) = (line for line in server.log().splitlines() if "credentials.refused" in line)
    told = json.loads(line)
    assert told["level"] == "error"
    assert told["error"] == (
        f"{secured.credentials}: caller 2, operator: it needs token_sha256, certificate, or both"
    )
    secured.know(ALL)
    poll(lambda: refused(server, "credentials") == 0, "a mended file")


def test_certificates_change_without_a_restart(
    secured: Secured, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Authority(tmp_path_factory.mktemp("renewed"))
    renewed = other.server()
    with secured.client(server, "operator") as before:
        assert before.state().sequence == 0
        secured.serve_with(renewed)
        trusting = secured.files("operator")
        address = ("--address", server.grpc_address)
        own = ("--cert", trusting.cert, "--key", trusting.key)
        poll(
            lambda: riskengine("health", *address, "--ca", str(other.cert), *own).returncode == 0,
            "the new certificate",
        )
        assert before.state().sequence == 0
    assert riskengine("health", *address, "--ca", trusting.ca, *own).returncode == 1


def test_a_key_that_does_not_fit_is_refused_and_the_old_one_served_on(
    secured: Secured, server: Server
) -> None:
    secured.key.write_text(secured.authority.issue("stranger").key.read_text())
    poll(lambda: refused(server, "tls") == 1, "a refused key")
    with secured.client(server, "operator") as operator:
        assert operator.state().sequence == 0
    assert '"tls.refused"' in server.log()


def test_no_token_and_no_digest_is_ever_logged(secured: Secured, server: Server) -> None:
    """At the level that says most, with calls that are admitted, denied and unknown."""
    secured.know(ALL.replace("token_sha256", "token_sha257"))
    poll(lambda: refused(server, "credentials") == 1, "a refused file")
    for token in (token_of("wallet"), "w" * 40):
        with secured.client(server, "anybody", token=token) as client:
            code_of(client.account.GetAccount, account_of(7))
            code_of(client.admin.CreateAsset, requests.create_asset())
    assert server.terminate() == 0
    log = server.log()
    assert '"caller": "wallet"' in log
    assert "ttttt" not in log
    assert "wwwww" not in log
    assert re.search(r"[0-9a-f]{64}", log) is None


def test_a_start_with_a_wrong_file_is_refused(secured: Secured, tmp_path: Path) -> None:
    environment = {f"RISKENGINE_{key.upper()}": text for key, text in secured.settings.items()}
    environment["RISKENGINE_DATA_DIR"] = str(tmp_path / "none")
    secured.know("")
    done = riskengine("serve", **environment)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"riskengine: wrong configuration: credentials: file: {secured.credentials}: [[caller]]: "
        "no list; allowed: 1 to 256 of them"
    )
    secured.know(ALL)
    secured.key.unlink()
    done = riskengine("serve", **environment)
    assert done.returncode == 2
    said = f"tls_cert: file: {secured.key}: No such file or directory"
    assert done.stderr.splitlines()[-1] == f"riskengine: wrong configuration: {said}"
    assert not (tmp_path / "none").exists()


def test_a_start_beyond_loopback_in_the_clear_is_refused(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    done = riskengine("serve", "--listen", "0.0.0.0:0", "--data-dir", data)
    assert done.returncode == 2
    assert done.stderr == (
        "riskengine: wrong configuration: command line: listen: 0.0.0.0:0 is not loopback: set "
        "tls_cert (with tls_key) and credentials, or allow_insecure_listen = true\n"
    )
    assert not Path(data).exists()


def test_a_start_beyond_loopback_in_the_clear_that_is_meant_is_warned_of(tmp_path: Path) -> None:
    settings = {"listen": "0.0.0.0:0", "metrics_listen": "0.0.0.0:0"}
    with Server(tmp_path, allow_insecure_listen="true", **settings) as server:
        log = server.log()
    for event in ("access.unguarded", "metrics.exposed"):
        (line,) = (line for line in log.splitlines() if event in line)
        assert json.loads(line)["level"] == "warning"


def test_a_foreign_client_with_a_certificate_and_a_role(secured: Secured, server: Server) -> None:
    """Which shares no code with the server, and learns the contract by reflection."""
    files = secured.files("operator")
    done = buf_curl(server, files.ca, files.cert, files.key, "AdminService/CreateAsset")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["result"]["sequence"] == "1"
    engine = secured.files("engine")
    done = buf_curl(server, engine.ca, engine.cert, engine.key, "AdminService/CreateAsset")
    assert json.loads(done.stderr)["code"] == "permission_denied"


def buf_curl(
    server: Server, ca: str, cert: str, key: str, method: str
) -> "subprocess.CompletedProcess[str]":
    asset = {"asset": {"asset_id": 1, "symbol": "USD", "exponent": -6}}
    return subprocess.run(
        [
            *(str(BUF), "curl", "--protocol", "grpc", "-d", json.dumps(asset)),
            *("--cacert", ca, "--cert", cert, "--key", key),
            f"https://{server.grpc_address}/riskengine.api.v1.{method}",
        ],
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )


def test_a_scope_is_held_to_over_tls(secured: Secured, server: Server) -> None:
    desk = table("desk", ["account_reader"], more="accounts = [7]")
    secured.know(ALL + desk)
    with secured.client(server, "desk") as client:
        poll(
            lambda: code_of(client.account.GetAccount, account_of(7)) is not UNKNOWN,
            "that the desk is known",
        )
        assert code_of(client.account.GetAccount, account_of(7)) is grpc.StatusCode.NOT_FOUND
        assert code_of(client.account.GetAccount, account_of(8)) is FORBIDDEN


def test_who_asked_for_what_stands_in_the_journal(secured: Secured, server: Server) -> None:
    """Of an operator and of money, by a call or in a stream; marks of an engine have no name."""
    with (
        secured.client(server, "operator") as operator,
        secured.client(server, "engine") as engine,
        secured.client(server, "anybody", token=token_of("wallet")) as wallet,
    ):
        for request, call in (
            (requests.create_asset(), operator.admin.CreateAsset),
            (requests.create_fund(), operator.admin.CreateInsuranceFund),
            (requests.set_market(), operator.admin.SetMarket),
            (requests.mark(10_000), operator.risk.UpdateMarkPrices),
            (requests.mark(10_010), engine.risk.UpdateMarkPrices),
            (requests.deposit(7), wallet.account.Deposit),
            (requests.withdraw(7, 5), wallet.account.Withdraw),
        ):
            assert code_of(call, request) is grpc.StatusCode.OK
        paid = requests.submit_deposits("wallet", 1, (7, 10), (8, 10))
        (answer,) = wallet.risk.Submit(iter([paid]), timeout=WAIT_SECONDS)
        assert answer.result.sequence == 9, "8 is the registering of its client"
        before = operator.state()
    arguments = ("--data-dir", str(server.folder / "data"), "--format", "json")
    told = [json.loads(line) for line in riskengine("audit", *arguments).stdout.splitlines()]
    assert [(one["sequence"], one["caller"], one["kind"]) for one in told] == [
        (1, "operator", "asset"),
        (2, "operator", "fund"),
        (3, "operator", "market"),
        (4, "operator", "mark_prices"),
        (6, "wallet", "deposits"),
        (7, "wallet", "withdrawals"),
        (9, "wallet", "deposits"),
    ]
    server.kill()
    server.start()
    with (
        secured.client(server, "operator") as operator,
        secured.client(server, "anybody", token=token_of("wallet")) as wallet,
    ):
        (again,) = wallet.risk.Submit(iter([paid]), timeout=WAIT_SECONDS)
        assert again.result.duplicate
        venue.check_only_started(operator.state(), before)


def largest_batch(size_bytes: int, incarnation: int) -> risk_pb.SubmitRequest:
    """Return deposits of just this size, of which the first is for an account that may be."""
    rows = [(7, 10)] + [(1 << 55, 1 << 46)] * (size_bytes // 16 - 50)
    batch = requests.submit_deposits("c", 1, *rows)
    batch.key.incarnation = incarnation
    for place in range(1, size_bytes - batch.ByteSize() + 1):
        batch.deposits.account_id[place] = 1 << 56  # a byte longer
    assert batch.ByteSize() == size_bytes
    return batch


def test_the_largest_request_has_room_for_its_callers_name(secured: Secured) -> None:
    """In the smallest segment that may be set for it, with the longest name."""
    name = "w" * MAX_NAME_LENGTH
    secured.know(table(name, ["gateway", "operator"]))
    size = (1 << 20) - JOURNAL_RECORD_BYTES
    bounds: dict[str, int | str] = {"max_request_bytes": size, "max_batch_rows": 65_536}
    with (
        Server(secured.folder, **bounds, **secured.settings) as server,
        secured.client(server, name) as client,
    ):
        assert code_of(client.admin.CreateAsset, requests.create_asset()) is grpc.StatusCode.OK
        batch = largest_batch(size, client.incarnation("c"))
        (answer,) = client.risk.Submit(iter([batch]), timeout=WAIT_SECONDS)
        assert answer.result.sequence == 3
        assert answer.result.applied_rows >= 1
        before = client.state()
        server.kill()
        server.start()
        with secured.client(server, name) as again:
            venue.check_only_started(again.state(), before)


def test_the_client_of_the_page_runs_as_it_stands(secured: Secured, server: Server) -> None:
    """In a folder with the files that it names."""
    (client,) = blocks((ROOT / "docs/security.md").read_text(), "python")
    wallet = secured.files("anybody", token=token_of("wallet"))
    names = {"ca.pem": wallet.ca, "own.key": wallet.key, "own.pem": wallet.cert}
    folder = secured.folder / "client"
    folder.mkdir()
    for name, path in {**names, "token": wallet.token_file}.items():
        (folder / name).write_text(Path(path).read_text())
    with (
        secured.client(server, "operator") as operator,
        secured.client(server, "anybody", token=token_of("wallet")) as paying,
    ):
        assert code_of(operator.admin.CreateAsset, requests.create_asset()) is grpc.StatusCode.OK
        assert code_of(paying.account.Deposit, requests.deposit(7, 30)) is grpc.StatusCode.OK
    script = client.replace("127.0.0.1:50051", server.grpc_address)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = finished([sys.executable, "-"], folder, given=script, environment=environment)
    assert done.stdout == "30\n"
