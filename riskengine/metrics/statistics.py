"""What the service counts while it works: plain integers, converted only when they are scraped.

Instants are `time.monotonic_ns()`; durations are differences of two of them, in nanoseconds. All
is written on the event loop's thread, except the journal's part, which its writer thread owns.
"""

from enum import IntEnum

from riskengine.commands import CommandKind
from riskengine.core.enums import RejectReason
from riskengine.core.types import Outcome
from riskengine.metrics.histogram import APPLY_BOUNDS_NANOS, STORAGE_BOUNDS_NANOS, DurationHistogram
from riskengine.metrics.readiness import Readiness


class CommandResult(IntEnum):
    """What became of a command; the label `result` is the name in small letters."""

    APPLIED = 0
    """All rows."""
    APPLIED_IN_PART = 1
    """Some rows; the others were rejected."""
    REJECTED = 2
    """No row; the books did not change."""
    REPEATED = 3
    """Seen before under its key; got its first answer."""


class CommandStatistics:
    """Count commands by kind and result, rows by kind, and rejections by reason.

    Lists are as long as the highest number of a kind is high. Reason 0 counts rejected rows beyond
    those that an outcome lists.
    """

    __slots__ = ("applied_rows", "apply_duration", "rejected_rows", "results")

    def __init__(self) -> None:
        numbers = range(max(CommandKind) + 1)
        self.results = [[0] * len(CommandResult) for _ in numbers]
        self.applied_rows = [0 for _ in numbers]
        self.rejected_rows = [0] * (max(RejectReason) + 1)
        self.apply_duration = [DurationHistogram(APPLY_BOUNDS_NANOS) for _ in numbers]

    def applied(self, kind: int, outcome: Outcome, nanos: int) -> None:
        """Count a command that went into the machine, and how long that took."""
        if not outcome.applied_rows:
            result = CommandResult.REJECTED
        elif outcome.rejected_rows:
            result = CommandResult.APPLIED_IN_PART
        else:
            result = CommandResult.APPLIED
        self.results[kind][result] += 1
        self.applied_rows[kind] += outcome.applied_rows
        self.apply_duration[kind].observe(nanos)
        rejections = outcome.rejections
        if rejections:
            for rejection in rejections:
                self.rejected_rows[rejection.reason] += 1
            self.rejected_rows[0] += max(0, outcome.rejected_rows - len(rejections))

    def repeated(self, kind: int) -> None:
        """Count a command that was answered from its first answer."""
        self.results[kind][CommandResult.REPEATED] += 1

    def refused(self, kind: int, reason: int) -> None:
        """Count a command that was rejected whole without the core."""
        self.results[kind][CommandResult.REJECTED] += 1
        self.rejected_rows[reason] += 1


class JournalStatistics:
    """Count the journal's work; written by the thread that syncs.

    `size_bytes` is what the journal keeps, `synced_bytes` what was ever written to it.
    """

    __slots__ = (
        "schedule_failures",
        "size_bytes",
        "sync_duration",
        "synced_bytes",
        "synced_records",
        "syncs",
    )

    def __init__(self) -> None:
        self.schedule_failures = 0
        self.syncs = 0
        self.synced_records = 0
        self.synced_bytes = 0
        self.size_bytes = 0
        self.sync_duration = DurationHistogram(STORAGE_BOUNDS_NANOS)

    def synced(self, records: int, size_bytes: int, nanos: int) -> None:
        """Count one group that became durable."""
        self.syncs += 1
        self.synced_records += records
        self.synced_bytes += size_bytes
        self.sync_duration.observe(nanos)


