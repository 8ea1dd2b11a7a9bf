"""Backups of a server while it writes, rolls and trims: each is the state behind its sequence."""

import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from shutil import copytree
from threading import Event, Thread

import pytest
from google.protobuf.message import Message

from riskengine.api.v1 import columns_pb2 as columns_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.core.engine import Engine
from riskengine.tools.backup import back_up
from riskengine.tools.backup_target import BackupRefused
from riskengine.tools.folder import DataFolder
from riskengine.tools.moments import Moment
from riskengine.tools.progress import unseen
from riskengine.tools.replay import replay_until
from riskengine.tools.verify import verify
from tests.e2e import venue
from tests.e2e.reference import Reference, own_records, random_batches
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of, poll
from tests.e2e.test_command_line import riskengine
from tests.e2e.test_kill import Sender, open_market

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

BATCHES = 5_000
BURST = 50
PAUSE_SECONDS = 0.05
CHECKED = 5
"""Every so manieth of the states that were backed up is made again."""

ROWS = 20
"""How often each row of a trade is sent, so that segments are soon full."""

SETTINGS = {"snapshot_interval_seconds": 1}
NEVER = {
    "snapshot_interval_seconds": 0,
    "snapshot_journal_bytes": 0,
    "snapshot_at_stop_millis": 0,
}


def command(data: Path, target: Path) -> list[str]:
    return ["backup", "--data-dir", str(data), "--to", str(target), "--format", "json"]


def large_batches(seed: int) -> list[risk_pb.SubmitRequest]:
    batches = random_batches(seed, "engine", BATCHES)
    for batch in batches:
        if batch.WhichOneof("batch") == "trades":
            rows = columns_pb.TradeColumns.FromString(batch.trades.SerializeToString())
            for _ in range(ROWS - 1):
                batch.trades.MergeFrom(rows)
    return batches


class Backups:
    """Backups of a folder into another, and anew into the next when the log has gone on too far."""

    def __init__(self, data: Path, folder: Path) -> None:
        self.targets: dict[Path, set[int]] = {}
        self._data = data
        self._folder = folder
        self._begin()

    @property
    def target(self) -> Path:
        return list(self.targets)[-1]

    def take(self) -> int:
        """Back up; return the sequence of which the backup is."""
        try:
            done = back_up(DataFolder.existing(self._data), DataFolder(self.target), unseen)
        except BackupRefused as refused:
            assert "begin a backup in a new folder" in str(refused)  # noqa: PT017
            self._begin()
            return self.take()
        sequence = done.manifest.last_sequence
        self.targets[self.target].add(sequence)
        return sequence

    def _begin(self) -> None:
        self.targets[self._folder / f"backup-{len(self.targets)}"] = set()


def kill_a_backup(data: Path, target: Path) -> None:
    """Begin a backup and kill it while it has a file half copied, or right before or after that."""
    with subprocess.Popen(
        [sys.executable, "-m", "riskengine", *command(data, target)], stdout=subprocess.DEVNULL
    ) as process:
        spare = target / "journal/spare.tmp"
        poll(lambda: spare.exists() or process.poll() is not None, "a file being copied")
        process.kill()


def keep_sending(
    sender: Sender,
    batches: Sequence[risk_pb.SubmitRequest],
    client: Client,
    server: Server,
    enough: Event,
) -> None:
    """Send a few batches at a time, some hundreds a second, until it is enough."""
    for end in range(BURST, len(batches), BURST):
        sender._batches = batches[:end]
        sender.send(client, server, 0)
        if enough.wait(PAUSE_SECONDS):
            return


def engines_at(
    sequences: set[int],
    reference: Reference,
    batches: Sequence[Message],
    answers: Sequence[common_pb2.CommandResult],
) -> dict[int, Engine]:
    """Apply what was answered; return the core at each sequence, or before notes up to it."""
    found = {}
    ends = [*(result.sequence for result in answers[1:]), max(sequences) + 1]
    for batch, result, end in zip(batches, answers, ends, strict=False):
        reference.apply(batch, result)
        for sequence in sequences & set(range(result.sequence, end)):
            found[sequence] = reference.engine.fork()
    return found


