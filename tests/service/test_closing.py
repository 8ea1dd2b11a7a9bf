"""Closing of accounts by way of the sequencer and its journal."""

from pathlib import Path

import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import common_pb2
from riskengine.commands import CommandKind
from riskengine.core.enums import RejectReason
from riskengine.metrics.statistics import CommandResult
from riskengine.service.errors import CallError, CallReason
from tests.service import requests
from tests.service.bench import Bench, running_bench
from tests.service.test_sequencer import open_venue


def keyed(account_id: int, batch_sequence: int) -> account_pb.CloseAccountRequest:
    request = requests.close_account(account_id)
    request.key.CopyFrom(requests.key("office", batch_sequence))
    return request


async def pay_in_and_out(bench: Bench, account_id: int) -> None:
    for request in (requests.deposit(account_id, 5), requests.withdraw(account_id, 5)):
        assert not (await bench.execute(request)).rejections


async def test_a_closing_is_journalled_counted_and_replayed(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        await pay_in_and_out(bench, 7)
        result = await bench.execute(keyed(7, 1))
        assert (result.sequence, result.applied_rows) == (bench.engine.sequence, 1)
        assert bench.engine.account(7) is None
        *_, record = bench.log.read(1)
        assert (record.sequence, record.kind) == (result.sequence, 14)
        results = bench.statistics.commands.results[CommandKind.ACCOUNT_CLOSING]
        assert results[CommandResult.APPLIED] == 1
        before = bench.engine.state_hash()
    async with running_bench(tmp_path) as bench:
        assert bench.engine.state_hash() == before
        again = await bench.execute(keyed(7, 1))
        assert (again.sequence, again.duplicate) == (result.sequence, True)
        assert bench.engine.state_hash() == before


async def test_a_repeated_closing_does_not_close_the_account_that_came_after(
    tmp_path: Path,
) -> None:
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        await pay_in_and_out(bench, 7)
        await bench.execute(keyed(7, 1))
        await pay_in_and_out(bench, 7)
        assert (await bench.execute(keyed(7, 1))).duplicate
        assert bench.engine.account(7) is not None
        assert not (await bench.execute(keyed(7, 2))).duplicate
        assert bench.engine.account(7) is None


@pytest.mark.parametrize(
    ("account_id", "reason", "value", "limit", "message"),
    [
        (0, "OUT_OF_RANGE", 0, 1, "account_id is 0, which is out of range; the limit is 1"),
        (
            *(2**62 + 1, "OUT_OF_RANGE", 2**62 + 1, 2**62 - 1),
            f"account_id is {2**62 + 1}, which is out of range; the limit is {2**62 - 1}",
        ),
        (
            *(9, "UNKNOWN_ACCOUNT", 9, 0),
            "account_id 9 is no account; an account opens with its first deposit",
        ),
        (
            *(2, "HAS_POSITIONS", 1, 0),
            "account_id names an account with open positions: 1; it can be closed at 0",
        ),
        (
            *(3, "HAS_BALANCE", 5, 0),
            "account_id names an account with a balance of 5 atoms; it can be closed at 0",
        ),
        (
            *(1, "ACCOUNT_IN_LIQUIDATION", 1, 0),
            "account_id 1 is being liquidated or is bankrupt",
        ),
    ],
)
async def test_a_refused_closing_says_why_and_leaves_no_trace(
    tmp_path: Path, account_id: int, reason: str, value: int, limit: int, message: str
) -> None:
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        await bench.execute(requests.deposit(3, 5))
        # 100 lots from 10,000 on 100,000 of margin: equity 45,000 below 47,250.
        await bench.execute(requests.mark(9_450))
        await bench.register("office")
        before, sequence = bench.engine.state_hash(), bench.engine.sequence
        result = await bench.execute(keyed(account_id, 1))
        assert (result.applied_rows, result.rejected_rows) == (0, 1)
        assert result.sequence == sequence + 1
        assert list(result.rejections) == [
            common_pb2.Rejection(
                reason=RejectReason[reason],  # type: ignore[arg-type]
                field="account_id",
                value=value,
                limit=limit,
                message=message,
            )
        ]
        assert bench.engine.state_hash() == before
        await pay_in_and_out(bench, 7)
        assert (await bench.execute(keyed(7, 2))).applied_rows == 1


async def test_a_closed_account_is_not_found(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        await pay_in_and_out(bench, 7)
        await bench.execute(requests.close_account(7))
        request = account_pb.GetAccountRequest(account_id=7)
        with pytest.raises(CallError) as caught:
            bench.ask("AccountService.GetAccount", request)
        assert caught.value.reason is CallReason.ACCOUNT_NOT_FOUND
