"""A server that starts from a snapshot is the one that played the whole journal."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree

import grpc
import pytest

from riskengine.api.v1.admin_service_pb2 import GetServerStatusRequest, TakeSnapshotRequest
from riskengine.persistence.snapshots import SnapshotStore
from tests.e2e import venue
from tests.e2e.reference import Reference, own_records, random_batches
from tests.e2e.server import Client, NotStartedError, Server, client_of, poll
from tests.e2e.test_kill import Sender, open_market
from tests.service import requests

pytestmark = pytest.mark.e2e

BATCHES = 1_200
EVERY_SECOND = {"snapshot_interval_seconds": 1}
NEVER = {
    "snapshot_interval_seconds": 0,
    "snapshot_journal_bytes": 0,
    "snapshot_at_stop_millis": 0,
}


def snapshots(folder: Path) -> list[Path]:
    return SnapshotStore(folder / "data/snapshots").paths()


def play(server: Server, seed: int, *, rest: int = 60) -> Reference:
    """Send batches, with a snapshot somewhere within them and some of them after the last one."""
    reference, sender = Reference(), Sender(random_batches(seed, "engine", BATCHES))
    with client_of(server) as client:
        open_market(client, reference)
        sender._batches = sender._batches[:-rest]
        sender.send(client, server, kill_after=0)
        poll(lambda: snapshots(server.folder) and is_taken(client), "a snapshot")
        batches = random_batches(seed, "engine", BATCHES)
        sender._batches = batches
        sender.send(client, server, kill_after=0)
        for batch, result in zip(batches, sender.answers, strict=True):
            reference.apply(batch, result)
        poll(lambda: len(snapshots(server.folder)) == 2, "another snapshot")
    return reference


def is_taken(client: Client) -> bool:
    return client.state().durable_sequence == client.state().sequence


def same_as(server: Server, reference: Reference) -> None:
    with client_of(server) as client:
        state = client.state()
        reference.own |= own_records(server.folder / "data")
        reference.note_up_to(state.sequence)
        assert state.state_hash == reference.engine.state_hash()
        count = len(reference.instructions)
        assert state.instruction_sequence == count
        assert venue.instructions(client, 1, count) == reference.instructions
        venue.check_money(client)


@pytest.mark.slow
@pytest.mark.parametrize("end", [Server.kill, Server.terminate], ids=["killed", "stopped"])
def test_a_start_from_a_snapshot_is_the_whole_journal(
    tmp_path: Path, end: Callable[[Server], object]
) -> None:
    with Server(tmp_path, **EVERY_SECOND) as server:
        reference = play(server, 3)
        end(server)
        server.start()
        assert "snapshot.read_back" in server.log()
        poll(lambda: "snapshot.verified" in server.log(), "the hash of the state read back")
        same_as(server, reference)
        server.kill()
    # And once more with the newest snapshot gone bad: from the older one.
    newest = snapshots(tmp_path)[0]
    newest.write_bytes(newest.read_bytes()[:-1])
    with Server(tmp_path, **NEVER) as server:
        assert "snapshot.refused" in server.log()
        same_as(server, reference)


@pytest.mark.slow
def test_the_journal_without_its_snapshots_is_refused_once_it_was_shortened(tmp_path: Path) -> None:
    settings = {**EVERY_SECOND, "journal_segment_bytes": 1 << 20, "max_request_bytes": 1 << 19}
    with Server(tmp_path, **settings) as server:
        with client_of(server) as client:
            open_market(client, Reference())
            for seed in range(4, 10):
                Sender(random_batches(seed, f"engine-{seed}", 3_000)).send(client, server, 0)
                before = len(snapshots(tmp_path))
                poll(lambda before=before: len(snapshots(tmp_path)) >= min(2, before + 1), "two")
        poll(lambda: not (tmp_path / "data/journal" / f"{1:020d}.log").exists(), "a trim")
        server.kill()
    copytree(tmp_path / "data", tmp_path / "whole")
    with Server(tmp_path, **NEVER) as server:
        with client_of(server) as client:
            venue.check_money(client)
        server.kill()
    rmtree(tmp_path / "data/snapshots")
    with pytest.raises(NotStartedError, match="there is no snapshot"), Server(tmp_path, **NEVER):
        pass


def test_a_snapshot_is_taken_when_it_is_asked_for_and_a_failed_one_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "data/snapshots"
    with Server(tmp_path, **NEVER) as server, client_of(server) as client:
        venue.open_venue(client, ((1, 5),))
        taken = client.admin.TakeSnapshot(TakeSnapshotRequest())
        assert taken.sequence < client.state().sequence  # its hash is noted after it
        assert [path.name for path in snapshots(tmp_path)] == [taken.file_name]
        assert (folder / taken.file_name).stat().st_size == taken.snapshot_bytes
        folder.rename(tmp_path / "aside")
        with pytest.raises(grpc.RpcError, match="No such file or directory") as caught:
            client.admin.TakeSnapshot(TakeSnapshotRequest())
        assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        told = client.admin.GetServerStatus(GetServerStatusRequest()).snapshots
        assert (told.sequence, told.taken_count, told.failed_count) == (taken.sequence, 1, 1)
        assert told.is_failing
        assert "No such file" in told.failure
        assert "snapshot.failed" in server.log()
        (tmp_path / "aside").rename(folder)
        venue.accepted(client.account.Deposit(requests.deposit(1, 5)).result)
        again = client.admin.TakeSnapshot(TakeSnapshotRequest())
        assert again.sequence > taken.sequence
        told = client.admin.GetServerStatus(GetServerStatusRequest()).snapshots
        assert (told.sequence, told.is_failing) == (again.sequence, False)
        server.kill()
        server.start()
        with client_of(server) as other:
            found = other.admin.GetServerStatus(GetServerStatusRequest()).snapshots
            assert (found.sequence, found.time_nanos) == (told.sequence, told.time_nanos)


def last_start(server: Server) -> str:
    """Return what the log of the server says since its last start."""
    return server.log().rpartition("server.start")[2]


def test_a_planned_stop_leaves_the_next_start_nothing_to_replay(tmp_path: Path) -> None:
    with Server(tmp_path, **NEVER | {"snapshot_at_stop_millis": 10_000}) as server:
        with client_of(server) as client:
            venue.open_venue(client, ((1, 5),))
            before = client.state()
        assert server.terminate() == 0
        assert [int(path.stem) for path in snapshots(tmp_path)] == [before.sequence]
        server.start()
        assert re.search(r'"records": ?0\b', last_start(server))
        with client_of(server) as client:
            venue.check_only_started(client.state(), before)
        assert server.terminate() == 0
        assert int(snapshots(tmp_path)[0].stem) == before.sequence + 1, "its start is new"
        server.start()
        with client_of(server) as client:
            noted = client.admin.TakeSnapshot(TakeSnapshotRequest()).sequence + 1
        assert server.terminate() == 0
        taken = snapshots(tmp_path)
        assert int(taken[0].stem) == noted, "not even what a snapshot notes is left behind"
        server.start()
        assert re.search(r'"records": ?0\b', last_start(server))
        (tmp_path / "data/snapshots").rename(tmp_path / "gone")
        assert server.terminate() == 0, "a snapshot that fails keeps no server from ending"
        assert "snapshot.failed" in server.log()


READ_BACK_WRONG = """
import time
from riskengine.cli import main
from riskengine.machine.saving import SavedMachineError
from riskengine.recovery import ReadBackCheck

