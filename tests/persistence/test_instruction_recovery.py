"""Starts upon instructions on disk: what is missing is made again, and nothing wrong is served."""

import errno
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from riskengine.persistence.errors import (
    InstructionsDamaged,
    InstructionsFailed,
    InstructionsRefused,
    JournalError,
)
from riskengine.persistence.files import Files
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.persistence.instruction_recovery import (
    BEGUN_ANEW,
    MADE_AGAIN,
    SET_ASIDE,
    InstructionRecovery,
)
from tests.persistence.disk import Disk, Inode, Keep, PowerCut, cut_at, no_fault
from tests.persistence.instructions import (
    LOG_ID,
    Instructed,
    Snapshot,
    contents,
    is_whole,
    journal,
    pieces,
    recovery,
    replay,
    snapshot_of,
    started,
    write,
)

COUNTS = (3, 1, 9, 2, 15, 1, 1, 4, 12, 5, 2, 3)
COMMANDS = journal(COUNTS)
LAST = COMMANDS[-1].last
KEPT = 8
SNAPSHOT = snapshot_of(COMMANDS[:8], KEPT)


def fill(
    folder: Path, commands: Sequence[Instructed] = COMMANDS, files: Files | None = None
) -> None:
    log = started(folder, [], files=files)
    for command in commands:
        write(log, [command])
    log.sync()
    log.close()


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.ins"))


def findings(completing: InstructionRecovery) -> list[str]:
    return [finding.done for finding in completing.findings]


@pytest.mark.parametrize("snapshot", [Snapshot(), SNAPSHOT], ids=["journal", "snapshot"])
@pytest.mark.parametrize("written", range(len(COMMANDS) + 1))
def test_what_was_not_written_is_made_again(
    tmp_path: Path, snapshot: Snapshot, written: int
) -> None:
    """From the journal, or from what the snapshot keeps as far back as that reaches."""
    fill(tmp_path, COMMANDS[:written])
    before = {path.name: path.read_bytes() for path in segments(tmp_path)}
    completing = recovery(tmp_path, snapshot)
    log = replay(completing, snapshot, COMMANDS)
    reaches = COMMANDS[written - 1].last + 1 if written else 1
    is_anew = reaches < snapshot.oldest
    assert log.oldest_instruction == (snapshot.oldest if is_anew else 1)
    assert is_whole(log, LAST)
    assert (BEGUN_ANEW in findings(completing)) is is_anew
    if not is_anew:
        for name, data in before.items():
            assert (tmp_path / name).read_bytes().startswith(data)
    write(log, [Instructed(13, LAST + 1, LAST + 3)])
    assert is_whole(log, LAST + 3)


@pytest.mark.parametrize("at", range(1, len(COMMANDS) + 1))
def test_a_snapshot_at_any_command_goes_on_within_a_frame(tmp_path: Path, at: int) -> None:
    log = started(tmp_path, [])
    for first in range(0, len(COMMANDS), 4):
        write(log, COMMANDS[first : first + 4])
    snapshot = snapshot_of(COMMANDS[:at], KEPT)
    size_bytes = log.size_bytes
    again = started(tmp_path, COMMANDS, snapshot)
    assert is_whole(again, LAST)
    assert (again.oldest_instruction, again.size_bytes) == (1, size_bytes)


def test_what_was_dropped_is_not_made_again(tmp_path: Path) -> None:
    fill(tmp_path)
    log = started(tmp_path, COMMANDS)
    log.drop(20, 10**9)
    oldest = log.oldest_instruction
    assert oldest > 1
    for snapshot in (Snapshot(), snapshot_of(COMMANDS[:2], 3), SNAPSHOT):
        again = started(tmp_path, COMMANDS, snapshot)
        assert again.oldest_instruction == oldest
        assert is_whole(again, LAST)


def test_a_removed_folder_begins_anew_with_what_the_snapshot_keeps(tmp_path: Path) -> None:
    fill(tmp_path / "log")
    shutil.rmtree(tmp_path / "log")
    completing = recovery(tmp_path / "log", SNAPSHOT)
    log = replay(completing, SNAPSHOT, COMMANDS)
    (finding,) = completing.findings
    assert finding.done == BEGUN_ANEW
    assert finding.instruction_sequence == SNAPSHOT.oldest == log.oldest_instruction
    assert is_whole(log, LAST)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_lies_before_a_missing_segment_is_set_aside(tmp_path: Path, place: int) -> None:
    fill(tmp_path)
    paths = segments(tmp_path)
    contents_before = [path.read_bytes() for path in paths]
    paths[place].unlink()
    completing = recovery(tmp_path, SNAPSHOT)
    log = replay(completing, SNAPSHOT, COMMANDS)
    assert log.oldest_instruction == int(paths[place + 1].stem)
    assert is_whole(log, LAST)
    assert findings(completing) == [SET_ASIDE] * place
    for path, data in zip(paths[:place], contents_before, strict=False):
        assert (tmp_path / f"{path.name}.aside-1").read_bytes() == data
    again = recovery(tmp_path, SNAPSHOT)
    assert is_whole(replay(again, SNAPSHOT, COMMANDS), LAST)
    assert findings(again) == []


