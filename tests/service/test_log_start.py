"""A start in the log: where it stands, what it says, and when an operator has to confirm it."""

import asyncio
from pathlib import Path

import pytest

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.commands import CommandKind
from riskengine.machine.command import STATE_HASH_DUE
from riskengine.machine.started import Started
from riskengine.service.errors import CallError, CallReason
from riskengine.units import NANOS_PER_SECOND
from tests.service import requests
from tests.service.bench import (
    MAX_GAP_SECONDS,
    START_NANOS,
    Bench,
    Clock,
    hold_against_log,
    make_bench,
    running_bench,
)
from tests.service.test_sequencer import open_venue

HOUR_NANOS = 3_600 * NANOS_PER_SECOND
YEARS_NANOS = 100_000 * HOUR_NANOS


async def log_of(folder: Path) -> tuple[int, int]:
    """Make a log with an open order, and return its last sequence and the order's deadline."""
    async with running_bench(folder) as bench:
        await open_venue(bench)
        await bench.execute(requests.mark(9_400))
        return bench.engine.sequence, bench.engine.next_timer_nanos


def opened(folder: Path, away_nanos: int = 0, wall_ahead_nanos: int = 0) -> Bench:
    bench = make_bench(folder, clock=Clock(START_NANOS + away_nanos, wall_ahead_nanos))
    bench.writer.start()
    return bench


async def closed(bench: Bench) -> None:
    bench.sequencer.stop()
    await bench.start.stop()
    await bench.writer.stop()
    hold_against_log(bench)
    bench.close()


@pytest.mark.rule("TM-6")
@pytest.mark.parametrize("away_nanos", [0, 1, HOUR_NANOS])
async def test_a_start_is_the_first_command_behind_the_log(tmp_path: Path, away_nanos: int) -> None:
    last, deadline_nanos = await log_of(tmp_path)
    bench = opened(tmp_path, away_nanos)
    assert await bench.start.begin()
    assert bench.engine.sequence == last + 1
    assert bench.engine.time_nanos == START_NANOS + away_nanos
    assert bench.engine.next_timer_nanos == deadline_nanos + away_nanos
    await bench.outbox.settled()
    (record,) = bench.log.read(last + 1)
    assert (record.kind, record.time_nanos) == (CommandKind.STARTED, START_NANOS + away_nanos)
    assert Started.decode(record.payload) == (START_NANOS + away_nanos, START_NANOS)
    assert bench.statistics.clock.start_gap_nanos == away_nanos
    result = await bench.execute(requests.deposit(9))
    assert (result.sequence, result.time_nanos) == (last + 2, START_NANOS + away_nanos)
    await closed(bench)


async def test_an_empty_log_gets_no_start_and_the_time_of_the_wall_clock(tmp_path: Path) -> None:
    bench = opened(tmp_path, wall_ahead_nanos=YEARS_NANOS)
    assert await bench.start.begin()
    assert bench.engine.sequence == 0
    result = await bench.execute(requests.create_asset())
    assert (result.sequence, result.time_nanos) == (1, START_NANOS + YEARS_NANOS)
    await closed(bench)


@pytest.mark.rule("TM-6")
async def test_behind_a_clock_that_is_behind_time_goes_on_from_its_last_value(
    tmp_path: Path,
) -> None:
    last, deadline_nanos = await log_of(tmp_path)
    bench = opened(tmp_path, wall_ahead_nanos=-HOUR_NANOS)
    assert await bench.start.begin()
    assert bench.engine.next_timer_nanos == deadline_nanos
    bench.clock.now_nanos += deadline_nanos - START_NANOS
    result = await bench.execute(requests.deposit(9))
    assert (result.sequence, result.time_nanos) == (last + 2, deadline_nanos)
    assert bench.engine.open_liquidation_count == 0
    await closed(bench)


@pytest.mark.rule("TM-6")
async def test_no_step_of_the_wall_clock_ends_or_delays_a_deadline(tmp_path: Path) -> None:
    """One command an hour ahead, then the right clock: fifty steps either way decide nothing."""
    _, deadline_nanos = await log_of(tmp_path)
    bench = opened(tmp_path)
    assert await bench.start.begin()
    for step in range(50):
        bench.clock.wall_ahead_nanos = (-1) ** step * step * HOUR_NANOS
        bench.clock.now_nanos += 1
        result = await bench.execute(requests.deposit(9))
        assert result.time_nanos == START_NANOS + step + 1
        assert bench.engine.open_liquidation_count == 1
    bench.clock.now_nanos = deadline_nanos
    bench.sequencer.tick()
    assert bench.engine.open_liquidation_count == 0
    await closed(bench)


