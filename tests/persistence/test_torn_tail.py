"""The last record, never acknowledged, cut short at every byte, in each way a crash can do it."""

import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from riskengine.persistence import (
    JournalDamaged,
    LogRecord,
    RecoveryReport,
    SegmentOptions,
    open_segment_log,
)
from riskengine.persistence.segment import RECORD_HEADER_BYTES, crc_seed, encode_record_header
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


def fake_headers(log_id: bytes, size_bytes: int, step_bytes: int, reach_bytes: int) -> bytes:
    """Return bytes that begin a record every few bytes, each of which reaches far."""
    body = bytearray(size_bytes)
    seed = crc_seed(log_id)
    for at in range(0, size_bytes - RECORD_HEADER_BYTES, step_bytes):
        record_at = LogRecord(1_000 + at, 1, 3, 5, b"")
        head = bytearray(encode_record_header(record_at, 999, bytes(8), seed))
        head[8:12] = (reach_bytes - at).to_bytes(4, "little")
        body[at : at + RECORD_HEADER_BYTES] = head
    return bytes(body)


@pytest.mark.parametrize(("size_bytes", "step_bytes"), [(32 << 10, 56), (4 << 20, 56)])
def test_headers_inside_a_payload_are_judged_in_linear_time(
    tmp_path: Path, size_bytes: int, step_bytes: int
) -> None:
    """585 of them in 32 KiB took 26 seconds: each was a reason to read all that it spans."""
    segment_bytes = 64 << 20
    options = SegmentOptions(segment_bytes=segment_bytes, payload_limit_bytes=8 << 20)
    log = open_segment_log(tmp_path / "log", options)
    append(log, record(1))
    log.sync()
    fakes = fake_headers(log.log_id, size_bytes, step_bytes, 60 << 20)
    append(log, record(2, fakes + b"the end"))
    log.sync()
    log.close()
    folder = LogFolder(tmp_path / "log", 1)
    folder.forget_mark()
    path = folder.folder / "00000000000000000001.log"
    end = folder.places[1][2] + RECORD_HEADER_BYTES + size_bytes
    overwrite(path, end, b"torn")
    start = monotonic()
    log = open_segment_log(folder.folder, options)
    assert monotonic() - start < 5
    assert contents(log) == records(1, 1)
    log.close()


def test_a_later_group_behind_many_false_headers_is_still_proof(tmp_path: Path) -> None:
    log = opened(tmp_path / "log")
    append(log, record(1))
    log.sync()
    fakes = fake_headers(log.log_id, 1_000, 56, 2_000)
    append(log, record(2, fakes))
    log.sync()
    append(log, record(3))
    log.sync()
    log.close()
    folder = LogFolder(tmp_path / "log", 3)
    folder.forget_mark()
    path, start, _ = folder.places[2]
    overwrite(path, start + RECORD_HEADER_BYTES + 990, b"\xff")
    with pytest.raises(JournalDamaged, match="sequence 3 at offset") as caught:
        opened(folder.folder)
    assert (caught.value.offset, caught.value.sequence) == (start, 2)
