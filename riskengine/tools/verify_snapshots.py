"""Verifying the snapshots of a folder: each is read, and loaded into a machine."""

from pathlib import Path

from riskengine.machine.saving import SavedMachineError, restored_machine
from riskengine.persistence import JournalDamaged, JournalError, ReadProgress
from riskengine.persistence.mark import read_mark
from riskengine.persistence.snapshot_file import SnapshotDamaged, SnapshotForm
from riskengine.tools.folder import DataFolder
from riskengine.tools.reports import Fault, PartReport


def verify_snapshots(folder: DataFolder, progress: ReadProgress | None) -> PartReport:
    """Read each snapshot, load it, and see that the journal goes on from it."""
    report = PartReport("snapshots")
    paths = folder.snapshot_paths()
    sizes = {path: path.stat().st_size for path in paths if path.exists()}
    done, rows = 0, []
    for path in paths:
        row = _verify(folder, path, report)
        if row:
            rows.append({**row, "bytes": sizes.get(path, 0)})
        done += sizes.get(path, 0)
        if progress is not None:
            progress(done, sum(sizes.values()))
    report.facts |= {"count": len(paths), "snapshots": rows}
    _check_start(folder, rows, report)
    return report


def _verify(folder: DataFolder, path: Path, report: PartReport) -> dict[str, int]:
    """Return what is shown of a snapshot, or nothing after noting what is wrong with it."""
    sequence = folder.snapshots.sequence_of(path)
    try:
        snapshot = folder.snapshots.read(path)
        machine = restored_machine(snapshot.sections)
    except SnapshotDamaged as error:
        report.faults.append(Fault(path, error.offset, sequence, error.reason))
    except (SnapshotForm, SavedMachineError, OSError) as error:
        if path.exists() or not isinstance(error, FileNotFoundError):
            report.faults.append(Fault(path, None, sequence, str(error)))
        else:
            report.notes.append(f"{path.name} was dropped by the server meanwhile")
    else:
        found = machine.engine.sequence
        if found != sequence:
            report.faults.append(Fault(path, None, sequence, f"it holds the state of {found}"))
        elif wrong := _misplaced(folder, snapshot.header.log_id, sequence):
            report.faults.append(Fault(path, None, sequence, wrong))
        else:
            return {"sequence": sequence, "accounts": machine.engine.account_count}
    return {}


def _misplaced(folder: DataFolder, log_id: bytes, sequence: int) -> str:
    """Return why the journal beside it does not go on from a snapshot, empty if it does.

    The journal is looked at after the snapshot, which was durable in it by then.
    """
    try:
        survey = folder.survey()
    except (JournalError, OSError):
        return ""  # That is told of the journal.
    if log_id != survey.log_id:
        return "it is of another journal than the one beside it"
    if sequence > survey.last_sequence:
        return (
            f"the journal ends with sequence {survey.last_sequence}: durable commands are missing"
        )
    if sequence < survey.first_sequence - 1:
        return f"the journal begins with sequence {survey.first_sequence}, and so not behind it"
    return ""


def _check_start(folder: DataFolder, whole: list[dict[str, int]], report: PartReport) -> None:
    """Note when a start would be refused for want of a snapshot."""
    try:
        first = read_mark(folder.files, folder.journal).first_sequence
    except (JournalDamaged, OSError):
        return
    if first > 1 and not whole:
        reason = f"the journal begins with sequence {first}, and no snapshot is whole"
        report.faults.append(Fault(folder.snapshots.folder, None, first, reason))
