"""The clock of the log's time, and how far the wall clock is from it."""

import pytest
from structlog.testing import capture_logs

from riskengine.metrics.statistics import ClockStatistics
from riskengine.service.clock_watch import ClockWatch
from riskengine.service.log_clock import LogClock
from riskengine.units import NANOS_PER_SECOND
from tests.service.bench import START_NANOS, Clock


def log_clock(clock: Clock, log_nanos: int = 7) -> LogClock:
    return LogClock(log_nanos, wall_nanos=clock.wall_nanos, monotonic_nanos=clock)


@pytest.mark.rule("TM-6")
@pytest.mark.parametrize("step_seconds", [3_600, -3_600, 31_536_000, -31_536_000])
def test_the_logs_time_goes_at_the_pace_of_real_time_whatever_the_wall_clock_does(
    step_seconds: int,
) -> None:
    clock = Clock()
    log = log_clock(clock)
    for step in (step_seconds, 0):
        clock.wall_ahead_nanos = step * NANOS_PER_SECOND
        clock.now_nanos += 5
        assert log.offset_nanos == clock.wall_nanos() - log.now_nanos()
    assert log.now_nanos() == 7 + 10


def test_it_is_set_and_put_forward_but_not_back() -> None:
    clock = Clock()
    log = log_clock(clock)
    log.not_before(6)
    assert log.now_nanos() == 7
    log.not_before(9)
    clock.now_nanos += 1
    assert log.now_nanos() == 10
    log.set(3)
    assert log.now_nanos() == 3


async def test_an_offset_beyond_a_second_is_told_once_and_so_is_its_end() -> None:
    clock, statistics = Clock(), ClockStatistics()
    watch = ClockWatch(log_clock(clock, START_NANOS), statistics)
    told = []
    for ahead_seconds in (0, 1, 2, 3, -2, -1, 0):
        clock.wall_ahead_nanos = ahead_seconds * NANOS_PER_SECOND
        with capture_logs() as lines:
            await watch.look()
        assert statistics.offset_nanos == ahead_seconds * NANOS_PER_SECOND
        told.append([(line["event"], line["log_level"], line["offset_millis"]) for line in lines])
    assert told == [
        [],
        [],
        [("clock.apart", "warning", 2_000)],
        [],
        [],
        [("clock.together", "info", -1_000)],
        [],
    ]
