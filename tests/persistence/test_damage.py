"""Damage is refused with file, offset and sequence, and never makes the log shorter in silence."""

from pathlib import Path
from random import Random
from shutil import copytree

import pytest

from riskengine.persistence import JournalDamaged, open_segment_log
from riskengine.persistence.mark import MARK_NAME, SLOT_OFFSETS
from riskengine.persistence.segment import HEADER_BYTES, record_bytes
from tests.persistence.support import (
    GROUP_SIZES,
    SMALL,
    LogFolder,
    append,
    fill,
    flip_bit,
    opened,
    overwrite,
    record,
    records,
    segment_paths,
)

SEED = 20260117

REGIONS = {
    "magic": (0, 4),
    "checksum": (4, 8),
    "length": (8, 12),
    "kind": (12, 14),
    "reserved": (14, 16),
    "sequence": (16, 24),
    "epoch": (24, 32),
    "durable sequence": (32, 40),
    "time": (40, 48),
    "previous hash": (48, 56),
}


def refused(folder: Path) -> JournalDamaged:
    with pytest.raises(JournalDamaged) as caught:
        opened(folder)
    error = caught.value
    assert str(error.path) in str(error)
    assert f"offset {error.offset}" in str(error)
    assert f"sequence {error.sequence}" in str(error)
    return error


def flip_and_refuse(log: LogFolder, sequence: int, bit: int) -> None:
    path, start, _ = log.places[sequence]
    flip_bit(path, start * 8 + bit)
    error = refused(log.folder)
    assert (error.path, error.offset, error.sequence) == (path, start, sequence)
    log.restore()


@pytest.mark.parametrize("region", REGIONS)
def test_flipped_bit_in_a_record_header_is_refused(closed_log: LogFolder, region: str) -> None:
    first, end = REGIONS[region]
    random = Random(SEED)
    for sequence in (1, closed_log.last, *random.sample(range(2, closed_log.last), 8)):
        flip_and_refuse(closed_log, sequence, random.randrange(first * 8, end * 8))


def test_flipped_bit_in_payload_or_padding_is_refused(closed_log: LogFolder) -> None:
    random = Random(SEED)
    for sequence in range(1, closed_log.last + 1):
        _, start, end = closed_log.places[sequence]
        flip_and_refuse(closed_log, sequence, random.randrange(56 * 8, (end - start) * 8))
        flip_and_refuse(closed_log, sequence, (end - start) * 8 - 1 - random.randrange(8))


def test_without_a_mark_each_group_is_proven_by_the_next(unmarked_log: LogFolder) -> None:
    random = Random(SEED)
    last_group = unmarked_log.last - GROUP_SIZES[-1] + 1
    for sequence in range(1, last_group):
        _, start, end = unmarked_log.places[sequence]
        flip_and_refuse(unmarked_log, sequence, random.randrange((end - start) * 8))
    for sequence in range(last_group, unmarked_log.last + 1):
        path, start, end = unmarked_log.places[sequence]
        flip_bit(path, random.randrange(start * 8, end * 8))
        assert unmarked_log.reopened() == records(1, sequence - 1)
        unmarked_log.restore()


def test_flipped_bit_in_a_segment_header_is_refused(closed_log: LogFolder) -> None:
    random = Random(SEED)
    for path in segment_paths(closed_log.folder):
        for bit in random.sample(range(HEADER_BYTES * 8), 8):
            flip_bit(path, bit)
            error = refused(closed_log.folder)
            assert (error.path, error.offset, error.sequence) == (path, 0, int(path.stem))
            closed_log.restore()


def test_flipped_bit_behind_the_records(closed_log: LogFolder) -> None:
    *sealed, last = segment_paths(closed_log.folder)
    for path in sealed:
        used = closed_log.end_of(path)
        if used < 4096:
            flip_bit(path, 4096 * 8 - 1)
            assert refused(closed_log.folder).path == path
            closed_log.restore()
    flip_bit(last, 4096 * 8 - 1)
    log = opened(closed_log.folder)
    assert (log.head.sequence, log.report.cut_path) == (closed_log.last, last)
    log.close()
    assert closed_log.reopened() == records(1, closed_log.last)


def test_flipped_bit_in_the_mark_loses_nothing(closed_log: LogFolder) -> None:
    random = Random(SEED)
    for slot in SLOT_OFFSETS:
        for bit in random.sample(range(64 * 8), 16):
            flip_bit(closed_log.folder / MARK_NAME, slot * 8 + bit)
            assert closed_log.reopened() == records(1, closed_log.last)
            closed_log.restore()
    for slot in SLOT_OFFSETS:
        overwrite(closed_log.folder / MARK_NAME, slot, b"\xff")
    assert "neither slot" in refused(closed_log.folder).reason


def test_missing_mark_is_refused(closed_log: LogFolder) -> None:
    (closed_log.folder / MARK_NAME).unlink()
    assert refused(closed_log.folder).path == closed_log.folder / MARK_NAME


@pytest.mark.parametrize("page_bytes", [512, 1024])
def test_zeroed_page_is_refused(closed_log: LogFolder, page_bytes: int) -> None:
    pages = 0
    for path in segment_paths(closed_log.folder):
        for offset in range(0, closed_log.end_of(path), page_bytes):
            overwrite(path, offset, bytes(page_bytes))
            error = refused(closed_log.folder)
            assert error.path == path or f"{path.name} lost" in error.reason
            assert error.offset <= offset + page_bytes
            closed_log.restore()
            pages += 1
    assert pages >= 12