def test_what_lies_before_a_shorter_segment_is_set_aside(tmp_path: Path) -> None:
    fill(tmp_path)
    first, second = segments(tmp_path)[:2]
    first.write_bytes(first.read_bytes()[:-1])
    completing = recovery(tmp_path, SNAPSHOT)
    log = replay(completing, SNAPSHOT, COMMANDS)
    (finding,) = completing.findings
    assert (finding.done, finding.path) == (SET_ASIDE, first)
    assert f"{first.name} has" in finding.reason
    assert log.oldest_instruction == int(second.stem)
    assert is_whole(log, LAST)


def test_damage_within_what_a_snapshot_keeps_is_made_again(tmp_path: Path) -> None:
    """And damage before that, which nothing makes again, has the segments begin anew."""
    fill(tmp_path)
    for kept, done in ((LAST, {MADE_AGAIN}), (1, {SET_ASIDE, BEGUN_ANEW})):
        snapshot = snapshot_of(COMMANDS, kept)
        path = segments(tmp_path)[-1]
        whole = path.read_bytes()
        path.write_bytes(whole[:64] + b"\0" * (len(whole) - 64))
        completing = recovery(tmp_path, snapshot)
        assert set(findings(completing)) == done
        assert completing.findings[-1].path == path
        log = replay(completing, snapshot, COMMANDS)
        assert is_whole(log, LAST)
        assert log.oldest_instruction == (1 if kept == LAST else LAST)
        log.close()


FEW = journal((3, 1, 2, 4, 1, 2))
FEW_LAST = FEW[-1].last


def disk_with(files: dict[str, bytes]) -> Disk:
    disk = Disk()
    for name, data in files.items():
        disk.names[name] = Inode(bytearray(data), bytearray(data))
    return disk


def served_or_told(folder: Path, disk: Disk, snapshot: Snapshot) -> None:
    """Start, and read all that can be read: what comes is right, and damage is named."""
    log = replay(recovery(folder, snapshot, disk, segment_bytes=300), snapshot, FEW)
    damage: InstructionsDamaged | None = None
    try:
        assert is_whole(log, FEW_LAST)
    except InstructionsDamaged as error:
        damage = error
    if damage is not None:
        assert damage.path.name in disk.names
        assert damage.instruction_sequence <= snapshot.last, "the replay has made it again"
    assert contents(log, snapshot.last + 1, FEW_LAST) == pieces(snapshot.last + 1, FEW_LAST)


@pytest.mark.parametrize("from_snapshot", [False, True], ids=["journal", "snapshot"])
def test_no_flipped_bit_and_no_cut_goes_unseen(tmp_path: Path, from_snapshot: bool) -> None:
    snapshot = snapshot_of(FEW[:3], 2) if from_snapshot else Snapshot()
    log = recovery(tmp_path, segment_bytes=300).finish()
    for command in FEW:
        write(log, [command])
    whole = states(tmp_path)
    assert len(whole) == 4
    for name, data in whole.items():
        for at in range(0, len(data), 1 if from_snapshot else 4):
            flipped = data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]
            for damaged in (flipped, data[:at]):
                served_or_told(tmp_path, disk_with(whole | {name: damaged}), snapshot)


