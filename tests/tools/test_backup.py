"""A backup is a data folder as of a durable end; the next one adds what is new, or is refused."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result

from riskengine.cli import main
from riskengine.persistence import JournalDamaged, JournalLocked
from riskengine.persistence.files import Files
from riskengine.persistence.survey import Survey
from riskengine.recovery import SnapshotUnusable
from riskengine.tools import backup
from riskengine.tools.backup import BackedUp, back_up
from riskengine.tools.backup_target import BackupRefused
from riskengine.tools.folder import DataFolder, ToolError, WrongUsageError
from riskengine.tools.manifest import MANIFEST_NAME, Manifest, read_manifest
from riskengine.tools.progress import unseen
from riskengine.tools.verify import verify
from tests.persistence.support import Unsynced, flip_bit, overwrite
from tests.tools.support import Source, image, started


def backed_up(source: Source, target: Path) -> BackedUp:
    return back_up(source.data, DataFolder(target, Unsynced()), unseen)


def manifest_of(target: Path) -> Manifest:
    manifest = read_manifest(Files(), target)
    assert manifest is not None
    return manifest


def check(source: Source, target: Path, sequence: int | None = None) -> None:
    """Check that a backup is whole, and that a server would start from it as of a sequence."""
    sequence = source.sequence if sequence is None else sequence
    found = verify(DataFolder.existing(target), unseen, deep=True)
    assert found.is_whole, found.text()
    copy = copytree(target, target.with_name("started"))
    machine, _ = started(copy)
    assert machine.engine.sequence == sequence
    assert machine.state_hash() == source.hashes[sequence]
    for path in sorted(copy.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    copy.rmdir()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
@pytest.mark.parametrize("trim", [False, True])
def test_a_backup_is_a_data_folder(
    source: Source, target: Path, *, closed: bool, trim: bool
) -> None:
    source.snapshot(trim=trim)
    source.play(3)
    if closed:
        source.close()
    before = image(source.folder)
    done = backed_up(source, target)
    assert image(source.folder) == before
    check(source, target)
    first = source.log.first_sequence
    assert done.manifest.first_sequence == first
    assert done.manifest.last_sequence == source.sequence
    assert done.as_values()["new_commands"] == source.sequence - first + 1
    assert [one.last_sequence for one in done.manifest.snapshots] == [
        int(path.stem) for path in source.data.snapshot_paths()
    ]


def test_what_is_appended_and_not_durable_is_not_in_it(source: Source, target: Path) -> None:
    durable = source.sequence
    last = source.data.survey().spans[-1]
    overwrite(last.path, last.end_offset, b"RErc the begin of a group that is being written")
    backed_up(source, target)
    check(source, target, durable)


def test_what_a_killed_server_left_is_in_it_up_to_its_end(source: Source, target: Path) -> None:
    """After a power cut the mark may be older than the records, which a start keeps."""
    mark = source.data.journal / "durable.mark"
    old = mark.read_bytes()
    source.play(3)
    source.close()
    mark.write_bytes(old)
    last = source.data.survey().spans[-1]
    overwrite(last.path, last.end_offset, b"RErc torn")
    backed_up(source, target)
    check(source, target)


def test_the_manifest_has_the_checksums_of_the_files(source: Source, target: Path) -> None:
    manifest = backed_up(source, target).manifest
    assert manifest == manifest_of(target)
    assert manifest.log_id == source.log.log_id.hex()
    assert manifest.first_time_nanos == source.times[1]
    assert manifest.last_time_nanos == source.times[source.sequence]
    for folder, copied in (("journal", manifest.segments), ("snapshots", manifest.snapshots)):
        for one in copied:
            data = (target / folder / one.name).read_bytes()
            assert (len(data), sha256(data).hexdigest()) == (one.size_bytes, one.sha256)
    names = {path.name for path in (target / "journal").glob("*.log")}
    assert names == {one.name for one in manifest.segments} | {manifest.open_segment}
    assert [one.first_sequence for one in manifest.segments[1:]] == [
        one.last_sequence + 1 for one in manifest.segments[:-1]
    ]


def test_a_second_backup_copies_only_what_is_new(source: Source, target: Path) -> None:
    first = backed_up(source, target)
    again = backed_up(source, target)
    assert (again.copied_files, again.copied_bytes) == (0, 0)
    source.play(1)
    small = backed_up(source, target)
    assert small.copied_files == 1
    assert small.as_values()["new_commands"] == 1
    inodes = {path.name: path.stat().st_ino for path in target.rglob("*.log")}
    source.play(60)
    source.snapshot()
    more = backed_up(source, target)
    check(source, target)
    full = {one.name for one in first.manifest.segments}
    assert full
    assert {
        name for name in full if (target / "journal" / name).stat().st_ino == inodes[name]
    } == full
    new = len(more.manifest.segments) - len(first.manifest.segments)
    assert more.copied_files == new + 1 + 1


def test_a_backup_keeps_what_the_log_has_dropped(source: Source, target: Path) -> None:
    backed_up(source, target)
    for _ in range(3):
        source.play(20)
        source.snapshot(trim=True)
        backed_up(source, target)
    assert source.log.first_sequence > 1
    manifest = manifest_of(target)
    assert manifest.first_sequence == 1
    assert len(manifest.snapshots) == 5
    check(source, target)


def test_a_last_segment_that_was_full_already_stays_known(source: Source, target: Path) -> None:
    """It was copied as the last one, and has been trimmed since, with nothing in it missed."""
    while True:
        held = backed_up(source, target).manifest
        spans = len(source.data.survey().spans)
        source.play(1)
        if len(source.data.survey().spans) > spans:
            break
    full = held.open_segment
    source.snapshot()
    source.log.trim(held.last_sequence + 1)
    assert source.log.first_sequence == held.last_sequence + 1
    manifest = backed_up(source, target).manifest
    assert full in {one.name for one in manifest.segments}
    assert manifest.open_segment != full
    check(source, target)


def test_a_gap_is_refused_and_the_backup_stays(source: Source, target: Path) -> None:
    held = backed_up(source, target).manifest.last_sequence
    for _ in range(3):
        source.play(40)
        source.snapshot(trim=True)
    before = image(target)
    first = source.log.first_sequence
    with pytest.raises(BackupRefused, match=f"sequences {held + 1} to {first - 1} are in neither"):
        backed_up(source, target)
    assert image(target) == before
    check(source, target, held)


def another_log(source: Source) -> Source:
    return Source(source.folder.parent / "other").open_venue()


def one_that_lost_commands(source: Source) -> Source:
    """Return the same log as it was when it was copied."""
    return Source(source.folder.parent / "older", seed=99)


def one_that_went_on_otherwise(source: Source) -> Source:
    """Return a log that was copied, and then had other commands, and more of them."""
    return one_that_lost_commands(source).play(9)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (another_log, "is a backup of log"),
        (one_that_lost_commands, "it has lost commands, or is another history"),
        (one_that_went_on_otherwise, "one of them went on as another history"),
    ],
)
def test_another_history_is_refused_and_the_backup_stays(
    source: Source, target: Path, other: Callable[[Source], Source], said: str
) -> None:
    copytree(source.folder, source.folder.parent / "older", ignore=lambda *_: ["lock"])
    source.play(3)
    backed_up(source, target)
    before = image(target)
    with pytest.raises(BackupRefused, match=said):
        backed_up(other(source), target)
    assert image(target) == before


def test_a_backup_that_a_server_went_on_with_is_refused(source: Source, target: Path) -> None:
    backed_up(source, target)
    strange = Source(target, seed=5)
    strange.play(2)
    strange.close()
    source.play(20)
    with pytest.raises(BackupRefused, match="one of them went on as another history"):
        backed_up(source, target)
    assert started(target)[0].state_hash() == strange.machine.state_hash()


def test_a_plain_copy_that_is_made_while_the_log_goes_on_is_refused(
    source: Source, tmp_path: Path
) -> None:
    """Why there is a backup: the files are not of one moment, and a start tells."""
    copy = copytree(source.folder, tmp_path / "copy")
    source.play(3)
    mark = "journal/durable.mark"
    (copy / mark).write_bytes((source.folder / mark).read_bytes())
    with pytest.raises(JournalDamaged, match="the durable mark proves sequence"):
        started(copy)
    copytree(source.folder / "journal", copy / "journal", dirs_exist_ok=True)
    source.play(3)
    snapshot = source.snapshot()
    (copy / "snapshots" / snapshot.name).write_bytes(snapshot.read_bytes())
    with pytest.raises(SnapshotUnusable, match="commands that were durable are missing"):
        started(copy)


class Moving(DataFolder):
    """A folder whose log goes on right after each look at it: snapshots, trims, drops."""

    def __init__(self, source: Source, times: int) -> None:
        super().__init__(source.folder)
        self.looks = 0
        self._log = source
        self._times = times

    def survey(self) -> Survey:
        found = super().survey()
        self.looks += 1
        if self.looks <= self._times:
            for _ in range(2):
                self._log.play(30)
                self._log.snapshot(trim=True)
        return found


def test_a_log_that_moves_on_meanwhile_is_looked_at_again(source: Source, target: Path) -> None:
    moving = Moving(source, 2)
    done = back_up(moving, DataFolder(target, Unsynced()), unseen)
    assert moving.looks == 3
    check(source, target)
    assert done.manifest.last_sequence == source.sequence > 200


def test_a_log_that_never_holds_still_is_given_up(
    source: Source, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "ATTEMPTS", 3)
    with pytest.raises(ToolError, match="lost files 3 times before they were copied"):
        back_up(Moving(source, 99), DataFolder(target, Unsynced()), unseen)
    backed_up(source, target)
    check(source, target)


def test_damage_of_the_source_is_told_and_not_copied(source: Source, target: Path) -> None:
    backed_up(source, target)
    held = source.sequence
    source.play(60)
    spans = source.data.survey().spans
    path = next(span.path for span in spans if span.header.first_sequence > held)
    flip_bit(path, 8 * 100)
    with pytest.raises(JournalDamaged) as caught:
        backed_up(source, target)
    assert caught.value.path == path
    found = verify(DataFolder.existing(target), unseen)
    assert found.is_whole, found.text()
    machine, _ = started(target)
    assert held <= machine.engine.sequence < source.sequence
    assert machine.state_hash() == source.hashes[machine.engine.sequence]


def test_a_snapshot_that_is_not_whole_is_left_out(source: Source, target: Path) -> None:
    bad = source.data.snapshot_paths()[0]
    flip_bit(bad, 8 * 500)
    done = backed_up(source, target)
    assert bad.name in done.notes[0]
    assert len(done.manifest.snapshots) == 1
    check(source, target)


def test_a_snapshot_ahead_of_the_journal_is_left_out(source: Source, target: Path) -> None:
    strange = source.store.folder / f"{9_999:020d}.snap"
    strange.write_bytes(source.data.snapshot_paths()[0].read_bytes())
    done = backed_up(source, target)
    assert strange.name in done.notes[0]
    check(source, target)


def test_without_a_snapshot_that_it_needs_it_is_no_backup(source: Source, target: Path) -> None:
    source.snapshot(trim=True)
    source.close()
    for path in source.data.snapshot_paths():
        flip_bit(path, 8 * 500)
    with pytest.raises(ToolError, match="no server could start from this backup"):
        backed_up(source, target)
    with pytest.raises(SnapshotUnusable):
        started(target)
    found = verify(DataFolder.existing(target), unseen)
    assert "begun and never finished" in found.text()


@pytest.mark.parametrize("name", ["journal", "snapshots", MANIFEST_NAME])
def test_a_flipped_bit_of_the_backup_is_named(source: Source, target: Path, name: str) -> None:
    backed_up(source, target)
    paths = [target / name] if name == MANIFEST_NAME else sorted((target / name).glob("*.*"))
    for path in paths:
        whole = path.read_bytes()
        flip_bit(path, 8 * 90 + 1)
        found = verify(DataFolder.existing(target), unseen)
        faults = [fault for part in found.parts for fault in part.faults]
        is_spare_slot = path.name == "durable.mark"
        assert {fault.path for fault in faults} == (set() if is_spare_slot else {path})
        path.write_bytes(whole)
    assert verify(DataFolder.existing(target), unseen).is_whole


def test_a_file_that_is_missing_from_the_backup_is_named(source: Source, target: Path) -> None:
    manifest = backed_up(source, target).manifest
    path = target / "snapshots" / manifest.snapshots[0].name
    path.unlink()
    (fault,) = (fault for part in verify(DataFolder(target), unseen).parts for fault in part.faults)
    assert (fault.path, fault.sequence) == (path, manifest.snapshots[0].last_sequence)


def test_what_is_in_use_or_no_backup_is_refused(source: Source, target: Path) -> None:
    other = Source(target).open_venue()
    with pytest.raises(JournalLocked):
        backed_up(source, target)
    other.close()
    before = image(target)
    with pytest.raises(BackupRefused, match="holds a journal and no manifest"):
        backed_up(source, target)
    assert image(target) == before
    with pytest.raises(WrongUsageError, match="cannot be its own backup"):
        backed_up(source, source.folder)
    inside = source.folder / "backup"
    with pytest.raises(WrongUsageError, match="and would be lost with it"):
        backed_up(source, inside)
    assert not inside.exists()
    strange = target.with_name("strange")
    strange.mkdir()
    (strange / "letter.txt").write_text("keep me")
    with pytest.raises(WrongUsageError, match="neither empty nor a backup"):
        backed_up(source, strange)
    assert [path.name for path in strange.iterdir()] == ["letter.txt"]
    with pytest.raises(WrongUsageError, match="is no folder"):
        backed_up(source, strange / "letter.txt")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_the_command_says_what_it_copied(source: Source, target: Path) -> None:
    arguments = ("backup", "--data-dir", str(source.folder), "--to", str(target))
    done = run(*arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    values = json.loads(done.output)
    assert values["last_sequence"] == values["new_commands"] == source.sequence
    assert run(*arguments).output.splitlines()[-1].startswith("notes")
    refused = run("backup", "--data-dir", str(source.folder), "--to", str(source.folder))
    assert refused.exit_code == 2
    assert refused.output == "riskengine: a folder cannot be its own backup\n"
