"""Instructions on disk: written behind the journal, read by number, dropped by segment."""

import errno
import os
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from riskengine.persistence.errors import (
    InstructionsDamaged,
    InstructionsFailed,
    InstructionsTrimmed,
)
from riskengine.persistence.files import Files
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.persistence.instruction_reader import Place
from riskengine.persistence.instruction_segment import FRAME_INSTRUCTIONS, HEADER_BYTES
from tests.persistence.disk import Disk, ShortWriteError, no_fault
from tests.persistence.instructions import (
    contents,
    is_whole,
    journal,
    piece,
    pieces,
    recovery,
    started,
    write,
)

COUNTS = (3, 0, 1, 9, 2, 0, 30, 1, 1, 4, 12, 5)
COMMANDS = journal(COUNTS)
LAST = COMMANDS[-1].last


@pytest.fixture
def filled(tmp_path: Path) -> InstructionLog:
    """Return a log of several segments."""
    log = started(tmp_path / "log", [])
    for command in COMMANDS:
        write(log, [command])
    return log


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_any_number_is_read_on_from(filled: InstructionLog, limit: int) -> None:
    assert len(list(filled.folder.iterdir())) > 3
    for first in range(1, LAST + 1):
        assert contents(filled, first, LAST, limit) == pieces(first, LAST)


def test_a_reader_that_knows_no_place_finds_it(filled: InstructionLog) -> None:
    for number in range(1, LAST + 1):
        found, place = filled.read(Place(number), 1)
        assert (found, place.instruction) == ([piece(number)], number + 1)


