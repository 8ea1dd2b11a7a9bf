"""Pruning a backup: what no point of time from a moment on needs is dropped from its beginning.

What stays begins with a snapshot at or before that moment, and can be restored from there on. The
backup is verified before and after, and is one at every step: first the older snapshots go, then
the mark says where the journal begins, then the manifest, and last the files.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from riskengine.machine.instruction_ring import InstructionRing
from riskengine.machine.pieces import Pieces
from riskengine.machine.saving import INSTRUCTIONS
from riskengine.persistence.consumers_file import ConsumersFile
from riskengine.persistence.files import Files
from riskengine.persistence.folder_lock import FolderLock
from riskengine.persistence.mark import create_mark
from riskengine.persistence.survey import Survey, survey
from riskengine.persistence.verification import first_sequence_of, size_of
from riskengine.tools.folder import DataFolder, ToolError
from riskengine.tools.manifest import (
    Manifest,
    first_instruction_of,
    read_manifest,
    write_manifest,
)
from riskengine.tools.moments import Moment, sequence_at
from riskengine.tools.progress import Steps
from riskengine.tools.verify import verify


@dataclass(slots=True)
class Pruned:
    """What was dropped of a backup, and with which sequence it begins now."""

    first_sequence: int
    from_snapshot: int
    segments: int = 0
    snapshots: int = 0
    instruction_files: int = 0
    freed_bytes: int = 0
    notes: list[str] = field(default_factory=list)

    def as_values(self) -> dict[str, Any]:
        """Return what is shown of it."""
        return {
            "journal_from": self.first_sequence,
            "from_snapshot": self.from_snapshot or "none",
            "dropped_segments": self.segments,
            "dropped_snapshots": self.snapshots,
            "dropped_instruction_files": self.instruction_files,
            "freed_bytes": self.freed_bytes,
            "notes": self.notes,
        }


def prune(target: DataFolder, moment: Moment, steps: Steps) -> Pruned:
    """Drop what no moment from that one on needs; return what was dropped.

    Raises `ToolError` when the backup is not whole before or after, or ends before that moment,
    `JournalError` and OSError.
    """
    _check_whole(target, steps, "nothing was dropped")
    lock = FolderLock(target.journal)
    try:
        pruned = _Prune(target).run(moment)
    finally:
        lock.release()
    _check_whole(target, steps, "it was not before it was pruned")
    return pruned


def _check_whole(target: DataFolder, steps: Steps, told: str) -> None:
    found = verify(target, steps)
    if not found.is_whole:
        fault = next(fault for part in found.parts for fault in part.faults)
        raise ToolError(f"{target.path} is damaged; {told}: {fault.text()}")


class _Prune:
    """One run; the backup is held and whole."""

    def __init__(self, target: DataFolder) -> None:
        manifest = read_manifest(target.files, target.path)
        if manifest is None:
            raise ToolError(f"{target.path} is no backup")
        self._target = target
        self._files: Files = target.files
        self._manifest = manifest
        self._found: Survey = survey(target.files, target.journal, is_held=True)

    def run(self, moment: Moment) -> Pruned:
        """Drop what lies before the newest snapshot at or before a moment."""
        manifest = self._manifest
        sequence = sequence_at(self._files, self._found, moment)
        if sequence > manifest.last_sequence:
            raise ToolError(
                f"sequence {sequence} is not in {self._target.path}, which ends with "
                f"{manifest.last_sequence}: nothing was dropped"
            )
        base = max(
            (one.last_sequence for one in manifest.snapshots if one.last_sequence <= sequence),
            default=0,
        )
        pruned = Pruned(manifest.first_sequence, base)
        if base:
            self._drop_snapshots(base, pruned)
            self._drop_segments(base, pruned)
            self._drop_instructions(base, pruned)
        else:
            pruned.notes.append("nothing was dropped: no snapshot is of that moment or before")
        return pruned

    def _drop_snapshots(self, base: int, pruned: Pruned) -> None:
        manifest = self._manifest
        gone = [one for one in manifest.snapshots if one.last_sequence < base]
        self._put(replace(manifest, snapshots=manifest.snapshots[len(gone) :]))
        paths = [
            path
            for path in self._target.snapshot_paths()
            if self._target.snapshots.sequence_of(path) < base
        ]
        pruned.snapshots = len(paths)
        self._remove(self._target.snapshots.folder, paths, pruned)

    def _drop_segments(self, base: int, pruned: Pruned) -> None:
        manifest = self._manifest
        kept = [span for span in self._found.spans if span.last_sequence > base]
        kept = kept or [self._found.spans[-1]]  # the last one is not full
        first = kept[0].header.first_sequence
        if first > manifest.first_sequence:
            create_mark(
                self._files,
                self._target.journal,
                self._found.log_id,
                sequence=manifest.last_sequence,
                first_sequence=first,
            )
            begun_nanos = self._found.time_of(self._files, kept[0]) or manifest.last_time_nanos
            full = tuple(one for one in manifest.segments if one.first_sequence >= first)
            self._put(
                replace(
                    self._manifest,
                    first_sequence=first,
                    first_time_nanos=begun_nanos,
                    segments=full,
                )
            )
        pruned.first_sequence = first
        gone = [
            path
            for path in self._paths(self._target.journal, ".log")
            if first_sequence_of(path) < first
        ]
        pruned.segments = len(gone)
        self._remove(self._target.journal, gone, pruned)

    def _drop_instructions(self, base: int, pruned: Pruned) -> None:
        """Drop those that came before the snapshot and that every consumer has confirmed."""
        done = min([self._instructed_before(base), *self._confirmed()])
        manifest = self._manifest
        kept = tuple(one for one in manifest.instructions if one.last_instruction > done)
        if not manifest.open_instructions:
            kept = kept or manifest.instructions[-1:]
        self._put(replace(manifest, instructions=kept))
        first = self._manifest.first_instruction
        folder = self._target.instructions
        held = self._paths(folder, ".ins") if folder.exists() else []
        gone = [path for path in held if first_instruction_of(path.name) < first]
        pruned.instruction_files = len(gone)
        if gone:
            self._remove(folder, gone, pruned)

    def _instructed_before(self, base: int) -> int:
        snapshots = self._target.snapshots
        path = next(
            path for path in self._target.snapshot_paths() if snapshots.sequence_of(path) == base
        )
        kept = Pieces(snapshots.read(path).sections.get(INSTRUCTIONS, b""))
        return InstructionRing.read_back(0, kept).last_sequence

    def _confirmed(self) -> list[int]:
        target = self._target
        file = ConsumersFile(target.instructions, self._found.log_id, self._files)
        return list((file.read() or {}).values())

    def _paths(self, folder: Path, suffix: str) -> list[Path]:
        return [folder / name for name in self._files.list_names(folder) if name.endswith(suffix)]

    def _remove(self, folder: Path, paths: list[Path], pruned: Pruned) -> None:
        """Remove files, the oldest first."""
        for path in paths:
            pruned.freed_bytes += size_of(self._files, path)
            self._files.unlink(path)
        self._files.fsync_folder(folder)

    def _put(self, manifest: Manifest) -> None:
        write_manifest(self._files, self._target.path, manifest)
        self._manifest = manifest
