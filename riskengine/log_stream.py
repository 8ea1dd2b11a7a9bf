"""Standard error for lines of the log, so that nobody waits for whoever reads them.

Lines are written by a thread of its own. A pipe that nobody reads, a stopped terminal or a disk
that hangs stops that thread and nothing else: a bounded number of bytes waits for it, and what
comes then is dropped and counted.
"""

import os
import select
import sys
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread

from riskengine.metrics.statistics import LogStatistics

WAITING_BYTES = 1 << 20
"""What may wait to be written; what may not be late may wait twice as much."""

WRITE_BYTES = 1 << 16
NOW_SECONDS = 0.05
"""How long is waited for a line that is to be written now, unless others are stuck already."""

END_SECONDS = 1.0
"""How long the end of the process is held up at most for lines that wait."""

AGAIN_SECONDS = 0.1


class LogStream:
    """Write texts to standard error in order; any thread may put them.

    `dropped_line` makes the line that says how many were dropped, once there is room for it.
    """

    def __init__(self, statistics: LogStatistics, dropped_line: Callable[[int], str]) -> None:
        self._statistics = statistics
        self._dropped_line = dropped_line
        self._waiting: deque[tuple[str, int]] = deque()
        self._waiting_bytes = 0
        self._untold_lines = 0
        self._is_writing = False
        self._is_stuck = False
        self._changed = Condition()
        self._thread: Thread | None = None

    def put(self, text: str, lines: int, *, now: bool) -> None:
        """Have a text of whole lines written; `now`: return once it is, or shortly."""
        with self._changed:
            most = 2 * WAITING_BYTES if now else WAITING_BYTES
            if self._waiting_bytes + len(text) > most or (self._untold_lines and not now):
                self._drop(lines)
                return
            self._add(text, lines)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="log-writer", daemon=True)
                self._thread.start()
            self._changed.notify_all()
            if now and not self._is_stuck:
                self._is_stuck = not self._wait_until_written(NOW_SECONDS)

    def settle(self, seconds: float) -> None:
        """Return once all is written, or when so much time has passed."""
        with self._changed:
            self._wait_until_written(seconds)

    def _wait_until_written(self, seconds: float) -> bool:
        return self._changed.wait_for(lambda: not self._waiting and not self._is_writing, seconds)

    def _add(self, text: str, lines: int) -> None:
        self._waiting.append((text, lines))
        self._waiting_bytes += len(text)

    def _drop(self, lines: int) -> None:
        self._statistics.dropped_lines += lines
        self._untold_lines += lines

    def _run(self) -> None:
        while True:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting)
                self._is_writing = True
                text, lines = self._taken()
            is_written = _written(text)
            with self._changed:
                self._is_stuck = False
                if not is_written:
                    self._drop(lines)
                elif self._untold_lines and 2 * self._waiting_bytes <= WAITING_BYTES:
                    untold, self._untold_lines = self._untold_lines, 0
                    self._add(self._dropped_line(untold), 1)

    def _taken(self) -> tuple[str, int]:
        """Take texts from the front, as many as are written at once."""
        texts: list[str] = []
        lines = size = 0
        while self._waiting and size < WRITE_BYTES:
            text, count = self._waiting.popleft()
            texts.append(text)
            size += len(text)
            lines += count
        self._waiting_bytes -= size
        return "".join(texts), lines


def _written(text: str) -> bool:
    """Write to standard error as it is now; return whether all of it was taken.

    The descriptor is written to, past the stream's own buffer and lock: whoever is stuck in these
    would also stop the end of the process.
    """
    try:
        descriptor = sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return _written_to_stream(text)
    data = memoryview(text.encode(errors="backslashreplace"))
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            select.select([], [descriptor], [], AGAIN_SECONDS)
        except OSError:
            return False
    return True


def _written_to_stream(text: str) -> bool:
    try:
        sys.stderr.write(text)
    except (AttributeError, OSError, ValueError):
        return False
    return True