def test_who_comes_later_finds_the_way_of_those_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames that were passed over once are not passed over again one by one."""
    monkeypatch.setattr("riskengine.persistence.instruction_reader.WAYMARK_BYTES", 1_000)
    disk = Disk()
    log = recovery(tmp_path, files=disk, segment_bytes=1 << 20).finish()
    for command in journal([1] * 200):
        write(log, [command])
    reads: list[int] = []
    for _ in range(2):
        before = disk.count("pread")
        assert log.read(Place(190), 1)[0] == [piece(190)]
        reads.append(disk.count("pread") - before)
    assert reads[0] > 190 > 20 > reads[1]
    assert contents(log, 1, 200) == pieces(1, 200)
    assert [log.read(Place(n), 1)[0] for n in range(1, 201)] == [[piece(n)] for n in range(1, 201)]


def test_nothing_is_written_before_its_command_is_durable(tmp_path: Path) -> None:
    log = started(tmp_path, [])
    for command in COMMANDS[:4]:
        log.append(command.sequence, command.time_nanos, command.pieces)
    log.write(0)
    assert log.size_bytes == 0
    log.write(3)
    assert contents(log, 1, 4) == pieces(1, 4)
    before = log.size_bytes
    log.write(3)
    assert log.size_bytes == before
    log.write(4)
    assert contents(log, 1, 13) == pieces(1, 13)


def test_groups_share_frames_and_large_commands_are_split(tmp_path: Path) -> None:
    log = recovery(tmp_path / "one", segment_bytes=1 << 20).finish()
    commands = journal([1, 2, 3])
    write(log, commands)
    (path,) = log.folder.iterdir()
    assert path.stat().st_size == log.size_bytes
    assert log.size_bytes == HEADER_BYTES + 48 + sum(4 + len(each) for each in pieces(1, 6))
    large = recovery(tmp_path / "large", segment_bytes=1 << 20).finish()
    count = 2 * FRAME_INSTRUCTIONS + 3
    write(large, journal([5, count]))
    assert contents(large, 1, count + 5, 10_000) == pieces(1, count + 5)
    found, _ = large.read(Place(FRAME_INSTRUCTIONS + 5), 10)
    assert found == pieces(FRAME_INSTRUCTIONS + 5, FRAME_INSTRUCTIONS + 14)


def test_one_that_is_not_stored_is_trimmed(filled: InstructionLog) -> None:
    with pytest.raises(InstructionsTrimmed):
        filled.read(Place(0), 1)


def test_segments_are_dropped_by_number_and_by_time(filled: InstructionLog) -> None:
    """The last segment stays, whatever is asked."""
    late = 10**9
    assert filled.drop(0, late) == 0
    assert filled.drop(LAST, 0) == 0
    first = filled.oldest_instruction
    size_bytes = filled.size_bytes
    assert filled.drop(20, late) > 0
    assert first < filled.oldest_instruction <= 21
    assert filled.size_bytes < size_bytes
    assert is_whole(filled, LAST)
    oldest = filled.oldest_instruction
    filled.drop(LAST, COMMANDS[9].time_nanos)
    assert filled.oldest_instruction > oldest
    assert is_whole(filled, LAST)
    kept = {number for each in COMMANDS[8:] for number in range(each.first, each.last + 1)}
    assert min(kept) >= filled.oldest_instruction, "younger than what may be dropped"
    filled.drop(LAST, late)
    (path,) = filled.folder.iterdir()
    assert path.name.startswith(f"{filled.oldest_instruction:020d}")
    with pytest.raises(InstructionsTrimmed):
        filled.read(Place(filled.oldest_instruction - 1), 1)


def test_the_bounds_of_what_is_dropped_are_exact(filled: InstructionLog) -> None:
    second = sorted(int(path.stem) for path in filled.folder.iterdir())[1]
    begun_nanos = next(each.time_nanos for each in COMMANDS if second <= each.last)
    assert filled.drop(second - 2, begun_nanos + 1) == 0
    assert filled.drop(second - 1, begun_nanos) == 0
    assert filled.drop(second - 1, begun_nanos + 1) == 1
    assert filled.oldest_instruction == second


def test_nothing_is_remembered_of_what_was_dropped(filled: InstructionLog) -> None:
    contents(filled, 1, LAST, 1)
    marks = filled._reader._waymarks._marks
    before = len(marks)
    count = filled.drop(LAST, 10**9)
    assert len(marks) == before - count


def test_the_bytes_behind_a_number_are_those_of_whole_segments(filled: InstructionLog) -> None:
    behind = filled.bytes_behind(range(LAST + 1))
    assert (behind[0], behind[LAST]) == (filled.size_bytes, 0)
    firsts = sorted(int(path.stem) for path in filled.folder.iterdir())
    for path, following in zip(
        sorted(filled.folder.iterdir()), [*firsts[1:], LAST + 1], strict=True
    ):
        lost = behind[following - 2] - behind[following - 1]
        assert lost == path.stat().st_size, "its last number is the last that it is kept for"
    assert [filled.bytes_behind([number])[0] for number in range(LAST + 1)] == behind
    assert behind == sorted(behind, reverse=True)
    sizes = {path.stat().st_size for path in filled.folder.iterdir()}
    assert {a - b for a, b in pairwise(behind)} - {0} <= sizes


def test_a_reader_whose_segment_is_dropped_meanwhile_is_told_so(filled: InstructionLog) -> None:
    _, place = filled.read(Place(1), 1)
    filled.drop(LAST, 10**9)
    with pytest.raises(InstructionsTrimmed):
        filled.read(place, 1)


def test_a_flipped_bit_is_named_and_never_served(tmp_path: Path) -> None:
    log = started(tmp_path, [])
    commands = journal([2, 3])
    for command in commands:
        write(log, [command])
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for at in range(HEADER_BYTES, len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        with pytest.raises(InstructionsDamaged) as caught:
            contents(log, 1, 5)
        assert caught.value.path == path
        assert caught.value.instruction_sequence in (1, 3)
        assert caught.value.offset <= at


def test_a_cut_file_is_named_and_never_served(tmp_path: Path) -> None:
    log = started(tmp_path, [])
    write(log, journal([2, 3]))
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for length in range(HEADER_BYTES, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(InstructionsDamaged, match="the file ends inside"):
            contents(log, 1, 5)
    path.unlink()
    with pytest.raises(InstructionsDamaged, match="No such file"):
        contents(log, 1, 5)


def disk_log(folder: Path) -> tuple[Disk, InstructionLog]:
    disk = Disk()
    log = started(folder, [], files=disk)
    for command in COMMANDS[:7]:
        write(log, [command])
    return disk, log


@pytest.mark.parametrize("call", ["pwritev", "open", "short"])
def test_a_failed_write_is_for_good(tmp_path: Path, call: str) -> None:
    disk, log = disk_log(tmp_path)
    calls: list[str] = []

    def fault(_step: int, now: str) -> None:
        calls.append(now)
        if call == "short" and now == "pwritev" and calls.count("pwritev") == 1:
            raise ShortWriteError
        if now == call or (call == "short" and now == "pwritev"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    disk.fault = fault
    with pytest.raises(InstructionsFailed, match="No space left"):
        write(log, journal((*COUNTS[:7], 30))[7:])
    disk.fault = no_fault
    steps = len(disk.steps)
    with pytest.raises(InstructionsFailed, match="failed before"):
        write(log, COMMANDS[7:])
    with pytest.raises(InstructionsFailed, match="failed before"):
        log.sync()
    assert len(disk.steps) == steps
    log.close()
    assert disk.open_files == 0


def test_a_failed_sync_is_for_good(tmp_path: Path) -> None:
    """Its pages may count as written and never be: whoever relied on it would rely on nothing."""
    disk, log = disk_log(tmp_path)

    def fault(_step: int, now: str) -> None:
        if now == "fdatasync":
            raise OSError(errno.EIO, "injected")

    disk.fault = fault
    with pytest.raises(InstructionsFailed, match="injected"):
        log.sync()
    disk.fault = no_fault
    with pytest.raises(InstructionsFailed, match="failed before"):
        write(log, COMMANDS[7:])


def test_a_sync_leaves_what_is_durable_alone(tmp_path: Path) -> None:
    disk, log = disk_log(tmp_path)
    assert disk.count("fdatasync") == 0, "nothing is synced for its own sake"
    log.sync()
    first = disk.count("fdatasync")
    assert first > 2
    log.sync()
    assert disk.count("fdatasync") == first + 1, "the last one alone grows"


def test_one_that_cannot_be_removed_stays_with_all_behind_it(tmp_path: Path) -> None:
    """No hole is left, it is read as before, and the next time it is tried again."""
    refused: list[str] = []

    class Refusing(Files):
        def unlink(self, path: Path) -> None:
            if path.name == names[1] and not refused:
                refused.append(path.name)
                raise OSError(errno.EIO, "Input/output error", str(path))
            super().unlink(path)

    names: list[str] = []
    log = started(tmp_path / "log", [], files=Refusing())
    for command in COMMANDS:
        write(log, [command])
    names += sorted(path.name for path in log.folder.iterdir())
    assert len(names) > 3
    with pytest.raises(OSError, match="Input/output error"):
        log.drop(LAST, 10**9)
    assert sorted(path.name for path in log.folder.iterdir()) == names[1:]
    assert log.oldest_instruction == int(names[1].removesuffix(".ins"))
    assert is_whole(log, LAST)
    log.drop(LAST, 10**9)
    assert [path.name for path in log.folder.iterdir()] == names[-1:]
    assert is_whole(log, LAST)


def test_who_reads_what_is_just_removed_is_told_that_it_was_dropped(tmp_path: Path) -> None:
    class Reading(Files):
        def unlink(self, path: Path) -> None:
            super().unlink(path)
            with pytest.raises(InstructionsTrimmed):
                log.read(Place(int(path.stem)), 1)

    log = started(tmp_path / "log", [], files=Reading())
    for command in COMMANDS:
        write(log, [command])
    assert log.drop(LAST, 10**9) > 1


def test_one_that_is_gone_already_is_dropped(filled: InstructionLog) -> None:
    oldest = min(filled.folder.iterdir())
    oldest.unlink()
    assert filled.drop(LAST, 10**9) > 1
    assert is_whole(filled, LAST)


@pytest.mark.parametrize("act", ["write", "sync"])
def test_a_folder_that_was_taken_away_is_told_by_its_name(filled: InstructionLog, act: str) -> None:
    first_unsynced, last = min(filled.folder.iterdir()), max(filled.folder.iterdir())
    filled.folder.rename(filled.folder.with_name("aside"))
    more = COMMANDS[-1].sequence + 1
    filled.append(more, more * 1_000, [b"one more"])
    work = filled.sync if act == "sync" else partial(filled.write, more)
    with pytest.raises(InstructionsFailed) as caught:
        work()
    assert "the segment of instructions is no longer in its place" in str(caught.value)
    assert str(first_unsynced if act == "sync" else last) in str(caught.value)
