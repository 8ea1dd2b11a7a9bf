"""What is kept on disk and how long; what fails on the way; the alarm, at which nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.protobuf.message import Message
from structlog.testing import capture_logs

from riskengine.machine.machine import Machine, Seen
from riskengine.metrics.statistics import InstructionStatistics
from riskengine.persistence.consumers_file import ConsumersFile
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.persistence.instruction_reader import Place
from riskengine.persistence.instruction_recovery import InstructionRecovery
from riskengine.service.consumers import Consumers
from riskengine.service.errors import CallError, CallReason
from riskengine.service.instruction_upkeep import InstructionUpkeep, Keeping
from riskengine.service.kept_instructions import KeptInstructions
from riskengine.units import NANOS_PER_SECOND
from tests.machine.test_machine import read
from tests.persistence.support import Unsynced
from tests.service import requests
from tests.service.bench import running_bench
from tests.service.test_sequencer import open_venue

LOG_ID = b"8 bytes."
ALARM_BYTES = 4_000


class Unlinkable(Unsynced):
    """Fails to remove a file, as long as it is told to."""

    fails = False

    def unlink(self, path: Path) -> None:
        if self.fails:
            raise OSError(5, "Input/output error", str(path))
        super().unlink(path)


class Rig:
    """Instructions of a second each, of which the last ten are in memory."""

    def __init__(self, folder: Path) -> None:
        self.files = Unlinkable()
        self.machine = Machine()
        self.log: InstructionLog = InstructionRecovery(
            folder, LOG_ID, oldest=1, last=0, files=self.files, segment_bytes=300
        ).finish()
        self.kept = KeptInstructions(self.machine.ring, self.log)
        self.consumers = Consumers(self.machine.ring, ConsumersFile(folder, LOG_ID, self.files), {})
        self.statistics = InstructionStatistics()
        self.ahead_seconds = 0
        """How much the server's clock was set forward."""
        self.up_seconds = 0
        """For how long the process has been up; it gets older as the log does."""

    def upkeep(self, seconds: int = 60) -> InstructionUpkeep:
        return InstructionUpkeep(
            self.machine,
            self.log,
            self.kept,
            self.consumers,
            self.statistics,
            Keeping(seconds, ALARM_BYTES),
            now_nanos=lambda: (self.ahead_seconds + self.up_seconds) * NANOS_PER_SECOND,
            monotonic_nanos=lambda: self.up_seconds * NANOS_PER_SECOND,
        )

    async def instruct(self, count: int) -> None:
        """Give instructions of one command a second, the last of them now."""
        if not self.machine.engine.sequence:
            self._take(requests.create_asset(), self.ahead_seconds * NANOS_PER_SECOND)
        for _ in range(count):
            seconds = self.machine.ring.last_sequence + 1
            self.up_seconds += 1
            time_nanos = (self.ahead_seconds + seconds) * NANOS_PER_SECOND
            self._take(requests.deposit(1, 1), time_nanos)
            pieces = [b"instruction %d" % seconds]
            self.log.append(seconds, time_nanos, pieces)
            self.log.write(seconds)
            self.machine.publish(Seen(pieces, 10))

    def close(self) -> None:
        self.consumers.close()
        self.kept.close()
        self.log.close()

    def _take(self, request: Message, time_nanos: int) -> None:
        asked, _ = read(request)
        assert asked.command is not None
        assert self.machine.apply(asked.command, time_nanos, None).outcome.sequence


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.close()


async def test_they_are_kept_for_a_time_in_any_case(rig: Rig) -> None:
    await rig.instruct(40)
    upkeep = rig.upkeep()
    await upkeep.work()
    assert rig.kept.oldest_sequence == 1, "nobody wants them, and they are young"
    await rig.instruct(60)
    await upkeep.work()
    assert 20 < rig.kept.oldest_sequence <= 40, "by whole segments, and never too many"
    assert rig.statistics.oldest_sequence == rig.kept.oldest_sequence


async def test_then_they_are_kept_until_every_consumer_has_confirmed(rig: Rig) -> None:
    await rig.instruct(20)
    await rig.consumers.confirm("venue", 15)
    await rig.consumers.confirm("audit", 2)
    await rig.instruct(130)
    upkeep = rig.upkeep()
    await upkeep.work()
    assert rig.kept.oldest_sequence == 1
    assert (rig.statistics.consumers, rig.statistics.consumer_lag) == (2, 148)
    assert rig.statistics.consumer_lag_bytes == rig.log.size_bytes
    await rig.consumers.confirm("audit", 80)
    await upkeep.work()
    assert 8 <= rig.kept.oldest_sequence <= 16, "the other one has confirmed 15"
    await rig.consumers.forget("venue")
    await upkeep.work()
    assert 70 <= rig.kept.oldest_sequence <= 81
    await rig.consumers.forget("audit")
    await upkeep.work()
    assert 80 < rig.kept.oldest_sequence <= 90, "those of the last minute stay"
    assert rig.statistics.consumer_lag == rig.statistics.consumer_lag_bytes == 0


async def test_at_the_alarm_nothing_is_dropped_until_a_consumer_is_forgotten(rig: Rig) -> None:
    await rig.consumers.confirm("audit", 0)
    upkeep = rig.upkeep(seconds=20)
    await rig.instruct(100)
    with capture_logs() as logs:
        for _ in range(2):
            await upkeep.work()
    assert rig.log.size_bytes >= ALARM_BYTES
    assert (rig.statistics.is_alarm, rig.kept.oldest_sequence) == (True, 1)
    (said,) = logs
    assert (said["event"], said["log_level"]) == ("instructions.alarm", "error")
    assert (said["slowest_consumer"], said["confirmed_instruction_sequence"]) == ("audit", 0)
    await rig.consumers.forget("audit")
    with capture_logs() as logs:
        await upkeep.work()
    assert rig.statistics.is_alarm is False
    assert [each["event"] for each in logs] == ["instructions.dropped", "instructions.alarm_over"]
    assert rig.kept.oldest_sequence > 70


