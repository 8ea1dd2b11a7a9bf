"""Whether a folder holds the log that a start is meant for: one that vanished is no new log."""

from pathlib import Path

from riskengine.persistence.errors import JournalError
from riskengine.persistence.files import Files
from riskengine.persistence.mark import MARK_NAME, read_mark


class JournalMissing(JournalError):  # noqa: N818 - named for the condition, as the others
    """Refuse to take a folder without a log for a new one."""

    def __init__(self, folder: Path, wanted: str) -> None:
        text = f"{folder} holds no journal"
        if wanted:
            text += f", and log_id pins log {wanted}: is the disk mounted that has it?"
        else:
            text += (
                ": is data_dir right, and its disk mounted? `riskengine init` makes a new one, and "
                "so does a start with create = true"
            )
        super().__init__(text)


class OtherLog(JournalError):  # noqa: N818
    """Refuse a log that is not the one that is pinned."""

    def __init__(self, folder: Path, found: str, wanted: str) -> None:
        super().__init__(f"{folder} is log {found}, and log_id pins log {wanted}")


def holds_log(folder: Path) -> bool:
    """Return whether there is a log, or what is left of one that an opening would refuse."""
    if not folder.is_dir():
        return False
    return any(path.name == MARK_NAME or path.suffix == ".log" for path in folder.iterdir())


def check_log(folder: Path, *, create: bool, log_id: str, files: Files | None = None) -> None:
    """Raise `JournalError` unless the folder is what a start expects; changes nothing.

    `log_id` is the log that is pinned in hexadecimal, empty if none is; `create`: where there is
    none a new one is meant, unless a log is pinned.
    """
    if not holds_log(folder):
        if log_id or not create:
            raise JournalMissing(folder, log_id)
    elif log_id and (folder / MARK_NAME).exists():
        found = read_mark(files or Files(), folder).log_id.hex()
        if found != log_id:
            raise OtherLog(folder, found, log_id)