class SnapshotStatistics:
    """Count snapshots, and say of the last one what it came to, and of the last failure.

    `time_nanos` is the log's time of the newest one, `failed_nanos` the server's clock.
    """

    __slots__ = (
        "duration_nanos",
        "failed",
        "failed_nanos",
        "failure",
        "held_up_nanos",
        "is_failing",
        "schedule_failures",
        "sequence",
        "size_bytes",
        "taken",
        "time_nanos",
    )

    def __init__(self) -> None:
        self.taken = 0
        self.failed = 0
        self.sequence = 0
        self.time_nanos = 0
        self.size_bytes = 0
        self.held_up_nanos = 0
        self.duration_nanos = 0
        self.is_failing = False
        self.failed_nanos = 0
        self.failure = ""
        self.schedule_failures = 0

    def found(self, sequence: int, time_nanos: int) -> None:
        """Say which snapshot was there at the start."""
        self.sequence = sequence
        self.time_nanos = time_nanos

    def took(
        self,
        sequence: int,
        time_nanos: int,
        size_bytes: int,
        held_up_nanos: int,
        duration_nanos: int,
    ) -> None:
        """Count a snapshot; the event loop was held up for a part of its time."""
        self.taken += 1
        self.is_failing = False
        self.found(sequence, time_nanos)
        self.size_bytes = size_bytes
        self.held_up_nanos = held_up_nanos
        self.duration_nanos = duration_nanos

    def did_fail(self, failure: str, now_nanos: int) -> None:
        """Count a snapshot that failed, and why."""
        self.failed += 1
        self.is_failing = True
        self.failure = failure
        self.failed_nanos = now_nanos


class StateStreamResult(IntEnum):
    """What became of a state stream; the label `result` is the name in small letters."""

    SENT = 0
    REFUSED = 1
    """There were as many as may be open."""
    FAILED = 2
    """The state could not be read."""
    GIVEN_UP = 3
    """By the client, for its slowness, or at the server's end."""


class StateStreamStatistics:
    """Count state streams by result, those that are open, and what waits for their clients."""

    __slots__ = ("open", "results", "waiting_bytes")

    def __init__(self) -> None:
        self.open = 0
        self.waiting_bytes = 0
        self.results = [0] * len(StateStreamResult)


class RecoveryStatistics:
    """Say how the last start went: written once, before the service opens."""

    __slots__ = ("duration_nanos", "records")

    def __init__(self) -> None:
        self.duration_nanos = 0
        self.records = 0


class InstructionStatistics:
    """Count what is published; `sent_sequences` is the last one sent, by subscription.

    `oldest_sequence` is the oldest that can be read, `size_bytes` what is on disk, `is_alarm`
    whether that is too much; the lags are those of the slowest named consumer. `consumers_lost`:
    the list of consumers was gone at the start, and it is waited for them to confirm again.
    """

    __slots__ = (
        "consumer_lag",
        "consumer_lag_bytes",
        "consumers",
        "consumers_lost",
        "is_alarm",
        "oldest_sequence",
        "published_sequence",
        "schedule_failures",
        "sent_sequences",
        "size_bytes",
        "slowest_consumer",
    )

    def __init__(self) -> None:
        self.published_sequence = 0
        self.sent_sequences: dict[int, int] = {}
        self.oldest_sequence = 0
        self.size_bytes = 0
        self.is_alarm = False
        self.consumers = 0
        self.consumers_lost = False
        self.slowest_consumer = ""
        self.schedule_failures = 0
        self.consumer_lag = 0
        self.consumer_lag_bytes = 0

    @property
    def slowest_lag(self) -> int:
        """Return how many published instructions the slowest subscriber has yet to be sent."""
        sent = list(self.sent_sequences.values())
        return max(0, self.published_sequence - min(sent)) if sent else 0


class ChangeStatistics:
    """Count changes of files that were taken and refused; `is_refused`: the last one was refused.

    What stood there before then still holds.
    """

    __slots__ = ("is_refused", "refused", "taken")

    def __init__(self) -> None:
        self.taken = 0
        self.refused = 0
        self.is_refused = False


class AccessStatistics:
    """Count calls without credentials, without rights, and beyond their caller's rate.

    And changes of the files behind them.
    """

    __slots__ = (
        "credentials",
        "denied_calls",
        "limited_calls",
        "schedule_failures",
        "tls",
        "unauthenticated_calls",
    )

    def __init__(self) -> None:
        self.unauthenticated_calls = 0
        self.denied_calls = 0
        self.limited_calls = 0
        self.schedule_failures = 0
        self.credentials = ChangeStatistics()
        self.tls = ChangeStatistics()


