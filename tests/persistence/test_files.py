import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from riskengine.persistence.files import (
    IOV_LIMIT,
    Files,
    put_file,
    read_all,
    write_all,
    write_zeros,
)
from tests.persistence.disk import Disk, Keep, PowerCut, cut_at


class Dribble(Files):
    """Read at most 3 bytes at a time, as a read may that a signal interrupts."""

    def pread(self, fd: int, length: int, offset: int) -> bytes:
        return os.pread(fd, min(3, length), offset)


class Short(Files):
    """Write at most so many bytes at a time."""

    def __init__(self, most: int) -> None:
        self._most = most

    def pwritev(self, fd: int, buffers: Sequence[bytes], offset: int) -> int:
        return os.pwritev(fd, [b"".join(buffers)[: self._most]], offset)


class Counting(Files):
    def __init__(self) -> None:
        self.sizes: list[int] = []

    def pwritev(self, fd: int, buffers: Sequence[bytes], offset: int) -> int:
        self.sizes.append(len(buffers))
        return super().pwritev(fd, buffers, offset)


@pytest.fixture
def fd(tmp_path: Path) -> Iterator[int]:
    number = Files().open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    yield number
    Files().close(number)


def test_short_reads_are_continued_up_to_the_end(fd: int) -> None:
    write_all(Files(), fd, [b"0123456789"], 0)
    assert read_all(Dribble(), fd, 8, 1) == b"12345678"
    assert read_all(Dribble(), fd, 100, 4) == b"456789"
    assert read_all(Dribble(), fd, 5, 10) == b""


def test_many_buffers_go_in_as_few_calls_as_the_system_takes(fd: int) -> None:
    files = Counting()
    buffers = [bytes([n % 256]) * 3 for n in range(2 * IOV_LIMIT + 1)]
    assert write_all(files, fd, buffers, 5) == 5 + 3 * len(buffers)
    assert files.sizes == [IOV_LIMIT, IOV_LIMIT, 1]
    assert read_all(files, fd, 1 << 20, 5) == b"".join(buffers)


def test_short_writes_are_continued(fd: int) -> None:
    assert write_all(Short(3), fd, [b"0123", b"", b"456789", b"x"], 5) == 16
    assert read_all(Files(), fd, 100, 5) == b"0123456789x"
    with pytest.raises(OSError, match="none of 2 bytes were written") as caught:
        write_all(Short(0), fd, [b"ab"], 0)
    assert caught.value.errno == errno.EIO


def test_a_file_is_put_in_place_whole_or_not_at_all(tmp_path: Path) -> None:
    """At each step that fails the old one is there, or the new one."""
    whole = Disk()
    path = tmp_path / "list"
    put_file(whole, path, "list.tmp", [b"old"])
    steps = len(whole.steps)
    assert whole.steps[-3:] == ["fdatasync", "rename", "fsync_folder"]
    for step in range(steps):
        for what in ("none", "all"):
            disk = Disk()
            put_file(disk, path, "list.tmp", [b"old"])
            disk.fault = cut_at(steps + step)
            with pytest.raises(PowerCut):
                put_file(disk, path, "list.tmp", [b"new, ", b"and longer"])
            after = disk.after_power_cut(Keep(what))
            found = bytes(after.names["list"].current)
            assert found in (b"old", b"new, and longer")
            assert found == b"old" or step == steps - 1
            assert disk.open_files == 0


@pytest.mark.parametrize(("offset", "end"), [(0, 0), (3, 4), (5, (2 << 20) + 7)])
def test_zeros_fill_exactly_the_range(fd: int, offset: int, end: int) -> None:
    write_all(Files(), fd, [b"\xff" * ((2 << 20) + 10)], 0)
    write_zeros(Files(), fd, offset, end)
    data = read_all(Files(), fd, 4 << 20, 0)
    assert data[offset:end] == bytes(end - offset)
    assert data[:offset] + data[end:] == b"\xff" * (len(data) - (end - offset))
