import os
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from riskengine.commands import RULES
from riskengine.persistence import (
    CommandLog,
    JournalClosed,
    LogHead,
    LogRecord,
    RecordTooLarge,
    SegmentOptions,
    SequenceConflict,
    SequenceTrimmed,
    StaleEpoch,
    open_segment_log,
    segment,
)
from riskengine.persistence.errors import JournalOfOtherRules
from riskengine.persistence.mark import MARK_NAME, SLOT_OFFSETS, decode_mark
from riskengine.persistence.segment import HEADER_BYTES, record_bytes
from tests.persistence.disk import Disk
from tests.persistence.support import (
    EPOCH,
    SMALL,
    Unsynced,
    append,
    contents,
    fill,
    opened,
    record,
    records,
    segment_paths,
)


def test_empty_log(tmp_path: Path) -> None:
    log: CommandLog = opened(tmp_path / "new" / "folder")
    assert log.head == LogHead(0, 0, HEADER_BYTES, HEADER_BYTES)
    assert log.first_sequence == 1
    assert list(log.read(1)) == []
    assert log.sync() == 0
    log.close()


def test_round_trip_over_many_segments_and_restarts(tmp_path: Path) -> None:
    last = 0
    for _ in range(4):
        log = open_segment_log(tmp_path, SMALL)
        assert log.report.cut_path is None
        assert log.head.sequence == last
        last = fill(log, [1, 3, 2, 7, 1, 5])
        assert contents(log) == records(1, last)
        log.close()
    log = opened(tmp_path)
    assert log.head.epoch == EPOCH
    assert contents(log) == records(1, last)
    assert len(segment_paths(tmp_path)) > 3
    log.close()


def test_nothing_is_durable_or_read_before_its_sync(tmp_path: Path) -> None:
    log = opened(tmp_path)
    fill(log, [2])
    append(log, record(3))
    assert log.head.sequence == 2
    assert contents(log) == records(1, 2)
    assert log.pending_bytes == record_bytes(len(record(3).payload))
    assert log.sync() == 3
    assert log.pending_bytes == 0
    assert contents(log) == records(1, 3)
    log.close()


def test_close_syncs_what_is_buffered_and_refuses_the_rest(tmp_path: Path) -> None:
    log = opened(tmp_path)
    append(log, record(1))
    log.close()
    log.close()
    for call in (lambda: append(log, record(2)), log.sync, lambda: log.read(1)):
        with pytest.raises(JournalClosed):
            call()
    with pytest.raises(JournalClosed):
        log.trim(1)
    log = opened(tmp_path)
    assert contents(log) == records(1, 1)
    log.close()


@pytest.mark.parametrize(
    ("item", "expected_sequence", "epoch", "error", "text"),
    [
        (record(3), 4, EPOCH, SequenceConflict, "sequence 4 was expected, 3 is next"),
        (record(2), 2, EPOCH, SequenceConflict, "sequence 2 was expected, 3 is next"),
        (record(4), 3, EPOCH, SequenceConflict, "3 is next"),
        (record(3, epoch=2), 3, 2, StaleEpoch, "epoch 2 is stale, the log is at epoch 3"),
        (record(3, epoch=3), 3, 4, StaleEpoch, "epoch 3 is stale"),
        (record(3, bytes(1501)), 3, EPOCH, RecordTooLarge, "1501 bytes is over 1500 bytes"),
        (record(3)._replace(kind=65536), 3, EPOCH, struct.error, "65535"),
    ],
)
def test_refused_append_changes_nothing(
    tmp_path: Path,
    item: LogRecord,
    expected_sequence: int,
    epoch: int,
    error: type[Exception],
    text: str,
) -> None:
    log = opened(tmp_path)
    fill(log, [2])
    with pytest.raises(error, match=text):
        log.append(item, expected_sequence=expected_sequence, epoch=epoch)
    assert log.pending_bytes == 0
    append(log, record(3, bytes(1500)))
    append(log, record(4, epoch=EPOCH + 1))
    assert log.sync() == 4
    assert log.head.epoch == EPOCH + 1
    log.close()
    log = opened(tmp_path)
    assert contents(log)[2:] == [record(3, bytes(1500)), record(4, epoch=EPOCH + 1)]
    log.close()


def test_a_group_costs_one_write_and_one_sync(tmp_path: Path) -> None:
    disk = Disk()
    log = opened(tmp_path, replace(SMALL, segment_bytes=1 << 20), disk)
    for size in (1, 100, 900):
        before = len(disk.steps)
        fill(log, [size])
        mark_write = "pwritev"
        assert disk.steps[before:] == ["pwritev", "fdatasync", mark_write]
    before = len(disk.steps)
    log.sync()
    log.sync()
    assert disk.steps[before:] == ["fdatasync"], "an idle sync makes the mark durable, once"
    log.close()


