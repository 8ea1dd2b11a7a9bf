"""The last record, never acknowledged, cut short at every byte, in each way a crash can do it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from riskengine.persistence import JournalDamaged, RecoveryReport
from tests.persistence.support import (
    LogFolder,
    append,
    contents,
    opened,
    overwrite,
    record,
    records,
)


def cut_short(path: Path, offset: int) -> None:
    os.truncate(path, offset)


def left_zero(path: Path, offset: int) -> None:
    overwrite(path, offset, bytes(path.stat().st_size - offset))


@pytest.mark.parametrize("tear", [cut_short, left_zero])
def test_torn_record_is_cut_cleanly_at_every_byte(
    unmarked_log: LogFolder, tear: Callable[[Path, int], None]
) -> None:
    last = unmarked_log.last
    path, start, end = unmarked_log.places[last]
    used = len(unmarked_log.files[path.name][:end].rstrip(b"\0"))
    for offset in range(start, used):
        unmarked_log.restore()
        tear(path, offset)
        log = opened(unmarked_log.folder)
        assert log.head.sequence == last - 1
        left = len(unmarked_log.files[path.name][:offset].rstrip(b"\0"))
        assert log.report.cut_bytes == max(0, left - start)
        if log.report.cut_bytes:
            assert (log.report.cut_path, log.report.cut_offset) == (path, start)
        append(log, record(last))
        assert log.sync() == last
        log.close()
        assert path.stat().st_size == 4096
        assert unmarked_log.reopened() == records(1, last)


def test_the_same_tear_of_a_marked_record_is_refused(closed_log: LogFolder) -> None:
    path, start, end = closed_log.places[closed_log.last]
    used = len(closed_log.files[path.name][:end].rstrip(b"\0"))
    for offset in range(start, used):
        closed_log.restore()
        cut_short(path, offset)
        with pytest.raises(JournalDamaged, match="durable mark proves") as caught:
            opened(closed_log.folder)
        error = caught.value
        assert (error.path, error.offset, error.sequence) == (path, start, closed_log.last)


def test_report_of_a_clean_and_of_a_torn_log(unmarked_log: LogFolder) -> None:
    last = unmarked_log.last
    log = opened(unmarked_log.folder)
    assert log.report == RecoveryReport(last, proven_sequence=last - 3)
    log.close()
    unmarked_log.restore()
    path, start, end = unmarked_log.places[last - 1]
    overwrite(path, end - 8, bytes(8))
    log = opened(unmarked_log.folder)
    report = log.report
    assert (report.last_sequence, report.proven_sequence) == (last - 2, last - 3)
    assert (report.cut_path, report.cut_offset) == (path, start)
    assert report.cut_reason == "record checksum differs"
    assert unmarked_log.end_of(path) - start - 8 < report.cut_bytes <= 4096
    log.close()
    assert unmarked_log.reopened() == records(1, last - 2), "the rest of the group is gone for good"


def test_what_was_cut_does_not_come_back(unmarked_log: LogFolder) -> None:
    """The first of three torn records is written again, the same: the others must not follow."""
    last = unmarked_log.last
    path, _, end = unmarked_log.places[last - 2]
    overwrite(path, end - 8, b"\xff")
    log = opened(unmarked_log.folder)
    assert log.head.sequence == last - 3
    append(log, record(last - 2))
    assert log.sync() == last - 2
    log.close()
    assert unmarked_log.reopened() == records(1, last - 2)


def test_a_torn_record_that_holds_a_copy_of_journal_bytes_is_still_torn(tmp_path: Path) -> None:
    other = LogFolder.filled(tmp_path / "other")
    path, _, end = other.places[30]
    log = opened(tmp_path / "log")
    copied = other.files[path.name][64:end]
    append(log, record(1))
    append(log, record(2, copied[: len(copied) // 8 * 8][:1496]))
    log.sync()
    log.close()
    folder = LogFolder(tmp_path / "log", 1)
    folder.forget_mark()
    overwrite(folder.folder / "00000000000000000001.log", folder.places[1][2] + 4, b"torn")
    log = opened(folder.folder)
    assert contents(log) == records(1, 1)
    log.close()
