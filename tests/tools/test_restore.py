"""What is restored is the state behind a whole command, in a log of its own."""

import json
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result

from riskengine.cli import main
from riskengine.core.enums import RejectReason
from riskengine.core.types import Rejection
from riskengine.machine.machine import Machine
from riskengine.machine.request_kinds import KIND_OF
from riskengine.persistence import JournalDamaged, open_segment_log
from riskengine.persistence.files import Files
from riskengine.recovery import SnapshotUnusable
from riskengine.tools.backup import back_up
from riskengine.tools.backup_target import BackupRefused
from riskengine.tools.folder import DataFolder, ToolError, WrongUsageError
from riskengine.tools.moments import Moment, shown_time
from riskengine.tools.progress import unseen
from riskengine.tools.restore import Restored, restore
from riskengine.tools.verify import verify
from tests.persistence.support import Unsynced, flip_bit
from tests.service import requests
from tests.tools.support import OPTIONS, Source, image, started


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "restored"


@pytest.fixture
def backup(source: Source, tmp_path: Path) -> Path:
    """Return a backup that reaches back to the beginning, of a log that was shortened since."""
    folder = tmp_path / "backup"
    for _ in range(2):
        back_up(source.data, DataFolder(folder, Unsynced()), unseen)
        source.play(30)
        source.snapshot(trim=True)
        source.play(7)
    back_up(source.data, DataFolder(folder, Unsynced()), unseen)
    assert source.log.first_sequence > 1
    return folder


def restored(folder: Path, target: Path, moment: Moment | None = None) -> Restored:
    return restore(DataFolder.existing(folder), DataFolder(target, Unsynced()), moment, unseen)


def check(source: Source, target: Path, sequence: int) -> None:
    found = verify(DataFolder.existing(target), unseen, deep=True)
    assert found.is_whole, found.text()
    machine, _ = started(target)
    assert machine.engine.sequence == sequence
    assert machine.engine.time_nanos == source.times[sequence]
    assert machine.state_hash() == source.hashes[sequence]


def test_all_is_restored_without_more(source: Source, backup: Path, target: Path) -> None:
    before = image(backup)
    done = restored(backup, target)
    assert image(backup) == before
    check(source, target, source.sequence)
    assert done.as_values()["left_out_commands"] == 0
    assert done.as_values()["state_hash"] == source.engine_hashes[source.sequence]
    assert done.snapshots == tuple(int(path.stem) for path in source.data.snapshot_paths())
    assert done.first_sequence == done.snapshots[0] + 1


def test_each_point_is_restored(source: Source, backup: Path, tmp_path: Path) -> None:
    snapshots = [int(path.stem) for path in DataFolder(backup).snapshot_paths()]
    chosen = {1, 7, source.sequence - 1, source.sequence}
    chosen |= {sequence + step for sequence in snapshots for step in (-1, 0, 1)}
    for sequence in sorted(chosen):
        target = tmp_path / f"at-{sequence}"
        done = restored(backup, target, Moment(sequence))
        check(source, target, sequence)
        before = [number for number in snapshots if number <= sequence]
        assert list(done.snapshots) == before[-2:]
        assert done.first_sequence == (done.snapshots[0] + 1 if before else 1)
        names = [path.name for path in DataFolder(target).snapshot_paths()]
        assert names == [f"{number:020d}.snap" for number in done.snapshots]


def test_a_time_is_that_of_the_last_command_before_it(
    source: Source, backup: Path, tmp_path: Path
) -> None:
    for place, sequence in enumerate((1, 40, 95, source.sequence)):
        for moved in (0, 1):
            target = tmp_path / f"{place}-{moved}"
            moment = Moment(time_nanos=source.times[sequence] + moved)
            restored(backup, target, moment)
            check(source, target, sequence)


def test_what_is_cut_off_is_said(source: Source, backup: Path, target: Path) -> None:
    last = source.sequence
    values = restored(backup, target, Moment(100)).as_values()
    assert values["left_out_commands"] == last - 100
    assert values["left_out_sequences"] == f"101 to {last}"
    first, end = shown_time(source.times[101]), shown_time(source.times[last])
    assert values["left_out_times"] == f"{first} to {end}"


