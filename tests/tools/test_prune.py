"""Pruning a backup drops its beginning, and leaves one that can be restored from there on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from riskengine.cli import main
from riskengine.persistence.errors import JournalError
from riskengine.persistence.files import Files
from riskengine.tools.backup import back_up
from riskengine.tools.folder import DataFolder, ToolError
from riskengine.tools.manifest import Manifest, read_manifest
from riskengine.tools.moments import Moment, shown_time
from riskengine.tools.progress import unseen
from riskengine.tools.prune import Pruned, prune
from riskengine.tools.restore import restore
from riskengine.tools.verify import verify
from tests.persistence.disk import Keep, PowerCut, cut_at
from tests.persistence.support import Unsynced, flip_bit
from tests.tools.shelf import Shelf
from tests.tools.support import Source, image, started, started_instructions

SNAPSHOTS = 5


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Return a folder with five snapshots, segments between them, and instructions."""
    made = Source(tmp_path / "data", instruction_bytes=200).open_venue().open_called()
    for _ in range(SNAPSHOTS):
        made.play(30).swing(1)
        made.snapshot()
    made.play(15)
    made.confirm(venue=made.machine.ring.last_sequence)
    return made


@pytest.fixture
def backup(source: Source, tmp_path: Path) -> Path:
    back_up(source.data, DataFolder(tmp_path / "backup", Unsynced()), unseen)
    return tmp_path / "backup"


def sequences(source: Source) -> list[int]:
    return [int(path.stem) for path in source.data.snapshot_paths()]


def pruned(backup: Path, moment: Moment) -> Pruned:
    return prune(DataFolder(backup, Unsynced()), moment, unseen)


def manifest_of(backup: Path) -> Manifest:
    manifest = read_manifest(Files(), backup)
    assert manifest is not None
    return manifest


def check(source: Source, backup: Path, oldest: int) -> None:
    """Check that each point from one on can be restored, and none before it."""
    assert verify(DataFolder.existing(backup), unseen, deep=True).is_whole
    for sequence in (oldest, oldest + 7, source.sequence):
        target = backup.with_name(f"restored-{sequence}")
        restore(
            DataFolder.existing(backup), DataFolder(target, Unsynced()), Moment(sequence), unseen
        )
        machine, _ = started(target)
        assert machine.state_hash() == source.hashes[sequence]
    with pytest.raises(ToolError, match=f"{oldest} to {source.sequence}"):
        restore(
            DataFolder.existing(backup),
            DataFolder(backup.with_name("before"), Unsynced()),
            Moment(oldest - 1),
            unseen,
        )


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_what_lies_before_a_snapshot_is_dropped(source: Source, backup: Path, place: int) -> None:
    base = sequences(source)[place]
    before = image(backup)
    done = pruned(backup, Moment(base + 3))
    check(source, backup, base)
    manifest = manifest_of(backup)
    assert [one.last_sequence for one in manifest.snapshots] == sequences(source)[place:]
    assert 1 < manifest.first_sequence <= base + 1
    after = image(backup)
    gone = before.keys() - after.keys()
    assert done.segments + done.snapshots + done.instruction_files == len(gone)
    assert done.snapshots == place
    assert done.segments
    assert done.instruction_files
    assert done.freed_bytes == sum(len(before[name]) for name in gone)
    assert {name: after[name] for name in after if name.endswith((".log", ".snap", ".ins"))} == {
        name: before[name] for name in after if name.endswith((".log", ".snap", ".ins"))
    }


def test_a_snapshot_at_the_end_of_a_segment_needs_nothing_of_it(
    source: Source, backup: Path
) -> None:
    """As that of a planned stop may lie: what comes after it begins in the next one."""
    for _ in range(50):
        source.play(1)
        source.written_snapshot(source.log.log_id)
    back_up(source.data, DataFolder(backup, Unsynced()), unseen)
    ends = {one.last_sequence for one in manifest_of(backup).segments}
    base = max(ends.intersection(sequences(source)))
    pruned(backup, Moment(base))
    assert manifest_of(backup).first_sequence == base + 1
    check(source, backup, base)


def test_a_backup_of_a_planned_stop_is_pruned_to_its_end(source: Source, backup: Path) -> None:
    """Nothing comes after its snapshot, and the next backup goes on from there."""
    source.written_snapshot(source.log.log_id)
    end = source.sequence
    back_up(source.data, DataFolder(backup, Unsynced()), unseen)
    pruned(backup, Moment(end))
    assert [one.last_sequence for one in manifest_of(backup).snapshots] == [end]
    assert started(backup)[0].state_hash() == source.hashes[end]
    source.play(20)
    assert back_up(source.data, DataFolder(backup, Unsynced()), unseen).notes == []
    check(source, backup, end)


