"""The single writer over the real core and journal: what it takes, keeps, answers and refuses."""

import asyncio
import errno
from pathlib import Path

import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.commands import CommandKind
from riskengine.machine.command import Command, Received
from riskengine.machine.request_kinds import KIND_OF, RequestKind
from riskengine.metrics.statistics import CommandResult
from riskengine.persistence.files import Files
from riskengine.service.errors import CallError, CallReason
from tests.service import requests
from tests.service.bench import (
    START_NANOS,
    Bench,
    BugFoundError,
    Clock,
    make_bench,
    make_bench_told,
    running_bench,
)


async def open_venue(bench: Bench) -> None:
    """Make the venue and two traders who hold 100 lots against each other, trader 1 at 10x."""
    steps = (
        requests.create_asset(),
        requests.create_fund(),
        requests.set_market(timeout_millis=1_000),
        requests.deposit(1, 100_000),
        requests.deposit(2),
        requests.mark(10_000),
        requests.trades((1, 2, 10_000, 100)),
    )
    for request in steps:
        result = await bench.execute(request)
        assert not result.rejections


async def test_commands_get_sequences_and_the_time_of_the_clock(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        first = await bench.execute(requests.create_asset())
        assert (first.sequence, first.time_nanos) == (1, START_NANOS)
        bench.clock.wall_ahead_nanos = -(10**12)
        second = await bench.execute(requests.create_fund())
        assert (second.sequence, second.time_nanos) == (2, START_NANOS)
        bench.clock.now_nanos += 500
        third = await bench.execute(requests.deposit(1))
        assert (third.sequence, third.time_nanos) == (3, START_NANOS + 500)
        assert bench.log.head.sequence == 3


async def test_the_journal_holds_the_bytes_as_they_came(tmp_path: Path) -> None:
    raw = 2 * requests.create_asset().SerializeToString()  # the same once more
    async with running_bench(tmp_path) as bench:
        kind = KIND_OF[admin_pb.CreateAssetRequest]
        await bench.sequencer.execute(kind, Received(raw, kind.read(raw), 0))
        (record,) = bench.log.read(1)
    assert (record.sequence, record.kind, record.time_nanos) == (1, 9, START_NANOS)
    assert record.payload == raw


async def test_a_refused_command_without_a_key_leaves_no_trace(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        before = bench.engine.state_hash(), bench.engine.sequence
        refused = await bench.execute(requests.deposit(1, 0))
        assert (refused.sequence, refused.applied_rows) == (0, 0)
        assert refused.outcome == common_pb2.COMMAND_OUTCOME_REFUSED
        assert refused.rejections[0].reason == common_pb2.REJECT_REASON_OUT_OF_RANGE
        assert (bench.engine.state_hash(), bench.engine.sequence) == before
        assert bench.log.head.sequence == bench.engine.sequence


async def test_a_batch_in_part_is_journalled_and_repeats_as_it_was(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        request = requests.submit_deposits("bank", 1, (5, 100), (6, -1), (7, 100))
        first = await bench.execute(request)
        assert (first.applied_rows, first.rejected_rows, first.duplicate) == (2, 1, False)
        state_hash = bench.engine.state_hash()
        again = await bench.execute(request)
        assert again.duplicate
        again.duplicate = False
        assert again == first
        assert bench.engine.state_hash() == state_hash
        other = await bench.execute(requests.submit_deposits("bank", 1, (5, 101)))
        assert other.rejections[0].reason == common_pb2.REJECT_REASON_SEQUENCE_REUSED
        results = bench.statistics.commands.results[CommandKind.DEPOSITS]
        assert results[CommandResult.APPLIED_IN_PART] == 1
        assert results[CommandResult.REPEATED] == 1


async def test_a_repeated_batch_waits_until_the_first_is_durable(tmp_path: Path) -> None:
    bench = make_bench(tmp_path)
    await bench.register("admin")
    request = requests.create_asset()
    request.key.CopyFrom(requests.key("admin", 1))
    first, again = (asyncio.create_task(bench.execute(request)) for _ in range(2))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not first.done()
    assert not again.done()
    bench.sync()
    assert (await first).sequence == (await again).sequence == 2
    assert (await again).duplicate
    bench.close()


@pytest.mark.parametrize(
    ("request_", "reason", "field", "limit"),
    [
        (risk_pb.SubmitRequest(), common_pb2.REJECT_REASON_INVALID_TEXT, "client_id", 64),
        (
            requests.submit_deposits("a", 2, (1, 1)),
            common_pb2.REJECT_REASON_SEQUENCE_GAP,
            "batch_sequence",
            1,
        ),
    ],
)
async def test_what_is_not_due_is_not_taken(
    tmp_path: Path, request_: risk_pb.SubmitRequest, reason: int, field: str, limit: int
) -> None:
    async with running_bench(tmp_path) as bench:
        await bench.register("a")
        result = await bench.execute(request_)
        assert (result.sequence, result.outcome) == (0, common_pb2.COMMAND_OUTCOME_NOT_TAKEN)
        (rejection,) = result.rejections
        assert (rejection.row, rejection.reason) == (-1, reason)
        assert (rejection.field, rejection.limit) == (field, limit)
        assert bench.engine.sequence == bench.log.head.sequence == 1


async def test_a_batch_at_the_row_limit_is_taken(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        request = requests.submit_deposits("a", 1, *[(1, 1)] * 100)
        assert (await bench.execute(request)).applied_rows == 100


async def test_instructions_leave_when_they_are_durable(tmp_path: Path) -> None:
    bench = make_bench(tmp_path)
    await open_venue_without_writer(bench)
    ticket = await bench.submit(requests.mark(9_400))
    assert bench.engine.instruction_sequence == 2
    assert bench.ring.last_sequence == 0
    bench.sync()
    pieces = b"".join(bench.ring.read(1, 10))
    found = risk_pb.StreamInstructionsResponse.FromString(pieces).instructions
    assert [each.WhichOneof("body") for each in found] == ["cancel_orders", "liquidation_order"]
    assert {each.sequence for each in found} == {ticket.sequence}
    assert sum(bench.statistics.decision_duration.counts) == 2
    bench.close()


async def test_a_tick_ends_an_order_whose_deadline_has_passed(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        await bench.execute(requests.mark(9_400))
        assert bench.engine.open_liquidation_count == 1
        assert bench.engine.next_timer_nanos == START_NANOS + 1_000_000_000
        sequence = bench.engine.sequence
        bench.sequencer.tick()
        assert bench.engine.sequence == sequence
        bench.clock.now_nanos = bench.engine.next_timer_nanos
        bench.sequencer.tick()
        assert bench.engine.sequence == sequence + 1
        await bench.outbox.settled()
        record = next(bench.log.read(sequence + 1))
        assert (record.kind, record.payload) == (CommandKind.TICK, b"")


class FailingFiles(Files):
    """Fail every sync from a moment on, as a broken disk does."""

    is_broken = False

    def fdatasync(self, fd: int) -> None:
        if self.is_broken:
            raise OSError(errno.EIO, "injected")
        super().fdatasync(fd)


async def test_a_failed_journal_stops_everything_for_good(tmp_path: Path) -> None:
    files = FailingFiles()
    async with running_bench(tmp_path, files=files) as bench:
        await bench.execute(requests.create_asset())
        files.is_broken = True
        waiting = [
            asyncio.create_task(bench.execute(requests.deposit(account_id)))
            for account_id in (1, 2, 3)
        ]
        for task in waiting:
            with pytest.raises(CallError, match="injected") as caught:
                await task
            assert caught.value.reason is CallReason.JOURNAL_FAILED
        files.is_broken = False
        with pytest.raises(CallError):
            await bench.execute(requests.deposit(4))
        with pytest.raises(CallError):
            await bench.outbox.settled()
        assert bench.availability.has_failed
        sequence = bench.engine.sequence
        bench.clock.now_nanos += 10**12
        bench.sequencer.tick()
        assert bench.engine.sequence == sequence
        assert bench.outbox.durability.sequence == 1


async def test_a_full_queue_makes_submitters_wait(tmp_path: Path) -> None:
    bench = make_bench(tmp_path, max_pending_records=2)
    await bench.submit(requests.create_asset())
    await bench.submit(requests.deposit(1))
    waiting = asyncio.create_task(bench.submit(requests.deposit(2)))
    await asyncio.sleep(0)
    assert bench.statistics.waiting_submitters == 1
    assert bench.engine.sequence == 2
    bench.sync()
    assert (await waiting).sequence == 3
    assert bench.statistics.journal_queue_commands == 1
    bench.close()


async def open_venue_without_writer(bench: Bench) -> None:
    opened = asyncio.create_task(open_venue(bench))
    while not opened.done():
        await asyncio.sleep(0)
        bench.sync()
    await opened


async def test_marks_instructions_and_a_full_queue_do_not_wait_for_company(tmp_path: Path) -> None:
    bench, told = make_bench_told(tmp_path, max_pending_records=5)
    await open_venue_without_writer(bench)
    await bench.submit(requests.deposit(3), may_wait=True)
    assert told.last == "soon"
    await bench.submit(requests.mark(9_600), may_wait=True)
    assert told.last == "at once"
    await bench.submit(requests.deposit(4))
    assert told.last == "at once", "it was not said that it may wait"
    bench.sync()
    harmless, costly = requests.trades((3, 4, 9_600, 1)), requests.trades((1, 3, 9_900, 50))
    await bench.submit(harmless, may_wait=True)
    assert (told.last, bench.engine.instruction_sequence) == ("soon", 0)
    await bench.submit(costly, may_wait=True)
    assert told.last == "at once"
    assert bench.engine.instruction_sequence > 0
    for account_id in (5, 6):
        await bench.submit(requests.deposit(account_id), may_wait=True)
        assert told.last == "soon"
    await bench.submit(requests.deposit(7), may_wait=True)
    assert told.last == "at once", "the queue is full"
    bench.close()


async def test_who_waits_for_an_answer_has_the_rest_synced(tmp_path: Path) -> None:
    bench, told = make_bench_told(tmp_path)
    await open_venue_without_writer(bench)
    await bench.submit(requests.deposit(3), may_wait=True)
    assert told.last == "soon"
    question = asyncio.create_task(bench.outbox.settled())
    await asyncio.sleep(0)
    assert told.last == "at once"
    bench.sync()
    assert await question == bench.engine.sequence
    told.all.clear()
    assert await bench.outbox.settled() == bench.engine.sequence
    assert told.all == [], "all is durable already"
    bench.close()


async def test_one_who_waits_for_room_is_refused_after_a_shutdown(tmp_path: Path) -> None:
    bench = make_bench(tmp_path, max_pending_records=1)
    await bench.submit(requests.create_asset())
    waiting = asyncio.create_task(bench.submit(requests.deposit(2)))
    await asyncio.sleep(0)
    bench.availability.shut_down()
    bench.sync()
    with pytest.raises(CallError) as caught:
        await waiting
    assert caught.value.reason is CallReason.SHUTTING_DOWN
    assert bench.engine.sequence == 1
    bench.close()


async def test_an_exception_while_the_state_changes_ends_the_process(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        broken = Command(CommandKind.WITHDRAWALS, ("no number",))
        kind = RequestKind(8, account_pb.WithdrawRequest, lambda _: broken)
        with pytest.raises(BugFoundError) as caught:
            await bench.sequencer.execute(kind, Received(b"", kind.read(b""), 0))
        assert isinstance(caught.value.__cause__, TypeError)


async def test_a_restart_gives_the_same_state_answers_and_instructions(tmp_path: Path) -> None:
    clock = Clock()
    batch = requests.submit_deposits("bank", 1, (5, 100), (6, -1))
    async with running_bench(tmp_path, clock=clock) as bench:
        await open_venue(bench)
        first = await bench.execute(batch)
        await bench.execute(requests.mark(9_400))
        clock.now_nanos += 2_000_000_000
        bench.sequencer.tick()
        await bench.outbox.settled()
        state_hash, last = bench.engine.state_hash(), bench.ring.last_sequence
        pieces = bench.ring.read(1, 1_000)
    async with running_bench(tmp_path, clock=clock) as again:
        assert again.engine.state_hash() == state_hash
        assert again.ring.last_sequence == last > 3
        assert again.ring.read(1, 1_000) == pieces
        repeated = await again.execute(batch)
        assert repeated.duplicate
        assert repeated.sequence == first.sequence
        assert repeated.rejections == first.rejections
        fresh = await again.execute(requests.deposit(9))
        assert fresh.sequence == again.engine.sequence
        again.engine.check_invariants()
