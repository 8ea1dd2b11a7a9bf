"""Descriptors for the journal, also when connections have taken all that a process may have.

`raise_limit` gives the process as many as the system lets it have. Some are held in reserve: an
open that finds none left lets one go and takes its place. They are taken back once there are some.
"""

import errno
import os
import resource
from pathlib import Path
from threading import Lock

NONE_LEFT = frozenset((errno.EMFILE, errno.ENFILE))


class DescriptorReserve:
    """Hold descriptors that stand for nothing, for whoever must have one; any thread may ask."""

    def __init__(self) -> None:
        self._wanted = 0
        self._held: list[int] = []
        self._lock = Lock()

    @property
    def count(self) -> int:
        """Return how many are held."""
        return len(self._held)

    def hold(self, wanted: int) -> None:
        """Hold so many from now on, as far as there are any."""
        with self._lock:
            self._wanted = wanted
            self._refill()
            while len(self._held) > wanted:
                os.close(self._held.pop())

    def open(self, path: Path, flags: int, mode: int) -> int:
        """Open a file as os.open does, in the place of one that is held if there is no other."""
        with self._lock:
            while True:
                try:
                    opened = os.open(path, flags, mode)
                except OSError as error:
                    if error.errno not in NONE_LEFT or not self._held:
                        raise
                    os.close(self._held.pop())
                else:
                    self._refill()
                    return opened

    def _refill(self) -> None:
        try:
            while len(self._held) < self._wanted:
                self._held.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        except OSError:  # none left: the next open tries again
            return


RESERVE = DescriptorReserve()
open_with_reserve = RESERVE.open


def raise_limit() -> int:
    """Let this process have as many descriptors as the system allows it; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            return soft
    return hard