def test_more_buffers_than_one_call_takes(tmp_path: Path) -> None:
    log = opened(tmp_path, replace(SMALL, segment_bytes=1 << 20))
    last = fill(log, [3000])
    log.close()
    log = opened(tmp_path)
    assert contents(log) == records(1, last)
    log.close()


def test_large_payloads_round_trip(tmp_path: Path) -> None:
    log = opened(tmp_path, SegmentOptions(segment_bytes=4 << 20, payload_limit_bytes=3 << 20))
    items = [record(n, bytes([n]) * size) for n, size in enumerate((4097, 3 << 20, 0, 65537), 1)]
    for item in items:
        append(log, item)
    log.sync()
    assert contents(log) == items
    log.close()


def test_one_sync_over_several_segments(tmp_path: Path) -> None:
    log = opened(tmp_path)
    last = fill(log, [100])
    assert len(segment_paths(tmp_path)) > 3
    log.close()
    log = opened(tmp_path)
    assert contents(log) == records(1, last)
    log.close()


class Forgetful(Unsynced):
    """Note which files are dropped from the cache."""

    def __init__(self) -> None:
        self.dropped: list[int] = []

    def drop_cached(self, fd: int) -> None:
        self.dropped.append(os.fstat(fd).st_ino)
        super().drop_cached(fd)


def test_a_finished_segment_leaves_the_cache_and_is_read_from_the_disk(tmp_path: Path) -> None:
    files = Forgetful()
    log = opened(tmp_path, files=files)
    last = fill(log, [10] * 6)
    paths = segment_paths(tmp_path)
    assert len(paths) > 3
    assert files.dropped == [path.stat().st_ino for path in paths[:-1]]
    assert contents(log) == records(1, last)
    log.close()


def test_a_record_that_fills_a_segment_exactly(tmp_path: Path) -> None:
    room = 4096 - HEADER_BYTES - record_bytes(0)
    log = opened(tmp_path, replace(SMALL, payload_limit_bytes=room - 7))
    items = [record(1, bytes(room - 7)), record(2, bytes(room - 7)), record(3, b"x")]
    for item in items:
        append(log, item)
    log.sync()
    assert [path.name[-6:] for path in segment_paths(tmp_path)] == ["01.log", "02.log", "03.log"]
    log.close()
    log = opened(tmp_path)
    assert contents(log) == items
    log.close()


def test_read_from_every_sequence(tmp_path: Path) -> None:
    log = opened(tmp_path)
    last = fill(log, [4] * 15)
    for first in range(1, last + 1):
        assert list(log.read(first)) == records(first, last)
    assert list(log.read(last + 1)) == []
    assert list(log.read(last + 100)) == []
    log.close()


def test_read_shows_the_head_at_its_call(tmp_path: Path) -> None:
    log = opened(tmp_path)
    fill(log, [30])
    reading = log.read(1)
    assert next(reading) == record(1)
    fill(log, [30])
    assert [item.sequence for item in reading] == list(range(2, 31))
    log.close()


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    options = SegmentOptions(segment_bytes=4 << 20, payload_limit_bytes=1 << 20)
    log = opened(tmp_path, options)
    for sequence in range(1, 13):
        append(log, record(sequence, bytes(900_000)))
    log.sync()
    seen: list[tuple[int, int]] = []
    assert sum(1 for _ in log.read(1, lambda done, total: seen.append((done, total)))) == 12
    size_bytes = log.head.size_bytes
    assert seen[-1] == (size_bytes, size_bytes)
    assert len(seen) > 5
    assert seen == sorted(seen)
    assert {total for _, total in seen} == {size_bytes}
    log.close()


def test_progress_of_opening_ends_at_the_whole(tmp_path: Path) -> None:
    log = opened(tmp_path)
    fill(log, [100])
    log.close()
    seen: list[tuple[int, int]] = []
    open_segment_log(tmp_path, SMALL, progress=lambda *at: seen.append(at)).close()
    whole = 4096 * len(segment_paths(tmp_path))
    assert seen == [(whole, whole)]


def test_other_segment_size_applies_to_new_segments(tmp_path: Path) -> None:
    for segment_bytes in (8192, 4096, 16384):
        log = opened(tmp_path, replace(SMALL, segment_bytes=segment_bytes))
        fill(log, [10] * 12)
        assert contents(log) == records(1, log.head.sequence)
        log.close()
    assert {path.stat().st_size for path in segment_paths(tmp_path)} == {4096, 8192, 16384}


