"""Taking snapshots beside a sequencer: what fails, what is given up, what goes on meanwhile."""

import asyncio
import errno
from itertools import takewhile
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from riskengine.commands import CommandKind
from riskengine.machine.machine import Machine
from riskengine.machine.replay import replay
from riskengine.machine.saving import read_machine_back, saved_hash
from riskengine.machine.state_hash import StateHash
from riskengine.service.errors import CallError, CallReason
from riskengine.service.snapshots import Due
from tests.service import requests
from tests.service.bench import NEVER, START_NANOS, Bench, make_bench, running_bench
from tests.service.snapshots.support import Store, Unsyncable, taker


async def test_a_snapshot_is_the_machine_as_it_was(bench: Bench, store: Store) -> None:
    before = bench.engine.sequence
    taken = await taker(bench, store).take()
    await bench.execute(requests.deposit(1, 100))
    (path,) = store.paths()
    assert (taken.sequence, taken.file_name) == (before + 1, path.name)
    assert (taken.snapshot_bytes, taken.journal_from_sequence) == (path.stat().st_size, 1)
    assert 0 < taken.held_up_nanos < taken.duration_nanos
    machine = read_machine_back(store.read(path).sections)
    again = Machine()
    replay(again, takewhile(lambda record: record.sequence <= before + 1, bench.log.read(1)))
    assert machine.state_hash() == again.state_hash()
    assert bench.statistics.snapshots.sequence == store.sequence_of(path) == before + 1


async def test_the_journal_notes_the_hash_of_what_was_kept(bench: Bench, store: Store) -> None:
    await taker(bench, store).take()
    await bench.outbox.settled()
    (path,) = store.paths()
    *_, due, noted = bench.log.read(1)
    assert (due.kind, noted.kind) == (CommandKind.STATE_HASH_DUE, CommandKind.STATE_HASH)
    state_hash = StateHash.decode(noted.payload)
    sections = store.read(path).sections
    assert state_hash == saved_hash(sections)
    assert state_hash.sequence == due.sequence == store.sequence_of(path)
    assert state_hash.digest.hex() == read_machine_back(sections).engine.state_hash()


async def test_what_a_snapshot_notes_of_itself_makes_no_other_one_due(
    bench: Bench, store: Store
) -> None:
    once = taker(bench, store, Due(0, 1))
    await once.take()
    await bench.outbox.settled()
    assert not once._is_due()
    await bench.execute(requests.deposit(1, 1))
    assert once._is_due()


async def test_commands_go_on_while_it_is_written(bench: Bench, store: Store) -> None:
    store.may_go_on.clear()
    taking = asyncio.create_task(taker(bench, store).take())
    await asyncio.to_thread(store.entered.wait, 10)
    before = bench.engine.sequence
    assert (await bench.execute(requests.deposit(2, 5))).sequence == before + 1
    store.may_go_on.set()
    assert (await taking).sequence == before
    (path,) = store.paths()
    assert store.sequence_of(path) == before


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "no space left"), RuntimeError("a bug")])
async def test_one_that_fails_stops_nothing_but_itself(
    bench: Bench, store: Store, failure: Exception
) -> None:
    store.failure = failure
    once = taker(bench, store)
    with pytest.raises(CallError) as caught:
        await once.take()
    assert caught.value.reason is CallReason.SNAPSHOT_FAILED
    cause = f"{type(failure).__name__}: {failure}"
    assert caught.value.metadata == {"cause": cause}
    statistics = bench.statistics.snapshots
    assert (statistics.failed, store.paths()) == (1, [])
    assert (statistics.is_failing, statistics.failed_nanos) == (True, START_NANOS)
    assert statistics.failure == cause
    await bench.execute(requests.deposit(2, 5))
    store.failure = None
    before = bench.engine.sequence
    assert (await once.take()).sequence == before + 1
    assert len(store.paths()) == 1
    assert (statistics.taken, statistics.failed, statistics.is_failing) == (1, 1, False)


async def test_no_hash_is_due_of_one_that_cannot_be_begun(bench: Bench, store: Store) -> None:
    store.folder.rmdir()
    before = bench.engine.sequence
    with pytest.raises(CallError) as caught:
        await taker(bench, store).take()
    assert caught.value.reason is CallReason.SNAPSHOT_FAILED
    assert bench.engine.sequence == before
    assert bench.statistics.snapshots.is_failing


@pytest.mark.parametrize("what", ["damaged", "unreadable"])
async def test_an_old_one_that_is_bad_costs_no_new_one(
    bench: Bench, store: Store, what: str
) -> None:
    """It is said, and the whole one behind it is kept; the journal still reaches back to that."""
    once = taker(bench, store)
    first = await once.take()
    await once.take()
    bad = store.paths()[0]
    if what == "damaged":
        bad.write_bytes(bad.read_bytes()[:-1])
    else:
        bad.unlink()
        bad.mkdir()
    with capture_logs() as logs:
        taken = await once.take()
    event = "snapshot.damaged" if what == "damaged" else "snapshot.old_not_dropped"
    assert event in [line["event"] for line in logs]
    assert store.sequence_of(store.paths()[0]) == taken.sequence
    assert taken.journal_from_sequence <= first.sequence + 1
    assert store.sequence_of(store.paths()[-1]) == first.sequence
    assert not bench.statistics.snapshots.is_failing


async def test_instructions_that_cannot_be_synced_stop_the_server(
    tmp_path: Path, store: Store
) -> None:
    files = Unsyncable()
    async with running_bench(tmp_path / "bench", instruction_files=files) as bench:
        await bench.execute(requests.create_asset())
        files.fails = True
        with pytest.raises(CallError) as caught:
            await taker(bench, store).take()
        assert caught.value.reason is CallReason.JOURNAL_FAILED
        assert bench.availability.has_failed
        assert store.paths() == []


