"""The thread that syncs: nothing that became durable goes unreported, whoever synced it."""

import asyncio
from pathlib import Path

from riskengine.metrics.statistics import JournalStatistics
from riskengine.persistence import LogRecord, SegmentLog, open_segment_log
from riskengine.service.journal_writer import IDLE_SECONDS, JournalWriter
from tests.service.bench import OPTIONS


def append(log: SegmentLog, sequence: int) -> None:
    log.append(LogRecord(sequence, 1, 2, 0, b"payload"), expected_sequence=sequence, epoch=1)


async def test_what_was_appended_at_once_is_reported_at_once(tmp_path: Path) -> None:
    log = open_segment_log(tmp_path, OPTIONS)
    reported: asyncio.Queue[int] = asyncio.Queue()
    statistics = JournalStatistics()
    writer = JournalWriter(log, statistics, reported.put_nowait, lambda _: None)
    for sequence in range(1, 11):
        append(log, sequence)
    writer.wake()
    writer.start()
    assert await reported.get() == 10
    await writer.stop()
    assert (statistics.syncs, statistics.synced_records) == (1, 10)
    assert statistics.size_bytes == log.head.size_bytes > statistics.synced_bytes > 0
    log.close()


async def test_an_idle_sync_reports_what_it_made_durable(tmp_path: Path) -> None:
    log = open_segment_log(tmp_path, OPTIONS)
    reported: asyncio.Queue[int] = asyncio.Queue()
    writer = JournalWriter(log, JournalStatistics(), reported.put_nowait, lambda _: None)
    writer.start()
    append(log, 1)
    async with asyncio.timeout(100 * IDLE_SECONDS):
        assert await reported.get() == 1
    writer.wake()
    append(log, 2)
    writer.wake()
    assert await reported.get() == 2
    await writer.stop()
    log.close()


async def test_a_stop_syncs_what_is_left(tmp_path: Path) -> None:
    log = open_segment_log(tmp_path, OPTIONS)
    reported: asyncio.Queue[int] = asyncio.Queue()
    writer = JournalWriter(log, JournalStatistics(), reported.put_nowait, lambda _: None)
    writer.start()
    append(log, 1)
    await writer.stop()
    assert log.head.sequence == 1
    assert await reported.get() == 1
    log.close()


async def test_a_failure_is_reported_and_ends_the_thread(tmp_path: Path) -> None:
    log = open_segment_log(tmp_path, OPTIONS)
    failures: asyncio.Queue[Exception] = asyncio.Queue()
    writer = JournalWriter(log, JournalStatistics(), lambda _: None, failures.put_nowait)
    log.close()
    writer.start()
    writer.wake()
    assert "closed" in str(await failures.get())
    await writer.stop()