def test_trim_drops_whole_segments_and_never_the_last(tmp_path: Path) -> None:
    log = opened(tmp_path)
    last = fill(log, [5] * 20)
    firsts = [int(path.stem) for path in segment_paths(tmp_path)]
    assert log.trim(1) == 1
    assert log.trim(firsts[1] - 1) == 1
    assert log.trim(firsts[1]) == firsts[1]
    assert log.trim(firsts[3] + 1) == firsts[3]
    with pytest.raises(SequenceTrimmed) as caught:
        log.read(firsts[3] - 1)
    assert (caught.value.from_sequence, caught.value.first_sequence) == (firsts[3] - 1, firsts[3])
    assert contents(log) == records(firsts[3], last)
    log.close()
    log = opened(tmp_path)
    assert log.first_sequence == firsts[3]
    assert log.trim(last + 100) == firsts[-1]
    assert contents(log) == records(firsts[-1], last)
    last = fill(log, [50])
    assert contents(log) == records(firsts[-1], last)
    log.close()


def test_a_trim_under_a_reader_is_named(tmp_path: Path) -> None:
    log = opened(tmp_path)
    last = fill(log, [5] * 20)
    reading = log.read(1)
    next(reading)
    log.trim(last)
    with pytest.raises(SequenceTrimmed):
        list(reading)
    log.close()


class SlowToRemove(Unsynced):
    """Holds up, or fails, whoever removes a segment."""

    def __init__(self) -> None:
        self.entered, self.may_go_on = Event(), Event()
        self.failure: OSError | None = None

    def unlink(self, path: Path) -> None:
        self.entered.set()
        assert self.may_go_on.wait(10)
        if self.failure is not None:
            raise self.failure
        super().unlink(path)


def test_commands_become_durable_while_a_trim_removes_files(tmp_path: Path) -> None:
    files = SlowToRemove()
    log = opened(tmp_path, files=files)
    last = fill(log, [5] * 20)
    with ThreadPoolExecutor(1) as thread:
        trimmed = thread.submit(log.trim, last)
        assert files.entered.wait(10)
        assert fill(log, [1]) == last + 1
        closed = Thread(target=log.close)
        closed.start()
        closed.join(0.05)
        assert closed.is_alive(), "the folder is nobody else's before all is removed"
        files.may_go_on.set()
        assert 1 < trimmed.result(10) <= last
        closed.join(10)


def test_a_segment_that_cannot_be_removed_stops_nothing(tmp_path: Path) -> None:
    files = SlowToRemove()
    files.may_go_on.set()
    files.failure = OSError(5, "Input/output error")
    log = opened(tmp_path, files=files)
    last = fill(log, [5] * 20)
    before = segment_paths(tmp_path)
    with pytest.raises(OSError, match="Input/output error"):
        log.trim(last)
    first = log.first_sequence
    assert first > 1
    last = fill(log, [1])
    assert contents(log) == records(first, last)
    log.close()
    assert set(before) <= set(segment_paths(tmp_path))
    log = opened(tmp_path)
    assert contents(log) == records(first, last)
    assert int(segment_paths(tmp_path)[0].stem) == first
    log.close()


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ({"segment_bytes": 4095}, "segment_bytes is 4095"),
        ({"segment_bytes": 5000}, "not a multiple of 4096 bytes"),
        ({"segment_bytes": (1 << 30) + 4096}, "1073741824 bytes"),
        ({"payload_limit_bytes": 0}, "payload_limit_bytes is 0, not within 1 to"),
        ({"segment_bytes": 4096, "payload_limit_bytes": 3970}, "3970, not within 1 to 3969 bytes"),
    ],
)
def test_settings_out_of_range_are_named(setting: dict[str, int], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        SegmentOptions(**setting)  # type: ignore[arg-type]


def test_a_log_of_other_rules_is_refused_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same commands would make another state: not damage, and nothing is cut off."""
    monkeypatch.setattr(segment, "RULES", RULES - 1)
    log = opened(tmp_path)
    fill(log, [3, 2])
    log.close()
    monkeypatch.undo()
    before = [path.read_bytes() for path in segment_paths(tmp_path)]
    with pytest.raises(JournalOfOtherRules, match=f"of rules {RULES - 1}.* by rules {RULES}:"):
        opened(tmp_path)
    assert [path.read_bytes() for path in segment_paths(tmp_path)] == before
    monkeypatch.setattr(segment, "RULES", RULES - 1)
    log = opened(tmp_path)
    assert contents(log) == records(1, 5)
    log.close()


def test_both_slots_of_the_mark_are_at_the_end_after_a_close(tmp_path: Path) -> None:
    log = opened(tmp_path)
    last = fill(log, [2, 1, 3])
    log.close()
    image = (tmp_path / MARK_NAME).read_bytes()
    marks = [decode_mark(image[slot : slot + 64]) for slot in SLOT_OFFSETS]
    assert [mark is not None and mark.sequence for mark in marks] == [last, last]