def check_state(target: Path, sequence: int, engine: Engine) -> None:
    """Check that a replay of a backup up to a sequence makes the state that the answers made."""
    replayed = replay_until(DataFolder.existing(target), Moment(sequence), unseen)
    assert replayed.is_right
    found = replayed.machine.engine
    while engine.sequence < sequence:
        engine.note(found.time_nanos)
    assert found.state_hash() == engine.state_hash()


def test_backups_of_a_server_under_load(tmp_path: Path) -> None:
    data = tmp_path / "data"
    reference, backups = Reference(), Backups(data, tmp_path)
    batches = large_batches(9)
    sender = Sender(batches)
    with Server(tmp_path, **SETTINGS) as server:
        with client_of(server) as client:
            open_market(client, reference)
            enough = Event()
            load = Thread(target=keep_sending, args=(sender, batches, client, server, enough))
            load.start()
            for place in count():
                if place < 2:
                    kill_a_backup(data, backups.target)
                backups.take()
                whole = verify(DataFolder.existing(data), unseen)
                assert whole.is_whole, whole.text()
                if place >= 2 and DataFolder.existing(data).survey().first_sequence > 1:
                    break
                assert load.is_alive(), "it was never trimmed"
            enough.set()
            load.join(WAIT_SECONDS)
            last = backups.take()
            whole = verify(DataFolder.existing(data), unseen)
            assert whole.is_whole, whole.text()
            assert "the log is open in a server" in whole.text()
        server.terminate()
    taken = set.union(*backups.targets.values())
    assert len(taken) >= 3
    engines = engines_at(taken, reference, batches, sender.answers)
    assert engines.keys() == taken
    for target, sequences in backups.targets.items():
        for sequence in sorted(sequences)[::CHECKED]:
            check_state(target, sequence, engines[sequence])
    check_state(backups.target, last, engines[last])
    assert verify(DataFolder.existing(backups.target), unseen).is_whole
    copytree(backups.target, tmp_path / "second/data")
    with Server(tmp_path / "second", **NEVER) as second, client_of(second) as client:
        state = client.state()
        assert state.sequence == last + 1
        engines[last].started(state.time_nanos)
        assert state.state_hash == engines[last].state_hash()
        venue.check_money(client)


def test_a_server_goes_on_from_a_point_in_time(tmp_path: Path) -> None:
    """And its client sends again what was cut off, from the batch that it is told is due."""
    batches = random_batches(10, "engine", 400)
    reference, sender = Reference(), Sender(batches)
    with Server(tmp_path, **NEVER) as server:
        with client_of(server) as client:
            open_market(client, reference)
            sender.send(client, server, 0)
        server.kill()
    cut = sender.answers[250]
    done = riskengine(
        *("restore", "--from", str(tmp_path / "data"), "--to", str(tmp_path / "second/data")),
        *("--until", str(cut.time_nanos), "--format", "json"),
    )
    assert done.returncode == 0, done.stderr
    values = json.loads(done.stdout)
    place = max(n for n, one in enumerate(sender.answers) if one.time_nanos <= cut.time_nanos)
    assert values["sequence"] == sender.answers[place].sequence
    with Server(tmp_path / "second", **NEVER) as second, client_of(second) as client:
        assert client.state().sequence == values["sequence"] + 1  # its start
        ahead = client.risk.Submit(iter(batches[place + 5 : place + 6]), timeout=WAIT_SECONDS)
        (refused,) = next(ahead).result.rejections
        assert refused.reason == common_pb2.REJECT_REASON_SEQUENCE_GAP
        assert refused.limit == place + 2
        again = Sender(batches)
        again.answers = sender.answers[: place + 1]
        again.send(client, second, 0)
        reference.own = own_records(tmp_path / "second/data")
        for batch, result in zip(batches, again.answers, strict=True):
            reference.apply(batch, result)
        assert client.state().state_hash == reference.engine.state_hash()
        venue.check_money(client)