def test_nothing_of_the_old_log_passes_for_one_of_the_new(
    source: Source, backup: Path, target: Path
) -> None:
    done = restored(backup, target, Moment(100))
    assert done.log_id != done.source_log_id == source.log.log_id.hex()
    old = DataFolder(backup).snapshot_paths()[-1]
    copied = target / "snapshots" / old.name
    copied.write_bytes(old.read_bytes())
    with pytest.raises(SnapshotUnusable, match="is of another journal"):
        started(target)
    copied.unlink()
    segment = sorted((backup / "journal").glob("*.log"))[-1]
    strange = target / "journal" / segment.name
    strange.write_bytes(segment.read_bytes())
    with pytest.raises(JournalDamaged, match="the segment is missing, or"):
        started(target)
    strange.unlink()
    (target / "journal" / segment.name).unlink(missing_ok=True)
    with pytest.raises(BackupRefused, match="is a backup of log"):
        back_up(DataFolder(target), DataFolder(backup, Unsynced()), unseen)


def test_it_goes_on_as_another_history(source: Source, backup: Path, target: Path) -> None:
    """And two restored from the same place are two logs, each with backups of its own."""
    ids = set()
    for place in (target, target.with_name("again")):
        restored(backup, place, Moment(100))
        log = Source(place, seed=11).play(20)
        assert log.sequence == 120
        log.snapshot()
        back_up(log.data, DataFolder(place.with_name(f"{place.name}-backup"), Unsynced()), unseen)
        log.close()
        assert verify(DataFolder.existing(place), unseen, deep=True).is_whole
        ids.add(log.log.log_id)
    assert len(ids) == 2


def test_epochs_never_fall(backup: Path, target: Path) -> None:
    restored(backup, target, Moment(100))
    log = open_segment_log(target / "journal", OPTIONS, files=Unsynced())
    assert (log.head.sequence, log.head.epoch) == (100, 1)
    log.close()


def answer(machine: Machine, request: object) -> object:
    kind, raw = KIND_OF[type(request)], request.SerializeToString()  # type: ignore[index, attr-defined]
    asked = kind.read(raw)
    key = kind.session_key(asked, "")
    assert key is not None
    return machine.first_answer(key)


def test_what_clients_see_of_it(source: Source, backup: Path, target: Path) -> None:
    """A batch before the cut has its answer, the next one is due, a later one has a gap."""
    sent = {
        sequence: request
        for sequence, request in source.sent.items()
        if sequence and getattr(request, "key", requests.key("", 0)).batch_sequence
    }
    cut = 100
    restored(backup, target, Moment(cut))
    machine, _ = started(target)
    before = max(sequence for sequence in sent if sequence <= cut)
    due, gap = sorted(sequence for sequence in sent if sequence > cut)[:2]
    repeated = answer(machine, sent[before])
    assert getattr(repeated, "sequence", 0) == before
    assert answer(machine, sent[due]) is None
    refused = answer(machine, sent[gap])
    assert isinstance(refused, Rejection)
    assert refused.reason == RejectReason.SEQUENCE_GAP
    assert refused.limit == sent[due].key.batch_sequence  # type: ignore[attr-defined]


def test_a_running_log_can_be_restored_from(source: Source, target: Path) -> None:
    restored(source.folder, target)
    check(source, target, source.sequence)


@pytest.mark.parametrize("sequence", [0, 1_000])
def test_what_the_backup_does_not_reach_is_refused(
    source: Source, backup: Path, target: Path, sequence: int
) -> None:
    if sequence == 0:
        backup = source.folder  # which was shortened
    oldest = 0 if sequence else int(source.data.snapshot_paths()[0].stem)
    with pytest.raises(ToolError, match=f"sequence {sequence} .*: {oldest} to {source.sequence}"):
        restored(backup, target, Moment(sequence))
    assert not target.exists()


def test_a_time_before_the_first_command_is_refused_where_it_is_not_known(
    source: Source, target: Path
) -> None:
    source.snapshot(trim=True)
    early = Moment(time_nanos=source.times[1])
    with pytest.raises(ToolError, match="holds nothing of"):
        restored(source.folder, target, early)


