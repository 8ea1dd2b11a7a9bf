"""A timer of the core is run by a tick when the clock comes to it."""

import asyncio
from pathlib import Path
from time import time_ns

import pytest

from riskengine.commands import CommandKind
from riskengine.core.engine import Engine
from riskengine.service.timers import DELAY_NANOS_MIN, TickTimer
from riskengine.units import NANOS_PER_SECOND
from tests.service import requests
from tests.service.bench import Clock, running_bench
from tests.service.clock import LoopClock
from tests.service.test_sequencer import open_venue


async def test_a_deadline_is_met_without_any_command(tmp_path: Path) -> None:
    clock = Clock(time_ns())
    async with running_bench(tmp_path, clock=clock) as bench:
        await open_venue(bench)
        await bench.execute(requests.mark(9_400))
        sequence = bench.engine.sequence
        clock.now_nanos = bench.engine.next_timer_nanos - 1
        bench.sequencer.stop()
        bench.sequencer.start()
        clock.now_nanos += 1
        async with asyncio.timeout(5):
            await bench.outbox.durability.wait(sequence + 1)
        assert next(bench.log.read(sequence + 1)).kind == CommandKind.TICK


async def test_what_is_not_due_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    async with running_bench(tmp_path, clock=clock) as bench:
        await open_venue(bench)
        await bench.execute(requests.mark(9_400))
        ticks: list[int] = []
        timer = TickTimer(bench.engine, clock, lambda: ticks.append(clock.now_nanos))
        due_nanos = bench.engine.next_timer_nanos
        bench.sequencer.stop()
        clock.now_nanos = due_nanos - 1
        loop_clock = LoopClock(monkeypatch)
        timer.arm()
        for _ in range(2):
            loop_clock.move(DELAY_NANOS_MIN / NANOS_PER_SECOND)
            await loop_clock.settled()
            assert not ticks
        clock.now_nanos = due_nanos
        loop_clock.move(DELAY_NANOS_MIN / NANOS_PER_SECOND)
        await loop_clock.settled()
        assert ticks == [due_nanos]
        timer.disarm()


async def test_without_a_timer_nothing_is_waited_for() -> None:
    timer = TickTimer(Engine(), Clock(), lambda: None)
    timer.arm()
    timer.disarm()