CALL_GROUPS = (
    "health",
    "health_watch",
    "reflection",
    "operator",
    "engine",
    "submit",
    "instructions",
    "gateway",
    "reader",
)
"""Of calls that share places, as the label `group` names them."""


class CallStatistics:
    """Count calls by group: those that are open, refused, and ended to make room."""

    __slots__ = ("open", "refused", "taken_back")

    def __init__(self) -> None:
        self.open = dict.fromkeys(CALL_GROUPS, 0)
        self.refused = dict.fromkeys(CALL_GROUPS, 0)
        self.taken_back = dict.fromkeys(CALL_GROUPS, 0)


class LogStatistics:
    """Count lines of the log that nobody read in time; written by whoever logs."""

    __slots__ = ("dropped_lines", "schedule_failures")

    def __init__(self) -> None:
        self.dropped_lines = 0
        self.schedule_failures = 0


class ClockStatistics:
    """Say how far the wall clock is ahead of the log's time, and of the start how long the gap was.

    `is_start_held`: it waits for an operator.
    """

    __slots__ = ("is_start_held", "offset_nanos", "schedule_failures", "start_gap_nanos")

    def __init__(self) -> None:
        self.offset_nanos = 0
        self.start_gap_nanos = 0
        self.is_start_held = False
        self.schedule_failures = 0


class Statistics:
    """Hold all recorders of one service.

    - `durable_duration`: from a batch's receipt to when its answer may leave.
    - `decision_duration`: from the receipt of mark prices to the publishing of their instructions.
    - `journal_queue_commands`, `journal_queue_bytes`: appended and not yet durable.
    - `waiting_submitters`: calls held back because the queue is full.
    - `clients`: clients that are registered for exactly-once.
    - `waiting_for_work`: commands in line for the end of work that is pending.
    - `work_pending`: whether a command paused before all that follows from it was done.
    - `durable_sequence`: the last command that is durable.
    - `order_checks_accepted`, `order_checks_refused`: answers of CheckOrder.
    """

    __slots__ = (
        "access",
        "calls",
        "check_order_duration",
        "clients",
        "clock",
        "commands",
        "decision_duration",
        "durable_duration",
        "durable_sequence",
        "instructions",
        "journal",
        "journal_queue_bytes",
        "journal_queue_commands",
        "log",
        "order_checks_accepted",
        "order_checks_refused",
        "readiness",
        "recovery",
        "snapshots",
        "state_streams",
        "waiting_for_work",
        "waiting_submitters",
        "work_pending",
    )

    def __init__(self) -> None:
        self.access = AccessStatistics()
        self.commands = CommandStatistics()
        self.journal = JournalStatistics()
        self.instructions = InstructionStatistics()
        self.calls = CallStatistics()
        self.log = LogStatistics()
        self.clock = ClockStatistics()
        self.readiness = Readiness()
        self.recovery = RecoveryStatistics()
        self.snapshots = SnapshotStatistics()
        self.state_streams = StateStreamStatistics()
        self.durable_duration = DurationHistogram(STORAGE_BOUNDS_NANOS)
        self.decision_duration = DurationHistogram(STORAGE_BOUNDS_NANOS)
        self.check_order_duration = DurationHistogram(APPLY_BOUNDS_NANOS)
        self.journal_queue_commands = 0
        self.journal_queue_bytes = 0
        self.waiting_submitters = 0
        self.clients = 0
        self.waiting_for_work = 0
        self.work_pending = False
        self.durable_sequence = 0
        self.order_checks_accepted = 0
        self.order_checks_refused = 0

    def check_order(self, accepted: bool, nanos: int) -> None:
        """Count one answer of CheckOrder."""
        if accepted:
            self.order_checks_accepted += 1
        else:
            self.order_checks_refused += 1
        self.check_order_duration.observe(nanos)
