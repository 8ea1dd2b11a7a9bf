"""A frozen view of the core, read while commands go on.

A clone of the process writes the state as it was into a pipe; whoever reads has it without the
event loop. The clone runs compiled code alone, ends with its parent, and is waited for here.
"""

import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Lock
from types import TracebackType
from typing import Self

from riskengine.core.engine import Engine

READ_BYTES = 1 << 20
_WAIT_FOR_CLONES = 0x40000000  # __WALL: also for a clone that gives no signal when it ends


class ViewError(Exception):
    """Report that a view came to no end: its clone was ended, or had no memory."""


class View:
    """The state of an engine as of now; made between commands, read once, from any thread."""

    def __init__(self, engine: Engine, begin: Callable[[int], int] | None = None) -> None:
        """Begin a view; raises OSError when the process cannot be cloned.

        `begin` has a clone write into a descriptor and returns its id; without it, the clone writes
        the whole state.
        """
        self._ending = Lock()
        self._fd, written = os.pipe2(os.O_CLOEXEC)
        try:
            with suppress(OSError):  # a user may have so many bytes of pipes; a small one is slower
                fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, READ_BYTES)
            self.clone_id = (begin or engine.begin_view)(written)
        except BaseException:
            os.close(self._fd)
            raise
        finally:
            os.close(written)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def read(self) -> Iterator[bytes]:
        """Yield what the clone writes, in pieces; `Engine.read_back` takes those of a whole state.

        Raises ViewError when that are not all.
        """
        while piece := os.read(self._fd, READ_BYTES):
            yield piece
        status = self._wait()
        if status:
            raise ViewError(f"the clone that reads the state ended with {status}")

    def give_up(self) -> None:
        """End the clone: who reads on another thread is told, and then the view can be closed."""
        with self._ending:
            if self.clone_id:
                os.kill(self.clone_id, signal.SIGKILL)

    def close(self) -> None:
        """End the view, wherever it is; nobody reads it any more."""
        if self.clone_id:
            self.give_up()
            self._wait()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _wait(self) -> int:
        """Wait for the clone to end and return its exit code, negative when it was killed.

        Its id is another process's as soon as it is let go, and 0 stands for all of the group: so
        that is done, and noted, while nobody gives up.
        """
        os.waitid(os.P_PID, self.clone_id, os.WEXITED | os.WNOWAIT | _WAIT_FOR_CLONES)
        with self._ending:
            _, status = os.waitpid(self.clone_id, _WAIT_FOR_CLONES)
            self.clone_id = 0
        return os.waitstatus_to_exitcode(status)