async def test_what_fails_is_told_once_and_tried_again(rig: Rig) -> None:
    await rig.instruct(150)
    upkeep = rig.upkeep()
    rig.files.fails = True
    with capture_logs() as logs:
        for _ in range(3):
            await upkeep.work()
    (said,) = (each for each in logs if each["log_level"] == "error")
    assert said["event"] == "instructions.not_dropped"
    assert "Input/output error" in said["error"]
    rig.files.fails = False
    await upkeep.work()
    assert rig.kept.oldest_sequence > 70


async def test_a_clock_that_is_set_forward_drops_nothing_early(rig: Rig) -> None:
    """Nothing of what came before, nor what comes after: both are kept for their time."""
    upkeep = rig.upkeep()
    await rig.instruct(30)
    rig.ahead_seconds = 48 * 3_600
    await rig.instruct(20)
    await upkeep.work()
    assert rig.kept.oldest_sequence == 1
    await rig.instruct(40)
    await upkeep.work()
    assert 20 < rig.kept.oldest_sequence <= 30


async def test_a_log_that_begins_empty_goes_by_the_clock(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.ahead_seconds = 1_000_000
    upkeep = rig.upkeep()
    await rig.instruct(100)
    await upkeep.work()
    assert 20 < rig.kept.oldest_sequence <= 40
    rig.close()


async def test_a_start_after_the_clock_was_set_right_drops_nothing_early(rig: Rig) -> None:
    await rig.instruct(30)
    rig.ahead_seconds = 48 * 3_600
    await rig.instruct(20)
    rig.ahead_seconds = 0
    upkeep = rig.upkeep()
    await upkeep.work()
    assert rig.kept.oldest_sequence == 1
    rig.up_seconds += 40
    await upkeep.work()
    assert 20 < rig.kept.oldest_sequence <= 30


async def test_nothing_is_dropped_while_lost_consumers_are_waited_for(rig: Rig) -> None:
    await rig.instruct(100)
    rig.statistics.consumers_lost = True
    upkeep = rig.upkeep()
    rig.up_seconds += 59
    await upkeep.work()
    assert (rig.kept.oldest_sequence, rig.statistics.consumers_lost) == (1, True)
    await rig.consumers.confirm("venue", 10)
    rig.up_seconds += 1
    with capture_logs() as logs:
        await upkeep.work()
    assert logs[0] == {"event": "consumers.waited_for", "consumers": 1, "log_level": "info"}
    assert not rig.statistics.consumers_lost
    assert 1 < rig.kept.oldest_sequence <= 11, "one has come again, and has confirmed 10"


async def test_it_is_looked_after_now_and_then(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("riskengine.service.instruction_upkeep.LOOK_SECONDS", 0.001)
    await rig.instruct(5)
    await rig.consumers.confirm("venue", 1)
    upkeep = rig.upkeep()
    upkeep.start()
    await rig.consumers.confirm("venue", 3)
    file = ConsumersFile(tmp_path, LOG_ID)
    async with asyncio.timeout(10):
        while file.read() != {"venue": 3}:  # noqa: ASYNC110 - it waits for a file
            await asyncio.sleep(0.001)
    await rig.consumers.confirm("venue", 4)
    await upkeep.stop()
    assert file.read() == {"venue": 4}


async def test_an_unexpected_error_does_not_end_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("riskengine.service.instruction_upkeep.LOOK_SECONDS", 0.001)
    await rig.instruct(5)
    await rig.consumers.confirm("venue", 1)
    upkeep, write = rig.upkeep(), rig.consumers.write

    async def fail_once() -> None:
        monkeypatch.setattr(rig.consumers, "write", write)
        raise RuntimeError("a bug")

    monkeypatch.setattr(rig.consumers, "write", fail_once)
    await rig.consumers.confirm("venue", 3)
    file = ConsumersFile(tmp_path, LOG_ID)
    with capture_logs() as logs:
        upkeep.start()
        async with asyncio.timeout(10):
            while file.read() != {"venue": 3}:  # noqa: ASYNC110 - it waits for a file
                await asyncio.sleep(0.001)
        await upkeep.stop()
    assert rig.statistics.schedule_failures == 1
    assert [each["event"] for each in logs] == ["schedule.failed"]


class Full(Unsynced):
    """A disk that is full from some point on."""

    is_full = False

    def pwritev(self, fd: int, buffers: object, offset: int) -> int:
        if self.is_full:
            raise OSError(28, "No space left on device")
        return super().pwritev(fd, buffers, offset)  # type: ignore[arg-type]


async def test_a_full_disk_stops_the_engine_as_a_failed_journal_does(tmp_path: Path) -> None:
    """Nothing is told, and a start makes the instructions again."""
    disk = Full()
    async with running_bench(tmp_path, instruction_files=disk) as bench:
        await open_venue(bench)
        disk.is_full = True
        with pytest.raises(CallError, match="No space left on device") as caught:
            await bench.execute(requests.mark(9_400))
        assert caught.value.reason is CallReason.JOURNAL_FAILED
        assert bench.availability.has_failed
        assert bench.ring.last_sequence == 0
    async with running_bench(tmp_path) as bench:
        assert bench.ring.last_sequence == bench.engine.instruction_sequence == 2
        found, _ = await bench.kept.read(Place(1), 10)
        assert found == bench.instructions.read(Place(1), 10)[0] == bench.ring.read(1, 10)
