"""The journal by itself: one sync, and the replay of what the server wrote."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from time import perf_counter_ns

from riskengine.commands import SUBMIT_NUMBER
from riskengine.config import JOURNAL_RECORD_BYTES, Config
from riskengine.machine.machine import Machine
from riskengine.machine.replay import replay
from riskengine.persistence import LogRecord, SegmentOptions, open_segment_log
from riskengine.recovery import JOURNAL_FOLDER
from riskengine.units import NANOS_PER_SECOND


def options(config: Config) -> SegmentOptions:
    """Return the options that a server with this configuration uses."""
    return SegmentOptions(
        segment_bytes=config.journal_segment_bytes,
        payload_limit_bytes=config.journal_segment_bytes - JOURNAL_RECORD_BYTES,
    )


class SyncProbe:
    """A journal of its own, on the same disk, whose syncs are timed."""

    def __init__(self, folder: Path, payload: bytes) -> None:
        self.nanos: list[int] = []
        self._log = open_segment_log(folder, options(Config()))
        self._payload = payload

    def once(self) -> None:
        """Time one record: appended, written and synced."""
        sequence = len(self.nanos) + 1
        record = LogRecord(sequence, 1, SUBMIT_NUMBER, sequence, self._payload)
        began = perf_counter_ns()
        self._log.append(record, expected_sequence=sequence, epoch=1)
        self._log.sync()
        self.nanos.append(perf_counter_ns() - began)

    def close(self) -> None:
        """Close the journal."""
        self._log.close()


def replay_seconds(data: Path, first_sequence: int) -> float:
    """Recover a data folder's journal as a start of the server does; verify it, read it, apply it.

    Return the seconds that the records from `first_sequence` on took: their share by bytes of the
    verifying, and all of their reading and applying.
    """
    config = Config()
    began = perf_counter_ns()
    log = open_segment_log(data / JOURNAL_FOLDER, options(config))
    verify_nanos = perf_counter_ns() - began
    watch = _Watch(first_sequence)
    replay(Machine(), watch.records(log.read(1)))
    apply_nanos = perf_counter_ns() - watch.first_nanos
    log.close()
    share = watch.wanted_bytes / max(1, watch.all_bytes)
    return (verify_nanos * share + apply_nanos) / NANOS_PER_SECOND


class _Watch:
    """Note when the first of the wanted records is due, and how many bytes they are."""

    def __init__(self, first_sequence: int) -> None:
        self._first_sequence = first_sequence
        self.first_nanos = 0
        self.wanted_bytes = self.all_bytes = 0

    def records(self, records: Iterable[LogRecord]) -> Iterator[LogRecord]:
        """Pass the records on; the clock of the first one starts before it is read."""
        began = perf_counter_ns()
        for record in records:
            self.all_bytes += len(record.payload)
            if record.sequence >= self._first_sequence:
                self.wanted_bytes += len(record.payload)
                self.first_nanos = self.first_nanos or began
            yield record
            began = perf_counter_ns()
