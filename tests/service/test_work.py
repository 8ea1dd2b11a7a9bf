"""A command whose work is cut into pieces: what passes meanwhile, what waits, and who is told."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from google.protobuf.message import Message

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.commands import CommandKind
from riskengine.machine.machine import Machine
from riskengine.machine.replay import replay
from riskengine.persistence.snapshots import SnapshotStore
from riskengine.service.errors import CallError, CallReason
from riskengine.service.sequencer import Ticket
from tests.service import requests
from tests.service.bench import Bench, Clock, hold_against_log, make_bench, running_bench

PENDING = common_pb2.REJECT_REASON_ALLOCATION_PENDING
VICTIMS = range(1, 7)
MAKER, OTHER = 90, 91
LOW_TICKS = 9_100
"""Here each victim has 40,000 and must have 45,500: all are liquidated."""


def venue(*, units: int = 1, timeout_millis: int = 60_000) -> Sequence[Message]:
    """Make a venue in which each victim is a piece of work."""
    return (
        requests.create_asset(),
        requests.create_fund(),
        requests.set_risk_parameters(work_units=units),
        requests.set_market(timeout_millis=timeout_millis),
        requests.mark(requests.PRICE_TICKS),
        *(requests.deposit(account_id, 130_000) for account_id in VICTIMS),
        *(requests.deposit(account_id, 10**9) for account_id in (MAKER, OTHER)),
        *(requests.trades((account_id, MAKER, 10_000, 100)) for account_id in VICTIMS),
    )


async def execute_all(bench: Bench, messages: Sequence[Message]) -> None:
    for message in messages:
        result = await bench.execute(message)
        assert result.sequence
        assert not result.rejections


async def paused(folder: Path, timeout_millis: int = 60_000) -> Bench:
    """Return a bench in the middle of a wave; nothing is durable, nor goes on, but by `a_piece`."""
    async with running_bench(folder) as opened:
        await execute_all(opened, venue(timeout_millis=timeout_millis))
        await opened.register("a", "b")
    bench = make_bench(folder)
    await bench.submit(requests.mark(LOW_TICKS))
    assert bench.engine.has_work
    return bench


def closed(bench: Bench) -> None:
    """Leave a bench as it is, in the middle of its work."""
    bench.sequencer.stop()
    bench.close()


@asynccontextmanager
async def paused_bench(folder: Path, *, timeout_millis: int = 60_000) -> AsyncIterator[Bench]:
    """Yield such a bench; at the end its work is done, and held against its log."""
    bench = await paused(folder, timeout_millis)
    try:
        yield bench
        await all_pieces(bench)
        hold_against_log(bench)
    finally:
        bench.sequencer.stop()
        await bench.views.stop()
        bench.close()


async def a_piece(bench: Bench) -> None:
    """Have the next piece done."""
    before = bench.engine.sequence
    bench.sync()
    async with asyncio.timeout(5):
        while bench.engine.sequence == before:  # noqa: ASYNC110 - it is the core that is waited for
            await asyncio.sleep(0.001)


async def all_pieces(bench: Bench) -> None:
    while bench.engine.has_work:
        await a_piece(bench)
    bench.sync()
    await asyncio.sleep(0)


async def soon(bench: Bench, message: Message) -> "asyncio.Task[Ticket]":
    """Hand a command to the sequencer, which may have it wait."""
    task = asyncio.create_task(bench.submit(message))
    await asyncio.sleep(0)
    return task


def kinds(bench: Bench, from_sequence: int) -> list[int]:
    return [record.kind for record in bench.log.read(from_sequence)]


@pytest.mark.rule("WK-4")
async def test_what_passes_and_what_waits(tmp_path: Path) -> None:
    async with paused_bench(tmp_path) as bench:
        before = bench.engine.sequence
        deposited = await soon(bench, requests.deposit(OTHER, 500))
        assert deposited.done()
        assert deposited.result().sequence == before + 1
        withdrawn = await soon(bench, requests.withdraw(MAKER, 1))
        (rejection,) = withdrawn.result().result.rejections
        assert (rejection.row, rejection.reason, rejection.field) == (-1, PENDING, "")
        waiting = [
            await soon(bench, message)
            for message in (
                requests.mark(LOW_TICKS + 1),
                requests.trades((OTHER, MAKER, LOW_TICKS, 1)),
                requests.close_account(77),
                requests.set_market(),
                requests.report(1),
                requests.submit_withdrawals("wallet", 1, (MAKER, 1)),
            )
        ]
        assert bench.statistics.waiting_for_work == len(waiting)
        for _ in range(2):
            await a_piece(bench)
        again = await soon(bench, requests.deposit(OTHER, 500))
        assert again.result().sequence == bench.engine.sequence
        assert not any(task.done() for task in waiting)
        await all_pieces(bench)
        tickets = [await task for task in waiting[:2]]
        await all_pieces(bench)
        assert [ticket.sequence for ticket in tickets] == sorted(
            ticket.sequence for ticket in tickets
        )
        for task in waiting[2:]:
            await task
            await all_pieces(bench)
        assert bench.statistics.waiting_for_work == 0
        found = kinds(bench, before + 1)
        assert found.index(CommandKind.MARK_PRICES) > found.index(CommandKind.CONTINUE)
        assert found.index(CommandKind.MARK_PRICES) < found.index(CommandKind.TRADES)
        assert found.index(CommandKind.TRADES) < found.index(CommandKind.MARKET)


@pytest.mark.rule("WK-4")
async def test_questions_are_answered_in_the_middle(tmp_path: Path) -> None:
    async with paused_bench(tmp_path) as bench:
        order = risk_pb.CheckOrderRequest(
            account_id=OTHER, market_id=1, side=common_pb2.SIDE_LONG, size_lots=1, price_ticks=9_100
        )
        checked = bench.ask("RiskService.CheckOrder", order)
        assert isinstance(checked, risk_pb.CheckOrderResponse)
        assert not checked.accepted
        assert (checked.rejection.reason, checked.rejection.field) == (PENDING, "")
        asked = account_pb.GetAccountRequest(account_id=OTHER, asset_id=1)
        told = bench.ask("AccountService.GetAccount", asked)
        assert isinstance(told, account_pb.GetAccountResponse)
        assert told.account.margin.withdrawable_atoms == 0
        state = bench.ask("AdminService.GetState", admin_pb.GetStateRequest())
        assert isinstance(state, admin_pb.GetStateResponse)
        assert {check.missing_atoms for check in state.conservation} == {"0"}
        await all_pieces(bench)
        after = bench.ask("AccountService.GetAccount", asked)
        assert isinstance(after, account_pb.GetAccountResponse)
        assert after.account.margin.withdrawable_atoms == 10**9
        assert bench.ask("RiskService.CheckOrder", order) == risk_pb.CheckOrderResponse(
            accepted=True, equity_after_atoms=10**9, initial_after_atoms=910
        )


@pytest.mark.rule("WK-4")
async def test_what_a_client_sends_behind_a_command_that_waits_waits_too(tmp_path: Path) -> None:
    async with paused_bench(tmp_path) as bench:
        first = await soon(bench, requests.submit_trades("a", 1, (OTHER, MAKER, LOW_TICKS, 1)))
        second = await soon(bench, requests.submit_deposits("a", 2, (OTHER, 5)))
        other = await soon(bench, requests.submit_deposits("b", 1, (OTHER, 5)))
        assert (first.done(), second.done(), other.done()) == (False, False, True)
        repeated = await soon(bench, requests.submit_deposits("b", 1, (OTHER, 5)))
        assert repeated.result().result.duplicate
        await all_pieces(bench)
        assert (await first).sequence + 1 == (await second).sequence
        assert not (await second).result.rejections


async def test_an_answer_that_was_given_is_given_again_at_once(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as opened:
        await execute_all(opened, venue())
        trade = requests.submit_trades("a", 1, (OTHER, MAKER, 10_000, 1))
        first = await opened.execute(trade)
    bench = make_bench(tmp_path)
    await bench.submit(requests.mark(LOW_TICKS))
    assert bench.engine.has_work
    again = await soon(bench, trade)
    assert again.result().result.duplicate
    assert again.result().sequence == first.sequence
    closed(bench)


async def test_who_gives_up_waiting_leaves_the_line(tmp_path: Path) -> None:
    async with paused_bench(tmp_path) as bench:
        gone, here = [await soon(bench, requests.mark(ticks)) for ticks in (9_200, 9_300)]
        gone.cancel()
        await asyncio.sleep(0)
        assert bench.statistics.waiting_for_work == 1
        await all_pieces(bench)
        await here
        bench.sync()
        marks = kinds(bench, 1).count(CommandKind.MARK_PRICES)
        assert marks == 3, "the first, the wave, and the one that stayed"


async def test_each_piece_waits_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asked or deposited after a piece is answered before the next."""
    rest_seconds = 0.02
    monkeypatch.setattr("riskengine.service.pending_work.MOST_REST_SECONDS", rest_seconds)
    async with paused_bench(tmp_path) as bench:
        sequence = bench.engine.sequence
        await asyncio.sleep(2 * rest_seconds)
        assert bench.engine.sequence == sequence
        told = asyncio.create_task(bench.outbox.settled())
        await asyncio.sleep(0)
        bench.sync()
        assert await told == sequence == bench.engine.sequence
        deposited = asyncio.create_task(bench.execute(requests.deposit(OTHER, 5)))
        await asyncio.sleep(3 * rest_seconds)
        assert bench.engine.sequence == sequence + 1
        bench.sync()
        assert (await deposited).sequence == sequence + 1
        await a_piece(bench)


