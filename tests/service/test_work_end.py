"""How pending work ends: by itself, with the server, or with its journal."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from riskengine.persistence.snapshots import SnapshotStore
from riskengine.service.errors import CallError, CallReason
from tests.service import requests
from tests.service.bench import running_bench
from tests.service.test_work import (
    LOW_TICKS,
    a_piece,
    closed,
    execute_all,
    paused,
    soon,
    venue,
)


async def test_a_shutdown_stops_behind_the_piece(tmp_path: Path) -> None:
    bench = await paused(tmp_path)
    waiting = [
        await soon(bench, requests.mark(9_200)),
        asyncio.create_task(bench.sequencer.at_rest()),
    ]
    await a_piece(bench)
    sequence = bench.engine.sequence
    bench.availability.shut_down()
    bench.sync()
    for task in waiting:
        with pytest.raises(CallError) as caught:
            await task
        assert caught.value.reason is CallReason.SHUTTING_DOWN
    await asyncio.sleep(0.01)
    assert bench.engine.sequence == sequence
    assert bench.engine.has_work
    store = SnapshotStore(tmp_path / "snapshots")
    store.open()
    with capture_logs() as logs:
        await bench.snapshot_taker(store).take_at_end(5)
    assert store.paths() == []
    assert [(line["event"], line["sequence"]) for line in logs] == [
        ("snapshot.work_pending", sequence)
    ]
    closed(bench)


async def test_a_failed_journal_ends_the_waiting(tmp_path: Path) -> None:
    bench = await paused(tmp_path)
    waiting = await soon(bench, requests.mark(9_200))
    sequence = bench.engine.sequence
    bench.outbox.fail(OSError("gone"))
    with pytest.raises(CallError, match="gone") as caught:
        await waiting
    assert caught.value.reason is CallReason.JOURNAL_FAILED
    assert bench.engine.sequence == sequence
    assert bench.statistics.waiting_for_work == 0
    closed(bench)


@pytest.mark.parametrize("units", [0, 1])
async def test_only_work_in_pieces_is_logged(tmp_path: Path, units: int) -> None:
    async with running_bench(tmp_path) as bench:
        await execute_all(bench, venue(units=units))
        await bench.sequencer.at_rest()
        with capture_logs() as logs:
            result = await bench.execute(requests.mark(LOW_TICKS))
            is_pending = [bench.statistics.work_pending]
            await bench.sequencer.at_rest()
            await asyncio.sleep(0)
        is_pending.append(bench.statistics.work_pending)
        assert is_pending == [units == 1, False]
        told = [line for line in logs if line["event"] == "work.done"]
        pieces, last = 1 + bench.engine.sequence - result.sequence, bench.engine.sequence
        assert [(line["sequence"], line["pieces"], line["last_sequence"]) for line in told] == (
            [(result.sequence, pieces, last)] if units else []
        )
