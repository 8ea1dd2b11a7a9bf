"""Instructions and consumers go with a backup, and into what is restored from it."""

import json
from hashlib import sha256
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from riskengine.instruction_start import INSTRUCTION_FOLDER
from riskengine.persistence.consumers_file import CONSUMERS_NAME, ConsumersFile
from riskengine.persistence.files import Files
from riskengine.persistence.instruction_segment import HEADER_BYTES
from riskengine.tools.backup import BackedUp, back_up
from riskengine.tools.folder import DataFolder
from riskengine.tools.manifest import MANIFEST_NAME, decode_manifest, read_manifest
from riskengine.tools.moments import Moment
from riskengine.tools.progress import unseen
from riskengine.tools.restore import Restored, restore
from riskengine.tools.verify import Verified, verify
from tests.persistence.support import Unsynced, flip_bit
from tests.service import requests
from tests.tools.support import Instructed, Source, image, started_instructions

SEGMENT_BYTES = 200


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Return a folder that is open, with several segments of instructions and two snapshots."""
    made = Source(tmp_path / "data", instruction_bytes=SEGMENT_BYTES).open_venue().open_called()
    made.play(10).swing(2)
    made.snapshot()
    made.play(10).swing(2)
    made.snapshot()
    made.play(10).swing(1)
    assert len(paths_of(made.folder)) >= 4
    return made


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "target"


def paths_of(folder: Path) -> list[Path]:
    return sorted((folder / INSTRUCTION_FOLDER).glob("*.ins"))


def backed_up(source: Source, target: Path) -> BackedUp:
    return back_up(source.data, DataFolder(target, Unsynced()), unseen)


def restored(folder: Path, target: Path, sequence: int | None = None) -> Restored:
    moment = None if sequence is None else Moment(sequence)
    return restore(DataFolder.existing(folder), DataFolder(target, Unsynced()), moment, unseen)


def verified(folder: Path) -> Verified:
    return verify(DataFolder.existing(folder), unseen)


def consumers_of(folder: Path) -> dict[str, int]:
    log_id = DataFolder.existing(folder).survey().log_id
    return ConsumersFile(folder / INSTRUCTION_FOLDER, log_id).read() or {}


def after_start(folder: Path) -> Instructed:
    """Return what a start upon a copy of a folder has."""
    copy = copytree(folder, folder.with_name(f"{folder.name}-started"))
    found = started_instructions(copy)
    rmtree(copy)
    return found


def check(source: Source, folder: Path, sequence: int, oldest: int = 1) -> None:
    """Check that all instructions up to a sequence are there, with nothing to be mended."""
    found = verified(folder)
    assert found.is_whole, found.text()
    started = after_start(folder)
    last = source.last_instructions[sequence]
    assert started.pieces == {number: source.pieces[number] for number in range(oldest, last + 1)}
    assert started.findings == []


def test_a_backup_has_the_instructions_of_its_commands(source: Source, target: Path) -> None:
    source.confirm(venue=3, books=1)
    before = image(source.folder)
    done = backed_up(source, target)
    assert image(source.folder) == before
    check(source, target, source.sequence)
    assert done.as_values()["instructions"] == f"1 to {source.machine.ring.last_sequence}"
    assert consumers_of(target) == {"venue": 3, "books": 1}
    assert [path.name for path in paths_of(target)] == [
        path.name for path in paths_of(source.folder)
    ]


def test_a_list_that_names_nobody_goes_with_it(source: Source, target: Path) -> None:
    """A start takes the consumers for lost where there is no list, and alarms."""
    source.confirm()
    backed_up(source, target)
    place = target.with_name("restored")
    restored(target, place)
    for folder in (target, place):
        assert (folder / INSTRUCTION_FOLDER / CONSUMERS_NAME).exists()
        assert consumers_of(folder) == {}
    assert verified(target).is_whole
    assert backed_up(source, target).copied_files == 0


def test_a_list_that_is_lost_takes_none_from_the_backup(source: Source, target: Path) -> None:
    place = target.with_name("restored")
    source.confirm(venue=3)
    backed_up(source, target)
    (source.folder / INSTRUCTION_FOLDER / CONSUMERS_NAME).unlink()
    source.play(3)
    backed_up(source, target)
    assert consumers_of(target) == {"venue": 3}
    source.close()
    restored(source.folder, place)
    assert not (place / INSTRUCTION_FOLDER / CONSUMERS_NAME).exists(), "nor is one made up"


def test_what_later_commands_instructed_is_left_out(source: Source, target: Path) -> None:
    """The server has gone on between the mark that was read and the instructions."""
    mark = source.folder / "journal/durable.mark"
    old, held = mark.read_bytes(), source.sequence
    source.swing(2)
    last = source.machine.ring.last_sequence
    assert last > source.last_instructions[held]
    source.confirm(venue=last)
    mark.write_bytes(old)
    done = backed_up(source, target)
    assert done.manifest.last_sequence == held
    assert done.manifest.last_instruction <= source.last_instructions[held]
    check(source, target, held)
    assert consumers_of(target) == {"venue": done.manifest.last_instruction}


def test_a_later_backup_copies_what_is_new_and_keeps_what_was_dropped(
    source: Source, target: Path
) -> None:
    source.confirm(venue=1)
    backed_up(source, target)
    assert backed_up(source, target).copied_files == 0
    inodes = {path.name: path.stat().st_ino for path in paths_of(target)}
    source.swing(4)
    backed_up(source, target)
    source.confirm(venue=9)
    assert source.instructions is not None
    assert source.instructions.drop(source.machine.ring.last_sequence - 5, 1 << 62) >= 2
    source.swing(2)
    backed_up(source, target)
    check(source, target, source.sequence)
    assert consumers_of(target) == {"venue": 9}
    names = [path.name for path in paths_of(target)]
    assert set(names) > {path.name for path in paths_of(source.folder)}
    full = list(inodes)[:-1]
    assert [(target / INSTRUCTION_FOLDER / name).stat().st_ino for name in full] == [
        inodes[name] for name in full
    ]


def test_a_gap_drops_what_lies_before_it(source: Source, target: Path) -> None:
    backed_up(source, target)
    last = paths_of(source.folder)[-1].name
    source.swing(6)
    later = [path for path in paths_of(source.folder) if path.name > last]
    assert source.instructions is not None
    source.instructions.drop(int(later[2].stem) - 1, 1 << 62)
    oldest = source.instructions.oldest_instruction
    assert oldest == int(later[2].stem)
    done = backed_up(source, target)
    assert any("dropped: instructions before" in note for note in done.notes)
    check(source, target, source.sequence, oldest)


def test_what_is_dropped_before_the_last_file_takes_no_consumer_back(
    source: Source, target: Path
) -> None:
    last = source.machine.ring.last_sequence
    source.confirm(books=last)
    backed_up(source, target)
    *older, damaged, _ = paths_of(source.folder)
    for path in (*older, damaged):
        path.unlink()
    copy = target / INSTRUCTION_FOLDER / damaged.name
    copy.write_bytes(copy.read_bytes()[:-1])
    found = backed_up(source, target)
    assert found.manifest.last_instruction == last
    assert found.manifest.first_instruction > 1
    assert consumers_of(target) == {"books": last}


def test_a_start_that_makes_others_frames_of_them_is_followed(source: Source, target: Path) -> None:
    """A server lost its tail with the power: the same instructions are in other files."""
    backed_up(source, target)
    source.close()
    for path in paths_of(source.folder)[2:]:
        path.unlink()
    again = Source(source.folder, seed=5, instruction_bytes=SEGMENT_BYTES // 2)
    again.swing(2)
    again.pieces |= source.pieces
    again.last_instructions |= source.last_instructions
    assert [path.name for path in paths_of(source.folder)] != [
        path.name for path in paths_of(target)
    ]
    backed_up(again, target)
    check(again, target, again.sequence)
    again.close()


def test_a_killed_server_that_has_fewer_takes_nothing_back(source: Source, target: Path) -> None:
    backed_up(source, target)
    before = image(target / INSTRUCTION_FOLDER)
    source.close()
    paths_of(source.folder)[-1].unlink()
    backed_up(source, target)
    assert image(target / INSTRUCTION_FOLDER) == before
    check(source, target, source.sequence)


def test_what_is_damaged_is_left_out_and_said(source: Source, target: Path) -> None:
    bad = paths_of(source.folder)[1]
    flip_bit(bad, 8 * (HEADER_BYTES + 60))
    done = backed_up(source, target)
    (note,) = done.notes
    assert str(bad) in note
    check(source, target, source.sequence, int(paths_of(source.folder)[2].stem))
    flip_bit(source.folder / INSTRUCTION_FOLDER / bad.name, 8 * 20)  # its header as well
    assert any("left out" in note for note in backed_up(source, target).notes)


@pytest.mark.parametrize("what", ["full", "open", CONSUMERS_NAME])
def test_verify_finds_what_is_missing_or_changed(source: Source, target: Path, what: str) -> None:
    source.confirm(venue=1)
    backed_up(source, target)
    paths = paths_of(target)
    path = {"full": paths[0], "open": paths[-1]}.get(what, paths[0].with_name(what))
    data = path.read_bytes()
    flip_bit(path, 8 * (len(data) - 3))
    found = verified(target)
    assert path.name in found.text()
    assert found.is_whole is (what == "open")  # its end is made again by a start, and noted
    path.unlink()
    found = verified(target)
    assert str(path) in found.text()
    assert not found.is_whole


def test_a_manifest_of_the_first_form_is_read_and_continued(source: Source, target: Path) -> None:
    """As the version before wrote it, which left instructions out."""
    backed_up(source, target)
    rmtree(target / INSTRUCTION_FOLDER)
    manifest = read_manifest(Files(), target)
    assert manifest is not None
    values = json.loads(manifest.encode())
    for name in ("instructions", "open_instructions", "last_instruction", "has_consumers"):
        del values[name]
    del values["manifest_sha256"]
    values["form"] = 1
    text = json.dumps(values, indent=1)
    values["manifest_sha256"] = sha256(text.encode()).hexdigest()
    (target / MANIFEST_NAME).write_text(json.dumps(values, indent=1) + "\n")
    assert decode_manifest((target / MANIFEST_NAME).read_bytes()).last_instruction == 0
    assert verified(target).is_whole
    source.play(3)
    backed_up(source, target)
    check(source, target, source.sequence)


def test_a_restored_log_has_them_under_its_own_id(source: Source, target: Path) -> None:
    last = source.machine.ring.last_sequence
    source.confirm(venue=last, books=2)
    backup = target.with_name("backup")
    backed_up(source, backup)
    chosen = [
        1,
        20,
        33,
        *sorted(source.data.snapshots.sequence_of(p) for p in source.data.snapshot_paths()),
        source.sequence,
    ]
    for sequence in chosen:
        place = target.with_name(f"at-{sequence}")
        done = restored(backup, place, sequence)
        cut = source.last_instructions[sequence]
        check(source, place, sequence)
        shown = f"1 to {cut}" if cut else "none"
        assert done.as_values()["instructions"] == shown
        assert consumers_of(place) == {"venue": min(cut, last), "books": min(cut, 2)}
        assert done.notes == ()


def test_a_point_within_a_group_takes_its_part_of_a_frame(source: Source, target: Path) -> None:
    source.send(requests.mark(9_400), requests.mark(10_000))
    cut = source.last_instructions[source.sequence - 1]
    assert cut < source.machine.ring.last_sequence
    backup = target.with_name("backup")
    backed_up(source, backup)
    done = restored(backup, target, source.sequence - 1)
    assert done.instructions.last == cut


def test_what_the_snapshot_keeps_is_taken_where_the_rest_is_gone(
    source: Source, target: Path
) -> None:
    """All segments of a backup were damaged: consumers stay known, and what is kept is there."""
    source.confirm(venue=2)
    for path in paths_of(source.folder):
        path.unlink()
    source.close()
    restored(source.folder, target)
    assert verified(target).is_whole
    assert consumers_of(target) == {"venue": 2}
    assert after_start(target).pieces == source.pieces


def test_instructions_that_begin_behind_the_point_give_way_to_the_snapshot(
    source: Source, target: Path
) -> None:
    """The server had dropped them, and the backup was begun after that."""
    assert source.instructions is not None
    source.instructions.drop(source.machine.ring.last_sequence - 3, 1 << 62)
    source.confirm(venue=source.machine.ring.last_sequence)
    oldest = source.instructions.oldest_instruction
    sequence = source.data.snapshots.sequence_of(source.data.snapshot_paths()[0])
    assert source.last_instructions[sequence] < oldest
    restored(source.folder, target, sequence)
    check(source, target, sequence)
    assert consumers_of(target) == {"venue": source.last_instructions[sequence]}
