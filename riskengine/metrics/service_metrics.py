"""Families of the service itself: commands, latency, queues, journal, subscribers, recovery."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from riskengine.commands import CommandKind
from riskengine.core.enums import RejectReason
from riskengine.metrics.families import (
    counter,
    duration_histogram,
    gauge,
    single_counter,
    single_gauge,
)
from riskengine.metrics.statistics import CommandResult, StateStreamResult, Statistics
from riskengine.units import NANOS_PER_SECOND

KIND = ("kind",)


def service_families(statistics: Statistics) -> Iterator[Metric]:
    """Yield all that the recorders hold; safe while they are written."""
    yield single_gauge(
        "riskengine_ready",
        "1 while calls are served, 0 while it recovers, ends, or waits for its disk or an operator",
        int(statistics.readiness.is_ready),
    )
    yield from _command_families(statistics)
    yield from _latency_families(statistics)
    yield from _queue_families(statistics)
    yield from _journal_families(statistics)
    yield from _snapshot_families(statistics)
    yield from _state_stream_families(statistics)
    yield from _subscriber_families(statistics)
    yield from _access_families(statistics)
    yield from _call_families(statistics)
    yield from _clock_families(statistics)
    yield single_counter(
        "riskengine_log_dropped_lines_total",
        "Lines of the log that were dropped, since nobody read the lines before them",
        statistics.log.dropped_lines,
    )
    yield counter(
        "riskengine_schedule_failures_total",
        "Unexpected errors of what is done now and then; it is tried again",
        ("schedule",),
        [
            (("snapshots",), statistics.snapshots.schedule_failures),
            (("instructions",), statistics.instructions.schedule_failures),
            (("access",), statistics.access.schedule_failures),
            (("disk",), statistics.journal.schedule_failures),
            (("log",), statistics.log.schedule_failures),
            (("clock",), statistics.clock.schedule_failures),
        ],
    )


def _clock_families(statistics: Statistics) -> Iterator[Metric]:
    clock = statistics.clock
    yield single_gauge(
        "riskengine_clock_offset_seconds",
        "How far the server's wall clock is ahead of the log's time; nothing goes by it",
        clock.offset_nanos / NANOS_PER_SECOND,
    )
    yield single_gauge(
        "riskengine_start_gap_seconds",
        "By how much the log's time was put forward at the last start",
        clock.start_gap_nanos / NANOS_PER_SECOND,
    )
    yield single_gauge(
        "riskengine_start_held",
        "1 while the start waits for an operator, so long was the gap before it; 0 otherwise",
        int(clock.is_start_held),
    )


def _command_families(statistics: Statistics) -> Iterator[Metric]:
    commands = statistics.commands
    yield counter(
        "riskengine_commands_total",
        "Commands by kind and by what became of them",
        ("kind", "result"),
        [
            ((kind.label, result.name.lower()), commands.results[kind][result])
            for kind in CommandKind
            for result in CommandResult
        ],
    )
    yield counter(
        "riskengine_rows_applied_total",
        "Rows of commands that were applied",
        KIND,
        [((kind.label,), commands.applied_rows[kind]) for kind in CommandKind],
    )
    yield counter(
        "riskengine_rejections_total",
        "Rejections of rows and of whole commands; unlisted are rows past those that are listed",
        ("reason",),
        [
            ((reason.name.lower() if reason else "unlisted",), commands.rejected_rows[reason])
            for reason in RejectReason
        ],
    )
    yield counter(
        "riskengine_order_checks_total",
        "Answers of CheckOrder",
        ("result",),
        [
            (("accepted",), statistics.order_checks_accepted),
            (("refused",), statistics.order_checks_refused),
        ],
    )


def _call_families(statistics: Statistics) -> Iterator[Metric]:
    calls = statistics.calls
    yield gauge(
        "riskengine_open_calls",
        "Calls under way, by the group that shares places",
        ("group",),
        [((group,), count) for group, count in calls.open.items()],
    )
    yield counter(
        "riskengine_call_places_total",
        "Calls that got no place (refused), and calls that were idle and made room (taken_back)",
        ("group", "result"),
        [
            ((group, result), count)
            for result, counts in (("refused", calls.refused), ("taken_back", calls.taken_back))
            for group, count in counts.items()
        ],
    )


def _latency_families(statistics: Statistics) -> Iterator[Metric]:
    yield duration_histogram(
        "riskengine_apply_duration_seconds",
        "Time that a command took: the core, its judgement, the answer and the instructions",
        KIND,
        [((kind.label,), statistics.commands.apply_duration[kind]) for kind in CommandKind],
    )
    yield duration_histogram(
        "riskengine_durable_duration_seconds",
        "From the receipt of a command to when its answer may leave",
        (),
        [((), statistics.durable_duration)],
    )
    yield duration_histogram(
        "riskengine_decision_duration_seconds",
        "From the receipt of mark prices to the publishing of their instructions",
        (),
        [((), statistics.decision_duration)],
    )
    yield duration_histogram(
        "riskengine_check_order_duration_seconds",
        "Time of one answer of CheckOrder",
        (),
        [((), statistics.check_order_duration)],
    )
    yield duration_histogram(
        "riskengine_journal_sync_duration_seconds",
        "Time of one write and sync of a group of records",
        (),
        [((), statistics.journal.sync_duration)],
    )


def _queue_families(statistics: Statistics) -> Iterator[Metric]:
    yield single_gauge(
        "riskengine_journal_queue_commands",
        "Commands that are applied and not yet durable",
        statistics.journal_queue_commands,
    )
    yield single_gauge(
        "riskengine_journal_queue_bytes",
        "Size of the records that are not yet durable",
        statistics.journal_queue_bytes,
    )
    yield single_gauge(
        "riskengine_waiting_submitters",
        "Calls held back because the queue before the journal is full",
        statistics.waiting_submitters,
    )
    yield single_gauge(
        "riskengine_clients",
        "Clients that are registered, so that what they send is applied once",
        statistics.clients,
    )
    yield single_gauge(
        "riskengine_work_pending",
        "1 while the work of a command goes on in pieces, for which others wait; 0 otherwise",
        int(statistics.work_pending),
    )
    yield single_gauge(
        "riskengine_waiting_commands",
        "Commands in line for the end of the work that is pending",
        statistics.waiting_for_work,
    )


def _journal_families(statistics: Statistics) -> Iterator[Metric]:
    journal = statistics.journal
    yield single_counter(
        "riskengine_journal_syncs_total", "Groups of records made durable", journal.syncs
    )
    yield single_counter(
        "riskengine_journal_records_total", "Records made durable", journal.synced_records
    )
    yield single_counter(
        "riskengine_journal_written_bytes_total", "Bytes made durable", journal.synced_bytes
    )
    yield single_gauge(
        "riskengine_journal_size_bytes", "Size of the journal that is kept", journal.size_bytes
    )
    yield single_gauge(
        "riskengine_durable_command_sequence",
        "Last command that is durable",
        statistics.durable_sequence,
    )
    yield single_gauge(
        "riskengine_recovery_duration_seconds",
        "Time that the last start took: journal verified, snapshot read back, the rest replayed",
        statistics.recovery.duration_nanos / NANOS_PER_SECOND,
    )
    yield single_gauge(
        "riskengine_recovery_records",
        "Records that the last start replayed",
        statistics.recovery.records,
    )


def _snapshot_families(statistics: Statistics) -> Iterator[Metric]:
    snapshots = statistics.snapshots
    yield counter(
        "riskengine_snapshots_total",
        "Snapshots by what became of them",
        ("result",),
        [(("taken",), snapshots.taken), (("failed",), snapshots.failed)],
    )
    yield single_gauge(
        "riskengine_snapshot_command_sequence",
        "Last command in the newest snapshot, 0 before the first",
        snapshots.sequence,
    )
    yield single_gauge(
        "riskengine_snapshot_size_bytes",
        "Size of the last snapshot that was taken, 0 before the first since the start",
        snapshots.size_bytes,
    )
    yield single_gauge(
        "riskengine_snapshot_duration_seconds",
        "Time that the last snapshot took, 0 before the first since the start",
        snapshots.duration_nanos / NANOS_PER_SECOND,
    )
    yield single_gauge(
        "riskengine_snapshot_held_up_seconds",
        "Time for which the last snapshot held up all calls, 0 before the first since the start",
        snapshots.held_up_nanos / NANOS_PER_SECOND,
    )


def _state_stream_families(statistics: Statistics) -> Iterator[Metric]:
    streams = statistics.state_streams
    yield counter(
        "riskengine_state_streams_total",
        "State streams by what became of them",
        ("result",),
        [((result.name.lower(),), streams.results[result]) for result in StateStreamResult],
    )
    yield single_gauge("riskengine_open_state_streams", "State streams that are open", streams.open)
    yield single_gauge(
        "riskengine_state_stream_waiting_bytes",
        "What state streams have still to send to their clients, in memory",
        streams.waiting_bytes,
    )


def _subscriber_families(statistics: Statistics) -> Iterator[Metric]:
    instructions = statistics.instructions
    yield single_gauge(
        "riskengine_published_instruction_sequence",
        "Last instruction that may be sent to subscribers, its command being durable",
        instructions.published_sequence,
    )
    yield single_gauge(
        "riskengine_subscribers",
        "Open instruction streams; the venue's must be among them",
        len(instructions.sent_sequences),
    )
    yield single_gauge(
        "riskengine_subscriber_lag_instructions",
        "Instructions that the slowest subscriber has yet to be sent",
        instructions.slowest_lag,
    )
    yield single_gauge(
        "riskengine_oldest_instruction_sequence",
        "Oldest instruction that can be read, 0 when there is none",
        instructions.oldest_sequence,
    )
    yield single_gauge(
        "riskengine_instructions_size_bytes",
        "Size of the instructions on disk",
        instructions.size_bytes,
    )
    yield single_gauge(
        "riskengine_instructions_alarm",
        "1 when the instructions on disk are as many bytes as are an alarm, 0 when they are not",
        int(instructions.is_alarm),
    )
    yield single_gauge(
        "riskengine_consumers",
        "Named consumers, whose confirmations instructions on disk wait for",
        instructions.consumers,
    )
    yield single_gauge(
        "riskengine_consumer_lag_instructions",
        "Instructions that the slowest named consumer has yet to confirm",
        instructions.consumer_lag,
    )
    yield single_gauge(
        "riskengine_consumers_alarm",
        "1 while consumers are waited for whose list was gone at the start, 0 otherwise",
        int(instructions.consumers_lost),
    )
    yield single_gauge(
        "riskengine_consumer_lag_bytes",
        "Size of the files that hold what the slowest named consumer has yet to confirm",
        instructions.consumer_lag_bytes,
    )


def _access_families(statistics: Statistics) -> Iterator[Metric]:
    access = statistics.access
    files = (("credentials", access.credentials), ("tls", access.tls))
    yield counter(
        "riskengine_calls_denied_total",
        "Calls refused for what they show, for want of a role, or for their caller's rate",
        ("status",),
        [
            (("unauthenticated",), access.unauthenticated_calls),
            (("permission_denied",), access.denied_calls),
            (("resource_exhausted",), access.limited_calls),
        ],
    )
    yield counter(
        "riskengine_access_changes_total",
        "Changes of the files of credentials and of TLS, by what became of them",
        ("file", "result"),
        [
            ((name, result), count)
            for name, file in files
            for result, count in (("taken", file.taken), ("refused", file.refused))
        ],
    )
    yield gauge(
        "riskengine_access_change_refused",
        "1 while a changed file is refused and what stood there before holds, 0 otherwise",
        ("file",),
        [((name,), int(file.is_refused)) for name, file in files],
    )
