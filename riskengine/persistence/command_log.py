"""The port of the command log: an ordered, durable list of opaque records.

Nothing here says that the log is a file: a replicated log, fenced by the same expected sequence
and epoch, fits behind the same names.

Threads: one thread appends, one thread syncs, and these may be different threads: `append` never
waits for storage, `sync` waits with the interpreter lock released. `head`, `pending_bytes`, `read`
and `trim` may be called from any thread. `close` comes last: after it the properties still answer
and every call is refused.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

ReadProgress = Callable[[int, int], None]
"""Receives bytes done and bytes in all, several times during a long read and once at its end."""


class LogRecord(NamedTuple):
    """Hold one command as the log keeps it; the payload is opaque to the log.

    `sequence` counts from 1 without gaps; `epoch` says which leader wrote it (0 to 2^64 - 1, never
    falling); `kind` is the command kind (0 to 65535); `time_nanos` the sequencer's time.
    """

    sequence: int
    epoch: int
    kind: int
    time_nanos: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class LogHead:
    """Say how far the log is durable: last sequence (0 if none), its epoch, bytes kept.

    `written_bytes` are those kept, and those that were trimmed since the log was opened.
    """

    sequence: int
    epoch: int
    size_bytes: int
    written_bytes: int


class CommandLog(Protocol):
    """Keep commands in order, each durable before anybody is told of it."""

    @property
    def head(self) -> LogHead:
        """Return the durable head; what is appended but not synced is not in it."""
        ...

    @property
    def log_id(self) -> bytes:
        """Return the 8 bytes that tell this log from every other one."""
        ...

    @property
    def first_sequence(self) -> int:
        """Return the oldest sequence kept, or the next one if the log is empty."""
        ...

    @property
    def replayable_from(self) -> int:
        """Return from which sequence on this program's rules decided all; they decide what comes.

        Records before it can be read, and would make another state.
        """
        ...

    @property
    def pending_bytes(self) -> int:
        """Return the bytes appended and not yet durable, for the caller to bound."""
        ...

    def append(self, record: LogRecord, *, expected_sequence: int, epoch: int) -> None:
        """Buffer a record for the next `sync`; nothing is durable yet.

        `expected_sequence` is the sequence that the caller believes comes next, and `epoch` its
        own; the record must carry both. Raises `SequenceConflict`, `StaleEpoch` or
        `RecordTooLarge`, upon which nothing is buffered and the log goes on; `JournalFailed` once
        the log has failed, and `JournalClosed`.
        """
        ...

    def sync(self) -> int:
        """Make all that was buffered at the call durable, as one group; return the last sequence.

        With nothing buffered it is cheap, and worth a call when the caller falls idle: it fixes
        the evidence by which recovery tells a damaged last group from one that was never finished.
        Raises `JournalFailed` when a write or sync fails: the group's fate is then unknown, and
        the log refuses everything from there on; only a restart finds out what was kept.
        """
        ...

    def read(self, from_sequence: int, progress: ReadProgress | None = None) -> Iterator[LogRecord]:
        """Yield the durable records from a sequence up to the head at the call.

        A sequence past the head yields nothing. Raises `SequenceTrimmed` when the record is no
        longer kept and `JournalDamaged` when what is stored is not what was written.
        """
        ...

    def trim(self, before_sequence: int) -> int:
        """Allow records before a sequence to be dropped; return the oldest sequence kept.

        The log drops in units of its own, so it may keep more than it must, and never less. Raises
        `JournalFailed` as `sync` does, and OSError when what was dropped cannot be removed: the log
        goes on without it.
        """
        ...

    def close(self) -> None:
        """Sync what is buffered, unless the log has failed, and release the log."""
        ...
