"""A data folder that is gone, empty or another's is never taken for the venue that was there."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from shutil import move, rmtree

import pytest

from tests.e2e import venue
from tests.e2e.server import WAIT_SECONDS, NotStartedError, Server, client_of
from tests.service import requests

pytestmark = pytest.mark.e2e

NEVER = {"create": "false"}


def init(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "riskengine", "init", "--data-dir", str(folder)],
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )


def last_line(server: Server) -> dict[str, str]:
    line: dict[str, str] = json.loads(server.log().splitlines()[-1])
    return line


def refusal(server: Server) -> str:
    """Start a server that must refuse, and return why it did."""
    with pytest.raises(NotStartedError, match="exit code 1"):
        server.start()
    line = last_line(server)
    assert line["event"] == "recovery.refused"
    return line["error"]


def test_an_empty_folder_is_no_new_venue(tmp_path: Path) -> None:
    server = Server(tmp_path, **NEVER)
    assert "data/journal holds no journal" in refusal(server)
    assert "`riskengine init` makes a new one" in refusal(server)
    (tmp_path / "data").mkdir(exist_ok=True)
    refusal(server)
    assert list((tmp_path / "data").iterdir()) == []


def test_init_asks_nothing_of_an_address_that_it_does_not_listen_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The image says by RISKENGINE_LISTEN that it listens on all its addresses."""
    monkeypatch.setenv("RISKENGINE_LISTEN", "0.0.0.0:50051")
    done = init(tmp_path / "data")
    assert done.returncode == 0, done.stderr


def test_init_makes_one_and_a_start_takes_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    done = init(folder)
    words = dict(word.split("=", 1) for word in done.stdout.split()[2:])
    assert (done.returncode, words["data"]) == (0, str(folder))
    again = init(folder)
    assert again.returncode == 1
    assert again.stderr == (
        f"riskengine: {folder}/journal is there already, and not empty: nothing was made\n"
    )
    with Server(tmp_path, **NEVER, log_id=words["log_id"]) as server, client_of(server) as client:
        assert client.state().log_id == words["log_id"]
        venue.open_venue(client, ((1, 1_000),))


def test_a_log_that_is_pinned_is_the_only_one_that_is_served(tmp_path: Path) -> None:
    with Server(tmp_path) as server, client_of(server) as client:
        found = client.state().log_id
    pinned = "00" * 7 + "01"
    other = Server(tmp_path, log_id=pinned)
    assert refusal(other) == (
        f"{tmp_path}/data/journal is log {found}, and log_id pins log {pinned}"
    )
    move(tmp_path / "data", tmp_path / "aside")
    gone = Server(tmp_path, log_id=found)
    assert f"holds no journal, and log_id pins log {found}" in refusal(gone)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("fate", ["moved", "removed", "another's", "emptied"])
def test_a_folder_that_vanishes_ends_the_server_and_starts_no_other(
    tmp_path: Path, fate: str
) -> None:
    data = tmp_path / "data"
    with (
        Server(tmp_path, failure_grace_millis=0) as server,
        client_of(server) as client,
    ):
        venue.open_venue(client, ((1, 1_000),))
        if fate == "emptied":
            for part in data.iterdir():
                rmtree(part) if part.is_dir() else part.unlink()
        else:
            move(data, tmp_path / "aside")
        if fate == "removed":
            rmtree(tmp_path / "aside")
        if fate == "another's":
            assert init(data).returncode == 0
        with pytest.raises(Exception, match="no longer in its place"):
            client.account.Deposit(requests.deposit(1, 5))
        assert server.wait() == 74
        if fate == "another's":
            rmtree(data)
    refusal(Server(tmp_path, **NEVER))


def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    with Server(tmp_path) as server, client_of(server) as client:
        venue.open_venue(client, ((1, 1_000),))
        assert server.terminate() == 0
        server.start()
        found = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in found}
    names = {"journal", "snapshots", "instructions", "durable.mark", "lock", "addresses.json"}
    assert names <= set(modes)
    wrong = {
        path.name: oct(modes[path.name])
        for path in found
        if path.exists() and modes[path.name] != (0o700 if path.is_dir() else 0o600)
    }
    assert wrong == {}


def test_a_lock_file_that_is_deleted_lets_no_second_server_in(server: Server) -> None:
    (server.folder / "data/journal/lock").unlink()
    second = Server(server.folder)
    assert "is open in another process or log" in refusal(second)
    with client_of(server) as client:
        venue.open_venue(client, ((1, 1_000),))
    assert server.terminate() == 0


def test_addresses_that_cannot_be_written_stop_nothing(tmp_path: Path) -> None:
    (tmp_path / "data/addresses.json").mkdir(parents=True)
    (tmp_path / "data/addresses.json/full").touch()
    with Server(tmp_path) as server, client_of(server) as client:
        venue.open_venue(client, ((1, 1_000),))
        assert "addresses.not_written" in server.log()
        assert server.terminate() == 0


def test_what_kubernetes_sets_for_a_service_is_told_and_not_fatal(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.environment = {
        "RISKENGINE_SERVICE_HOST": "10.0.0.7",
        "RISKENGINE_SERVICE_PORT_GRPC": "50051",
        "RISKENGINE_PORT": "tcp://10.0.0.7:50051",
        "RISKENGINE_PORT_50051_TCP_ADDR": "10.0.0.7",
        "RISKENGINE_METRICS_SERVICE_HOST": "10.0.0.8",
    }
    with server:
        lines = [json.loads(line) for line in server.log().splitlines()]
    told = next(line for line in lines if line["event"] == "settings.service_links")
    assert told["ignored"] == sorted(server.environment)
    assert os.environ.get("RISKENGINE_PORT") is None
