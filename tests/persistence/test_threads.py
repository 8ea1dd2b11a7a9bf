import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from riskengine.persistence import JournalFailed, SegmentOptions
from riskengine.persistence.files import Files
from tests.persistence.support import SMALL, append, contents, opened, record, records

COUNT = 5000


@pytest.mark.parametrize("background", [False, True])
def test_appender_and_sync_thread(tmp_path: Path, background: bool) -> None:
    log = opened(
        tmp_path, replace(SMALL, segment_bytes=1 << 16, spare_in_background=background), Files()
    )
    appended = Event()
    acknowledged: list[int] = []

    def sync() -> None:
        while not appended.is_set() or log.pending_bytes:
            acknowledged.append(log.sync())
            head = log.head.sequence
            assert head == acknowledged[-1]

    thread = Thread(target=sync)
    thread.start()
    for sequence in range(1, COUNT + 1):
        append(log, record(sequence))
        if sequence % 1000 == 0:
            head = log.head.sequence
            first = max(1, head - 5)
            read = [item.sequence for item in log.read(first)]
            assert read == list(range(first, first + len(read)))
            assert first + len(read) > head, "more may have been synced since, never less"
    appended.set()
    thread.join()
    assert acknowledged == sorted(acknowledged)
    assert log.head.sequence == COUNT
    log.close()
    log = opened(tmp_path)
    assert contents(log) == records(1, COUNT)
    log.close()
    assert not (tmp_path / "spare.tmp").exists()


class SlowFiles(Files):
    """Hold each sync until it is let go, as a slow disk does."""

    def __init__(self) -> None:
        self.entered = Event()
        self.go = Event()
        self.go.set()

    def fdatasync(self, fd: int) -> None:
        self.entered.set()
        assert self.go.wait(30)
        os.fdatasync(fd)


def test_append_does_not_wait_for_a_slow_sync(tmp_path: Path) -> None:
    files = SlowFiles()
    log = opened(tmp_path, replace(SMALL, segment_bytes=1 << 16), files)
    append(log, record(1))
    files.go.clear()
    files.entered.clear()
    synced: list[int] = []
    thread = Thread(target=lambda: synced.append(log.sync()))
    thread.start()
    assert files.entered.wait(30)
    for sequence in range(2, 50):
        append(log, record(sequence))
    assert log.head.sequence == 0
    assert log.pending_bytes > 0
    files.go.set()
    thread.join()
    assert synced == [1]
    assert log.sync() == 49
    log.close()


class FullDiskAhead(Files):
    """Refuse to write any block that a spare is filled with, once `full` is set."""

    full = False

    def pwritev(self, fd: int, buffers: Sequence[bytes], offset: int) -> int:
        if self.full and len(buffers) == 1 and not any(buffers[0]):
            raise OSError(28, "no space")
        return super().pwritev(fd, buffers, offset)


def test_spare_that_failed_ahead_is_tried_once_more_at_the_roll(tmp_path: Path) -> None:
    files = FullDiskAhead()
    options = SegmentOptions(segment_bytes=4096, payload_limit_bytes=1500)
    log = opened(tmp_path, options, files)
    files.full = True
    append(log, record(1, bytes([1]) * 1400))
    append(log, record(2, bytes([1]) * 1400))
    log.sync()
    append(log, record(3, bytes([1]) * 1400))
    with pytest.raises(JournalFailed, match="no space"):
        log.sync()
    kept = log.head.sequence
    assert kept == 2
    log.close()
    files.full = False
    log = opened(tmp_path, options, files)
    assert log.head.sequence == kept
    append(log, record(kept + 1))
    assert log.sync() == kept + 1
    log.close()