async def test_who_asks_while_one_is_taken_shares_the_next(bench: Bench, store: Store) -> None:
    once = taker(bench, store)
    store.may_go_on.clear()
    first = asyncio.create_task(once.take())
    await asyncio.to_thread(store.entered.wait, 10)
    await bench.execute(requests.deposit(2, 5))
    waiting = [asyncio.create_task(once.take()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    store.may_go_on.set()
    taken = await first
    second, third = await asyncio.gather(*waiting[1:])
    assert second == third
    assert second.sequence > taken.sequence + 1  # the deposit, and what is noted of both
    assert bench.statistics.snapshots.taken == 2


async def test_who_waits_at_the_end_is_told_so(bench: Bench, store: Store) -> None:
    once = taker(bench, store)
    store.may_go_on.clear()
    waiting = [asyncio.create_task(once.take())]
    await asyncio.to_thread(store.entered.wait, 10)
    waiting.append(asyncio.create_task(once.take()))
    stopped = asyncio.create_task(once.stop())
    await asyncio.sleep(0.01)
    store.may_go_on.set()
    await asyncio.wait_for(stopped, 10)
    for waited in waiting:
        with pytest.raises(CallError) as caught:
            await waited
        assert caught.value.reason is CallReason.SHUTTING_DOWN
    assert store.paths() == []


async def test_one_of_nothing_is_one_too(tmp_path: Path, store: Store) -> None:
    async with running_bench(tmp_path / "empty") as empty:
        assert (await taker(empty, store).take()).sequence == 1  # what is noted of it
        await empty.outbox.settled()
        (path,) = store.paths()
        machine = read_machine_back(store.read(path).sections)
        replay(machine, empty.log.read(2))
        assert machine.state_hash() == empty.machine.state_hash()


async def test_one_under_way_is_given_up_at_the_end(
    bench: Bench, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskengine.service.snapshots.LOOK_SECONDS", 0.001)
    store.may_go_on.clear()
    ending = taker(bench, store, Due(0, 1))
    await bench.execute(requests.deposit(2, 5))
    ending.start()
    await bench.execute(requests.deposit(2, 5))
    await asyncio.to_thread(store.entered.wait, 10)
    stopped = asyncio.create_task(ending.stop())
    await asyncio.sleep(0.01)
    assert not stopped.done()
    store.may_go_on.set()
    await asyncio.wait_for(stopped, 10)
    assert store.paths() == []
    assert (await bench.execute(requests.deposit(2, 5))).sequence


async def test_an_unexpected_error_does_not_end_the_schedule(
    bench: Bench, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskengine.service.snapshots.LOOK_SECONDS", 0.001)
    due = taker(bench, store, Due(0, 1))
    is_due = due._is_due

    def fail_once() -> bool:
        monkeypatch.setattr(due, "_is_due", is_due)
        raise RuntimeError("a bug")

    monkeypatch.setattr(due, "_is_due", fail_once)
    await bench.execute(requests.deposit(2, 5))
    due.start()
    await asyncio.to_thread(store.entered.wait, 10)
    await due.stop()
    assert bench.statistics.snapshots.schedule_failures == 1


async def test_nothing_is_done_in_the_folder_once_it_has_stopped(
    bench: Bench, store: Store
) -> None:
    """The journal is closed then, and the folder may be another server's."""
    once = taker(bench, store)
    store.may_drop.clear()
    taking = asyncio.create_task(once.take())
    await asyncio.to_thread(store.dropping.wait, 10)
    stopped = asyncio.create_task(once.stop())
    await asyncio.sleep(0.01)
    assert not stopped.done()
    store.may_drop.set()
    await asyncio.wait_for(stopped, 10)
    with pytest.raises(CallError):
        await taking
    assert len(store.paths()) == 1


async def test_it_is_due_by_new_journal_and_not_without(bench: Bench, store: Store) -> None:
    by_size = taker(bench, store, Due(0, 300))
    assert not by_size._is_due()
    for _ in range(5):
        await bench.execute(requests.deposit(1, 1))
    assert by_size._is_due()
    await by_size.take()
    assert not by_size._is_due()
    assert not taker(bench, store, NEVER)._is_due()


async def test_what_a_start_replayed_counts_as_new_journal(bench: Bench, store: Store) -> None:
    """A server that is started again and again takes its snapshots all the same."""
    for replayed, is_due in ((0, False), (299, False), (300, True)):
        once = bench.snapshot_taker(store, Due(0, 300), replayed_bytes=replayed)
        assert once._is_due() is is_due
    await once.take()
    assert not once._is_due()


async def test_the_journal_is_shortened_to_the_older_one(tmp_path: Path, store: Store) -> None:
    """What is left of it is what the older snapshot needs to become the machine."""
    bench = make_bench(tmp_path / "long")
    bench.writer.start()
    try:
        await bench.execute(requests.create_asset())
        once = taker(bench, store)
        rows = [(account_id, 5) for account_id in range(1, 101)]
        for number in range(1, 9_001):
            batch = requests.submit_deposits("bank", number, *rows)
            ticket = await bench.submit(batch, may_wait=True)
            assert ticket.result.applied_rows == len(rows)
            if number % 3_000 == 0:
                await once.take()
        await bench.outbox.settled()
        for path in store.paths():
            machine = read_machine_back(store.read(path).sections)
            assert 1 < bench.log.first_sequence <= machine.engine.sequence + 1
            replay(machine, bench.log.read(machine.engine.sequence + 1))
            assert machine.state_hash() == bench.machine.state_hash()
    finally:
        await bench.writer.stop()
        bench.close()
