"""Work that is done now and then: an error ends nothing, is told once, and is counted."""

import asyncio
from collections.abc import Iterable

from structlog.testing import capture_logs

from riskengine.metrics.statistics import InstructionStatistics
from riskengine.service.schedule import Schedule


class Work:
    """Goes wrong as it is told, once for each time."""

    def __init__(self, results: Iterable[Exception | None]) -> None:
        self._results = list(results)
        self.is_done = asyncio.Event()

    async def __call__(self) -> None:
        if not self._results:
            self.is_done.set()
            return
        result = self._results.pop(0)
        if result is not None:
            raise result


async def test_an_error_is_told_once_counted_and_ends_nothing() -> None:
    statistics = InstructionStatistics()
    bugs = [KeyError("a bug"), KeyError("a bug"), None, KeyError("a bug"), OSError("another")]
    work = Work(bugs)
    schedule = Schedule("instructions", work, statistics)
    with capture_logs() as logs:
        schedule.start(0.0001)
        await asyncio.wait_for(work.is_done.wait(), 10)
        await schedule.stop()
    assert statistics.schedule_failures == 4
    assert [each["error"] for each in logs] == [
        "KeyError: 'a bug'",
        "KeyError: 'a bug'",
        "OSError: another",
    ]
    assert {(each["event"], each["schedule"], each["log_level"]) for each in logs} == {
        ("schedule.failed", "instructions", "error")
    }


async def test_one_that_was_never_started_is_stopped() -> None:
    await Schedule("snapshots", Work([]), InstructionStatistics()).stop()
