"""A log is looked at as it lies, also while it is open: up to what is durable, changing nothing."""

from pathlib import Path
from time import monotonic

import pytest

from riskengine.persistence import JournalDamaged, JournalLocked, SequenceTrimmed
from riskengine.persistence.files import Files
from riskengine.persistence.folder_lock import FolderLock, is_locked
from riskengine.persistence.log_writer import LogWriter, is_unfinished, refuse_starts
from riskengine.persistence.survey import JournalEmpty, survey
from tests.persistence.support import (
    SMALL,
    LogFolder,
    append,
    contents,
    fill,
    flip_bit,
    opened,
    record,
    records,
)


def test_a_closed_log_is_found_as_it_was_left(closed_log: LogFolder) -> None:
    before = {path.name: path.read_bytes() for path in closed_log.folder.iterdir()}
    found = survey(Files(), closed_log.folder)
    assert (found.first_sequence, found.last_sequence) == (1, closed_log.last)
    assert (found.is_open, found.unfinished_bytes, found.damage) == (False, 0, None)
    assert list(found.read(Files(), 1)) == records(1, closed_log.last)
    assert {path.name: path.read_bytes() for path in closed_log.folder.iterdir()} == before
    log = opened(closed_log.folder)
    assert (found.log_id, found.epoch) == (log.log_id, log.head.epoch)
    log.close()


def test_an_open_log_ends_with_what_is_durable(tmp_path: Path) -> None:
    log = opened(tmp_path)
    for count in range(1, 60):
        append(log, record(count))
        if count % 3 == 0:
            log.sync()
        found = survey(Files(), tmp_path)
        assert found.is_open
        assert found.last_sequence == log.head.sequence == count - count % 3
        assert list(found.read(Files(), 1)) == contents(log)
    log.close()


def test_a_segment_that_was_opened_since_the_mark_is_passed_over(tmp_path: Path) -> None:
    log = opened(tmp_path)
    last = fill(log, [5])
    (tmp_path / f"{last + 1:020d}.log").write_bytes(b"a segment that is being made")
    assert survey(Files(), tmp_path).last_sequence == last
    log.close()


def test_what_is_read_may_have_been_trimmed(tmp_path: Path) -> None:
    log = opened(tmp_path)
    last = fill(log, [9] * 9)
    found = survey(Files(), tmp_path)
    log.trim(last)
    with pytest.raises(SequenceTrimmed):
        list(found.read(Files(), 1))
    with pytest.raises(SequenceTrimmed):
        survey(Files(), tmp_path).read(Files(), 1)
    log.close()


def test_damage_of_the_end_is_raised_or_told(closed_log: LogFolder) -> None:
    path, start, _ = closed_log.places[closed_log.last]
    flip_bit(path, 8 * (start + 60))
    with pytest.raises(JournalDamaged):
        survey(Files(), closed_log.folder)
    found = survey(Files(), closed_log.folder, is_damage_told=True)
    assert found.damage is not None
    assert (found.damage.offset, found.damage.sequence) == (start, closed_log.last)
    assert list(found.read(Files(), 1)) == records(1, closed_log.last - 1)


def test_a_log_without_a_segment_is_told(tmp_path: Path) -> None:
    opened(tmp_path).close()
    (tmp_path / f"{1:020d}.log").unlink()
    with pytest.raises(JournalEmpty, match="has no segment yet"):
        survey(Files(), tmp_path)


def test_to_ask_for_the_lock_keeps_nobody_out(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)
    assert list(tmp_path.iterdir()) == []
    lock = FolderLock(tmp_path)
    assert is_locked(tmp_path)
    begun = monotonic()
    with pytest.raises(JournalLocked):
        FolderLock(tmp_path)
    assert monotonic() - begun < 5
    lock.release()
    assert not is_locked(tmp_path)
    FolderLock(tmp_path).release()


def test_a_log_is_written_anew_from_any_sequence_on(tmp_path: Path) -> None:
    refuse_starts(Files(), tmp_path)
    with pytest.raises(JournalDamaged, match="begun by a restore that came to no end"):
        opened(tmp_path)
    writer = LogWriter(
        Files(),
        tmp_path,
        log_id=b"8 bytes.",
        first_sequence=40,
        epoch=2,
        segment_bytes=SMALL.segment_bytes,
    )
    for item in records(40, 120):
        writer.append(item)
    assert is_unfinished(Files(), tmp_path)
    writer.finish()
    writer.close()
    assert not is_unfinished(Files(), tmp_path)
    log = opened(tmp_path)
    assert (log.log_id, log.first_sequence) == (b"8 bytes.", 40)
    assert log.report.cut_path is None
    assert contents(log) == records(40, 120)
    append(log, record(121))
    assert log.sync() == 121
    log.close()


def test_an_empty_log_that_begins_later_can_be_gone_on_with(tmp_path: Path) -> None:
    writer = LogWriter(
        Files(), tmp_path, log_id=b"8 bytes.", first_sequence=40, epoch=2, segment_bytes=4096
    )
    writer.finish()
    writer.close()
    found = survey(Files(), tmp_path)
    assert (found.first_sequence, found.last_sequence, found.epoch) == (40, 39, 2)
    log = opened(tmp_path)
    append(log, record(40))
    assert log.sync() == 40
    log.close()
