"""A call of the system that fails: nothing is acknowledged, and the log stays failed."""

import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from riskengine.persistence import JournalDamaged, JournalFailed, SegmentLog
from tests.persistence.disk import Disk, Keep, ShortWriteError, no_fault
from tests.persistence.support import SMALL, append, contents, fill, opened, record, records

Fault = Callable[[int, str], None]


def disk_error(code: int, call: str) -> Fault:
    def fault(_: int, now: str) -> None:
        if now == call:
            raise OSError(code, f"injected at {call}")

    return fault


def short_writes(then: Exception | None) -> Fault:
    """Have writes in turn be short and find another fault; None: be taken whole."""
    is_next = [False]

    def fault(_: int, call: str) -> None:
        if call == "pwritev":
            is_next[0] = not is_next[0]
            if is_next[0]:
                raise ShortWriteError
            if then is not None:
                raise then

    return fault


FAULTS = {
    "sync error": disk_error(errno.EIO, "fdatasync"),
    "write error": disk_error(errno.EIO, "pwritev"),
    "disk full": disk_error(errno.ENOSPC, "pwritev"),
    "short write": short_writes(OSError(errno.ENOSPC, "injected behind a short write")),
}
ROLL_FAULTS = {
    **FAULTS,
    "no new file": disk_error(errno.EACCES, "open"),
    "no rename": disk_error(errno.EIO, "rename"),
    "folder sync error": disk_error(errno.EIO, "fsync_folder"),
}


def failing_for_good(log: SegmentLog, disk: Disk, last: int) -> None:
    """Check that a failed log stays so when the disk works again, and touches it no more."""
    disk.fault = no_fault
    steps = len(disk.steps)
    for _ in range(2):
        with pytest.raises(JournalFailed, match="failed before"):
            log.sync()
        with pytest.raises(JournalFailed, match="failed before"):
            append(log, record(last + 2))
        with pytest.raises(JournalFailed, match="failed before"):
            log.trim(2)
    assert log.head.sequence == last
    assert len(disk.steps) == steps
    assert contents(log) == records(1, last)
    synced = disk.count("fdatasync")
    log.close()
    assert disk.count("fdatasync") == synced


def test_a_short_write_is_continued(tmp_path: Path) -> None:
    disk = Disk()
    log = opened(tmp_path, replace(SMALL, segment_bytes=1 << 16), disk)
    disk.fault = short_writes(None)
    last = fill(log, [3, 2, 4])
    assert contents(log) == records(1, last)
    log.close()
    again = opened(tmp_path, files=disk.after_power_cut(Keep("none")))
    assert contents(again) == records(1, last)
    again.close()


@pytest.mark.parametrize("name", FAULTS)
def test_failed_group_is_not_acknowledged(tmp_path: Path, name: str) -> None:
    disk = Disk()
    log = opened(tmp_path, replace(SMALL, segment_bytes=1 << 16), disk)
    last = fill(log, [3, 2, 4])
    append(log, record(last + 1))
    disk.fault = FAULTS[name]
    with pytest.raises(JournalFailed, match=r"journal in .* failed: "):
        log.sync()
    failing_for_good(log, disk, last)
    for what in ("none", "all"):
        again = opened(tmp_path, files=disk.after_power_cut(Keep(what)))
        assert contents(again)[:last] == records(1, last)
        assert again.head.sequence in (last, last + 1)
        again.close()


def test_a_record_whose_sync_failed_is_durable_once_a_start_shows_it(tmp_path: Path) -> None:
    """The failed sync left its pages clean in the cache: only writing them again helps."""
    disk = Disk()
    log = opened(tmp_path, files=disk)
    last = fill(log, [3, 2])
    append(log, record(last + 1))
    append(log, record(last + 2))
    disk.fault = FAULTS["sync error"]
    with pytest.raises(JournalFailed):
        log.sync()
    log.close()
    disk.fault = no_fault
    killed = disk.after_kill()
    again = opened(tmp_path, files=killed)
    assert again.head.sequence == last + 2
    after = killed.after_power_cut(Keep("none"))
    again.close()
    again = opened(tmp_path, files=after)
    assert contents(again) == records(1, last + 2)
    again.close()


def test_close_leaves_no_file_open(tmp_path: Path) -> None:
    disk = Disk()
    log = opened(tmp_path, files=disk)
    fill(log, [10] * 10)
    log.trim(50)
    assert len(contents(log)) > 50
    log.close()
    assert disk.open_files == 0