def test_the_same_again_drops_nothing(source: Source, backup: Path) -> None:
    moment = Moment(time_nanos=source.times[sequences(source)[2] + 1])
    pruned(backup, moment)
    before = image(backup)
    done = pruned(backup, moment)
    assert (done.segments, done.snapshots, done.instruction_files, done.freed_bytes) == (0, 0, 0, 0)
    after = image(backup)
    assert before.keys() == after.keys()


def test_before_the_first_snapshot_nothing_is_dropped(source: Source, backup: Path) -> None:
    before = image(backup)
    for moment in (Moment(sequences(source)[0] - 1), Moment(time_nanos=1)):
        assert "nothing was dropped" in pruned(backup, moment).notes[0]
        assert image(backup) == before


def test_it_is_never_emptied(source: Source, backup: Path) -> None:
    before = image(backup)
    with pytest.raises(ToolError, match=f"sequence {source.sequence + 1} is not in .*nothing was"):
        pruned(backup, Moment(source.sequence + 1))
    assert image(backup) == before
    pruned(backup, Moment(time_nanos=1 << 62))  # the last command is of before that
    check(source, backup, sequences(source)[-1])


def test_a_damaged_backup_is_left_as_it_is(source: Source, backup: Path) -> None:
    path = sorted((backup / "journal").glob("*.log"))[2]
    flip_bit(path, 8 * 200)
    before = image(backup)
    with pytest.raises(ToolError, match="is damaged; nothing was dropped"):
        pruned(backup, Moment(source.sequence))
    assert image(backup) == before


def test_what_a_consumer_has_not_confirmed_stays(source: Source, backup: Path) -> None:
    source.confirm(venue=9, books=12)
    back_up(source.data, DataFolder(backup, Unsynced()), unseen)
    pruned(backup, Moment(sequences(source)[-1]))
    assert manifest_of(backup).first_instruction <= 10
    assert min(started_instructions(backup).pieces) <= 10


def test_a_pruned_backup_goes_on_and_takes_nothing_back(source: Source, backup: Path) -> None:
    """The log still has what was dropped: it was not shortened."""
    base = sequences(source)[-2]
    pruned(backup, Moment(base))
    first = manifest_of(backup).first_sequence
    source.play(40).swing(1)
    source.snapshot()
    done = back_up(source.data, DataFolder(backup, Unsynced()), unseen)
    assert done.notes == []
    assert done.manifest.first_sequence == first
    check(source, backup, base)


def act_at_steps(source: Source, act: Callable[[DataFolder], object], stride: int) -> int:
    """Cut the power at steps of an act on a backup; complete it; return how many there were."""
    place = source.folder.with_name("shelf")
    whole = Shelf()
    back_up(source.data, DataFolder(place, whole), unseen)
    for step in range(0, 10_000, stride):
        shelf = whole.after_power_cut(Keep("all"))
        shelf.fault = cut_at(step)
        try:
            act(DataFolder(place, shelf))
        except PowerCut:
            pass
        else:
            return step
        for what in ("none", "all"):
            after = shelf.after_power_cut(Keep(what, step))
            found = verify(DataFolder(place, after), unseen)
            assert found.is_whole, (step, found.text())
            machine, _ = started(place, after.after_power_cut(Keep("all")))
            assert machine.state_hash() == source.hashes[source.sequence]
        if step % (4 * stride) == 0:
            act(DataFolder(place, after))
            assert verify(DataFolder(place, after), unseen).is_whole
    raise AssertionError("it never ends")


@pytest.mark.parametrize("stride", [11, pytest.param(1, marks=pytest.mark.soak)])
def test_a_power_cut_at_any_step_leaves_a_backup(source: Source, stride: int) -> None:
    source.close()
    moment = Moment(sequences(source)[2])
    assert act_at_steps(source, lambda target: prune(target, moment, unseen), stride) > 500


def test_a_backup_in_use_is_not_pruned(source: Source, backup: Path) -> None:
    log = Source(backup)
    with pytest.raises((JournalError, ToolError)):
        pruned(backup, Moment(sequences(source)[-1]))
    log.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_the_command_backs_up_and_then_prunes(source: Source, backup: Path) -> None:
    base = sequences(source)[2]
    arguments = ("backup", "--data-dir", str(source.folder), "--to", str(backup))
    both = run(*arguments, "--prune-before", "7", "--keep-days", "1")
    assert both.exit_code == 2
    assert "cannot be given together" in both.output
    kept = run(*arguments, "--keep-days", "1", "--format", "json")
    assert kept.exit_code == 0, kept.output
    assert json.loads(kept.output)["pruned"]["dropped_segments"] == 0
    time = shown_time(source.times[base])
    done = run(*arguments, "--prune-before", time, "--format", "json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["pruned"]["from_snapshot"] == base
    check(source, backup, base)