@pytest.mark.rule("WK-4")
async def test_work_goes_on_when_the_disk_has_been_slow(tmp_path: Path) -> None:
    """Work stopped for good when a write was over, and the watch had not looked at it yet."""
    async with paused_bench(tmp_path) as bench:
        waiting = await soon(bench, requests.mark(LOW_TICKS + 1))
        bench.availability.pause(CallError(CallReason.DISK_NOT_ANSWERING, millis=1))
        await a_piece(bench)
        bench.availability.resume()
        await all_pieces(bench)
        assert not (await waiting).result.rejections


async def test_no_timer_fires_while_work_is_pending(tmp_path: Path) -> None:
    async with paused_bench(tmp_path, timeout_millis=1_000) as bench:
        while not bench.engine.open_liquidation_count:
            await a_piece(bench)
        assert bench.engine.has_work
        bench.clock.now_nanos += 2_000_000_000
        sequence = bench.engine.sequence
        bench.sequencer.tick()
        assert bench.engine.sequence == sequence
        await all_pieces(bench)
        async with asyncio.timeout(5):
            while CommandKind.TICK not in kinds(bench, sequence):
                bench.sync()
                await asyncio.sleep(0.001)
        found = kinds(bench, 1)
        pieces = found[: found.index(CommandKind.TICK)].count(CommandKind.CONTINUE)
        assert pieces >= len(VICTIMS) - 1, "the wave was done before"
        await all_pieces(bench)


