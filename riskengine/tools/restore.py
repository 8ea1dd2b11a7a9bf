"""Making a data folder from a backup, as of its end or of any command that it reaches.

What is restored is cut behind a whole command, and is a log of its own: it has a new id, so that no
segment, snapshot or backup of the log that it came from can ever be taken for one of its own, nor
the other way round. Its records are what they were, at their sequences, times and epochs.

It begins behind the older of the two newest snapshots before the cut, as a log does that was
shortened. Until all is there and synced a start on the folder is refused.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from riskengine.machine.instruction_ring import InstructionRing
from riskengine.machine.pieces import Pieces
from riskengine.machine.saving import INSTRUCTIONS
from riskengine.persistence import JournalDamaged
from riskengine.persistence.files import make_folder
from riskengine.persistence.folder_lock import LOCK_NAME, FolderLock
from riskengine.persistence.log_writer import LogWriter, is_unfinished, refuse_starts
from riskengine.persistence.mark import MARK_NAME
from riskengine.persistence.segment import LOG_ID_BYTES
from riskengine.persistence.snapshots import KEPT
from riskengine.tools.backup_target import PART_FOLDERS
from riskengine.tools.folder import DataFolder, ToolError, WrongUsageError
from riskengine.tools.history import Base, History
from riskengine.tools.instruction_copies import shown_instructions
from riskengine.tools.moments import Moment, shown_rules, shown_time
from riskengine.tools.progress import Steps
from riskengine.tools.replay import Replayed, pending_notes, replay_until
from riskengine.tools.restored_instructions import InstructionRestore, RestoredInstructions

IGNORED_NAMES = {"lost+found"}


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, what was left out, and what a start on it comes to."""

    source_log_id: str
    source_rules: str
    log_id: str
    first_sequence: int
    last_sequence: int
    source_last_sequence: int
    first_left_out_time_nanos: int
    last_left_out_time_nanos: int
    snapshots: tuple[int, ...]
    instructions: RestoredInstructions
    replayed: Replayed
    notes: tuple[str, ...]

    def as_values(self) -> dict[str, Any]:
        """Return what is shown of it."""
        left_out = self.source_last_sequence - self.last_sequence
        values: dict[str, Any] = {
            "log_id": self.log_id,
            "from_log_id": self.source_log_id,
            "from_rules": self.source_rules,
            "journal_from": self.first_sequence,
            "snapshots": list(self.snapshots),
            "instructions": shown_instructions(self.instructions.first, self.instructions.last),
            "left_out_commands": left_out,
        }
        if left_out:
            values["left_out_sequences"] = (
                f"{self.last_sequence + 1} to {self.source_last_sequence}"
            )
            first, last = self.first_left_out_time_nanos, self.last_left_out_time_nanos
            if first:
                values["left_out_times"] = f"{shown_time(first)} to {shown_time(last)}"
        notes = [*self.notes, *pending_notes(self.replayed.machine.engine)]
        return values | self.replayed.as_values() | {"notes": notes}


def restore(
    source: DataFolder, target: DataFolder, moment: Moment | None, steps: Steps
) -> Restored:
    """Restore into a folder that is empty or absent; return what was done.

    Raises `ToolError`, `JournalError` and `ReplayError` (the source is damaged), and OSError.
    """
    history = History.of(source)
    last = history.survey.last_sequence
    cut = history.sequence_at(moment)
    bases, notes = _newest_snapshots(history, cut)
    first_time, last_time = _times_left_out(history, cut, notes)
    log_id = os.urandom(LOG_ID_BYTES)
    _make_folders(target)
    lock = FolderLock(target.journal)
    try:
        _claim(target)
        copied = [_copy_snapshot(history, base, target, log_id) for base in bases]
        epoch = copied[-1].epoch if copied else 0
        ring = copied[0].ring if copied else InstructionRing(0)
        first = bases[-1].sequence + 1 if bases else 1
        log_ids = history.survey.log_id, log_id
        instructions = InstructionRestore(source, target, log_ids, cut, ring).run()
        _write_journal(history, target, log_id, epoch, range(first, cut + 1), steps)
    finally:
        lock.release()
    return Restored(
        source_log_id=history.survey.log_id.hex(),
        source_rules=shown_rules(history.survey.rules),
        log_id=log_id.hex(),
        first_sequence=first,
        last_sequence=cut,
        source_last_sequence=last,
        first_left_out_time_nanos=first_time,
        last_left_out_time_nanos=last_time,
        snapshots=tuple(base.sequence for base in reversed(bases)),
        instructions=instructions,
        replayed=replay_until(target, None, steps),
        notes=(*notes, *instructions.notes),
    )


