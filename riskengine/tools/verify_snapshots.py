"""Verifying the snapshots of a folder: each is read back into a machine."""

from pathlib import Path
from typing import NamedTuple

from riskengine.machine.saving import SavedMachineError, read_machine_back
from riskengine.persistence import JournalDamaged, JournalError, ReadProgress
from riskengine.persistence.mark import read_mark
from riskengine.persistence.snapshot_file import SnapshotDamaged, SnapshotForm
from riskengine.persistence.survey import Survey
from riskengine.tools.folder import DataFolder
from riskengine.tools.reports import Fault, PartReport


def verify_snapshots(folder: DataFolder, progress: ReadProgress | None) -> PartReport:
    """Read each snapshot back, and see that the journal goes on from it."""
    report = PartReport("snapshots")
    paths = folder.snapshot_paths()
    sizes = {path: path.stat().st_size for path in paths if path.exists()}
    found: list[_ReadBack] = []
    done = 0
    for path in paths:
        read_back = _read_back(folder, path, report)
        if read_back is not None:
            found.append(read_back)
        done += sizes.get(path, 0)
        if progress is not None:
            progress(done, sum(sizes.values()))
    whole = _placed(folder, found, report)
    rows = [
        {"sequence": one.sequence, "accounts": one.accounts, "bytes": sizes.get(one.path, 0)}
        for one in whole
    ]
    report.facts |= {"count": len(paths), "snapshots": rows}
    _check_start(folder, whole, report)
    return report


class _ReadBack(NamedTuple):
    """A snapshot that is whole and was read back."""

    path: Path
    log_id: bytes
    sequence: int
    accounts: int


def _read_back(folder: DataFolder, path: Path, report: PartReport) -> _ReadBack | None:
    """Return a snapshot, or None after noting what is wrong with it."""
    sequence = folder.snapshots.sequence_of(path)
    try:
        snapshot = folder.snapshots.read(path)
        engine = read_machine_back(snapshot.sections).engine
    except SnapshotDamaged as error:
        report.faults.append(Fault(path, error.offset, sequence, error.reason))
    except FileNotFoundError:
        report.notes.append(f"{path.name} was dropped by the server meanwhile")
    except (SnapshotForm, SavedMachineError, OSError) as error:
        report.faults.append(Fault(path, None, sequence, str(error)))
    else:
        if engine.sequence == sequence:
            return _ReadBack(path, snapshot.header.log_id, sequence, engine.account_count)
        reason = f"it holds the state of sequence {engine.sequence}"
        report.faults.append(Fault(path, None, sequence, reason))
    return None


def _placed(folder: DataFolder, found: list[_ReadBack], report: PartReport) -> list[_ReadBack]:
    """Return those from which the journal goes on, after noting why it does not from others.

    The journal is looked at after the snapshots were: what they are of was durable in it by then.
    """
    try:
        survey = folder.survey()
    except (JournalError, OSError):
        return found  # That is told of the journal.
    whole = []
    for one in found:
        reason = _misplaced(survey, one)
        if not reason:
            whole.append(one)
        elif survey.is_open and not one.path.exists():
            report.notes.append(f"{one.path.name} was dropped by the server meanwhile")
        else:
            report.faults.append(Fault(one.path, None, one.sequence, reason))
    return whole


def _misplaced(survey: Survey, one: _ReadBack) -> str:
    """Return why the journal does not go on from a snapshot, empty if it does."""
    first, last = survey.first_sequence, survey.last_sequence
    if one.log_id != survey.log_id:
        return "it is of another journal than the one beside it"
    if one.sequence > last:
        return f"the journal ends with sequence {last}: durable commands are missing"
    if one.sequence < first - 1:
        return f"the journal begins with sequence {first}, and so not behind it"
    return ""


def _check_start(folder: DataFolder, whole: list[_ReadBack], report: PartReport) -> None:
    """Note when a start would be refused for want of a snapshot."""
    try:
        first = read_mark(folder.files, folder.journal).first_sequence
    except (JournalDamaged, OSError):
        return
    if first > 1 and not whole:
        reason = f"the journal begins with sequence {first}, and no snapshot is whole"
        report.faults.append(Fault(folder.snapshots.folder, None, first, reason))
