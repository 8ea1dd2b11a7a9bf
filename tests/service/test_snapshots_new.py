"""What counts as new since the last snapshot: each command, and not what a snapshot notes."""

from pathlib import Path

from riskengine.persistence.snapshots import SnapshotStore
from riskengine.service.snapshots import Due
from tests.service import requests
from tests.service.bench import running_bench

NEVER = Due(0, 0)


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
