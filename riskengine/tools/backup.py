"""Backing up a data folder, also that of a running server, into a folder that a server can start.

Everything comes from files. What can be had of a running log is what its durable mark says: those
records are synced and never change again. So the end of a backup is the mark as it was read, and
always the end of a group: the last segment is copied up to there, and zeros behind it. All else in
the folder either never changes (full segments, snapshots) or is not copied (spare, lock, mark). A
trim or a dropped snapshot meanwhile makes it look again.

In the backup each segment gets its name in order, then the mark, the manifest, the instructions and
their consumers, and last the snapshots: whenever it is ended, what is there is a log up to some
sequence, or, in a first backup, refused by a start.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import time_ns

from riskengine.persistence import JournalDamaged
from riskengine.persistence.files import Files, make_folder, put_in_place
from riskengine.persistence.folder_lock import LOCK_NAME, FolderLock
from riskengine.persistence.mark import create_mark
from riskengine.persistence.meter import Meter
from riskengine.persistence.reader import SegmentSpan
from riskengine.persistence.rules import RulesSpan
from riskengine.persistence.segment import FIRST_HASH
from riskengine.persistence.snapshot_file import SnapshotDamaged, SnapshotForm, read_snapshot
from riskengine.persistence.snapshots import TEMPORARY_NAME as SNAPSHOT_TEMPORARY_NAME
from riskengine.persistence.spare import SPARE_NAME
from riskengine.persistence.survey import Survey, survey
from riskengine.persistence.verification import (
    checked_header,
    first_sequence_of,
    opened,
    verify_last,
    verify_sealed,
)
from riskengine.persistence.walk import SegmentWalk, first_time
from riskengine.tools.backup_target import BackupRefused, check_place, manifest_of
from riskengine.tools.copying import CopyError, Piece, SourceGone, copy_file
from riskengine.tools.folder import DataFolder, ToolError
from riskengine.tools.instruction_copies import TEMPORARY_NAME as INSTRUCTION_TEMPORARY_NAME
from riskengine.tools.instruction_copies import InstructionCopies, shown_instructions
from riskengine.tools.manifest import CopiedFile, Manifest, file_digest, write_manifest
from riskengine.tools.moments import shown_rules
from riskengine.tools.progress import Steps

ATTEMPTS = 20


@dataclass(slots=True)
class BackedUp:
    """What a backup has added, and what it holds now."""

    manifest: Manifest
    previous_sequence: int
    copied_bytes: int = 0
    copied_files: int = 0
    notes: list[str] = field(default_factory=list)
    rules: list[RulesSpan] = field(default_factory=list)

    def as_values(self) -> dict[str, object]:
        """Return what is shown of it."""
        manifest = self.manifest
        return {
            "log_id": manifest.log_id,
            "first_sequence": manifest.first_sequence,
            "last_sequence": manifest.last_sequence,
            "new_commands": manifest.last_sequence - self.previous_sequence,
            "segments": len(manifest.segments) + bool(manifest.open_segment),
            "rules": shown_rules(self.rules),
            "snapshots": [one.last_sequence for one in manifest.snapshots],
            "instructions": shown_instructions(
                manifest.first_instruction, manifest.last_instruction
            ),
            "copied_files": self.copied_files,
            "copied_bytes": self.copied_bytes,
            "notes": self.notes,
        }


def back_up(source: DataFolder, target: DataFolder, steps: Steps) -> BackedUp:
    """Copy what a backup folder does not have yet of a data folder; return what was done.

    Raises `ToolError`, `JournalError` (the source is damaged, or the backup in use) and OSError.
    """
    check_place(source.path, target.path)
    for folder in (target.journal, target.snapshots.folder):
        make_folder(target.files, folder)
    for folder in (target.path.parent, target.path):
        target.files.fsync_folder(folder)
    lock = FolderLock(target.journal)
    try:
        with steps("copying") as progress:
            return _Backup(source, target, manifest_of(target), progress or _unseen).run()
    finally:
        lock.release()


def _unseen(_done: int, _total: int) -> None:
    """Tell nobody."""


class _Backup:
    """One run of a backup; `_manifest` tells at any time what the target holds."""

    def __init__(
        self,
        source: DataFolder,
        target: DataFolder,
        manifest: Manifest | None,
        progress: Callable[[int, int], None],
    ) -> None:
        self._source = source
        self._target = target
        self._files: Files = target.files
        self._known = manifest
        self._progress = progress
        self._total_bytes = 0
        self._notes: list[str] = []
        self._copied_bytes = 0
        self._copied_files = 0

    def run(self) -> BackedUp:
        """Copy; when a running server has moved on meanwhile, look again."""
        known = self._known
        previous = None if known is None or known.is_empty else known.last_sequence
        for _ in range(ATTEMPTS):
            try:
                manifest = self._attempt()
            except SourceGone:
                continue
            except OSError:
                self._tidy()
                raise
            held_before = manifest.first_sequence - 1 if previous is None else previous
            return BackedUp(
                manifest,
                held_before,
                self._copied_bytes,
                self._copied_files,
                self._notes,
                survey(self._files, self._target.journal, is_held=True).rules,
            )
        raise ToolError(f"{self._source.path} lost files {ATTEMPTS} times before they were copied")

    def _tidy(self) -> None:
        """Remove what was not finished, if that goes: the disk may be full of it."""
        target = self._target
        with suppress(OSError):
            self._files.unlink(target.journal / SPARE_NAME)
        with suppress(OSError):
            self._files.unlink(target.snapshots.folder / SNAPSHOT_TEMPORARY_NAME)
        with suppress(OSError):
            self._files.unlink(target.instructions / INSTRUCTION_TEMPORARY_NAME)

    def _attempt(self) -> Manifest:
        """Copy what is there now. Snapshots are listed first: what they are of is durable then."""
        self._notes.clear()
        snapshots = self._source.snapshot_paths()
        found = self._source.survey()
        self._manifest = self._begin(found)
        self._check_chain(found)
        due = [span for span in found.spans if self._is_due(span)]
        sizes = sum(span.header.segment_bytes for span in due)
        self._total_bytes = self._copied_bytes + sizes
        for span in due:
            self._copy_segment(found, span)
        self._copy_instructions(found)
        for path in snapshots:
            if not self._manifest.has_snapshot(path.name) and not self._is_pruned(path):
                self._copy_snapshot(path)
        if not self._manifest.can_start:
            raise ToolError(
                f"no snapshot in {self._source.path} is whole, and its journal begins with "
                f"sequence {found.first_sequence}: no server could start from this backup"
            )
        return self._manifest

    def _begin(self, found: Survey) -> Manifest:
        """Return the manifest to go on with; raises `BackupRefused`."""
        log_id = found.log_id.hex()
        known = self._known
        if known is None:
            return self._start_over(found)
        if known.log_id != log_id:
            raise BackupRefused(
                f"{self._target.path} is a backup of log {known.log_id}; this is log {log_id}"
            )
        if known.last_sequence > found.last_sequence:
            raise BackupRefused(
                f"{self._target.path} holds sequences up to {known.last_sequence}, and the log "
                f"ends with {found.last_sequence}: it has lost commands, or is another history"
            )
        if known.is_empty:
            return self._start_over(found)
        if found.first_sequence > known.last_sequence + 1:
            if not known.can_start:
                return self._start_over(found)
            raise BackupRefused(
                f"sequences {known.last_sequence + 1} to {found.first_sequence - 1} are in "
                f"neither {self._target.path} nor the log any more: begin a backup in a new "
                "folder, and back up more often than the journal is shortened"
            )
        return known

    def _start_over(self, found: Survey) -> Manifest:
        """Begin with nothing, after removing what a first backup left that came to no end."""
        target = self._target
        for folder in filter(Path.exists, target.folders):
            for name in self._files.list_names(folder):
                if name != LOCK_NAME:
                    self._files.unlink(folder / name)
            self._files.fsync_folder(folder)
        first = found.first_sequence
        manifest = Manifest(found.log_id.hex(), first_sequence=first, last_sequence=first - 1)
        self._put_manifest(manifest)
        return manifest

    def _check_chain(self, found: Survey) -> None:
        """See that log and backup are one history; raises `BackupRefused` and `JournalDamaged`.

        A backup that was ended between two files may hold more than its manifest says.
        """
        manifest = self._manifest
        if manifest.is_empty:
            return
        held = survey(self._files, self._target.journal, is_held=True)
        if held.last_sequence < manifest.last_sequence:
            raise BackupRefused(
                f"{self._target.path} ends with sequence {held.last_sequence}, and its manifest "
                f"says {manifest.last_sequence}: it is damaged"
            )
        for sequence, last_hash in (
            (manifest.last_sequence, manifest.last_hash),
            (held.last_sequence, held.last_hash.hex()),
        ):
            if self._hash_in_source(found, sequence) != last_hash:
                raise BackupRefused(
                    f"what {self._target.path} holds at sequence {sequence} is not what the log "
                    "holds there: one of them went on as another history"
                )

    def _hash_in_source(self, found: Survey, sequence: int) -> str:
        """Return the chain's hash behind a sequence, empty if the log does not reach it."""
        try:
            found_hash = found.hash_behind(self._source.files, sequence)
        except FileNotFoundError as error:
            raise SourceGone(str(error.filename)) from error
        return "" if found_hash is None else found_hash.hex()

    def _is_due(self, span: SegmentSpan) -> bool:
        manifest = self._manifest
        is_pruned = not manifest.is_empty and span.last_sequence < manifest.first_sequence
        if is_pruned or manifest.has_segment(span.path.name):
            return False
        is_as_it_was = span.last_sequence == manifest.last_sequence
        return not (is_as_it_was and span.path.name == manifest.open_segment)

    def _is_pruned(self, snapshot: Path) -> bool:
        """Return whether a snapshot is older than all that the backup has: it was dropped there."""
        held = self._manifest.snapshots
        sequence = self._source.snapshots.sequence_of(snapshot)
        return bool(held) and sequence < held[0].last_sequence

    def _copy_segment(self, found: Survey, span: SegmentSpan) -> None:
        """Copy a segment, verify the copy, put it in place, and say so in mark and manifest."""
        is_last = span is found.spans[-1]
        header, name = span.header, span.path.name
        temporary = self._target.journal / SPARE_NAME
        end = span.end_offset if is_last else header.segment_bytes
        digest = self._copy(span.path, temporary, end, header.segment_bytes)
        with opened(self._files, temporary) as fd:
            walk = self._verified(found, span, fd, is_last=is_last)
            begun_nanos = first_time(self._files, fd, header)
        put_in_place(self._files, temporary, self._target.journal / name)
        manifest = self._with_full_segment(span)
        copied = CopiedFile(
            name, header.segment_bytes, digest, header.first_sequence, span.last_sequence
        )
        manifest = replace(
            manifest,
            last_sequence=span.last_sequence,
            last_hash=walk.last_hash.hex(),
            first_time_nanos=manifest.first_time_nanos or begun_nanos,
            last_time_nanos=walk.time_nanos or manifest.last_time_nanos,
            open_segment=name if is_last else "",
            segments=manifest.segments if is_last else (*manifest.segments, copied),
        )
        create_mark(
            self._files,
            self._target.journal,
            found.log_id,
            sequence=manifest.last_sequence,
            first_sequence=manifest.first_sequence,
        )
        self._put_manifest(manifest)

    def _with_full_segment(self, span: SegmentSpan) -> Manifest:
        """Return the manifest, its open segment among the full ones if another one follows that.

        So it was full when it was copied, and may be gone from the log by now.
        """
        manifest = self._manifest
        name = manifest.open_segment
        if not name or span.header.first_sequence != manifest.last_sequence + 1:
            return manifest
        path = self._target.journal / name
        with opened(self._files, path) as fd:
            size_bytes, digest = self._files.size(fd), file_digest(self._files, fd)
        first, last = first_sequence_of(path), manifest.last_sequence
        full = CopiedFile(name, size_bytes, digest, first, last)
        return replace(manifest, segments=(*manifest.segments, full))

    def _verified(self, found: Survey, span: SegmentSpan, fd: int, *, is_last: bool) -> SegmentWalk:
        """Verify a copy as a start would; an error names the segment that was copied."""
        files, path, meter = self._files, span.path, Meter(None, 0)
        header = checked_header(files, fd, path, found.mark, self._previous_hash(span))
        if is_last:
            mark = replace(found.mark, sequence=span.last_sequence)
            walk = verify_last(files, fd, path, header, mark, meter).walk
        else:
            walk = verify_sealed(files, fd, path, header, span.last_sequence + 1, meter)
        if walk.next_sequence != span.last_sequence + 1:
            reason = f"it holds sequences up to {walk.next_sequence - 1}"
            raise JournalDamaged(path, walk.offset, span.last_sequence, reason)
        return walk

    def _previous_hash(self, span: SegmentSpan) -> bytes | None:
        """Return the hash that a segment must continue, if it begins where the backup ends."""
        manifest = self._manifest
        if manifest.is_empty or span.header.first_sequence != manifest.last_sequence + 1:
            return FIRST_HASH if span.header.first_sequence == 1 else None
        return bytes.fromhex(manifest.last_hash)

    def _copy_instructions(self, found: Survey) -> None:
        """Copy what commands of the backup instructed, before the snapshots that follow them."""
        instructions = InstructionCopies(
            self._source, self._target, found, self._copy_part, self._put_manifest, self._notes
        )
        instructions.run(self._manifest)

    def _copy_part(self, source: Path, temporary: Path, size_bytes: int) -> str:
        self._total_bytes += size_bytes
        return self._copy(source, temporary, size_bytes, size_bytes)

    def _copy_snapshot(self, path: Path) -> None:
        """Copy a snapshot from which the backup goes on; one that is not whole is left out."""
        sequence = self._source.snapshots.sequence_of(path)
        manifest = self._manifest
        if not manifest.first_sequence - 1 <= sequence <= manifest.last_sequence:
            self._notes.append(f"left out: the journal does not go on from {path}")
            return
        try:
            self._source.snapshots.read(path)
            size_bytes = path.stat().st_size
        except FileNotFoundError as error:
            raise SourceGone(str(path)) from error
        except (SnapshotDamaged, SnapshotForm) as error:
            self._notes.append(f"left out: {error}")
            return
        folder = self._target.snapshots.folder
        temporary = folder / SNAPSHOT_TEMPORARY_NAME
        digest = self._copy_part(path, temporary, size_bytes)
        read_snapshot(self._files, temporary)
        put_in_place(self._files, temporary, folder / path.name)
        copied = CopiedFile(path.name, size_bytes, digest, sequence, sequence)
        self._put_manifest(manifest.with_snapshot(copied))

    def _copy(self, source: Path, temporary: Path, end: int, size_bytes: int) -> str:
        piece = Piece(self._source.files, source, end, size_bytes)
        try:
            digest = copy_file(piece, self._files, temporary, self._moved)
        except CopyError as error:
            raise ToolError(str(error)) from error
        self._copied_files += 1
        return digest

    def _moved(self, count: int) -> None:
        self._copied_bytes += count
        self._progress(self._copied_bytes, self._total_bytes)

    def _put_manifest(self, manifest: Manifest) -> None:
        manifest = replace(manifest, written_time_nanos=time_ns())
        write_manifest(self._files, self._target.path, manifest)
        self._manifest = self._known = manifest
