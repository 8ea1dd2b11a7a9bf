"""Snapshots on a disk that tears, flips and loses: what is found is whole, or is refused."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import disk_usage

import pytest

from riskengine.persistence.files import Files
from riskengine.persistence.snapshot_file import (
    BLOCK_BYTES,
    FORM,
    HEADER_BYTES,
    SnapshotDamaged,
    SnapshotForm,
    SnapshotHeader,
    read_snapshot,
)
from riskengine.persistence.snapshots import TEMPORARY_NAME, SnapshotStore
from tests.persistence.disk import Disk, Keep, PowerCut, cut_at

FOLDER = Path("snapshots")
LOG_ID = b"8 bytes."
CONTENT = {1: bytes(range(256)) * 20, 3: b"instructions"}


def header(sequence: int) -> SnapshotHeader:
    return SnapshotHeader(LOG_ID, sequence, 1, 1_000 + sequence)


def sections(sequence: int) -> dict[int, Iterator[bytes]]:
    return {number: iter([content, b"%d" % sequence]) for number, content in CONTENT.items()}


def kept(store: SnapshotStore) -> list[int]:
    return [store.sequence_of(path) for path in store.paths()]


def take(store: SnapshotStore, sequence: int) -> Path:
    path = store.write(header(sequence), sections(sequence)).publish()
    store.drop_old()
    return path


def test_a_snapshot_is_read_as_it_was_written(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "new")
    store.open()
    assert store.paths() == []
    snapshot = store.read(take(store, 7))
    assert snapshot.header == header(7)
    assert snapshot.sections == {number: CONTENT[number] + b"7" for number in CONTENT}


def test_a_large_section_is_put_together_again(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.open()
    content = bytes(BLOCK_BYTES // 2) * 7
    path = store.write(header(1), {1: iter([content, b"", b"end"])}).publish()
    assert store.read(path).sections == {1: content + b"end"}


def test_reading_says_how_far_it_is(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.open()
    path = store.write(header(7), {1: iter([bytes(BLOCK_BYTES)] * 3)}).publish()
    told: list[tuple[int, int]] = []
    store.read(path, lambda done, size: told.append((done, size)))
    size = path.stat().st_size
    assert len(told) == 4
    assert told == sorted(told)
    assert told[-1] == (size, size)


def test_two_are_kept_and_the_newest_comes_first(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.open()
    assert store.drop_old() == (None, [])
    take(store, 1)
    assert store.drop_old() == (None, [])
    for sequence in (5, 12, 103):
        take(store, sequence)
    oldest, _ = store.drop_old()
    assert oldest is not None
    assert (kept(store), store.sequence_of(oldest)) == ([103, 12], 12)


def test_none_is_removed_before_those_that_are_kept_were_read(tmp_path: Path) -> None:
    """Else a newer one that has gone bad would cost the whole one behind it."""
    store = SnapshotStore(tmp_path)
    store.open()
    bad = take(store, 1)
    bad.write_bytes(bad.read_bytes()[:-1])
    store.write(header(5), sections(5)).publish()
    oldest, damaged = store.drop_old()
    assert (oldest, [error.path for error in damaged]) == (None, [bad])
    assert kept(store) == [5, 1]
    bad = take(store, 12)
    assert kept(store) == [12, 5]
    bad.write_bytes(bad.read_bytes()[:-1])
    store.write(header(20), sections(20)).publish()
    oldest, damaged = store.drop_old()
    assert oldest is not None
    assert (store.sequence_of(oldest), [error.path for error in damaged]) == (5, [bad])
    assert kept(store) == [20, 5]


def test_one_that_cannot_be_read_is_not_taken_for_damaged(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.open()
    for sequence in (1, 5):
        take(store, sequence)
    paths = store.paths()
    paths[0].rename(paths[0].with_suffix(".held"))
    paths[0].mkdir()
    store.write(header(12), sections(12)).publish()
    with pytest.raises(OSError, match="directory"):
        store.drop_old()
    assert kept(store) == [12, 5, 1]


def test_room_is_asked_for_before_anything_is_noted(tmp_path: Path) -> None:
    disk = SmallDisk(8 * BLOCK_BYTES)
    store = SnapshotStore(tmp_path, disk, left_bytes=4 * BLOCK_BYTES)
    store.open()
    store.check_room()
    store.write(header(1), {1: iter([bytes(BLOCK_BYTES)] * 3)}).publish()
    disk.size_bytes += 3 * BLOCK_BYTES
    store.check_room()
    disk.size_bytes -= BLOCK_BYTES
    with pytest.raises(OSError, match=rf"{4 * BLOCK_BYTES} are to be left, and \d+ are needed"):
        store.check_room()
    assert kept(store) == [1]
    assert [path.name for path in tmp_path.iterdir()] == [f"{1:020d}.snap"]
    gone = SnapshotStore(tmp_path / "gone")
    with pytest.raises(FileNotFoundError):
        gone.check_room()


def test_what_was_not_finished_is_removed(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.open()
    store.write(header(1), sections(1))
    assert kept(store) == []
    assert (tmp_path / TEMPORARY_NAME).exists()
    store.open()
    assert list(tmp_path.iterdir()) == []


def test_a_snapshot_under_the_name_of_another_is_refused(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.open()
    path = take(store, 7)
    other = path.rename(path.with_name(f"{8:020d}.snap"))
    with pytest.raises(SnapshotDamaged, match="it is that of sequence 7"):
        store.read(other)


def test_no_flipped_bit_and_no_cut_goes_unseen(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.open()
    path = take(store, 7)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        with pytest.raises(SnapshotDamaged):
            store.read(path)
        path.write_bytes(whole[:at])
        with pytest.raises(SnapshotDamaged):
            store.read(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(SnapshotDamaged, match="bytes behind its end"):
        store.read(path)


def test_a_form_of_another_version_is_refused_with_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SnapshotStore(tmp_path)
    store.open()
    with monkeypatch.context() as newer:
        newer.setattr("riskengine.persistence.snapshot_file.FORM", FORM + 1)
        path = take(store, 7)
    said = f"is of form {FORM + 1}; this version reads form {FORM}"
    with pytest.raises(SnapshotForm, match=said):
        store.read(path)


def opened(disk: Disk) -> SnapshotStore:
    store = SnapshotStore(FOLDER, disk)
    if TEMPORARY_NAME in disk.names:
        disk.unlink(FOLDER / TEMPORARY_NAME)
    return store


def whole_ones(disk: Disk) -> list[int]:
    """Return the sequences of the snapshots that are whole, as a start reads them."""
    store = opened(disk)
    found = []
    for path in store.paths():
        snapshot = store.read(path)
        assert snapshot.sections == {
            number: content + b"%d" % snapshot.header.sequence
            for number, content in CONTENT.items()
        }
        found.append(snapshot.header.sequence)
    return found


def steps_of(act: Callable[[SnapshotStore], object], before: Callable[[], Disk]) -> int:
    disk = before()
    begun = len(disk.steps)
    act(opened(disk))
    return len(disk.steps) - begun


def with_two() -> Disk:
    disk = Disk()
    store = SnapshotStore(FOLDER, disk)
    for sequence in (1, 2):
        take(store, sequence)
    return disk


@pytest.mark.parametrize("keep", ["none", "all", "some"])
def test_a_power_cut_at_any_step_leaves_two_whole_snapshots(keep: str) -> None:
    for step in range(steps_of(lambda store: take(store, 3), with_two)):
        disk = with_two()
        disk.fault = cut_at(len(disk.steps) + step)
        with pytest.raises(PowerCut):
            take(opened(disk), 3)
        for seed in range(4 if keep == "some" else 1):
            found = whole_ones(disk.after_power_cut(Keep(keep, seed)))
            assert found in ([2, 1], [3, 2, 1], [3, 2]), (step, seed)


def test_a_snapshot_that_does_not_read_back_gets_no_name() -> None:
    disk = with_two()
    written = opened(disk).write(header(3), sections(3))
    disk.names[TEMPORARY_NAME].current[HEADER_BYTES + 20] ^= 1
    with pytest.raises(SnapshotDamaged):
        written.publish()
    assert TEMPORARY_NAME not in disk.names
    assert whole_ones(disk) == [2, 1]


def test_a_failing_disk_is_told_and_leaves_the_others() -> None:
    for step in range(steps_of(lambda store: take(store, 3), with_two)):
        disk = with_two()
        first = len(disk.steps) + step

        def fail(at: int, call: str, first: int = first) -> None:
            if at == first:
                raise OSError(28, "no space left on device")

        disk.fault = fail
        with pytest.raises(OSError, match="no space left"):
            take(opened(disk), 3)
        disk.fault = lambda _step, _call: None
        assert whole_ones(disk) in ([2, 1], [3, 2, 1], [3, 2]), step
        assert disk.open_files == 0
        assert TEMPORARY_NAME not in disk.names, step


class SmallDisk(Files):
    """Has so many bytes, less what lies in the folder."""

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes

    def free_bytes(self, folder: Path) -> int:
        return self.size_bytes - sum(path.stat().st_size for path in folder.iterdir())


def test_a_snapshot_leaves_room_for_others(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path, SmallDisk(8 * BLOCK_BYTES), left_bytes=4 * BLOCK_BYTES)
    store.open()
    with pytest.raises(OSError, match=rf"{4 * BLOCK_BYTES} are to be left"):
        store.write(header(1), {1: iter([bytes(BLOCK_BYTES)] * 5)})
    assert list(tmp_path.iterdir()) == []
    store.write(header(1), {1: iter([bytes(BLOCK_BYTES)] * 3)}).publish()
    assert kept(store) == [1]


def test_a_disk_says_what_it_has_left(tmp_path: Path) -> None:
    assert 0 < Files().free_bytes(tmp_path) <= disk_usage(tmp_path).total


def test_what_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    path = tmp_path / f"{1:020d}.snap"
    path.write_bytes(b"something else, and long enough to be read as a header of a snapshot, or so")
    store = SnapshotStore(tmp_path)
    with pytest.raises(SnapshotDamaged, match="it is no snapshot"):
        store.read(path)
    with pytest.raises(SnapshotDamaged, match="it is no snapshot"):
        read_snapshot(store._files, path)
