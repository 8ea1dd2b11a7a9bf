"""The folder of a backup, before anything is written into it."""

from pathlib import Path

from riskengine.instruction_start import INSTRUCTION_FOLDER
from riskengine.persistence.folder_lock import LOCK_NAME
from riskengine.recovery import JOURNAL_FOLDER, SNAPSHOT_FOLDER
from riskengine.tools.folder import DataFolder, ToolError, WrongUsageError
from riskengine.tools.manifest import MANIFEST_NAME, Manifest, ManifestError, read_manifest

PART_FOLDERS = {JOURNAL_FOLDER, SNAPSHOT_FOLDER, INSTRUCTION_FOLDER}


class BackupRefused(ToolError):  # noqa: N818 - named for the condition
    """Refuse to continue a backup; what it holds stays as it is."""


def check_place(source: Path, target: Path) -> None:
    """Refuse a target that is something else, or goes with its source; raises `WrongUsageError`."""
    if source.resolve() in target.resolve().parents:
        raise WrongUsageError(f"{target} lies in {source}, and would be lost with it")
    if not target.exists():
        return
    if not target.is_dir():
        raise WrongUsageError(f"{target} is no folder")
    if target.samefile(source):
        raise WrongUsageError("a folder cannot be its own backup")
    names = {path.name for path in target.iterdir()} - {"lost+found"}
    if names and MANIFEST_NAME not in names and names - PART_FOLDERS:
        raise WrongUsageError(f"{target} is neither empty nor a backup: it has no {MANIFEST_NAME}")


def manifest_of(target: DataFolder) -> Manifest | None:
    """Return what a backup folder holds so far; raises `BackupRefused` if it is none."""
    try:
        manifest = read_manifest(target.files, target.path)
    except ManifestError as error:
        raise BackupRefused(f"the manifest in {target.path} cannot be used: {error}") from error
    if manifest is None and set(target.files.list_names(target.journal)) - {LOCK_NAME}:
        raise BackupRefused(f"{target.path} holds a journal and no manifest: it is no backup")
    return manifest