def _newest_snapshots(history: History, cut: int) -> tuple[list[Base], list[str]]:
    """Return the newest whole snapshots up to a sequence, newest first, and notes on others.

    Raises `ToolError` when the journal cannot be replayed from sequence 1 and none is whole.
    """
    found: list[Base] = []
    notes: list[str] = []
    for base in reversed(history.bases):
        if base.path is None or base.sequence > cut or len(found) == KEPT:
            continue
        try:
            history.machine_of(base)
        except ToolError as error:
            notes.append(f"left out: {error}")
        else:
            found.append(base)
    first = history.survey.replayable_from
    if not found and first > 1:
        raise ToolError(
            f"no snapshot of sequence {cut} or before can be used, and the journal begins with "
            f"sequence {first}"
        )
    return found, notes


def _times_left_out(history: History, cut: int, notes: list[str]) -> tuple[int, int]:
    """Return the times of the first and the last record behind a sequence, 0 where unknown.

    What is left out may be damaged, which is noted.
    """
    if history.survey.damage is not None:
        notes.append(f"what is left out is damaged: {history.survey.damage}")
    end = history.survey.last_sequence
    first = last = 0
    try:
        for record in history.read(cut + 1, min(cut + 1, end)):
            first = record.time_nanos
        begun = history.survey.spans[-1].header.first_sequence
        for record in history.read(max(cut + 1, begun), end):
            last = record.time_nanos
    except JournalDamaged as damage:
        notes.append(f"what is left out is damaged: {damage}")
    return first, last


def _make_folders(target: DataFolder) -> None:
    """Make the folders of a target; raises `WrongUsageError` if there is anything in it."""
    path = target.path
    if path.exists():
        if not path.is_dir():
            raise WrongUsageError(f"{path} is no folder")
        _check_free(target)
    make_folder(target.files, target.journal)
    for folder in (path.parent, path):
        target.files.fsync_folder(folder)


def _claim(target: DataFolder) -> None:
    """Have starts refused, and remove what a restore left that came to no end.

    Called with the target's lock held; raises `WrongUsageError` if it is in use by now.
    """
    _check_free(target)
    refuse_starts(target.files, target.journal)
    for path in _files_in(target):
        if path.name != MARK_NAME:
            target.files.unlink(path)
    make_folder(target.files, target.snapshots.folder)
    for folder in (target.path, *filter(Path.exists, target.folders)):
        target.files.fsync_folder(folder)


def _check_free(target: DataFolder) -> None:
    """Refuse a folder with anything in it but what an unfinished restore left."""
    path = target.path
    names = {one.name for one in path.iterdir()} - IGNORED_NAMES
    is_ours = not names - PART_FOLDERS
    is_empty = not _files_in(target)
    is_left = target.journal.exists() and is_unfinished(target.files, target.journal)
    if not (is_ours and (is_empty or is_left)):
        raise WrongUsageError(f"{path} is not empty; restore into a folder that is, or is new")


def _files_in(target: DataFolder) -> list[Path]:
    folders = filter(Path.exists, target.folders)
    found = [one / name for one in folders for name in target.files.list_names(one)]
    return [path for path in found if path.name != LOCK_NAME]


class _CopiedSnapshot(NamedTuple):
    """The epoch of a snapshot, and the instructions that it keeps."""

    epoch: int
    ring: InstructionRing


def _copy_snapshot(
    history: History, base: Base, target: DataFolder, log_id: bytes
) -> _CopiedSnapshot:
    """Copy a snapshot into the log of another id."""
    assert base.path is not None
    snapshot = history.folder.snapshots.read(base.path)
    header = replace(snapshot.header, log_id=log_id)
    sections = {number: iter([bytes(data)]) for number, data in snapshot.sections.items()}
    target.snapshots.write(header, sections).publish()
    kept = Pieces(snapshot.sections.get(INSTRUCTIONS, b""))
    return _CopiedSnapshot(header.epoch, InstructionRing.read_back(0, kept))


def _write_journal(
    history: History,
    target: DataFolder,
    log_id: bytes,
    epoch: int,
    sequences: range,
    steps: Steps,
) -> None:
    """Write those sequences as a log of its own, begun in an epoch."""
    writer = LogWriter(
        target.files,
        target.journal,
        log_id=log_id,
        first_sequence=sequences.start,
        epoch=epoch,
        segment_bytes=history.survey.segment_bytes,
    )
    try:
        with steps("restoring the journal") as progress:
            for record in history.read(sequences.start, sequences.stop - 1, progress):
                writer.append(record)
            writer.finish()
    finally:
        writer.close()