@pytest.mark.rule("WK-4")
async def test_a_snapshot_a_hash_and_a_note_wait_for_the_end(tmp_path: Path) -> None:
    async with paused_bench(tmp_path) as bench:
        store = SnapshotStore(tmp_path / "snapshots")
        store.open()
        taking = asyncio.create_task(bench.snapshot_taker(store).take())
        question = bench.asked(
            "AdminService.GetState", admin_pb.GetStateRequest(with_state_hash=True)
        )
        hashing = asyncio.create_task(question)
        await a_piece(bench)
        assert (taking.done(), hashing.done()) == (False, False)
        await all_pieces(bench)
        end = bench.engine.sequence
        async with asyncio.timeout(10):
            while not (taking.done() and hashing.done()):
                bench.sync()
                await asyncio.sleep(0.001)
        assert (await taking).sequence > end
        answer = await hashing
        assert isinstance(answer, admin_pb.GetStateResponse)
        assert answer.sequence >= end
        assert answer.state_hash


async def test_a_note_whose_timers_begin_work_is_made_once_more(tmp_path: Path) -> None:
    """The first note says that a hash is due, and none is: its state is in the middle of work."""
    clock = Clock()
    async with running_bench(tmp_path, clock=clock) as bench:
        await execute_all(bench, venue(timeout_millis=1_000))
        await bench.execute(requests.mark(LOW_TICKS))
        await bench.sequencer.at_rest()
        assert bench.engine.open_liquidation_count == len(VICTIMS)
        bench.sequencer.stop()
        bench.sequencer.start()
        before = bench.engine.sequence
        clock.now_nanos += 2_000_000_000
        store = SnapshotStore(tmp_path / "snapshots")
        store.open()
        taken = await bench.snapshot_taker(store).take()
        await bench.outbox.settled()
        noted = [kind for kind in kinds(bench, before + 1) if kind != CommandKind.CONTINUE]
        due = CommandKind.STATE_HASH_DUE
        assert noted == [due, due, CommandKind.STATE_HASH]
        assert taken.sequence > before + 2


@pytest.mark.rule("WK-5")
async def test_a_log_that_ends_in_the_middle_goes_on_at_the_start(tmp_path: Path) -> None:
    hashes = []
    for name, pieces in (("whole", 0), ("cut", 3)):
        folder = tmp_path / name
        if pieces:
            bench = await paused(folder)
            for _ in range(pieces):
                await a_piece(bench)
            bench.sync()
            closed(bench)
        async with running_bench(folder) as again:
            if not pieces:
                await execute_all(again, (*venue(), requests.mark(LOW_TICKS)))
            assert again.engine.has_work
            assert again.statistics.work_pending
            await again.sequencer.at_rest()
            hashes.append(again.engine.state_hash())
    assert hashes[0] == hashes[1]


@pytest.mark.rule("WK-5")
async def test_a_replay_pauses_where_the_first_run_did(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await execute_all(bench, venue())
        await bench.execute(requests.mark(LOW_TICKS))
        begun = bench.engine.sequence
        await bench.sequencer.at_rest()
        await bench.outbox.settled()
        pieces = kinds(bench, begun + 1)
        assert pieces == [CommandKind.CONTINUE] * (bench.engine.sequence - begun)
        assert len(pieces) > len(VICTIMS) // 2
        pending = []
        machine = Machine()
        for record in bench.log.read(1):
            replay(machine, (record,))
            pending.append(machine.engine.has_work)
        assert pending[begun - 1 :] == [True] * len(pieces) + [False]
