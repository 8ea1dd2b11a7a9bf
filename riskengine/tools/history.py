"""The states of a data folder: a machine as it was after any sequence that the folder reaches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from riskengine.commands import RULES
from riskengine.machine.machine import Machine
from riskengine.machine.replay import replay
from riskengine.machine.saving import SavedMachineError, read_machine_back, saved_hash
from riskengine.persistence import LogRecord, ReadProgress
from riskengine.persistence.snapshot_file import SnapshotDamaged, SnapshotForm
from riskengine.persistence.survey import Survey, survey
from riskengine.recovery import ReadBack
from riskengine.tools.folder import DataFolder, ToolError
from riskengine.tools.moments import Moment, sequence_at, shown_time
from riskengine.tools.progress import Steps


class SnapshotGone(ToolError):  # noqa: N818 - named for the condition
    """Report that a server has dropped a snapshot since the folder was looked at."""


class OtherRules(ToolError):  # noqa: N818
    """Refuse to replay what was decided by other rules."""


class Base(NamedTuple):
    """What a replay can begin from: a snapshot, or, without a path, nothing at all."""

    sequence: int
    path: Path | None

    @property
    def name(self) -> str:
        """Return what it is called in a report."""
        return f"snapshot {self.sequence}" if self.path else "the beginning"


class Checkpoint(NamedTuple):
    """A state hash that is known of a sequence, and from where; compared when a replay is there."""

    sequence: int
    source: str
    state_hash: str


@dataclass(frozen=True, slots=True)
class History:
    """A journal as it was found, and the bases from which it goes on, the oldest first.

    Of a damaged one, what lies before its damage; of one that was begun under other rules, what
    came behind the last of those.
    """

    folder: DataFolder
    survey: Survey
    bases: tuple[Base, ...]

    @classmethod
    def of(cls, folder: DataFolder) -> "History":
        """Look at a folder; raises `JournalError` and OSError."""
        paths = folder.snapshot_paths()
        found = survey(folder.files, folder.journal, is_damage_told=True)
        first = found.replayable_from
        bases = [Base(0, None)] if first == 1 else []
        for path in paths:
            sequence = folder.snapshots.sequence_of(path)
            if first - 1 <= sequence <= found.last_sequence:
                bases.append(Base(sequence, path))
        return cls(folder, found, tuple(bases))

    def sequence_at(self, moment: Moment | None) -> int:
        """Return the sequence of a moment, the last one without any, that the folder reaches.

        Raises `ToolError` that names the bounds when it does not, `JournalDamaged` when it does
        not any more, and OSError.
        """
        if moment is None and self.survey.damage is not None:
            raise self.survey.damage
        if moment is None:
            sequence = self.survey.last_sequence
        else:
            sequence = sequence_at(self.folder.files, self.survey, moment)
        self.check_rules(sequence)
        if moment is not None and moment.time_nanos is not None and self.bases:
            self._check_begun(moment.time_nanos, sequence)
        self.check(sequence)
        return sequence

    def _check_begun(self, time_nanos: int, sequence: int) -> None:
        """Raise `ToolError` when all states that the folder holds are of a later time."""
        base = self.bases[0]
        if sequence > base.sequence:
            return
        if sequence == base.sequence and base.path is not None:
            try:
                begun_nanos = self.folder.snapshots.read(base.path).header.time_nanos
            except (SnapshotDamaged, SnapshotForm):
                return  # That is told once it is to be used.
            if begun_nanos <= time_nanos:
                return
        raise ToolError(f"{self.folder.path} holds nothing of {shown_time(time_nanos)} or before")

    def check_rules(self, sequence: int) -> None:
        """Raise `OtherRules` when the state behind a sequence was made by other rules alone."""
        for span in self.survey.rules:
            if span.from_sequence <= sequence <= span.to_sequence:
                last = self.survey.replayable_from - 1
                if sequence < last or (sequence == last and not self.bases):
                    raise OtherRules(
                        f"sequence {sequence} was decided by rules {span.rules}, and this release "
                        f"replays rules {RULES} alone: use the release of rules {span.rules}; "
                        f"{_begin_of(self.bases, last)}"
                    )

    def check(self, sequence: int) -> None:
        """Raise `ToolError` that names the bounds when the folder does not reach a sequence.

        Raises `JournalDamaged` when it did so once.
        """
        self.check_rules(sequence)
        if not self.bases:
            raise ToolError(
                f"the journal begins with sequence {self.survey.replayable_from}, and there is no "
                f"snapshot in {self.folder.snapshots.folder} from which it goes on"
            )
        first, last = self.bases[0].sequence, self.survey.last_sequence
        if sequence > last and self.survey.damage is not None:
            raise self.survey.damage
        if not first <= sequence <= last:
            raise ToolError(
                f"sequence {sequence} is not within what {self.folder.path} holds: "
                f"{first} to {last}"
            )

    def machine_of(self, base: Base) -> ReadBack:
        """Return the machine of a base, and the hash that is noted of its state.

        Raises `ToolError` when its snapshot cannot be used, `SnapshotGone` when it is not there.
        """
        if base.path is None:
            return ReadBack(Machine(), None)
        try:
            snapshot = self.folder.snapshots.read(base.path)
            machine = read_machine_back(snapshot.sections)
        except FileNotFoundError as error:
            raise SnapshotGone(f"snapshot {base.path.name} is gone") from error
        except (SnapshotDamaged, SnapshotForm, SavedMachineError) as error:
            raise ToolError(f"snapshot {base.path.name} cannot be used: {error}") from error
        if snapshot.header.log_id != self.survey.log_id:
            raise ToolError(f"snapshot {base.path.name} is of another journal")
        if machine.engine.sequence != base.sequence:
            raise ToolError(
                f"snapshot {base.path.name} holds the state of sequence {machine.engine.sequence}"
            )
        return ReadBack(machine, saved_hash(snapshot.sections))

    def first_usable(self, bases: Sequence[Base]) -> tuple[Base, ReadBack, list[str]]:
        """Return the first base that can be used, what it holds, and why others could not.

        Raises `ToolError` when none can.
        """
        refused: list[str] = []
        for base in bases:
            try:
                return base, self.machine_of(base), refused
            except ToolError as error:
                refused.append(str(error))
        raise ToolError("; ".join(refused))

    def machine_at(self, sequence: int, steps: Steps) -> tuple[Machine, list[str]]:
        """Return the machine after a sequence, from the newest base before it, with notes.

        Raises `ToolError`, `ReplayError` and `JournalError`.
        """
        self.check(sequence)
        bases = [base for base in self.bases if base.sequence <= sequence]
        base, (machine, noted), notes = self.first_usable(bases[::-1])
        with steps(f"replaying from {base.name}") as progress:
            replay(machine, self.read(base.sequence + 1, sequence, progress), noted)
        return machine, notes

    def read(
        self, from_sequence: int, until_sequence: int, progress: ReadProgress | None = None
    ) -> Iterator[LogRecord]:
        """Yield the records from a sequence up to another, as `Survey.read` does."""
        files = self.folder.files
        return self.survey.read(files, from_sequence, progress, until_sequence=until_sequence)

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Yield what is known of state hashes, in order of sequence; bad snapshots are left out.

        Each snapshot is read back for it when it is asked for.
        """
        for base in self.bases:
            if base.path is not None:
                try:
                    state_hash = self.machine_of(base).machine.state_hash()
                except ToolError:
                    continue
                yield Checkpoint(base.sequence, base.path.name, state_hash)


def _begin_of(bases: Sequence[Base], last_of_others: int) -> str:
    """Say which state is the first that can be had of a log that was begun under other rules."""
    if bases:
        return f"the first state for this one is that of {bases[0].name}"
    return f"there is no snapshot of sequence {last_of_others}, the last of other rules, or behind"
