import errno
from pathlib import Path

import pytest

from riskengine.persistence.files import Files
from riskengine.persistence.segment import (
    FIRST_HASH,
    HEADER_BYTES,
    SegmentHeader,
    decode_segment_header,
)
from riskengine.persistence.spare import AGAIN_SECONDS, PATIENCE_SECONDS, SPARE_NAME, SpareSegment
from tests.persistence.disk import Disk, no_fault

SEGMENT_BYTES = (3 << 20) + 4096
HEADER = SegmentHeader(b"logident", SEGMENT_BYTES, 12, 1, FIRST_HASH)


def spare_in(folder: Path, files: Files, *, background: bool) -> SpareSegment:
    return SpareSegment(files, folder, segment_bytes=SEGMENT_BYTES, background=background)


@pytest.mark.parametrize("background", [False, True])
def test_a_spare_becomes_a_segment_of_zeros_behind_its_header(
    tmp_path: Path, background: bool
) -> None:
    spare = spare_in(tmp_path, Files(), background=background)
    spare.prepare()
    spare.prepare()
    fd, path = spare.take(HEADER)
    data = path.read_bytes()
    assert path.name == "00000000000000000012.log"
    assert decode_segment_header(data) == HEADER
    assert data[HEADER_BYTES:] == bytes(SEGMENT_BYTES - HEADER_BYTES)
    assert not (tmp_path / SPARE_NAME).exists()
    Files().close(fd)
    spare.close()


def test_a_spare_filled_ahead_costs_the_roll_no_zeros(tmp_path: Path) -> None:
    disk = Disk()
    spare = spare_in(tmp_path, disk, background=True)
    spare.prepare()
    fd, _ = spare.take(HEADER)
    assert disk.steps[-4:] == ["pwritev", "fdatasync", "rename", "fsync_folder"]
    assert disk.count("pwritev") == 4 + 1
    disk.close(fd)


def test_closing_removes_an_unused_spare(tmp_path: Path) -> None:
    spare = spare_in(tmp_path, Files(), background=True)
    spare.prepare()
    spare.close()
    assert list(tmp_path.iterdir()) == []


def test_a_spare_that_does_not_fit_leaves_the_room_to_others(tmp_path: Path) -> None:
    disk = Disk()

    def fail(_step: int, call: str) -> None:
        if call == "pwritev" and disk.count("pwritev") > 2:
            raise OSError(28, "no space left on device")

    disk.fault = fail
    spare = spare_in(tmp_path, disk, background=True)
    spare.prepare()
    spare._join()
    assert disk.names == {}
    with pytest.raises(OSError, match="no space left"):
        spare.take(HEADER)
    spare.close()
    assert disk.open_files == 0


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.seconds += seconds


def timed_spare(folder: Path, disk: Disk, *, background: bool) -> tuple[SpareSegment, Clock]:
    clock = Clock()
    spare = SpareSegment(
        disk,
        folder,
        segment_bytes=SEGMENT_BYTES,
        background=background,
        seconds=clock,
        pause=clock.pause,
    )
    return spare, clock


def no_descriptor(_step: int, call: str) -> None:
    if call == "open":
        raise OSError(errno.EMFILE, "too many open files")


def test_a_spare_that_could_not_be_made_is_made_again(tmp_path: Path) -> None:
    disk = Disk(no_descriptor)
    spare, clock = timed_spare(tmp_path, disk, background=True)
    spare.prepare()
    assert spare._thread is not None
    first = spare._thread
    first.join()
    disk.fault = no_fault
    spare.prepare()
    assert spare._thread is first, "not at once"
    clock.seconds += AGAIN_SECONDS
    spare.prepare()
    fd, _ = spare.take(HEADER)
    assert disk.count("open") == 1
    assert disk.steps[-4:] == ["pwritev", "fdatasync", "rename", "fsync_folder"]
    disk.close(fd)


def test_a_roll_waits_for_a_descriptor(tmp_path: Path) -> None:
    disk = Disk()
    spare, clock = timed_spare(tmp_path, disk, background=False)

    def none_for_a_while(step: int, call: str) -> None:
        if clock.seconds < 100 + PATIENCE_SECONDS / 2:
            no_descriptor(step, call)

    disk.fault = none_for_a_while
    fd, path = spare.take(HEADER)
    assert path.name == "00000000000000000012.log"
    disk.close(fd)
    disk.fault = no_descriptor
    with pytest.raises(OSError, match="too many open files"):
        spare.take(HEADER)
    assert clock.seconds >= 100 + PATIENCE_SECONDS
