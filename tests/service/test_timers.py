"""A timer of the core is run by a tick when the clock comes to it."""

import asyncio
from pathlib import Path
from time import time_ns

from riskengine.service import commands
from riskengine.service.timers import TickTimer
from tests.service import requests
from tests.service.bench import Clock, running_bench
from tests.service.test_sequencer import open_venue


async def test_a_deadline_is_met_without_any_command(tmp_path: Path) -> None:
    clock = Clock(time_ns())
    async with running_bench(tmp_path, clock=clock) as bench:
        timer = TickTimer(bench.sequencer, clock)
        bench.sequencer.on_timer = timer.arm
        await open_venue(bench)
        await bench.execute(commands.UPDATE_MARK_PRICES, requests.mark(9_400))
        sequence = bench.engine.sequence
        clock.now_nanos = bench.engine.next_timer_nanos - 1
        timer.disarm()
        timer.arm(bench.engine.next_timer_nanos)
        clock.now_nanos += 1
        async with asyncio.timeout(5):
            await bench.sequencer.durability.wait(sequence + 1)
        assert next(bench.log.read(sequence + 1)).kind == commands.TICK_NUMBER
        timer.disarm()


async def test_what_is_not_due_is_looked_at_again(tmp_path: Path) -> None:
    clock = Clock()
    async with running_bench(tmp_path, clock=clock) as bench:
        timer = TickTimer(bench.sequencer, clock)
        await open_venue(bench)
        await bench.execute(commands.UPDATE_MARK_PRICES, requests.mark(9_400))
        sequence = bench.engine.sequence
        timer.arm(clock.now_nanos + 1)
        await asyncio.sleep(0.01)
        assert bench.engine.sequence == sequence
        timer.disarm()
        timer.arm(0)