def states(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_another_log_and_another_version_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    before = states(tmp_path)
    with pytest.raises(InstructionsRefused, match="of another journal"):
        recovery(tmp_path, log_id=b"another.")
    monkeypatch.setattr("riskengine.persistence.instruction_segment.VERSION", 2)
    with pytest.raises(InstructionsRefused, match="of version 1; this one reads 2"):
        recovery(tmp_path)
    assert states(tmp_path) == before


@pytest.mark.parametrize("snapshot", [Snapshot(), SNAPSHOT], ids=["journal", "snapshot"])
def test_instructions_that_the_journal_does_not_make_are_refused(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    fill(tmp_path)
    before = states(tmp_path)
    for fewer in (9, 10, 11):
        with pytest.raises(InstructionsRefused, match="commands that were durable are missing"):
            started(tmp_path, COMMANDS[:fewer], snapshot)
    assert states(tmp_path) == before


def test_segments_that_begin_behind_the_journal_are_refused(tmp_path: Path) -> None:
    fill(tmp_path)
    started(tmp_path, COMMANDS).drop(30, 10**9)
    with pytest.raises(InstructionsRefused, match="commands that were durable are missing"):
        started(tmp_path, COMMANDS[:3])


def test_an_instruction_that_replays_otherwise_is_refused_with_its_place(tmp_path: Path) -> None:
    fill(tmp_path)
    completing = recovery(tmp_path)
    completing.add(1, 1_000, pieces(1, 2))
    with pytest.raises(InstructionsRefused, match=r"instruction 3 in .*01\.ins, in the frame"):
        completing.add(1, 1_000, [b"another"])
    completing.close()


class Run:
    """A life of the instructions: groups, syncs with snapshots, drops, starts in between."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self.durable = 0
        self.may_be_dropped = 0
        self.snapshots = [Snapshot()]
        self._folder = folder
        self._disk = disk

    @property
    def commands(self) -> list[Instructed]:
        return COMMANDS[: self.durable]

    def play(self) -> None:
        for end in (5, 9, len(COMMANDS)):
            log = started(self._folder, self.commands, self.snapshots[-1], self._disk)
            while self.durable < end:
                group = COMMANDS[self.durable : min(end, self.durable + 2)]
                self.durable += len(group)
                write(log, group)
                if self.durable in (4, 9):
                    self._snapshot(log)
            log.close()

    def _snapshot(self, log: InstructionLog) -> None:
        log.sync()
        self.snapshots.append(snapshot_of(self.commands, KEPT))
        self.may_be_dropped = self.commands[-2].first
        log.drop(self.may_be_dropped, 10**9)


def run_of(folder: Path, disk: Disk) -> Run:
    """Play as far as the power lasts."""
    run = Run(folder, disk)
    with suppress(PowerCut):
        run.play()
    return run


def survives(folder: Path, disk: Disk, run: Run, snapshot: Snapshot) -> None:
    """Check a start, and that a second one upon it finds all in order."""
    last = run.commands[-1].last if run.durable else 0
    for _ in range(2):
        completing = recovery(folder, snapshot, disk)
        log = replay(completing, snapshot, run.commands)
        assert is_whole(log, last)
        assert log.oldest_instruction <= run.may_be_dropped + 1
        log.close()
        assert disk.open_files == 0
    assert completing.findings == []


def steps_of_a_run(folder: Path) -> int:
    disk = Disk()
    run = run_of(folder, disk)
    assert run.durable == len(COMMANDS)
    assert disk.count("unlink") > 1
    return len(disk.steps)


@pytest.mark.parametrize("keep", ["none", "all", "some"])
def test_a_power_cut_at_any_step_loses_nothing_that_can_be_read(tmp_path: Path, keep: str) -> None:
    for step in range(steps_of_a_run(tmp_path)):
        disk = Disk(cut_at(step))
        run = run_of(tmp_path, disk)
        for seed in range(4 if keep == "some" else 1):
            for snapshot in run.snapshots[-2:]:
                survives(tmp_path, disk.after_power_cut(Keep(keep, seed)), run, snapshot)


def test_a_kill_at_any_step_and_then_a_power_cut(tmp_path: Path) -> None:
    """A start completes what it finds, and that start's work is as durable as any."""
    for step in range(0, steps_of_a_run(tmp_path), 3):
        disk = Disk(cut_at(step))
        run = run_of(tmp_path, disk)
        killed = disk.after_kill()
        started(tmp_path, run.commands, run.snapshots[-1], killed).close()
        survives(tmp_path, killed.after_power_cut(Keep("none")), run, run.snapshots[-1])


def test_a_failure_at_any_step_of_a_start_is_typed_and_leaves_the_next_one_whole(
    tmp_path: Path,
) -> None:
    disk = Disk()
    fill(tmp_path, COMMANDS[:10], disk)
    torn = disk.names[sorted(disk.names)[-1]]
    torn.durable[-5:] = torn.current[-5:] = bytes(5)
    image = disk.after_power_cut(Keep("all"))
    started(tmp_path, COMMANDS, SNAPSHOT, image)
    assert {"truncate", "fdatasync", "pwritev"} <= set(image.steps)
    for step in range(len(image.steps)):
        again = disk.after_power_cut(Keep("all"))

        def fault(now: int, call: str, at: int = step) -> None:
            if now == at:
                raise OSError(errno.ENOSPC, f"injected at {call}")

        again.fault = fault
        with pytest.raises(JournalError, match="injected at") as caught:
            started(tmp_path, COMMANDS, SNAPSHOT, again)
        assert isinstance(caught.value, InstructionsFailed)
        again.fault = no_fault
        assert is_whole(started(tmp_path, COMMANDS, SNAPSHOT, again), LAST)


def test_the_log_of_these_tests_is_the_default_one(tmp_path: Path) -> None:
    fill(tmp_path)
    completing = InstructionRecovery(tmp_path, LOG_ID, oldest=1, last=0)
    assert is_whole(replay(completing, Snapshot(), COMMANDS), LAST)
