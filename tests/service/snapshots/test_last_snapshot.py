"""The snapshot that a planned stop ends with, and what counts as new since the one before."""

import asyncio
import errno
from pathlib import Path

import pytest

from riskengine.machine.saving import read_machine_back
from riskengine.persistence.snapshots import SnapshotStore
from riskengine.service.clone_turns import CloneKind
from tests.service import requests
from tests.service.bench import NEVER, Bench, running_bench
from tests.service.snapshots.support import Store, Unsyncable, taker


async def test_one_is_taken_at_the_end_and_notes_nothing(bench: Bench, store: Store) -> None:
    once = taker(bench, store)
    await once.stop()
    await bench.writer.stop()
    before = bench.engine.sequence
    await once.take_at_end(0)
    assert store.paths() == []
    await once.take_at_end(10)
    (path,) = store.paths()
    assert store.sequence_of(path) == bench.engine.sequence == bench.log.head.sequence == before
    machine = read_machine_back(store.read(path).sections)
    assert machine.state_hash() == bench.machine.state_hash()
    written = path.stat().st_mtime_ns
    await once.take_at_end(10)  # there is nothing new
    assert [found.stat().st_mtime_ns for found in store.paths()] == [written]


@pytest.mark.parametrize("what", ["full", "slow"])
async def test_one_at_the_end_keeps_no_server_from_ending(
    bench: Bench, store: Store, what: str
) -> None:
    once = taker(bench, store)
    await once.stop()
    await bench.writer.stop()
    if what == "full":
        store.failure = OSError(errno.ENOSPC, "no space left")
        await once.take_at_end(10)
        reason = "no space left"
    else:
        store.may_go_on.clear()
        asyncio.get_running_loop().call_later(0.1, store.may_go_on.set)
        await once.take_at_end(0.01)
        reason = "not written within 0.01 seconds"
    assert store.paths() == []
    store.open()  # as the next start does, and removes what was not finished
    assert list(store.folder.iterdir()) == []
    assert reason in bench.statistics.snapshots.failure
    assert not bench.availability.has_failed


async def test_none_is_taken_before_the_state_that_was_read_back_is_checked(
    bench: Bench, store: Store
) -> None:
    once = taker(bench, store)
    with bench.views.one(CloneKind.SNAPSHOT):
        asked = asyncio.create_task(once.take())
        hashed = await bench.views.hashed(bench.engine.state_hash)
        assert hashed[0] == hashed[1], "who only asks does not wait for that"
        assert not asked.done()
        assert store.paths() == []
    assert (await asked).sequence == bench.engine.sequence - 1
    await once.stop()
    await bench.execute(requests.deposit(1, 100))
    await bench.execute(requests.deposit(1, 100))
    await bench.writer.stop()
    with bench.views.one(CloneKind.SNAPSHOT):
        await once.take_at_end(0.01)
    assert "not written within" in bench.statistics.snapshots.failure
    assert len(store.paths()) == 1


async def test_instructions_that_cannot_be_synced_at_the_end_fail_the_server(
    tmp_path: Path, store: Store
) -> None:
    files = Unsyncable()
    async with running_bench(tmp_path / "bench", instruction_files=files) as bench:
        await bench.execute(requests.create_asset())
        await bench.execute(requests.deposit(1, 100))
        once = taker(bench, store)
        await once.stop()
        await bench.writer.stop()
        files.fails = True
        await once.take_at_end(10)
        assert bench.availability.has_failed
        assert store.paths() == []
        files.fails = False


async def test_one_command_is_something_new_whatever_was_noted(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "snapshots")
    store.open()
    async with running_bench(tmp_path / "bench") as bench:
        once = bench.snapshot_taker(store, NEVER)
        await bench.execute(requests.create_asset())
        await once.take()
        await bench.outbox.settled()
        assert not once._is_anything_new()
        after_a_start = bench.snapshot_taker(store, NEVER, is_hash_noted=True)
        assert not after_a_start._is_anything_new()
        await bench.execute(requests.deposit(1, 1))
        assert once._is_anything_new()
        assert after_a_start._is_anything_new()


async def test_behind_a_snapshot_that_noted_nothing_one_command_is_new(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "snapshots")
    store.open()
    async with running_bench(tmp_path / "bench") as bench:
        await bench.execute(requests.create_asset())
        once = bench.snapshot_taker(store, NEVER)
        await once.take_at_end(10)
        assert len(store.paths()) == 1
        assert not once._is_anything_new()
        assert not bench.snapshot_taker(store, NEVER)._is_anything_new()
        await bench.execute(requests.deposit(1, 1))
        assert once._is_anything_new()
        assert bench.snapshot_taker(store, NEVER)._is_anything_new(), "that is no hash"