def test_missing_segment_is_refused_by_its_name(closed_log: LogFolder) -> None:
    *paths, last = segment_paths(closed_log.folder)
    for path in paths:
        path.unlink()
        error = refused(closed_log.folder)
        assert (error.path, error.sequence) == (path, int(path.stem))
        assert "missing" in error.reason
        closed_log.restore()
    last.unlink()
    error = refused(closed_log.folder)
    assert (error.path, error.sequence) == (paths[-1], int(last.stem))
    assert f"proves sequence {closed_log.last}" in error.reason
    closed_log.restore()
    for path in (*paths, last):
        path.unlink()
    assert refused(closed_log.folder).sequence == 1


def test_swapped_segments_are_refused(closed_log: LogFolder) -> None:
    paths = segment_paths(closed_log.folder)
    for path in paths:
        for other in paths:
            if path < other:
                path.write_bytes(closed_log.files[other.name])
                other.write_bytes(closed_log.files[path.name])
                error = refused(closed_log.folder)
                assert (error.path, error.offset) == (path, 0)
                assert f"segment of sequence {int(other.stem)}" in error.reason
                closed_log.restore()


def test_segment_of_another_log_is_refused(closed_log: LogFolder, tmp_path: Path) -> None:
    other = LogFolder.filled(tmp_path / "other")
    for path in segment_paths(closed_log.folder):
        path.write_bytes(other.files[path.name])
        error = refused(closed_log.folder)
        assert (error.path, error.reason) == (path, "the segment is of another log")
        closed_log.restore()


def test_older_copy_of_a_segment_is_refused(tmp_path: Path) -> None:
    log = opened(tmp_path)
    fill(log, [3])
    (path,) = segment_paths(tmp_path)
    older = path.read_bytes()
    fill(log, [40])
    log.close()
    path.write_bytes(older)
    error = refused(tmp_path)
    assert error.sequence == 4
    assert "lost what was behind" in error.reason


def forked(tmp_path: Path, at: int) -> tuple[Path, Path]:
    """Return two copies of one log that took different records from a sequence on."""
    log = opened(tmp_path / "one")
    fill(log, [1] * (at - 1))
    log.close()
    copytree(tmp_path / "one", tmp_path / "two")
    for name, byte in (("one", b"a"), ("two", b"b")):
        log = opened(tmp_path / name)
        for sequence in range(at, at + 60):
            append(log, record(sequence, byte * 200))
            log.sync()
        log.close()
    return tmp_path / "one", tmp_path / "two"


def test_segment_of_a_forked_copy_is_refused(tmp_path: Path) -> None:
    one, two = forked(tmp_path, 5)
    for path in segment_paths(one)[1:]:
        own = path.read_bytes()
        path.write_bytes((two / path.name).read_bytes())
        error = refused(one)
        assert (error.path, error.reason) == (
            path,
            "the segment does not continue the one before it",
        )
        path.write_bytes(own)


def test_record_of_a_forked_copy_breaks_the_chain(tmp_path: Path) -> None:
    one, two = forked(tmp_path, 5)
    path = segment_paths(one)[0]
    _, _, start = LogFolder(one, 4).places[4]
    size = record_bytes(200)
    overwrite(path, start, (two / path.name).read_bytes()[start : start + size])
    error = refused(one)
    assert (error.path, error.offset, error.sequence) == (path, start + size, 6)
    assert "does not follow" in error.reason


def test_a_lost_slot_of_the_mark_takes_no_trim_back(tmp_path: Path) -> None:
    log = opened(tmp_path)
    last = fill(log, GROUP_SIZES)
    first = log.trim(last // 2)
    assert first > 1
    log.close()
    trimmed = LogFolder(tmp_path, last)
    for slot in SLOT_OFFSETS:
        overwrite(tmp_path / MARK_NAME, slot, bytes(64))
        assert trimmed.reopened() == records(first, last)
        trimmed.restore()


def test_records_exchanged_within_a_segment_break_the_chain(closed_log: LogFolder) -> None:
    path, start, end = closed_log.places[2]
    data = closed_log.files[path.name]
    _, next_start, next_end = closed_log.places[3]
    overwrite(path, start, data[next_start:next_end] + data[start:end])
    error = refused(closed_log.folder)
    assert (error.path, error.offset, error.sequence) == (path, start, 2)
    assert "record 3 does not follow" in error.reason


def test_shortened_or_lengthened_segment_is_refused(closed_log: LogFolder) -> None:
    first, *_, last = segment_paths(closed_log.folder)
    for path in (first, last):
        with path.open("ab") as file:
            file.write(bytes(8))
        assert "longer than the 4096 bytes" in refused(closed_log.folder).reason
        closed_log.restore()
    path = next(p for p in segment_paths(closed_log.folder)[:-1] if closed_log.end_of(p) < 4096)
    path.write_bytes(closed_log.files[path.name][: closed_log.end_of(path)])
    error = refused(closed_log.folder)
    assert (error.path, error.reason) == (path, "the file is shorter than it was")


def test_damage_that_comes_after_opening_is_refused_by_the_reader(closed_log: LogFolder) -> None:
    path, start, _ = closed_log.places[20]
    log = open_segment_log(closed_log.folder, SMALL)
    flip_bit(path, start * 8 + 500)
    reading = log.read(15)
    assert [next(reading).sequence for _ in range(5)] == [15, 16, 17, 18, 19]
    with pytest.raises(JournalDamaged) as caught:
        next(reading)
    assert (caught.value.path, caught.value.offset, caught.value.sequence) == (path, start, 20)
    log.close()
