"""What a start finds: the journal opened and verified, and its commands applied once more."""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic_ns

import structlog
from rich.console import Console

from riskengine.config import JOURNAL_RECORD_BYTES, Config
from riskengine.machine.machine import Machine
from riskengine.machine.replay import replay
from riskengine.metrics.statistics import Statistics
from riskengine.persistence import CommandLog, RecoveryReport, SegmentOptions, open_segment_log
from riskengine.progress import shown_progress
from riskengine.units import NANOS_PER_MILLI

JOURNAL_FOLDER = "journal"

_LOG = structlog.get_logger("riskengine.recovery")


@dataclass(frozen=True, slots=True)
class Recovered:
    """The log, open at its end, and the state that it makes."""

    log: CommandLog
    machine: Machine


def recover(config: Config, statistics: Statistics, console: Console) -> Recovered:
    """Open the journal and replay it.

    Raises `JournalError` when it cannot be opened or is damaged, `ReplayError` when it does
    not give again what it gave.
    """
    start_nanos = monotonic_ns()
    options = SegmentOptions(
        segment_bytes=config.journal_segment_bytes,
        payload_limit_bytes=config.journal_segment_bytes - JOURNAL_RECORD_BYTES,
    )
    with shown_progress("verifying the journal", console) as progress:
        log = open_segment_log(Path(config.data_dir) / JOURNAL_FOLDER, options, progress=progress)
    _log_report(log.report)
    recovered = Recovered(log, Machine())
    try:
        with shown_progress("replaying the journal", console) as progress:
            count = replay(recovered.machine, log.read(1, progress))
    except BaseException:
        log.close()
        raise
    _count(recovered, statistics, count, monotonic_ns() - start_nanos)
    return recovered


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
        state_hash=engine.state_hash(),
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
