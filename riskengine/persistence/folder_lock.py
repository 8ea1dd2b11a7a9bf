"""The lock that keeps a second process out of a journal's folder."""

import fcntl
import os
from pathlib import Path

from riskengine.persistence.errors import JournalLocked

LOCK_NAME = "lock"


class FolderLock:
    """Hold an exclusive lock on a folder until `release`, or until the process ends.

    Raises `JournalLocked` if it is held, in this process or another. The file stays: removing it
    would let two openers lock two files of one name.
    """

    def __init__(self, folder: Path) -> None:
        self._fd = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._fd)
            raise JournalLocked(f"{folder} is open in another process or log") from error
        except BaseException:
            os.close(self._fd)
            raise

    def release(self) -> None:
        """Let the next opener in."""
        os.close(self._fd)
