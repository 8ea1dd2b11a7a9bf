"""What a start finds: the journal opened and verified, the newest snapshot, and what came after.

And the instructions on disk, held against what is made again of them.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic_ns
from typing import NamedTuple

import structlog
from rich.console import Console

from riskengine.commands import RULES, CommandKind
from riskengine.config import JOURNAL_RECORD_BYTES, Config
from riskengine.instruction_start import (
    INSTRUCTION_FOLDER,
    StoredInstructions,
    completing,
    stored_instructions,
)
from riskengine.machine.journalled import MAX_FRAME_BYTES
from riskengine.machine.machine import Machine
from riskengine.machine.replay import replay
from riskengine.machine.saving import (
    SavedFormError,
    SavedMachineError,
    read_machine_back,
    saved_hash,
)
from riskengine.machine.state_hash import StateHash, hash_of
from riskengine.machine.view import View
from riskengine.metrics.readiness import RECOVERING, Readiness
from riskengine.metrics.statistics import Statistics
from riskengine.other_rules import why_not_known
from riskengine.persistence import (
    CommandLog,
    JournalError,
    LogRecord,
    ReadProgress,
    RecoveryReport,
    SegmentOptions,
    open_segment_log,
)
from riskengine.persistence.errors import JournalOfOtherRules
from riskengine.persistence.expected_log import check_log
from riskengine.persistence.instruction_log import SEGMENT_BYTES
from riskengine.persistence.rules import Admit
from riskengine.persistence.segment import SegmentHeader, record_bytes
from riskengine.persistence.snapshot_file import Snapshot, SnapshotDamaged, SnapshotForm
from riskengine.persistence.snapshots import SnapshotStore
from riskengine.progress import shown_progress
from riskengine.units import NANOS_PER_MILLI

JOURNAL_FOLDER, SNAPSHOT_FOLDER = "journal", "snapshots"
LEFT_SEGMENTS = 4
"""Segments of instructions for which a snapshot leaves room on the disk, beside one of the journal:
without these the server ends."""

_LOG = structlog.get_logger("riskengine.recovery")


class SnapshotUnusable(Exception):  # noqa: N818 - named for the condition, as the journal's errors
    """Refuse to start: what the journal no longer has is in no snapshot that can be used."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """The log, open at its end, the state that it makes, and where snapshots of that go.

    And the instructions on disk, complete, with what their consumers have confirmed.
    """

    log: CommandLog
    machine: Machine
    snapshots: SnapshotStore
    instructions: StoredInstructions
    read_back: "ReadBackCheck | None" = None
    replayed_bytes: int = 0
    """What of the journal came after the newest snapshot."""
    is_hash_noted: bool = False
    """That begins with what the snapshot noted of itself."""


class ReadBackCheck:
    """Compare the hash of a state that was read back with the one noted beside it, on a thread.

    `done` raises SavedMachineError when they differ, ViewError when the view came to no end.
    """

    def __init__(self, machine: Machine, noted: StateHash) -> None:
        """Begin; raises OSError when the process cannot be cloned."""
        self._noted = noted
        self._view = View(machine.engine)
        thread = ThreadPoolExecutor(1, "read-back-state")
        self.done: Future[None] = thread.submit(self._compare)
        thread.shutdown(wait=False)

    def _compare(self) -> None:
        with self._view as view:
            found = hash_of(view.read())
        if found != self._noted.digest:
            raise SavedMachineError(
                f"the state of sequence {self._noted.sequence} was read back with the hash "
                f"{found.hex()} instead of {self._noted.digest.hex()}"
            )


def recover(config: Config, statistics: Statistics, console: Console) -> Recovered:
    """Open the journal, read the newest snapshot back, and replay what came after it.

    Raises `JournalError` when the journal cannot be opened or is damaged, ends with commands of
    other rules behind every snapshot, or the instructions on disk contradict it, `SnapshotUnusable`
    when the journal alone is not enough and no snapshot helps, `ReplayError` when the journal does
    not give again what it gave.
    """
    start_nanos = monotonic_ns()
    data = Path(config.data_dir)
    options = _segment_options(config)
    steps = _Steps(console, statistics.readiness)
    check_log(data / JOURNAL_FOLDER, create=config.create, log_id=config.log_id)
    left_bytes = config.journal_segment_bytes + LEFT_SEGMENTS * SEGMENT_BYTES
    store = SnapshotStore(data / SNAPSHOT_FOLDER, left_bytes=left_bytes)
    with steps.step("verifying the journal") as progress:
        folder = data / JOURNAL_FOLDER
        log = open_segment_log(folder, options, progress=progress, admit=admitting(store))
    _log_report(log.report)
    try:
        _open(store)
        with steps.step("reading the snapshot back") as progress:
            machine, noted = newest_machine(store, log, progress)
        read_back = None if noted is None else _check_of(machine, noted)
        statistics.snapshots.found(machine.engine.sequence, machine.engine.time_nanos)
        with completing(data, log, machine.ring) as instructions:
            with steps.step("replaying the journal") as progress:
                records = _Measured(log.read(machine.engine.sequence + 1, progress))
                count = replay(machine, records, noted, instructed=instructions.add)
            complete = instructions.finish()
        stored = stored_instructions(complete, log, machine.ring)
    except BaseException:
        log.close()
        raise
    is_hash_noted = records.first_kind == CommandKind.STATE_HASH
    recovered = Recovered(log, machine, store, stored, read_back, records.size_bytes, is_hash_noted)
    _count(recovered, statistics, count, monotonic_ns() - start_nanos)
    return recovered


def new_data_folder(config: Config) -> str:
    """Make the journal of a new log, and return the log's id.

    Raises `JournalError` when anything is there already, and OSError.
    """
    data = Path(config.data_dir)
    parts = (data / name for name in (JOURNAL_FOLDER, SNAPSHOT_FOLDER, INSTRUCTION_FOLDER))
    for part in parts:
        if part.exists() and (not part.is_dir() or any(part.iterdir())):
            raise JournalError(f"{part} is there already, and not empty: nothing was made")
    log = open_segment_log(data / JOURNAL_FOLDER, _segment_options(config))
    log.close()
    return log.log_id.hex()


def _segment_options(config: Config) -> SegmentOptions:
    return SegmentOptions(
        segment_bytes=config.journal_segment_bytes,
        payload_limit_bytes=config.journal_segment_bytes - JOURNAL_RECORD_BYTES + MAX_FRAME_BYTES,
    )


class _Steps:
    """Show how far each step of a recovery is: to who looks at the console, and to who probes."""

    def __init__(self, console: Console, readiness: Readiness) -> None:
        self._console = console
        self._readiness = readiness

    @contextmanager
    def step(self, name: str) -> Iterator[ReadProgress]:
        self._readiness.enter(RECOVERING, step=name)
        with shown_progress(name, self._console) as show:

            def update(done_bytes: int, total_bytes: int) -> None:
                self._readiness.progress(done_bytes, total_bytes)
                show(done_bytes, total_bytes)

            yield update


class _Measured:
    """Records as they are read; `size_bytes` is what those take in the journal.

    `first_kind` is that of the first one, 0 without any.
    """

    def __init__(self, records: Iterable[LogRecord]) -> None:
        self.size_bytes = 0
        self.first_kind = 0
        self._records = records

    def __iter__(self) -> Iterator[LogRecord]:
        for record in self._records:
            self.size_bytes += record_bytes(len(record.payload))
            self.first_kind = self.first_kind or record.kind
            yield record


def _check_of(machine: Machine, noted: StateHash) -> ReadBackCheck | None:
    """Begin the check of what was read back; a start does not fail for want of it."""
    try:
        return ReadBackCheck(machine, noted)
    except OSError as error:
        _LOG.warning("snapshot.not_verified", error=str(error))
        return None


def _open(store: SnapshotStore) -> None:
    try:
        store.open()
    except OSError as error:
        raise SnapshotUnusable(f"snapshots cannot be kept in {store.folder}: {error}") from error


def admitting(store: SnapshotStore) -> Admit:
    """Let a log go on that ends with commands of other rules, if a snapshot stands behind them."""

    def admit(path: Path, header: SegmentHeader, last_sequence: int) -> None:
        try:
            reason = why_not_known(store, header.log_id, last_sequence)
        except (SnapshotForm, SavedFormError) as error:
            raise SnapshotUnusable(str(error)) from error
        if reason:
            raise JournalOfOtherRules(path, header.rules, RULES, last_sequence, reason)
        _LOG.info(
            "recovery.other_rules", rules=header.rules, own_rules=RULES, last_sequence=last_sequence
        )

    return admit


class ReadBack(NamedTuple):
    """A machine to begin with, and the hash that was noted of its state, None of a new one."""

    machine: Machine
    noted: StateHash | None


def newest_machine(
    store: SnapshotStore, log: CommandLog, progress: ReadProgress | None = None
) -> ReadBack:
    """Return the machine of the newest snapshot that is whole; a new one without any.

    Raises `SnapshotUnusable`.
    """
    refused = []
    for path in store.paths():
        try:
            return _machine_of(store.read(path, progress), path, log)
        except (SnapshotForm, SavedFormError) as error:
            raise SnapshotUnusable(str(error)) from error
        except (SnapshotDamaged, SavedMachineError, OSError) as error:
            _LOG.error("snapshot.refused", path=str(path), error=str(error))
            refused.append(path.name)
    if log.replayable_from > 1:
        missing = (
            f"none of the snapshots {', '.join(refused)} can be used"
            if refused
            else ("there is no snapshot")
        )
        raise SnapshotUnusable(f"{_begin_of(log)}, and {missing} in {store.folder}")
    return ReadBack(Machine(), None)


def _begin_of(log: CommandLog) -> str:
    """Say from where a log that does not begin with sequence 1 can be replayed."""
    if log.replayable_from > log.first_sequence:
        return (
            f"the journal is of other rules than {RULES} up to sequence {log.replayable_from - 1}, "
            "a snapshot of that sequence or a later one is needed (a backup may have it)"
        )
    return f"the journal begins with sequence {log.first_sequence}"


def _machine_of(snapshot: Snapshot, path: Path, log: CommandLog) -> ReadBack:
    header = snapshot.header
    if header.log_id != log.log_id:
        raise SnapshotUnusable(f"{path} is of another journal than the one beside it")
    if header.sequence > log.head.sequence:
        raise SnapshotUnusable(
            f"{path} has sequence {header.sequence}, and the journal ends with {log.head.sequence}:"
            " commands that were durable are missing"
        )
    if header.sequence < log.first_sequence - 1:
        raise SnapshotDamaged(path, 0, f"the journal begins with sequence {log.first_sequence}")
    if header.sequence < log.replayable_from - 1:
        last = log.replayable_from - 1
        raise SavedMachineError(f"other rules decided what follows it, up to sequence {last}")
    machine = read_machine_back(snapshot.sections)
    if machine.engine.sequence != header.sequence:
        raise SavedMachineError(f"it holds the state of sequence {machine.engine.sequence}")
    _LOG.info("snapshot.read_back", path=str(path), sequence=header.sequence)
    return ReadBack(machine, saved_hash(snapshot.sections))


def _count(recovered: Recovered, statistics: Statistics, records: int, nanos: int) -> None:
    engine = recovered.machine.engine
    statistics.recovery.records = records
    statistics.recovery.duration_nanos = nanos
    _LOG.info(
        "recovery.done",
        records=records,
        sequence=engine.sequence,
        instruction_sequence=engine.instruction_sequence,
        accounts=engine.account_count,
        duration_millis=nanos // NANOS_PER_MILLI,
    )


def _log_report(report: RecoveryReport) -> None:
    if report.cut_path is not None:
        _LOG.warning(
            "recovery.tail_cut",
            path=str(report.cut_path),
            offset=report.cut_offset,
            cut_bytes=report.cut_bytes,
            reason=report.cut_reason,
            last_sequence=report.last_sequence,
        )
