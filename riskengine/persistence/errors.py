"""Errors of the command log, each with the facts that its handler needs as attributes."""
# ruff: noqa: N818 - each is named for the condition, as in "refused: the journal is locked"

import errno
from pathlib import Path

_NAMES = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.EFBIG: "the file may not be larger",
    errno.EIO: "the disk does not read or write",
    errno.EROFS: "the disk may only be read",
    errno.EMFILE: "the process has no descriptor left",
    errno.ENFILE: "the system has no descriptor left",
}


def told(error: OSError) -> str:
    """Return what failed by its name, and what the system says of it."""
    name = _NAMES.get(error.errno or 0, "")
    return f"{name}: {error}" if name else str(error)


class JournalError(Exception):
    """Cover every error of the log."""


class JournalClosed(JournalError):
    """Refuse a call on a closed log."""


class JournalFailed(JournalError):
    """Report a failed write or sync; the log stays failed until the process starts anew."""


class JournalLocked(JournalError):
    """Refuse to open a log that another process, or another object of this one, has open."""


class JournalDamaged(JournalError):
    """Report that the stored log is not the log that was acknowledged.

    `offset` is in bytes from the start of the file; `sequence` is the first one affected.
    """

    def __init__(self, path: Path, offset: int, sequence: int, reason: str) -> None:
        super().__init__(f"{path} is damaged at offset {offset}, sequence {sequence}: {reason}")
        self.path = path
        self.offset = offset
        self.sequence = sequence
        self.reason = reason


class JournalUnfinished(JournalDamaged):
    """Report a log that was to be written anew and was not finished; `path` is its mark."""

    def __init__(self, path: Path) -> None:
        text = (
            f"{path.parent.parent} was begun by a restore that came to no end: run that once more "
            "into the same folder, or remove the folder"
        )
        super().__init__(path, 0, 0, text)
        self.args = (text,)


class JournalOfOtherRules(JournalError):
    """Refuse a log that ends with commands of other rules: they would make another state.

    `reason` is why the state behind them is not known either.
    """

    def __init__(
        self, path: Path, rules: int, own_rules: int, last_sequence: int, reason: str
    ) -> None:
        super().__init__(
            f"{path} is of rules {rules}, and this release decides by rules {own_rules}: the same "
            f"commands would make another state, and {reason}. Start the release of rules {rules} "
            f"on it, have it take a snapshot with nothing behind it (a stop by SIGTERM does, see "
            f"snapshot_at_stop_millis), stop it, and start this one; sequence {last_sequence} is "
            "the last"
        )
        self.path = path
        self.rules = rules
        self.last_sequence = last_sequence
        self.reason = reason


class SequenceConflict(JournalError):
    """Refuse a record that is not the next one; another writer may have appended."""

    def __init__(self, expected_sequence: int, next_sequence: int) -> None:
        super().__init__(f"sequence {expected_sequence} was expected, {next_sequence} is next")
        self.expected_sequence = expected_sequence
        self.next_sequence = next_sequence


class StaleEpoch(JournalError):
    """Refuse a record of an epoch that a later one has replaced."""

    def __init__(self, epoch: int, log_epoch: int) -> None:
        super().__init__(f"epoch {epoch} is stale, the log is at epoch {log_epoch}")
        self.epoch = epoch
        self.log_epoch = log_epoch


class RecordTooLarge(JournalError):
    """Refuse a record whose payload is over the limit, both in bytes."""

    def __init__(self, payload_bytes: int, limit_bytes: int) -> None:
        super().__init__(f"payload of {payload_bytes} bytes is over {limit_bytes} bytes")
        self.payload_bytes = payload_bytes
        self.limit_bytes = limit_bytes


class SequenceTrimmed(JournalError):
    """Refuse to read a record that is no longer kept."""

    def __init__(self, from_sequence: int, first_sequence: int) -> None:
        super().__init__(f"sequence {from_sequence} is gone, {first_sequence} is the oldest kept")
        self.from_sequence = from_sequence
        self.first_sequence = first_sequence


class InstructionsFailed(JournalError):
    """Report a failed write or sync of instructions; no more are written until a start."""


class InstructionsRefused(JournalError):
    """Refuse to start: what is stored of instructions contradicts the journal beside it."""


class InstructionsDamaged(JournalError):
    """Report stored instructions that are not those that were written.

    `offset` is in bytes from the start of the file; `instruction_sequence` is the first affected.
    """

    def __init__(self, path: Path, offset: int, instruction_sequence: int, reason: str) -> None:
        super().__init__(
            f"{path} is damaged at offset {offset}, instruction {instruction_sequence}: {reason}"
        )
        self.path = path
        self.offset = offset
        self.instruction_sequence = instruction_sequence
        self.reason = reason


class InstructionsTrimmed(JournalError):
    """Refuse to read an instruction that is no longer stored."""

    def __init__(self, instruction_sequence: int) -> None:
        super().__init__(f"instruction {instruction_sequence} is no longer stored")
        self.instruction_sequence = instruction_sequence


class ConsumersDamaged(JournalError):
    """Report a list of consumers that is not the one that was written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is damaged: {reason}")
        self.path = path
        self.reason = reason