def test_a_time_before_all_that_is_held_is_refused(
    source: Source, backup: Path, target: Path, tmp_path: Path
) -> None:
    """Also where the journal begins right behind a snapshot, which is of a later time."""
    begun = restored(backup, tmp_path / "whole").snapshots[0]
    for folder, oldest in ((backup, 1), (source.folder, 1), (tmp_path / "whole", begun)):
        early = Moment(time_nanos=source.times[oldest] - 1)
        with pytest.raises(ToolError, match=r"holds nothing of .* or before"):
            restored(folder, target, early)
        assert not target.exists()
    restored(tmp_path / "whole", target, Moment(time_nanos=source.times[begun]))
    check(source, target, begun)


def test_the_beginning_is_an_empty_log(source: Source, target: Path) -> None:
    restored(source.folder, target, Moment(0))
    machine, first = started(target)
    assert (machine.engine.sequence, first) == (0, 1)


def test_a_bad_snapshot_is_left_out_with_a_note(source: Source, backup: Path, target: Path) -> None:
    newest = DataFolder(backup).snapshot_paths()[-1]
    flip_bit(newest, 8 * 600)
    done = restored(backup, target)
    assert newest.name in done.notes[0]
    assert len(done.snapshots) == 2
    check(source, target, source.sequence)


def test_a_damaged_journal_is_not_restored_past_its_damage(
    source: Source, backup: Path, target: Path
) -> None:
    source.play(60)
    back_up(source.data, DataFolder(backup, Unsynced()), unseen)
    span = DataFolder(backup).survey().spans[-2]
    flip_bit(span.path, 8 * 70)
    with pytest.raises(JournalDamaged) as caught:
        restored(backup, target)
    assert caught.value.path == span.path
    with pytest.raises(JournalDamaged, match="begun by a restore that came to no end"):
        started(target)
    restored(backup, target, Moment(span.header.first_sequence - 1))  # into what was left
    check(source, target, span.header.first_sequence - 1)


def test_only_an_empty_folder_is_restored_into(backup: Path, target: Path) -> None:
    target.mkdir()
    (target / "lost+found").mkdir()
    restored(backup, target)
    before = image(target)
    with pytest.raises(WrongUsageError, match="is not empty"):
        restored(backup, target)
    assert image(target) == before
    with pytest.raises(WrongUsageError, match="is no folder"):
        restored(backup, target / "journal/durable.mark")


def test_larger_records_than_a_new_segment_holds_are_restored(tmp_path: Path) -> None:
    """The size of segments is that of the largest of the source."""
    source = Source(tmp_path / "data").open_venue()
    rows = [(number, 5) for number in range(1, 120)]
    source.send(requests.submit_deposits("bank", 1, *rows))
    source.close()
    restored(source.folder, tmp_path / "restored")
    check(source, tmp_path / "restored", source.sequence)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_the_command_says_what_it_restored(source: Source, backup: Path, target: Path) -> None:
    arguments = ("restore", "--from", str(backup), "--to", str(target))
    done = run(*arguments, "--until", shown_time(source.times[50]), "--format", "json")
    assert done.exit_code == 0, done.output
    values = json.loads(done.output)
    assert values["sequence"] == 50
    assert values["state_hash"] == source.engine_hashes[50]
    assert values["log_id"] != values["from_log_id"]
    again = run(*arguments)
    assert again.exit_code == 2
    assert "is not empty" in again.output
    assert run("restore", "--from", str(target.parent), "--to", str(target)).exit_code == 2


def test_a_copy_of_a_backup_is_a_backup(source: Source, backup: Path, tmp_path: Path) -> None:
    copy = copytree(backup, tmp_path / "copy")
    source.play(3)
    back_up(source.data, DataFolder(copy, Files()), unseen)
    assert verify(DataFolder.existing(copy), unseen).is_whole


def test_a_journal_with_a_damaged_end_is_restored_up_to_its_damage(
    source: Source, target: Path
) -> None:
    """A start is refused on it; the operator decides what is given up."""
    source.close()
    span = source.data.survey().spans[-1]
    flip_bit(span.path, 8 * (span.end_offset - 40))
    with pytest.raises(JournalDamaged) as caught:
        restored(source.folder, target)
    lost = caught.value.sequence
    assert lost == source.sequence
    for moment in (Moment(lost), Moment(time_nanos=source.times[lost])):
        with pytest.raises(JournalDamaged):
            restored(source.folder, target, moment)
    assert not target.exists()
    done = restored(source.folder, target, Moment(lost - 1))
    assert "what is left out is damaged" in done.notes[0]
    check(source, target, lost - 1)