def compare(self):
    time.sleep(1)
    with self._view:
        raise SavedMachineError("read back otherwise than it was saved")

ReadBackCheck._compare = compare
main(prog_name="riskengine")
"""


def test_no_snapshot_is_made_of_a_state_that_was_read_back_wrong(tmp_path: Path) -> None:
    at_stop = NEVER | {"snapshot_at_stop_millis": 10_000}
    with Server(tmp_path, **at_stop) as server:
        with client_of(server) as client:
            venue.open_venue(client, ((1, 5),))
        assert server.terminate() == 0
        before = snapshots(tmp_path)
        assert len(before) == 1
        server.command = (sys.executable, "-c", READ_BACK_WRONG)
        server.start()
        with client_of(server) as client:
            for _ in range(2):
                venue.accepted(client.account.Deposit(requests.deposit(1, 5)).result)
        assert server.terminate() == 70, server.log()
        assert snapshots(tmp_path) == before


def test_a_start_says_so_when_snapshots_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/snapshots").write_text("no folder")
    with pytest.raises(NotStartedError, match="exit code 1") as caught:
        Server(tmp_path).start()
    assert "recovery.refused" in str(caught.value)
    assert "snapshots cannot be kept in" in str(caught.value)
    assert "Traceback" not in str(caught.value)