@pytest.mark.rule("TM-7")
async def test_time_that_is_set_goes_on_from_there(tmp_path: Path) -> None:
    _, deadline_nanos = await log_of(tmp_path)
    bench = opened(tmp_path)
    assert await bench.start.begin()
    set_nanos = START_NANOS + HOUR_NANOS
    result = await bench.execute(requests.set_log_time(set_nanos))
    assert (result.time_nanos, bench.engine.time_nanos) == (START_NANOS, set_nanos)
    assert bench.engine.next_timer_nanos == deadline_nanos + HOUR_NANOS
    bench.clock.now_nanos += 5
    assert (await bench.execute(requests.deposit(9))).time_nanos == set_nanos + 5
    (refusal,) = (await bench.execute(requests.set_log_time(set_nanos))).rejections
    assert (refusal.field, refusal.value, refusal.limit) == (
        *("log_time_nanos", set_nanos),
        set_nanos + 5,
    )
    await closed(bench)


async def refused(bench: Bench) -> CallReason:
    with pytest.raises(CallError) as caught:
        await bench.execute(requests.deposit(9))
    return caught.value.reason


async def test_a_long_gap_holds_every_command_until_it_is_confirmed(tmp_path: Path) -> None:
    last, deadline_nanos = await log_of(tmp_path)
    away_nanos = (MAX_GAP_SECONDS + 1) * NANOS_PER_SECOND
    bench = opened(tmp_path, away_nanos)
    assert not await bench.start.begin()
    statistics = bench.statistics.clock
    held = [statistics.is_start_held]
    assert await refused(bench) is CallReason.START_NOT_CONFIRMED
    with pytest.raises(CallError, match="3601 seconds"):
        await bench.sequencer.note(STATE_HASH_DUE, b"")
    bench.sequencer.tick()
    assert bench.engine.sequence == last
    listed = bench.ask("AdminService.ListAssets", admin_pb.ListAssetsRequest())
    assert listed.ByteSize() > 0
    begun = await bench.start.confirm(0, "chief")
    assert begun == (last + 1, START_NANOS + away_nanos, away_nanos)
    held.append(statistics.is_start_held)
    assert held == [True, False]
    assert bench.engine.next_timer_nanos == deadline_nanos + away_nanos
    assert (await bench.execute(requests.deposit(9))).sequence == last + 2
    with pytest.raises(CallError) as caught:
        await bench.start.confirm(0, "")
    assert caught.value.reason is CallReason.ALREADY_STARTED
    await closed(bench)


@pytest.mark.parametrize("given_nanos", [0, 1, HOUR_NANOS])
async def test_an_operator_says_what_time_it_is_when_the_clock_is_years_ahead(
    tmp_path: Path, given_nanos: int
) -> None:
    last, deadline_nanos = await log_of(tmp_path)
    bench = opened(tmp_path, wall_ahead_nanos=YEARS_NANOS)
    assert not await bench.start.begin()
    bench.clock.now_nanos += 17  # while it is held the log's time stands still
    for wrong in (START_NANOS - 1, 2**62 + 1, -1):
        with pytest.raises(CallError, match=f"log_time_nanos is {wrong}; allowed: 0, or"):
            await bench.start.confirm(wrong, "")
    assert bench.engine.sequence == last
    begun = await bench.start.confirm(START_NANOS + given_nanos, "")
    assert begun == (last + 1, START_NANOS + given_nanos, given_nanos)
    assert bench.engine.next_timer_nanos == deadline_nanos + given_nanos
    bench.clock.now_nanos += 3
    result = await bench.execute(requests.deposit(9))
    assert result.time_nanos == START_NANOS + given_nanos + 3
    await closed(bench)


async def test_the_longest_gap_that_is_not_confirmed(tmp_path: Path) -> None:
    await log_of(tmp_path)
    bench = opened(tmp_path, MAX_GAP_SECONDS * NANOS_PER_SECOND)
    assert await bench.start.begin()
    await closed(bench)


async def test_a_start_between_two_kills_adds_up(tmp_path: Path) -> None:
    _, deadline_nanos = await log_of(tmp_path)
    for times in (1, 2, 3):
        bench = opened(tmp_path, times * HOUR_NANOS)
        assert await bench.start.begin()
        assert bench.engine.next_timer_nanos == deadline_nanos + times * HOUR_NANOS
        await bench.outbox.settled()
        await closed(bench)


async def test_a_start_that_never_became_durable_is_made_once_more(tmp_path: Path) -> None:
    last, deadline_nanos = await log_of(tmp_path)
    bench = make_bench(tmp_path, clock=Clock(START_NANOS + HOUR_NANOS))
    assert await bench.start.begin()
    assert bench.engine.sequence == last + 1
    bench.sequencer.stop()
    bench.close()
    again = opened(tmp_path, 2 * HOUR_NANOS)
    assert again.engine.next_timer_nanos in (deadline_nanos, deadline_nanos + HOUR_NANOS)
    assert await again.start.begin()
    assert again.engine.next_timer_nanos == deadline_nanos + 2 * HOUR_NANOS
    await closed(again)


async def test_the_operators_name_stands_with_the_start(tmp_path: Path) -> None:
    last, _ = await log_of(tmp_path)
    bench = opened(tmp_path, wall_ahead_nanos=YEARS_NANOS)
    assert not await bench.start.begin()
    confirming = asyncio.create_task(bench.start.confirm(START_NANOS, "chief"))
    await confirming
    await bench.outbox.settled()
    (record,) = bench.log.read(last + 1)
    assert b"chief" in record.payload
    await closed(bench)
