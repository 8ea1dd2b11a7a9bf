"""The lock that keeps a second process out of a journal's folder.

Two files are locked: one that is there for it, and the durable mark. Whoever deletes the first lets
nobody in, and without the second the folder is no journal that could be opened.
"""

import fcntl
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import sleep

from riskengine.persistence.descriptors import open_with_reserve
from riskengine.persistence.errors import JournalLocked
from riskengine.persistence.files import FILE_MODE
from riskengine.persistence.mark import MARK_NAME

LOCK_NAME = "lock"
ATTEMPTS = 5
ATTEMPT_SECONDS = 0.02
"""`is_locked` holds the lock for a moment, which must not keep a log from being opened."""


class FolderLock:
    """Hold an exclusive lock on a folder until `release`, or until the process ends.

    Raises `JournalLocked` if it is held, in this process or another. The file stays.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._fd = open_with_reserve(folder / LOCK_NAME, flags, FILE_MODE)
        try:
            self.hold_too(partial(fcntl.flock, self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB))
        except BaseException:
            os.close(self._fd)
            raise

    def hold_too(self, lock: Callable[[], object]) -> None:
        """Lock another file of the folder, by what raises BlockingIOError.

        Raises `JournalLocked`.
        """
        try:
            _tried(lock)
        except BlockingIOError as error:
            raise JournalLocked(f"{self._folder} is open in another process or log") from error

    def release(self) -> None:
        """Let the next opener in."""
        os.close(self._fd)


def _tried(lock: Callable[[], object]) -> None:
    for _ in range(ATTEMPTS - 1):
        try:
            lock()
        except BlockingIOError:
            sleep(ATTEMPT_SECONDS)
        else:
            return
    lock()


def is_locked(folder: Path) -> bool:
    """Return whether the log in a folder is open somewhere; changes nothing."""
    return any(_is_held(folder / name) for name in (LOCK_NAME, MARK_NAME))


def _is_held(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
