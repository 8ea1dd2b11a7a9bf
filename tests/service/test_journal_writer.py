"""The thread that syncs: nothing that became durable goes unreported, whoever synced it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import sleep

import pytest

from riskengine.metrics.statistics import JournalStatistics
from riskengine.persistence import LogRecord, open_segment_log
from riskengine.persistence.instruction_recovery import InstructionRecovery
from riskengine.service.journal_writer import IDLE_SECONDS, JournalWriter
from riskengine.service.sync_schedule import GATHERED_BYTES, LOOKS, SyncSchedule
from tests.service.bench import OPTIONS
from tests.service.clock import LoopClock

LONG_SECONDS = 600.0


class Rig:
    """A log, when it is to be synced, the thread that does it, and what that reports."""

    def __init__(self, folder: Path, gather_seconds: float = LONG_SECONDS) -> None:
        self.log = open_segment_log(folder, OPTIONS)
        self.instructions = InstructionRecovery(
            folder / "instructions", self.log.log_id, oldest=1, last=0
        ).finish()
        self.schedule = SyncSchedule(self.log, gather_seconds=gather_seconds)
        self.statistics = JournalStatistics()
        self.durable: asyncio.Queue[int] = asyncio.Queue()
        self.failures: asyncio.Queue[Exception] = asyncio.Queue()
        self.writer = JournalWriter(
            self.log, self.instructions, self.schedule, self, self.statistics
        )

    def reached(self, sequence: int) -> None:
        self.durable.put_nowait(sequence)

    def fail(self, cause: Exception) -> None:
        self.failures.put_nowait(cause)

    def append(self, sequence: int, payload: bytes = b"payload") -> None:
        record = LogRecord(sequence, 1, 2, 0, payload)
        self.log.append(record, expected_sequence=sequence, epoch=1)


@asynccontextmanager
async def used(folder: Path, gather_seconds: float = LONG_SECONDS) -> AsyncIterator[Rig]:
    """Run a writer that has synced once and has ceased to sync when idle."""
    rig = Rig(folder, gather_seconds)
    rig.writer.start()
    rig.append(1)
    rig.schedule.at_once()
    assert await rig.durable.get() == 1
    await threads_idle()
    yield rig
    await rig.writer.stop()
    rig.log.close()


async def threads_idle() -> None:
    """Let the thread that syncs do what it has to, and fall idle."""
    await asyncio.to_thread(sleep, 3 * IDLE_SECONDS)


async def test_what_was_appended_at_once_is_reported_at_once(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    for sequence in range(1, 11):
        rig.append(sequence)
    rig.schedule.at_once()
    rig.writer.start()
    assert await rig.durable.get() == 10
    await rig.writer.stop()
    statistics = rig.statistics
    assert (statistics.syncs, statistics.synced_records) == (1, 10)
    assert statistics.size_bytes == rig.log.head.size_bytes > statistics.synced_bytes > 0
    rig.log.close()


async def test_an_idle_sync_reports_what_it_made_durable(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.writer.start()
    rig.append(1)
    async with asyncio.timeout(100 * IDLE_SECONDS):
        assert await rig.durable.get() == 1
    rig.schedule.at_once()
    rig.append(2)
    rig.schedule.at_once()
    assert await rig.durable.get() == 2
    await rig.writer.stop()
    rig.log.close()


async def test_a_stop_syncs_what_is_left(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.writer.start()
    rig.append(1)
    await rig.writer.stop()
    assert rig.log.head.sequence == 1
    assert await rig.durable.get() == 1
    rig.log.close()


async def test_a_failure_is_reported_and_ends_the_thread(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.log.close()
    rig.writer.start()
    rig.schedule.at_once()
    assert "closed" in str(await rig.failures.get())
    await rig.writer.stop()


async def test_what_may_wait_is_synced_with_what_may_not(tmp_path: Path) -> None:
    async with used(tmp_path) as rig:
        for sequence in (2, 3):
            rig.append(sequence)
            rig.schedule.soon()
        await threads_idle()
        assert rig.log.head.sequence == 1
        rig.append(4)
        rig.schedule.at_once()
        assert await rig.durable.get() == 4


async def test_what_may_wait_waits_no_longer_than_it_may(tmp_path: Path) -> None:
    async with used(tmp_path, 0.001) as rig:
        for sequence in (2, 3):
            rig.append(sequence)
            rig.schedule.soon()
            async with asyncio.timeout(5):
                assert await rig.durable.get() == sequence


async def test_what_may_wait_waits_only_as_long_as_more_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with used(tmp_path, float(LOOKS)) as rig:
        clock = LoopClock(monkeypatch)
        rig.append(2)
        rig.schedule.soon()
        clock.move(1)
        await clock.settled()
        assert await rig.durable.get() == 2
        await threads_idle()
        rig.append(3)
        rig.schedule.soon()
        for sequence in range(4, 4 + LOOKS):
            await threads_idle()
            assert rig.log.head.sequence == 2
            rig.append(sequence)
            rig.schedule.soon()
            clock.move(1)
            await clock.settled()
        assert await rig.durable.get() == 3 + LOOKS


async def test_a_group_worth_a_sync_waits_for_no_more(tmp_path: Path) -> None:
    async with used(tmp_path) as rig:
        part = bytes(GATHERED_BYTES // 8)
        for sequence in range(2, 9):
            rig.append(sequence, part)
            rig.schedule.soon()
        await threads_idle()
        assert rig.log.head.sequence == 1
        rig.append(9, part)
        rig.schedule.soon()
        async with asyncio.timeout(5):
            assert await rig.durable.get() == 9
