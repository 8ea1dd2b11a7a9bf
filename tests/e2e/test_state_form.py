"""An upgrade to a version with another form of the state, and back, as the pages say.

The other version is this one with another number: what it keeps of a state is the same, and each
refuses the snapshots of the other by that number alone.
"""

import subprocess
import sys
from pathlib import Path
from shutil import rmtree

import pytest

from riskengine.api.v1.admin_service_pb2 import GetStateResponse, TakeSnapshotRequest
from riskengine.machine.state_hash import STATE_FORM
from riskengine.persistence.files import Files
from riskengine.persistence.folder_lock import LOCK_NAME
from riskengine.persistence.mark import MARK_NAME, read_mark
from riskengine.persistence.snapshots import SnapshotStore
from tests.e2e import venue
from tests.e2e.server import NotStartedError, Server, client_of
from tests.service import requests
from tests.tools.support import image

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
OTHER_FORM = STATE_FORM + 1
OTHER = f"""
import runpy
import riskengine.machine.saving as saving
import riskengine.machine.state_hash as state_hash
saving.STATE_FORM = state_hash.STATE_FORM = {OTHER_FORM}
runpy.run_module("riskengine", run_name="__main__", alter_sys=True)
"""
SETTINGS = {"snapshot_interval_seconds": 0, "snapshot_journal_bytes": 0}
UNSTEADY = {LOCK_NAME, MARK_NAME}
REFUSED = "the state in a snapshot is of form {}; this version reads form {}"


class NewServer(Server):
    """The version that keeps states in the other form."""

    command = (sys.executable, "-c", OTHER)


def snapshots(folder: Path) -> list[Path]:
    """Return the snapshots, the newest first."""
    return SnapshotStore(folder / "data/snapshots").paths()


def contents(folder: Path) -> tuple[dict[str, bytes], int, int]:
    """Return the files of a data folder, and of the mark, which each opening counts, what it says.

    The lock says who opened the folder last.
    """
    found = image(folder / "data")
    mark = read_mark(Files(), folder / "data/journal")
    kept = {name: data for name, data in found.items() if Path(name).name not in UNSTEADY}
    return kept, mark.sequence, mark.first_sequence


def used(server: Server) -> GetStateResponse:
    """Have the server do something, stop it, which takes a snapshot; return the state."""
    with client_of(server) as client:
        for _ in range(3):
            venue.accepted(client.account.Deposit(requests.deposit(1, 5)).result)
        found = client.state()
    assert server.terminate() == 0
    return found


def check_only_started(server: Server, before: GetStateResponse) -> None:
    with client_of(server) as client:
        after = client.state()
    before.log_id = after.log_id  # a restored log is another one
    venue.check_only_started(after, before)


def old_data(folder: Path) -> GetStateResponse:
    """Leave what the old version does after a while, stopped; return its state."""
    with Server(folder, **SETTINGS) as server:
        with client_of(server) as client:
            venue.open_venue(client, ((1, 100_000), (2, 100_000)))
            client.admin.TakeSnapshot(TakeSnapshotRequest())
        return used(server)


def refused(server: Server, *forms: int) -> None:
    before = contents(server.folder)
    with pytest.raises(NotStartedError, match=r"exit code 1[\s\S]*recovery.refused") as caught:
        server.start()
    assert REFUSED.format(*forms) in str(caught.value)
    assert contents(server.folder) == before


def put_away(folder: Path, paths: list[Path]) -> None:
    aside = folder / "aside"
    aside.mkdir(exist_ok=True)
    for path in paths:
        path.rename(aside / path.name)


def test_an_upgrade_is_refused_and_goes_on_from_the_journal(tmp_path: Path) -> None:
    """The journal begins with sequence 1, and its notes of hashes are of another form."""
    before = old_data(tmp_path)
    new = NewServer(tmp_path, **SETTINGS)
    refused(new, STATE_FORM, OTHER_FORM)
    put_away(tmp_path, snapshots(tmp_path))
    with new:
        check_only_started(new, before)
        later = used(new)
        new.start()
        check_only_started(new, later)
        assert "snapshot.read_back" in new.log()


def test_a_rollback_goes_on_from_the_older_snapshot(tmp_path: Path) -> None:
    old_data(tmp_path)
    (newest, *_) = snapshots(tmp_path)
    put_away(tmp_path, snapshots(tmp_path))
    with NewServer(tmp_path, **SETTINGS) as new:
        later = used(new)
    (tmp_path / "aside" / newest.name).rename(newest)
    old = Server(tmp_path, **SETTINGS)
    refused(old, OTHER_FORM, STATE_FORM)
    put_away(tmp_path, snapshots(tmp_path)[:1])
    with old:
        check_only_started(old, later)
        said = [line for line in old.log().splitlines() if "snapshot.read_back" in line]
        assert f"snapshots/{newest.name}" in said[-1]


def test_a_rollback_goes_back_to_the_backup(tmp_path: Path) -> None:
    before = old_data(tmp_path)
    backup = tmp_path / "backup"
    tool(tmp_path, "backup", "--data-dir", str(tmp_path / "data"), "--to", str(backup))
    put_away(tmp_path, snapshots(tmp_path))
    with NewServer(tmp_path, **SETTINGS) as new:
        used(new)
    refused(Server(tmp_path, **SETTINGS), OTHER_FORM, STATE_FORM)
    rmtree(tmp_path / "data")
    tool(tmp_path, "restore", "--from", str(backup), "--to", str(tmp_path / "data"))
    with Server(tmp_path, **SETTINGS) as old:
        check_only_started(old, before)


def test_the_new_version_says_so_of_an_old_backup(tmp_path: Path) -> None:
    """Step 2 of an upgrade: replay a backup with the new version before anything else."""
    before = old_data(tmp_path)
    backup = tmp_path / "backup"
    tool(tmp_path, "backup", "--data-dir", str(tmp_path / "data"), "--to", str(backup))
    command = [*NewServer.command, "replay", "--data-dir", str(backup)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f" {before.state_hash}\n" in done.stdout
    command = [*NewServer.command, "verify", "--data-dir", str(backup)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert REFUSED.format(STATE_FORM, OTHER_FORM) in done.stdout


def tool(folder: Path, *arguments: str) -> None:
    command = [*Server.command, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + str(folder)
