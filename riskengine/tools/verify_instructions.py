"""Verifying the instructions on disk: every frame of each segment, and the list of consumers."""

from riskengine.instruction_start import INSTRUCTION_FOLDER
from riskengine.persistence import JournalDamaged, ReadProgress
from riskengine.persistence.consumers_file import ConsumersFile
from riskengine.persistence.errors import ConsumersDamaged, InstructionsRefused
from riskengine.persistence.folder_lock import is_locked
from riskengine.persistence.instruction_found import CheckedSegment, check_segments
from riskengine.persistence.mark import read_mark
from riskengine.tools.folder import DataFolder
from riskengine.tools.reports import Fault, PartReport

ATTEMPTS = 5
"""How often segments are read again because a running server dropped one meanwhile."""


def verify_instructions(folder: DataFolder, _progress: ReadProgress | None) -> PartReport | None:
    """Read all that is stored of instructions; None where nothing is.

    They are derived: what is unfinished at their end is made again by a start, and is no fault.
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
    for attempt in range(1, ATTEMPTS + 1):
        try:
            segments = list(check_segments(path, log_id, folder.files))
        except FileNotFoundError as error:
            if attempt == ATTEMPTS or not is_locked(folder.journal):
                report.faults.append(Fault(path, None, None, str(error)))
                break
        except (InstructionsRefused, OSError) as error:
            report.faults.append(Fault(path, None, None, str(error)))
            break
        else:
            _tell(segments, report)
            break
    return report


def _tell(segments: list[CheckedSegment], report: PartReport) -> None:
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
        reason = f"instruction {segment.next_instruction}: {segment.flaw}"
        if segment is segments[-1] and segment.flaw:
            report.notes.append(
                f"the end of {segment.path.name}, at offset {segment.offset}, is unfinished, and "
                f"is made again by a start: {reason}"
            )
        elif segment.flaw:
            report.faults.append(Fault(segment.path, segment.offset, None, reason))


def _verify_consumers(file: ConsumersFile, report: PartReport) -> None:
    try:
        report.facts["consumers"] = len(file.read())
    except ConsumersDamaged as error:
        report.faults.append(Fault(file.path, None, None, error.reason))
    except (InstructionsRefused, OSError) as error:
        report.faults.append(Fault(file.path, None, None, str(error)))
