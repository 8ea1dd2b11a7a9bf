"""Verifying the instructions on disk: every frame of each segment, and the list of consumers."""

from pathlib import Path

from riskengine.instruction_start import INSTRUCTION_FOLDER
from riskengine.machine.instruction_ring import InstructionRing
from riskengine.machine.pieces import Pieces, PiecesError
from riskengine.machine.saving import INSTRUCTIONS
from riskengine.persistence import JournalDamaged, ReadProgress
from riskengine.persistence.consumers_file import ConsumersFile
from riskengine.persistence.errors import ConsumersDamaged, InstructionsRefused
from riskengine.persistence.files import Files
from riskengine.persistence.instruction_found import (
    CheckedSegment,
    check_segments,
    find_segments,
)
from riskengine.persistence.mark import read_mark
from riskengine.persistence.snapshot_file import SnapshotDamaged, SnapshotForm
from riskengine.persistence.survey import settled
from riskengine.tools.folder import DataFolder
from riskengine.tools.reports import Fault, PartReport


def verify_instructions(folder: DataFolder, progress: ReadProgress | None) -> PartReport | None:
    """Read all that is stored of instructions; None where nothing is.

    They are derived: what is unfinished at their end is made again by a start, and is no fault. Up
    to the newest snapshot they were durable, and a start makes none of them again.
    """
    path = folder.path / INSTRUCTION_FOLDER
    if not path.exists():
        return None
    report = PartReport("instructions")
    try:
        log_id = read_mark(folder.files, folder.journal).log_id
    except (JournalDamaged, OSError):
        report.notes.append("not verified, for the journal does not say of which log they are")
        return report
    _verify_consumers(ConsumersFile(path, log_id, folder.files), report)
    synced = _synced_instruction(folder)  # before the segments are read: they have it all then
    try:
        segments = settled(
            folder.journal, lambda _is_open: _read(folder.files, path, log_id, progress)
        )
    except (InstructionsRefused, OSError) as error:
        report.faults.append(Fault(path, None, None, str(error)))
    else:
        _tell(segments, synced, report)
        _tell_missing(path, segments, synced, report)
    return report


def _read(
    files: Files, path: Path, log_id: bytes, progress: ReadProgress | None
) -> list[CheckedSegment]:
    sizes = {found.path: found.size_bytes for found in find_segments(files, path, log_id)}
    segments: list[CheckedSegment] = []
    done = 0
    for segment in check_segments(path, log_id, files):
        segments.append(segment)
        done += sizes.get(segment.path, 0)
        if progress is not None:
            progress(done, sum(sizes.values()))
    return segments


def _tell(segments: list[CheckedSegment], synced: int, report: PartReport) -> None:
    report.facts |= {
        "segments": len(segments),
        "frame_bytes": sum(segment.offset for segment in segments),
    }
    if segments:
        report.facts |= {
            "first_instruction": segments[0].first_instruction,
            "last_instruction": segments[-1].next_instruction - 1,
        }
    for segment in segments:
        if not segment.flaw:
            continue
        reason = f"instruction {segment.next_instruction}: {segment.flaw}"
        if segment is segments[-1] and segment.next_instruction > synced:
            report.notes.append(
                f"the end of {segment.path.name}, at offset {segment.offset}, is unfinished, and "
                f"is made again by a start: {reason}"
            )
        else:
            report.faults.append(Fault(segment.path, segment.offset, None, reason))


def _tell_missing(
    path: Path, segments: list[CheckedSegment], synced: int, report: PartReport
) -> None:
    """Note that the end is missing, at the end of a frame or with whole files."""
    last = segments[-1].next_instruction - 1 if segments else 0
    if last < synced and not report.faults:
        reason = f"instructions end with {last}; up to {synced} they were durable"
        report.faults.append(Fault(path, None, None, reason))


def _synced_instruction(folder: DataFolder) -> int:
    """Return the last instruction that the newest whole snapshot proves to have been durable."""
    for path in reversed(folder.snapshot_paths()):
        try:
            kept = Pieces(folder.snapshots.read(path).sections.get(INSTRUCTIONS, b""))
            return InstructionRing.read_back(0, kept).last_sequence
        except (SnapshotDamaged, SnapshotForm, PiecesError, OSError):
            continue
    return 0


def _verify_consumers(file: ConsumersFile, report: PartReport) -> None:
    try:
        report.facts["consumers"] = len(file.read() or ())
    except ConsumersDamaged as error:
        report.faults.append(Fault(file.path, None, None, error.reason))
    except (InstructionsRefused, OSError) as error:
        report.faults.append(Fault(file.path, None, None, str(error)))
