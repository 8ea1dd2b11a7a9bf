import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from riskengine.persistence.files import IOV_LIMIT, Files, read_all, write_all, write_zeros


class Dribble(Files):
    """Read at most 3 bytes at a time, as a read may that a signal interrupts."""

    def pread(self, fd: int, length: int, offset: int) -> bytes:
        return os.pread(fd, min(3, length), offset)


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


@pytest.mark.parametrize(("offset", "end"), [(0, 0), (3, 4), (5, (2 << 20) + 7)])
def test_zeros_fill_exactly_the_range(fd: int, offset: int, end: int) -> None:
    write_all(Files(), fd, [b"\xff" * ((2 << 20) + 10)], 0)
    write_zeros(Files(), fd, offset, end)
    data = read_all(Files(), fd, 4 << 20, 0)
    assert data[offset:end] == bytes(end - offset)
    assert data[:offset] + data[end:] == b"\xff" * (len(data) - (end - offset))
