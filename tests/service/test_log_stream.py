"""Who reads the log slowly, or not at all, holds up nobody: what is dropped is counted and told."""

import fcntl
import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from riskengine import log_stream
from riskengine.log_stream import LogStream
from riskengine.metrics.statistics import LogStatistics

LINE = "x" * 99 + "\n"
PIPE_BYTES = 4096


class Pipe:
    """Standard error that goes into a pipe of one page."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        fcntl.fcntl(self.writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.stream = io.TextIOWrapper(os.fdopen(self.writing, "wb", 0), write_through=True)

    def read_in_background(self, until: str) -> "list[str]":
        """Read until a line begins so, and return the lines."""
        found: list[str] = []

        def read() -> None:
            with os.fdopen(os.dup(self.reading)) as lines:
                for line in lines:
                    found.append(line)
                    if line.startswith(until):
                        return

        thread = threading.Thread(target=read)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
        return found


@contextmanager
def piped(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipe]:
    """Have standard error be a pipe; pytest sets it anew between fixtures and the test."""
    pipe = Pipe()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", pipe.stream)
        yield pipe
    os.close(pipe.reading)
    pipe.stream.close()


def stream_of(statistics: LogStatistics) -> LogStream:
    return LogStream(statistics, lambda count: f"dropped {count}\n")


def test_a_pipe_that_nobody_reads_costs_lines_and_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with piped(monkeypatch) as pipe:
        monkeypatch.setattr(log_stream, "WAITING_BYTES", 100 * len(LINE))
        statistics = LogStatistics()
        stream = stream_of(statistics)
        start = monotonic()
        for _ in range(1_000):
            stream.put(LINE, 1, now=False)
        assert monotonic() - start < 1
        dropped = statistics.dropped_lines
        assert 700 < dropped < 1_000
        lines = pipe.read_in_background("dropped")
        assert lines == [LINE] * (1_000 - dropped) + [f"dropped {dropped}\n"]
        stream.put("last\n", 1, now=True)
        assert pipe.read_in_background("last") == ["last\n"]
        assert statistics.dropped_lines == dropped


def test_what_is_to_be_written_now_waits_once_for_a_pipe_that_is_stuck(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with piped(monkeypatch) as pipe:
        stream = stream_of(LogStatistics())
        stream.put(LINE * 100, 100, now=False)
        start = monotonic()
        for _ in range(100):
            stream.put(LINE, 1, now=True)
        assert monotonic() - start < 10 * log_stream.NOW_SECONDS
        stream.put("last\n", 1, now=True)
        assert pipe.read_in_background("last") == [LINE] * 200 + ["last\n"]


def test_the_end_waits_for_lines_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    with piped(monkeypatch) as pipe:
        stream = stream_of(LogStatistics())
        stream.put(LINE, 1, now=False)
        stream.settle(5)
        assert os.read(pipe.reading, 1_000).decode() == LINE
        stream.put(LINE * 100, 100, now=False)
        start = monotonic()
        stream.settle(0.1)
        assert 0.1 <= monotonic() - start < 2


def test_a_pipe_without_a_reader_counts_all(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    statistics = LogStatistics()
    with io.TextIOWrapper(os.fdopen(writing, "wb", 0)) as broken:
        monkeypatch.setattr(sys, "stderr", broken)
        stream = stream_of(statistics)
        stream.put(LINE * 3, 3, now=True)
        assert statistics.dropped_lines == 3
        monkeypatch.undo()
