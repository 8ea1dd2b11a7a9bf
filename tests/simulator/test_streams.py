"""The client's streams over a real channel whose server breaks them."""

import asyncio

import grpc.aio
import pytest

from riskengine.simulator import pause
from riskengine.simulator.columns import chunks, deposit_columns, report_columns, trade_columns
from riskengine.simulator.instruction_stream import InstructionStream
from riskengine.simulator.ledger import Trade
from riskengine.simulator.markets import MARKETS
from riskengine.simulator.submit_stream import BatchRefusedError, SubmitStream
from tests.simulator.flaky_engine import flaky_engine, serving

BATCH = trade_columns(MARKETS, [Trade(0, 1, 2, 100, 1)])


async def test_batches_are_answered_in_order_and_applied_once_over_breaks() -> None:
    engine = flaky_engine(answers_a_stream=7)
    async with serving(engine) as client:
        stream = SubmitStream(client, "test")
        try:
            answers = [await stream.submit(BATCH) for _ in range(60)]
            acks = await asyncio.gather(*answers)
        finally:
            await stream.close()
    assert [ack.result.sequence for ack in acks] == list(range(1, 61))
    assert engine.applied == list(range(1, 61))
    assert engine.streams > 5
    assert any(ack.result.duplicate for ack in acks)
    assert all(ack.answered_nanos > ack.sent_nanos > 0 for ack in acks)


async def test_batches_behind_one_that_is_refused_whole_go_on() -> None:
    engine = flaky_engine()
    async with serving(engine) as client:
        stream = SubmitStream(client, "test")
        try:
            refused = await stream.submit(deposit_columns([(1, 0)]))
            behind = await stream.submit(BATCH)
            with pytest.raises(BatchRefusedError):
                await refused
            ack = await behind
        finally:
            await stream.close()
    assert ack.result.sequence == 2
    assert stream.next_batch_sequence == 3


async def test_a_batch_that_is_not_taken_leaves_its_number_free() -> None:
    engine = flaky_engine()
    async with serving(engine) as client:
        stream = SubmitStream(client, "test")
        try:
            with pytest.raises(BatchRefusedError):
                await (await stream.submit(report_columns([1])))
            ack = await (await stream.submit(BATCH))
        finally:
            await stream.close()
    assert ack.result.sequence == 1


async def test_batches_behind_one_that_is_not_taken_fail_with_it() -> None:
    async with serving(flaky_engine()) as client:
        stream = SubmitStream(client, "test")
        try:
            refused = await stream.submit(report_columns([1]))
            behind = await stream.submit(BATCH)
            for answer in (refused, behind):
                with pytest.raises(BatchRefusedError):
                    await answer
            with pytest.raises(BatchRefusedError):
                await stream.submit(BATCH)
        finally:
            await stream.close()


async def test_instructions_come_without_gap_over_breaks() -> None:
    engine = flaky_engine(instructions=23)
    async with serving(engine) as client:
        stream = InstructionStream(client)
        try:
            first = await stream.read_to(9)
            rest = await stream.read_to(23)
        finally:
            await stream.close()
    numbers = [each.instruction.instruction_sequence for each in (*first, *rest)]
    assert numbers == list(range(1, 24))
    assert engine.streams >= 6


async def test_a_server_that_is_gone_is_an_error_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pause, "RETRY_SECONDS", 0.2)
    async with serving(flaky_engine()) as client:
        pass
    stream, instructions = SubmitStream(client, "test"), InstructionStream(client)
    try:
        answer = await stream.submit(BATCH)
        with pytest.raises(grpc.aio.UsageError):
            await answer
        with pytest.raises(grpc.aio.UsageError):
            await instructions.read_to(1)
    finally:
        await stream.close()
        await instructions.close()


def test_columns_that_nobody_uses_stay_empty() -> None:
    plain = trade_columns(MARKETS, [Trade(1, 1, 2, 100, 5)])
    assert (list(plain.market_id), list(plain.buyer_fee_atoms), list(plain.liquidation_id)) == (
        [2],
        [],
        [],
    )
    full = trade_columns(MARKETS, [Trade(1, 1, 2, 100, 5), Trade(0, 1, 2, 100, 5, 7, -1, 9)])
    assert list(full.buyer_fee_atoms) == [0, 7]
    assert list(full.seller_fee_atoms) == [0, -1]
    assert list(full.liquidation_id) == [0, 9]


def test_rows_are_split_into_batches() -> None:
    assert [len(batch) for batch in chunks(range(2_500))] == [1_000, 1_000, 500]
    assert list(chunks([])) == []
