"""Requests full of edge values and mutilated bytes: each is answered, none is half applied."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.service.account_servicer import AccountServicer
from riskengine.service.admin_servicer import AdminServicer
from riskengine.service.commands import REQUEST_KINDS, RequestKind
from riskengine.service.errors import CallError
from riskengine.service.risk_servicer import RiskServicer
from riskengine.service.subscriptions import Subscriptions
from tests.service.bench import Bench, running_bench
from tests.service.test_sequencer import open_venue

WIDE = (0, 1, 2, 3, -1, 100, 10_000, 2**31, 2**53, 2**54, 2**60, 2**61, 2**62, 2**63 - 1, -(2**63))
NARROW = (0, 1, 2, -1, -6, 100, 2**31 - 1, -(2**31))
TEXTS = ("", "USD", "bank", "x" * 23, "x" * 24, "x" * 65, "é", "a\tb", "\x00")
ROUNDS = 60

Question = Callable[[Any, bytes], Awaitable[Message]]


def filled(message: Message, rng: Random) -> Message:
    """Set most fields to edge values; columns get up to four rows, mostly of one length."""
    rows = rng.randrange(5)
    for field in message.DESCRIPTOR.fields:
        if rng.random() < 0.15:
            continue
        if field.is_repeated:
            count = rows if rng.random() < 0.9 else rng.randrange(5)
            _fill_repeated(message, field, count, rng)
        elif field.message_type:
            filled(getattr(message, field.name), rng)
            getattr(message, field.name).SetInParent()
        else:
            setattr(message, field.name, value_of(field, rng))
    return message


def _fill_repeated(message: Message, field: Any, count: int, rng: Random) -> None:
    column = getattr(message, field.name)
    for _ in range(count):
        if field.message_type:
            filled(column.add(), rng)
        else:
            column.append(value_of(field, rng))


def value_of(field: Any, rng: Random) -> int | str | bool:
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return rng.choice(TEXTS)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return rng.random() < 0.5
    if field.cpp_type == FieldDescriptor.CPPTYPE_INT64:
        return rng.choice(WIDE)
    return rng.choice(NARROW)


async def check_whole_or_not_at_all(
    bench: Bench, kind: RequestKind, request: Message, raw: bytes
) -> CommandResult:
    before = bench.engine.state_hash()
    sequence = bench.engine.sequence
    result = await bench.sequencer.execute(kind, request, raw)
    if result.sequence and not result.duplicate:
        assert result.applied_rows > 0
        assert result.sequence == bench.engine.sequence == sequence + 1
    else:
        assert result.duplicate or result.rejections
        assert bench.engine.state_hash() == before
        assert bench.engine.sequence == sequence
    return result


@pytest.mark.parametrize("kind", REQUEST_KINDS.values(), ids=lambda kind: kind.command.__name__)
async def test_edge_values_are_answered(tmp_path: Path, kind: RequestKind) -> None:
    rng = Random(kind.number)
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        for _ in range(ROUNDS):
            request = filled(kind.request(), rng)
            raw = request.SerializeToString()
            await check_whole_or_not_at_all(bench, kind, request, raw)
        bench.engine.check_invariants()


def mutilated(raw: bytes, rng: Random) -> Iterator[bytes]:
    for _ in range(ROUNDS):
        changed = bytearray(raw)
        for _ in range(rng.randint(1, 4)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        yield bytes(changed[: rng.randint(1, len(changed))])


@pytest.mark.parametrize("kind", REQUEST_KINDS.values(), ids=lambda kind: kind.command.__name__)
async def test_mutilated_bytes_are_answered_if_they_are_a_request(
    tmp_path: Path, kind: RequestKind
) -> None:
    rng = Random(kind.number)
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        whole = filled(kind.request(), rng).SerializeToString() + b"\x00\x01\x02"
        for raw in mutilated(whole, rng):
            try:
                request = kind.request.FromString(raw)
            except DecodeError:
                continue
            await check_whole_or_not_at_all(bench, kind, request, raw)
        bench.engine.check_invariants()


async def test_questions_with_edge_values_are_answered(tmp_path: Path) -> None:
    rng = Random(1)
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        before = bench.engine.state_hash()
        instructions = bench.statistics.instructions
        subscriptions = Subscriptions(
            bench.ring, bench.availability, instructions, max_instructions_per_message=1
        )
        risk = RiskServicer(
            bench.sequencer, subscriptions, bench.statistics, max_in_flight_batches=1
        )
        account, admin = (
            AccountServicer(bench.sequencer),
            AdminServicer(bench.sequencer, bench.ring),
        )
        questions: tuple[tuple[Question, type[Message]], ...] = (
            (risk.check_order, risk_pb.CheckOrderRequest),
            (account.get_account, account_pb.GetAccountRequest),
            (account.list_accounts, account_pb.ListAccountsRequest),
            (admin.list_assets, admin_pb.ListAssetsRequest),
            (admin.list_markets, admin_pb.ListMarketsRequest),
            (admin.list_insurance_funds, admin_pb.ListInsuranceFundsRequest),
            (admin.get_state, admin_pb.GetStateRequest),
        )
        for ask, message in questions:
            for _ in range(ROUNDS):
                try:
                    answer = await ask(filled(message(), rng), b"")
                except CallError:
                    continue
                assert answer.IsInitialized()
        assert bench.engine.state_hash() == before
