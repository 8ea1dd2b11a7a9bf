"""Durability: the command log, behind a port that does not say where the log lives.

`command_log` is the port; `open_segment_log` opens the embedded default, checksummed segment
files in one folder. `recovery` says what a damaged log means.
"""

from riskengine.persistence.command_log import CommandLog, LogHead, LogRecord, ReadProgress
from riskengine.persistence.errors import (
    JournalClosed,
    JournalDamaged,
    JournalError,
    JournalFailed,
    JournalLocked,
    RecordTooLarge,
    SequenceConflict,
    SequenceTrimmed,
    StaleEpoch,
)
from riskengine.persistence.options import SegmentOptions
from riskengine.persistence.recovery import RecoveryReport
from riskengine.persistence.segment_log import SegmentLog, open_segment_log

__all__ = [
    "CommandLog",
    "JournalClosed",
    "JournalDamaged",
    "JournalError",
    "JournalFailed",
    "JournalLocked",
    "LogHead",
    "LogRecord",
    "ReadProgress",
    "RecordTooLarge",
    "RecoveryReport",
    "SegmentLog",
    "SegmentOptions",
    "SequenceConflict",
    "SequenceTrimmed",
    "StaleEpoch",
    "open_segment_log",
]
