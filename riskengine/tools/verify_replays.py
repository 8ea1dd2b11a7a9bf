"""Verifying by replaying: from every base of a folder the same states must come."""

from itertools import islice

from riskengine.machine.machine import Machine
from riskengine.machine.replay import ReplayError, replay
from riskengine.machine.state_hash import HashCheck
from riskengine.persistence import JournalDamaged, JournalError, SequenceTrimmed
from riskengine.tools.folder import DataFolder, ToolError
from riskengine.tools.history import Base, History, OtherRules, SnapshotGone
from riskengine.tools.progress import Steps
from riskengine.tools.replay import missing_atoms, pending_notes, state_hash_of
from riskengine.tools.reports import Fault, PartReport
from riskengine.tools.verify_journal import fault_of

ATTEMPTS = 3
"""How often it is begun again because a running server dropped what was to be replayed."""


def verify_replays(folder: DataFolder, steps: Steps) -> PartReport:
    """Replay from the oldest base, the newest ones and whatever lies between, and compare.

    Each replay goes to the end of the journal as it was found; where it passes a later snapshot its
    state hash, over core, sessions and instructions, must be that of the snapshot, and where the
    journal notes a hash, that of the core the one that is noted. A journal that ends while work is
    pending ends with a state that has no hash, which is noted.
    """
    for _ in range(ATTEMPTS):
        report = PartReport("replays")
        try:
            _run(folder, steps, report)
        except (SnapshotGone, SequenceTrimmed) as error:
            report.notes.append(f"not replayed, for the server went on meanwhile: {error}")
        else:
            break
    return report


def _run(folder: DataFolder, steps: Steps, report: PartReport) -> None:
    """Replay; raises `SnapshotGone` and `SequenceTrimmed` when a server has moved on."""
    try:
        history = History.of(folder)
        history.check(history.survey.last_sequence)
        _Replays(history, steps, report).run()
    except (SnapshotGone, SequenceTrimmed):
        raise
    except OtherRules as error:
        report.notes.append(f"not replayed: {error}")
    except JournalDamaged as error:
        report.faults.append(fault_of(error))
    except ReplayError as error:
        report.faults.append(Fault(folder.journal, None, error.sequence, str(error)))
    except (ToolError, JournalError, OSError) as error:
        report.faults.append(Fault(folder.path, None, None, str(error)))


class _Replays:
    """Replay from each base to the end; `hashes` has what the first one came to."""

    def __init__(self, history: History, steps: Steps, report: PartReport) -> None:
        self._history = history
        self._steps = steps
        self._report = report
        self._hashes: dict[int, str] = {}
        self._pending: list[str] = []

    def run(self) -> None:
        """Replay from each base, the oldest first."""
        bases = self._history.bases
        self._report.facts |= {
            "sequence": self._history.survey.last_sequence,
            "replays": [row for row in map(self._replay, bases) if row],
        }
        self._report.notes += dict.fromkeys(self._pending)

    def _replay(self, base: Base) -> dict[str, object]:
        """Replay from a base; its own state must be the one that earlier replays came to.

        Returns what is shown of it, nothing when it was not.
        """
        machine, noted = self._history.machine_of(base)
        check = HashCheck(noted)
        if not self._note(base, machine):
            return {}
        last = self._history.survey.last_sequence
        with self._steps(f"replaying from {base.name}") as progress:
            records = self._history.read(base.sequence + 1, last, progress)
            for stop in [later.sequence for later in self._history.bases] + [last]:
                ahead = stop - machine.engine.sequence
                if ahead > 0:
                    replay(machine, islice(records, ahead), check=check)
                    self._note(base, machine)
        self._check_money(base, machine)
        self._pending += pending_notes(machine.engine)
        return {
            "from": base.name,
            "commands": last - base.sequence,
            "hashes": check.compared,
            "state_hash": state_hash_of(machine.engine),
        }

    def _note(self, base: Base, machine: Machine) -> bool:
        """Return whether the state is the one that is known of its sequence, if any is."""
        if machine.engine.has_work:
            return True
        sequence, state_hash = machine.engine.sequence, machine.state_hash()
        known = self._hashes.setdefault(sequence, state_hash)
        if known != state_hash:
            reason = f"from {base.name} the state hash is {state_hash}, before it was {known}"
            path = base.path or self._history.folder.journal
            self._report.faults.append(Fault(path, None, sequence, reason))
        return known == state_hash

    def _check_money(self, base: Base, machine: Machine) -> None:
        for asset_id, atoms in missing_atoms(machine.engine).items():
            if atoms:
                reason = f"{atoms} atoms of asset {asset_id} are missing"
                path = base.path or self._history.folder.journal
                self._report.faults.append(Fault(path, None, machine.engine.sequence, reason))
