"""Verifying a backup against its manifest: each file is there, and is what was copied."""

from collections.abc import Iterable
from pathlib import Path

from riskengine.persistence import JournalError, ReadProgress
from riskengine.persistence.consumers_file import CONSUMERS_NAME
from riskengine.persistence.verification import opened
from riskengine.tools.folder import DataFolder
from riskengine.tools.instruction_copies import shown_instructions
from riskengine.tools.manifest import (
    MANIFEST_NAME,
    CopiedFile,
    CopiedInstructions,
    Manifest,
    ManifestError,
    file_digest,
    read_manifest,
)
from riskengine.tools.moments import shown_time
from riskengine.tools.reports import Fault, PartReport


def verify_manifest(folder: DataFolder, progress: ReadProgress | None) -> PartReport | None:
    """Compare a backup with its manifest; None for a folder that has none and is no backup."""
    report = PartReport("manifest")
    path = folder.path / MANIFEST_NAME
    try:
        manifest = read_manifest(folder.files, folder.path)
    except (ManifestError, OSError) as error:
        report.faults.append(Fault(path, None, None, str(error)))
        return report
    if manifest is None:
        return None
    _tell(manifest, report)
    _verify_files(folder, manifest, progress, report)
    _verify_end(folder, manifest, report)
    _verify_instructions_end(folder, manifest, report)
    if not manifest.can_start:
        report.faults.append(Fault(path, None, None, "the backup was begun and never finished"))
    return report


def _tell(manifest: Manifest, report: PartReport) -> None:
    report.facts |= {
        "log_id": manifest.log_id,
        "first_sequence": manifest.first_sequence,
        "last_sequence": manifest.last_sequence,
        "first_time": shown_time(manifest.first_time_nanos),
        "last_time": shown_time(manifest.last_time_nanos),
        "instructions": shown_instructions(manifest.first_instruction, manifest.last_instruction),
        "written_time": shown_time(manifest.written_time_nanos),
        "version": manifest.version,
    }


def _verify_files(
    folder: DataFolder, manifest: Manifest, progress: ReadProgress | None, report: PartReport
) -> None:
    total = sum(copied.size_bytes for _, copied in _listed(folder, manifest))
    done = 0
    for path, copied in _listed(folder, manifest):
        wrong = _wrong(folder, path, copied)
        if wrong:
            sequence = copied.first_sequence if isinstance(copied, CopiedFile) else None
            report.faults.append(Fault(path, None, sequence, wrong))
        done += copied.size_bytes
        if progress is not None:
            progress(done, total)


def _listed(
    folder: DataFolder, manifest: Manifest
) -> Iterable[tuple[Path, CopiedFile | CopiedInstructions]]:
    for segment in manifest.segments:
        yield folder.journal / segment.name, segment
    for snapshot in manifest.snapshots:
        yield folder.snapshots.folder / snapshot.name, snapshot
    for instructions in manifest.instructions:
        yield folder.instructions / instructions.name, instructions


def _verify_instructions_end(folder: DataFolder, manifest: Manifest, report: PartReport) -> None:
    """See that the files are there which have no checksum in the manifest."""
    names = [manifest.open_instructions] if manifest.open_instructions else []
    names += [CONSUMERS_NAME] if manifest.has_consumers else []
    is_there = folder.instructions.exists()
    held = folder.files.list_names(folder.instructions) if is_there else []
    for name in names:
        path = folder.instructions / name
        if name not in held:
            report.faults.append(Fault(path, None, None, "it was copied, and is not there"))


def _wrong(folder: DataFolder, path: Path, copied: CopiedFile | CopiedInstructions) -> str:
    """Return what is wrong with a file, empty when it is what was copied."""
    try:
        with opened(folder.files, path) as fd:
            size_bytes = folder.files.size(fd)
            digest = file_digest(folder.files, fd)
    except OSError as error:
        return str(error)
    if size_bytes != copied.size_bytes:
        return f"it has {size_bytes} bytes, and {copied.size_bytes} were copied"
    return "" if digest == copied.sha256 else "its SHA-256 is not that of what was copied"


def _verify_end(folder: DataFolder, manifest: Manifest, report: PartReport) -> None:
    """See that the journal reaches as far as the manifest says, on the same chain."""
    try:
        survey = folder.survey()
        found = survey.hash_behind(folder.files, manifest.last_sequence)
    except (JournalError, OSError):
        return  # That is told of the journal.
    path = folder.journal / manifest.open_segment
    if survey.log_id.hex() != manifest.log_id:
        reason = f"the journal is of log {survey.log_id.hex()}, the manifest of {manifest.log_id}"
        report.faults.append(Fault(folder.journal, None, None, reason))
    elif found is None:
        reason = f"the journal ends with sequence {survey.last_sequence}"
        report.faults.append(Fault(path, None, manifest.last_sequence, reason))
    elif found.hex() != manifest.last_hash:
        reason = "the journal is not the one that was copied: its chain has another hash"
        report.faults.append(Fault(path, None, manifest.last_sequence, reason))
