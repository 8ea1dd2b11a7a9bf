"""The lock that keeps a second process out of a journal's folder."""

import fcntl
import os
from pathlib import Path
from time import sleep

from riskengine.persistence.errors import JournalLocked

LOCK_NAME = "lock"
ATTEMPTS = 5
ATTEMPT_SECONDS = 0.02
"""`is_locked` holds the lock for a moment, which must not keep a log from being opened."""


class FolderLock:
    """Hold an exclusive lock on a folder until `release`, or until the process ends.

    Raises `JournalLocked` if it is held, in this process or another. The file stays: removing it
    would let two openers lock two files of one name.
    """

    def __init__(self, folder: Path) -> None:
        self._fd = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _lock(self._fd)
        except BlockingIOError as error:
            os.close(self._fd)
            raise JournalLocked(f"{folder} is open in another process or log") from error
        except BaseException:
            os.close(self._fd)
            raise

    def release(self) -> None:
        """Let the next opener in."""
        os.close(self._fd)


def _lock(fd: int) -> None:
    for _ in range(ATTEMPTS - 1):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sleep(ATTEMPT_SECONDS)
        else:
            return
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_locked(folder: Path) -> bool:
    """Return whether the log in a folder is open somewhere; changes nothing."""
    try:
        fd = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
