"""Replaying a journal in memory, past everything that is known of its states."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from riskengine.core.engine import Engine
from riskengine.machine.machine import Machine
from riskengine.machine.replay import replay
from riskengine.machine.state_hash import HashCheck
from riskengine.persistence import LogRecord
from riskengine.tools.folder import DataFolder
from riskengine.tools.history import Base, Checkpoint, History
from riskengine.tools.moments import Moment, shown_time
from riskengine.tools.progress import Steps


class Compared(NamedTuple):
    """A checkpoint that a replay came to, and the hash that it had there."""

    checkpoint: Checkpoint
    replayed_hash: str

    @property
    def is_same(self) -> bool:
        """Return whether the replay came to the state that it should."""
        return self.checkpoint.state_hash == self.replayed_hash


@dataclass(frozen=True, slots=True)
class Replayed:
    """A machine that was replayed, from where, and what it was compared with on the way.

    `noted_hashes` is how many hashes that the journal notes were compared; they were the same.
    """

    machine: Machine
    base: Base
    records: int
    compared: tuple[Compared, ...]
    noted_hashes: int
    notes: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Return whether all hashes were the same."""
        return all(compared.is_same for compared in self.compared)

    def as_values(self) -> dict[str, Any]:
        """Return what is shown of it."""
        return {
            "replayed_from": self.base.name,
            "records": self.records,
            **state_values(self.machine.engine),
            "compared": [
                {
                    "sequence": one.checkpoint.sequence,
                    "with": one.checkpoint.source,
                    "same": one.is_same,
                }
                for one in self.compared
            ],
            "noted_hashes_compared": self.noted_hashes,
            "notes": [*self.notes, *pending_notes(self.machine.engine)],
        }


def replay_until(folder: DataFolder, moment: Moment | None, steps: Steps) -> Replayed:
    """Replay a folder from as far back as it reaches up to a moment, the end without one.

    Raises `ToolError`, `ReplayError`, `JournalError` and OSError.
    """
    history = History.of(folder)
    sequence = history.sequence_at(moment)
    bases = [base for base in history.bases if base.sequence <= sequence]
    base, (machine, noted), notes = history.first_usable(bases)
    check = HashCheck(noted)
    with steps(f"replaying from {base.name}") as progress:
        records = history.read(base.sequence + 1, sequence, progress)
        compared = tuple(_passed(machine, records, history, sequence, check))
        replay(machine, records, check=check)
    done = sequence - base.sequence
    return Replayed(machine, base, done, compared, check.compared, tuple(notes))


def _passed(
    machine: Machine,
    records: Iterator[LogRecord],
    history: History,
    sequence: int,
    check: HashCheck,
) -> Iterator[Compared]:
    """Replay up to each checkpoint that lies ahead, and compare there."""
    for checkpoint in history.checkpoints():
        if machine.engine.sequence < checkpoint.sequence <= sequence:
            ahead = checkpoint.sequence - machine.engine.sequence
            replay(machine, islice(records, ahead), check=check)
            yield Compared(checkpoint, machine.state_hash())


def state_hash_of(engine: Engine) -> str | None:
    """Return the hash of a state; None in the middle of a command's work, where it has none."""
    return None if engine.has_work else engine.state_hash()


def pending_notes(engine: Engine) -> list[str]:
    """Return a note on work that is pending, if any is."""
    if not engine.has_work:
        return []
    note = (
        f"work is pending at sequence {engine.sequence}: a command goes on in pieces, and only "
        "behind the last one the state has a hash; a start goes on with it"
    )
    return [note]


def state_values(engine: Engine) -> dict[str, Any]:
    """Return what tells one state from another, its counts, and its conservation."""
    return {
        "sequence": engine.sequence,
        "time_nanos": engine.time_nanos,
        "time": shown_time(engine.time_nanos),
        "state_hash": state_hash_of(engine),
        "instruction_sequence": engine.instruction_sequence,
        "accounts": engine.account_count,
        "positions": engine.position_count,
        "open_liquidations": engine.open_liquidation_count,
        "conservation": [one._asdict() for one in engine.conservation()],
    }


def missing_atoms(engine: Engine) -> dict[int, int]:
    """Return by asset how many atoms are missing; all must be 0."""
    return {one.asset_id: one.missing_atoms for one in engine.conservation()}
