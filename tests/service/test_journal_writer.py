"""The thread that syncs: nothing that became durable goes unreported, whoever synced it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import sleep

import pytest

from riskengine.metrics.statistics import JournalStatistics
from riskengine.persistence import LogRecord, SegmentLog, open_segment_log
from riskengine.service.journal_writer import GATHERED_BYTES, IDLE_SECONDS, LOOKS, JournalWriter
from tests.service.bench import OPTIONS
from tests.service.clock import LoopClock

LONG_SECONDS = 600.0


def append(log: SegmentLog, sequence: int, payload: bytes = b"payload") -> None:
    log.append(LogRecord(sequence, 1, 2, 0, payload), expected_sequence=sequence, epoch=1)


def make_writer(
    log: SegmentLog,
    on_durable: Callable[[int], None],
    *,
    on_failure: Callable[[Exception], None] = lambda _: None,
    statistics: JournalStatistics | None = None,
    gather_seconds: float = LONG_SECONDS,
) -> JournalWriter:
    statistics = statistics or JournalStatistics()
    return JournalWriter(log, statistics, on_durable, on_failure, gather_seconds=gather_seconds)


async def test_what_was_appended_at_once_is_reported_at_once(tmp_path: Path) -> None:
    log = open_segment_log(tmp_path, OPTIONS)
    reported: asyncio.Queue[int] = asyncio.Queue()
    statistics = JournalStatistics()
    writer = make_writer(log, reported.put_nowait, statistics=statistics)
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
    writer = make_writer(log, reported.put_nowait)
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
    writer = make_writer(log, reported.put_nowait)
    writer.start()
    append(log, 1)
    await writer.stop()
    assert log.head.sequence == 1
    assert await reported.get() == 1
    log.close()


async def test_a_failure_is_reported_and_ends_the_thread(tmp_path: Path) -> None:
    log = open_segment_log(tmp_path, OPTIONS)
    failures: asyncio.Queue[Exception] = asyncio.Queue()
    writer = make_writer(log, lambda _: None, on_failure=failures.put_nowait)
    log.close()
    writer.start()
    writer.wake()
    assert "closed" in str(await failures.get())
    await writer.stop()


async def used_writer(
    log: SegmentLog, reported: asyncio.Queue[int], gather_seconds: float
) -> JournalWriter:
    """Return a running writer that has synced once and has ceased to sync when idle."""
    writer = make_writer(log, reported.put_nowait, gather_seconds=gather_seconds)
    writer.start()
    append(log, 1)
    writer.wake()
    assert await reported.get() == 1
    await threads_idle()
    return writer


async def test_what_may_wait_is_synced_with_what_may_not(tmp_path: Path) -> None:
    log = open_segment_log(tmp_path, OPTIONS)
    reported: asyncio.Queue[int] = asyncio.Queue()
    writer = await used_writer(log, reported, LONG_SECONDS)
    for sequence in (2, 3):
        append(log, sequence)
        writer.gather()
    await threads_idle()
    assert log.head.sequence == 1
    append(log, 4)
    writer.wake()
    assert await reported.get() == 4
    await writer.stop()
    log.close()


async def test_what_may_wait_waits_no_longer_than_it_may(tmp_path: Path) -> None:
    log = open_segment_log(tmp_path, OPTIONS)
    reported: asyncio.Queue[int] = asyncio.Queue()
    writer = await used_writer(log, reported, 0.001)
    for sequence in (2, 3):
        append(log, sequence)
        writer.gather()
        async with asyncio.timeout(5):
            assert await reported.get() == sequence
    await writer.stop()
    log.close()


async def test_what_may_wait_waits_only_as_long_as_more_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_segment_log(tmp_path, OPTIONS)
    reported: asyncio.Queue[int] = asyncio.Queue()
    writer = await used_writer(log, reported, float(LOOKS))
    await threads_idle()
    clock = LoopClock(monkeypatch)
    append(log, 2)
    writer.gather()
    clock.move(1)
    await clock.settled()
    assert await reported.get() == 2
    await threads_idle()
    append(log, 3)
    writer.gather()
    for sequence in range(4, 4 + LOOKS):
        await threads_idle()
        assert log.head.sequence == 2
        append(log, sequence)
        writer.gather()
        clock.move(1)
        await clock.settled()
    assert await reported.get() == 3 + LOOKS
    await writer.stop()
    log.close()


async def threads_idle() -> None:
    """Let the thread that syncs do what it has to, and fall idle."""
    await asyncio.to_thread(sleep, 3 * IDLE_SECONDS)


async def test_a_group_worth_a_sync_waits_for_no_more(tmp_path: Path) -> None:
    log = open_segment_log(tmp_path, OPTIONS)
    reported: asyncio.Queue[int] = asyncio.Queue()
    writer = await used_writer(log, reported, LONG_SECONDS)
    part = bytes(GATHERED_BYTES // 8)
    for sequence in range(2, 9):
        append(log, sequence, part)
        writer.gather()
    await threads_idle()
    assert log.head.sequence == 1
    append(log, 9, part)
    writer.gather()
    async with asyncio.timeout(5):
        assert await reported.get() == 9
    await writer.stop()
    log.close()
