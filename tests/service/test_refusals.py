"""Refusals of keyed commands in the log: what they use, what they leave, and what is answered."""

from pathlib import Path

import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.commands import CommandKind
from riskengine.metrics.statistics import CommandResult
from tests.service import requests
from tests.service.bench import START_NANOS, running_bench
from tests.service.test_sequencer import open_venue


def refused_deposit(batch_sequence: int) -> account_pb.DepositRequest:
    request = requests.deposit(1, 0)
    request.key.CopyFrom(requests.key("bank", batch_sequence))
    return request


@pytest.mark.rule("CM-8")
async def test_a_refused_command_uses_its_number(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        await bench.register("bank")
        before, sequence = bench.engine.state_hash(), bench.engine.sequence
        bench.clock.now_nanos += 5
        first, again = [await bench.execute(refused_deposit(1)) for _ in range(2)]
        assert (first.sequence, first.time_nanos) == (sequence + 1, START_NANOS)
        assert first.outcome == again.outcome == common_pb2.COMMAND_OUTCOME_REFUSED
        assert (again.sequence, again.rejections) == (first.sequence, first.rejections)
        assert (first.duplicate, again.duplicate) == (False, True)
        assert bench.engine.state_hash() == before
        request = requests.deposit(1, 5)
        request.key.CopyFrom(requests.key("bank", 1))
        reused = await bench.execute(request)
        assert reused.rejections[0].reason == common_pb2.REJECT_REASON_SEQUENCE_REUSED
        assert reused.outcome == common_pb2.COMMAND_OUTCOME_NOT_TAKEN
        request.key.batch_sequence = 2
        accepted = await bench.execute(request)
        assert (accepted.sequence, accepted.applied_rows) == (sequence + 2, 1)
        assert accepted.outcome == common_pb2.COMMAND_OUTCOME_APPLIED
        kinds = [record.kind for record in bench.log.read(sequence + 1)]
        assert kinds == [CommandKind.REFUSED, CommandKind.DEPOSITS]
        results = bench.statistics.commands.results[CommandKind.DEPOSITS]
        assert results[CommandResult.REJECTED] == 2
        assert sum(bench.statistics.commands.results[CommandKind.REFUSED]) == 0


@pytest.mark.rule("CM-8")
async def test_a_refusal_is_answered_as_before_after_a_restart(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        first = await bench.execute(refused_deposit(1))
    async with running_bench(tmp_path) as again:
        repeated = await again.execute(refused_deposit(1))
    assert repeated.duplicate
    repeated.duplicate = False
    assert repeated == first
    assert first.rejections[0].message


async def test_refusals_fire_no_timer_and_let_no_time_pass(tmp_path: Path) -> None:
    """Whoever may send what is refused would else have orders of others expire."""
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        await bench.execute(requests.mark(9_400))
        await bench.register("bank")
        bench.sequencer.stop()
        bench.clock.now_nanos = bench.engine.next_timer_nanos
        for number in range(1, 6):
            await bench.execute(refused_deposit(number))
        assert bench.engine.open_liquidation_count == 1
        assert bench.engine.time_nanos == START_NANOS


TOO_MANY = [(1, 1)] * 101


@pytest.mark.rule("CM-8")
@pytest.mark.parametrize(
    ("request_", "reason", "field", "limit"),
    [
        (
            risk_pb.SubmitRequest(key=requests.key("a", 1)),
            common_pb2.REJECT_REASON_EMPTY_BATCH,
            "batch",
            0,
        ),
        (
            requests.submit_deposits("a", 1, *TOO_MANY),
            common_pb2.REJECT_REASON_BATCH_TOO_LARGE,
            "account_id",
            100,
        ),
    ],
)
async def test_what_the_core_never_sees_uses_its_number_too(
    tmp_path: Path, request_: risk_pb.SubmitRequest, reason: int, field: str, limit: int
) -> None:
    async with running_bench(tmp_path) as bench:
        result = await bench.execute(request_)
        assert (result.sequence, result.outcome) == (2, common_pb2.COMMAND_OUTCOME_REFUSED)
        (rejection,) = result.rejections
        assert (rejection.row, rejection.reason) == (-1, reason)
        assert (rejection.field, rejection.limit) == (field, limit)
        assert bench.engine.sequence == bench.log.head.sequence == 2
        assert (await bench.execute(request_)).duplicate


async def test_a_batch_that_is_too_large_without_a_key_leaves_no_trace(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        request = requests.trades(*[(1, 2, 10_000, 1)] * 101)
        result = await bench.execute(request)
        assert (result.sequence, result.outcome) == (0, common_pb2.COMMAND_OUTCOME_REFUSED)
        assert bench.log.head.sequence == 0
