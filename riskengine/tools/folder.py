"""A data folder, or a backup of one, as the tools find it."""

from pathlib import Path

from riskengine.instruction_start import INSTRUCTION_FOLDER
from riskengine.persistence.files import Files
from riskengine.persistence.mark import MARK_NAME
from riskengine.persistence.snapshots import SnapshotStore
from riskengine.persistence.survey import Survey, survey
from riskengine.recovery import JOURNAL_FOLDER, SNAPSHOT_FOLDER


class ToolError(Exception):
    """Say why a tool could not do what it was asked; the text is for the operator."""


class WrongUsageError(ToolError):
    """Say what about the call itself is wrong."""


class DataFolder:
    """Where the parts of a data folder lie."""

    def __init__(self, path: Path, files: Files | None = None) -> None:
        self.path = path
        self.files = files or Files()
        self.journal = path / JOURNAL_FOLDER
        self.snapshots = SnapshotStore(path / SNAPSHOT_FOLDER, self.files)
        self.instructions = path / INSTRUCTION_FOLDER

    @classmethod
    def existing(cls, path: Path, files: Files | None = None) -> "DataFolder":
        """Return a folder that has a journal; raises `WrongUsageError` when it has none."""
        folder = cls(path, files)
        if not (folder.journal / MARK_NAME).exists():
            raise WrongUsageError(
                f"{path} is no data folder: there is no {JOURNAL_FOLDER}/{MARK_NAME} in it"
            )
        return folder

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return the folders of its parts, whether or not they are there."""
        return self.journal, self.snapshots.folder, self.instructions

    def survey(self) -> Survey:
        """Look at the journal; raises `JournalError` and OSError."""
        return survey(self.files, self.journal)

    def snapshot_paths(self) -> list[Path]:
        """Return the snapshots, the oldest first."""
        try:
            return self.snapshots.paths()[::-1]
        except FileNotFoundError:
            return []
