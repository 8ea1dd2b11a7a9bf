"""Backup and restore on a disk that loses its power, fills up, or fails, at each of their steps.

Whatever happens, a backup that was there stays one, a start is never on less than it says, and the
same command again completes what was begun.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from riskengine.cli import main
from riskengine.persistence import JournalDamaged, JournalError
from riskengine.persistence.files import Files
from riskengine.recovery import SnapshotUnusable
from riskengine.tools.backup import back_up
from riskengine.tools.folder import DataFolder
from riskengine.tools.moments import Moment
from riskengine.tools.progress import unseen
from riskengine.tools.restore import restore
from riskengine.tools.verify import verify
from tests.persistence.disk import Keep, PowerCut, cut_at
from tests.tools.shelf import Shelf
from tests.tools.support import Source, started, started_instructions

KEEPS = [("none", 0), ("all", 0), ("some", 1)]
"""What of that was not synced is there after a power cut; after a kill it is all there."""

CUT = 33
SEGMENT_BYTES = 200
"""So that there are several segments of instructions."""


@pytest.fixture
def small(tmp_path: Path) -> Source:
    """Return a closed folder of a few segments and a snapshot."""
    made = Source(tmp_path / "data", instruction_bytes=SEGMENT_BYTES).open_venue()
    made.open_called().swing(1).play(9)
    made.snapshot()
    made.swing(2).play(35)
    made.confirm(books=2, venue=made.machine.ring.last_sequence)
    return made.close()


def fail_at(step: int) -> Callable[[int, str], None]:
    """Have a step, and all after it, find the disk full."""

    def fault(now: int, call: str) -> None:
        if now >= step and call in ("pwritev", "fdatasync", "open", "rename", "fsync_folder"):
            raise OSError(28, "no space left on device")

    return fault


def target_of(small: Source, shelf: Shelf) -> DataFolder:
    return DataFolder(small.folder.with_name("target"), shelf)


def backed_up(small: Source, shelf: Shelf) -> int:
    return back_up(small.data, target_of(small, shelf), unseen).manifest.last_sequence


def restored(small: Source, shelf: Shelf) -> int:
    return restore(small.data, target_of(small, shelf), Moment(CUT), unseen).last_sequence


def check_start(small: Source, shelf: Shelf, least: int) -> bool:
    """Start on what is there, a copy of it; return whether that went well, on what it should be."""
    copy = shelf.after_power_cut(Keep("all"))
    try:
        machine, _ = started(target_of(small, copy).path, copy)
    except (JournalDamaged, SnapshotUnusable):
        assert not least
        return False
    sequence = machine.engine.sequence
    assert sequence >= least
    assert machine.state_hash() == small.hashes[sequence]
    instructed = started_instructions(target_of(small, copy).path, copy)
    assert list(instructed.pieces) == list(range(1, small.last_instructions[sequence] + 1))
    assert all(small.pieces[number] == piece for number, piece in instructed.pieces.items())
    return sequence > 0


def check_backup(small: Source, shelf: Shelf, least: int, *, complete: bool = True) -> None:
    """Check a backup after a fault, then complete it."""
    found = verify(target_of(small, shelf), unseen) if least else None
    assert found is None or found.is_whole, found.text()
    check_start(small, shelf, least)
    if not complete:
        return
    assert backed_up(small, shelf) == small.sequence
    assert verify(target_of(small, shelf), unseen).is_whole
    assert check_start(small, shelf, small.sequence)
    assert shelf.open_files == 0


def steps_of(act: Callable[[], Shelf]) -> int:
    return len(act().steps)


def first_backup(small: Source) -> Shelf:
    shelf = Shelf()
    backed_up(small, shelf)
    return shelf


def test_power_cut_at_every_step_of_a_first_backup(small: Source) -> None:
    steps = steps_of(lambda: first_backup(small))
    assert steps > 60
    for step in range(steps):
        shelf = Shelf(cut_at(step))
        with pytest.raises(PowerCut):
            backed_up(small, shelf)
        for turn, (what, seed) in enumerate(KEEPS, step):
            after = shelf.after_power_cut(Keep(what, seed * 1_000 + step))
            check_backup(small, after, least=0, complete=turn % len(KEEPS) == 0)


class Later:
    """The same folder after more commands, with a backup of it from before."""

    def __init__(self, small: Source) -> None:
        self.before = first_backup(small)
        self.held = small.sequence
        self.source = Source(small.folder, seed=3, instruction_bytes=SEGMENT_BYTES)
        self.source.hashes |= small.hashes
        self.source.pieces |= small.pieces
        self.source.last_instructions |= small.last_instructions
        self.source.swing(2).play(36)
        self.source.snapshot()
        self.source.play(5).close()

    def shelf(self, fault: Callable[[int, str], None] | None = None) -> Shelf:
        shelf = self.before.after_power_cut(Keep("all"))
        if fault is not None:
            shelf.fault = fault
        return shelf


def test_power_cut_at_every_step_of_a_later_backup(small: Source) -> None:
    later = Later(small)
    whole = later.shelf()
    backed_up(later.source, whole)
    assert len(whole.steps) > 60
    for step in range(len(whole.steps)):
        shelf = later.shelf(cut_at(step))
        with pytest.raises(PowerCut):
            backed_up(later.source, shelf)
        for turn, (what, seed) in enumerate(KEEPS, step):
            after = shelf.after_power_cut(Keep(what, seed * 1_000 + step))
            complete = turn % len(KEEPS) == 0
            check_backup(later.source, after, least=later.held, complete=complete)


def test_a_full_disk_at_every_step_of_a_later_backup(small: Source) -> None:
    later = Later(small)
    whole = later.shelf()
    backed_up(later.source, whole)
    failed = 0
    for step in range(len(whole.steps)):
        shelf = later.shelf(fail_at(step))
        try:
            backed_up(later.source, shelf)
        except (OSError, JournalError):
            failed += 1
        shelf.fault = lambda _step, _call: None
        assert "spare.tmp" not in shelf.list_names(target_of(small, shelf).journal)
        check_backup(later.source, shelf, least=later.held, complete=step % 3 == 0)
    assert failed > 60


def test_power_cut_at_every_step_of_a_restore(small: Source) -> None:
    whole = Shelf()
    restored(small, whole)
    place = target_of(small, whole).path
    instructed = started_instructions(place, whole.after_power_cut(Keep("all"))).pieces
    done = 0
    for step in range(len(whole.steps)):
        shelf = Shelf(cut_at(step))
        with pytest.raises(PowerCut):
            restored(small, shelf)
        for what, seed in KEEPS:
            after = shelf.after_power_cut(Keep(what, seed * 1_000 + step))
            if check_start(small, after, least=0):
                done += 1
                found = started_instructions(place, after.after_power_cut(Keep("all")))
                assert found.pieces == instructed
                assert found.findings == []
                machine, _ = started(place, after)
                assert machine.engine.sequence == CUT
            else:
                assert restored(small, after) == CUT
                assert check_start(small, after, least=CUT)
    assert done  # The power went while the restored folder was checked.


def test_a_full_disk_at_every_step_of_a_restore(small: Source) -> None:
    whole = Shelf()
    restored(small, whole)
    for step in range(len(whole.steps)):
        shelf = Shelf(fail_at(step))
        try:
            restored(small, shelf)
        except (OSError, JournalError):
            assert shelf.open_files == 0
        shelf.fault = lambda _step, _call: None
        if not check_start(small, shelf, least=0):
            assert restored(small, shelf) == CUT


@pytest.mark.parametrize("words", [("backup", "--data-dir"), ("restore", "--from")])
def test_a_full_disk_is_told_with_the_folder(
    small: Source, monkeypatch: pytest.MonkeyPatch, words: tuple[str, str]
) -> None:
    def full(*_arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Files, "pwritev", full)
    target = str(small.folder.with_name("target"))
    done = CliRunner().invoke(main, [*words, str(small.folder), "--to", target])
    assert done.exit_code == 1
    assert f"riskengine: {target} is not done: [Errno 28] No space left on device" in done.output