@pytest.mark.parametrize("name", ROLL_FAULTS)
def test_failed_roll_is_for_good(tmp_path: Path, name: str) -> None:
    disk = Disk()
    log = opened(tmp_path, files=disk)
    last = fill(log, [1, 1])
    for sequence in range(last + 1, last + 4):
        append(log, record(sequence, bytes(1400)))
    renames = disk.count("rename")
    disk.fault = lambda step, call: (
        ROLL_FAULTS[name](step, call) if disk.count("fdatasync") > synced else None
    )
    synced = disk.count("fdatasync")
    with pytest.raises(JournalFailed):
        log.sync()
    last = log.head.sequence
    assert last in (2, 4), "the group before the roll may be durable, the one behind it is not"
    assert disk.count("rename") <= renames + 1
    disk.fault = no_fault
    with pytest.raises(JournalFailed):
        log.sync()
    log.close()
    again = opened(tmp_path, files=disk.after_power_cut(Keep("none")))
    assert contents(again)[:2] == records(1, 2)
    assert again.head.sequence >= last
    again.close()


def test_a_trim_of_a_segment_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    log = opened(tmp_path)
    fill(log, [10] * 10)
    (tmp_path / f"{1:020d}.log").unlink()
    first = log.trim(50)
    assert 1 < first <= 50
    last = fill(log, [3])
    assert contents(log) == records(first, last)
    log.close()


@pytest.mark.parametrize("what", ["removed", "moved", "another"])
def test_what_is_written_to_no_name_is_not_acknowledged(tmp_path: Path, what: str) -> None:
    """Its file is open and takes it all, and no start would ever find it."""
    folder = tmp_path / "journal"
    log = opened(folder)
    last = fill(log, [2])
    path = folder / f"{1:020d}.log"
    if what == "moved":
        folder.rename(tmp_path / "elsewhere")
    else:
        held = path.read_bytes()
        path.unlink()
        if what == "another":
            path.write_bytes(held)
    append(log, record(last + 1))
    with pytest.raises(JournalFailed, match="the segment is no longer in its place"):
        log.sync()
    assert log.head.sequence == last
    log.close()


def test_failed_mark_is_for_good(tmp_path: Path) -> None:
    disk = Disk()
    log = opened(tmp_path, files=disk)
    append(log, record(1))
    synced = disk.count("fdatasync")
    full = FAULTS["short write"]
    disk.fault = lambda _, call: full(_, call) if disk.count("fdatasync") > synced else None
    with pytest.raises(JournalFailed, match="behind a short write"):
        log.sync()
    failing_for_good(log, disk, 0)


def test_an_error_that_is_no_disk_error_fails_the_log_too(tmp_path: Path) -> None:
    disk = Disk()
    log = opened(tmp_path, files=disk)
    append(log, record(1))

    def fault(_: int, call: str) -> None:
        raise MemoryError

    disk.fault = fault
    with pytest.raises(MemoryError):
        log.sync()
    failing_for_good(log, disk, 0)


def test_failed_close_says_so_and_lets_the_next_opener_in(tmp_path: Path) -> None:
    disk = Disk()
    log = opened(tmp_path, files=disk)
    append(log, record(1))
    disk.fault = FAULTS["sync error"]
    with pytest.raises(JournalFailed):
        log.close()
    disk.fault = no_fault
    opened(tmp_path, files=disk).close()


def test_failure_at_every_step_of_opening_is_typed_and_leaves_no_lock(tmp_path: Path) -> None:
    disk = Disk()
    log = opened(tmp_path, files=disk)
    last = fill(log, [5] * 8)
    log.close()
    image = disk.after_power_cut(Keep("all"))
    opened(tmp_path, files=image).close()
    steps = image.steps
    assert len(steps) > 20
    for step in range(len(steps)):
        image = disk.after_power_cut(Keep("all"))

        def fault(now: int, call: str, at: int = step) -> None:
            if now == at:
                raise OSError(errno.EIO, f"injected at {call}")

        image.fault = fault
        with pytest.raises((JournalFailed, JournalDamaged), match="injected at"):
            opened(tmp_path, files=image)
        image.fault = no_fault
        log = opened(tmp_path, files=image)
        assert contents(log) == records(1, last)
        log.close()


def test_read_error_names_the_place(tmp_path: Path) -> None:
    disk = Disk()
    log = opened(tmp_path, files=disk)
    fill(log, [5])
    disk.fault = disk_error(errno.EIO, "pread")
    with pytest.raises(JournalDamaged, match=r"01\.log .* offset 64, sequence 1: .*injected"):
        contents(log)
    disk.fault = no_fault
    assert contents(log) == records(1, 5)
    fill(log, [1])
    log.close()


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (errno.ENOSPC, "the disk is full: "),
        (errno.EDQUOT, "the quota of the disk is used up: "),
        (errno.EIO, "the disk does not read or write: "),
        (errno.EINVAL, ""),
    ],
)
def test_what_failed_is_called_by_its_name(tmp_path: Path, number: int, name: str) -> None:
    disk = Disk()
    log = opened(tmp_path, files=disk)
    append(log, record(1))
    disk.fault = disk_error(number, "pwritev")
    with pytest.raises(JournalFailed) as caught:
        log.sync()
    assert str(caught.value).startswith(f"journal in {tmp_path} failed: {name}[Errno {number}]")
