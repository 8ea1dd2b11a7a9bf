"""Requests full of edge values and mutilated bytes: each is answered, none is half applied."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import monotonic_ns
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.machine.command import Received
from riskengine.machine.contract import request_type, response_type
from riskengine.machine.mapping.known import UnknownFieldError
from riskengine.machine.request_kinds import REQUEST_KINDS, RequestKind
from riskengine.service.errors import CallError
from riskengine.service.questions import QUESTIONS
from tests.service.bench import Bench, running_bench
from tests.service.test_sequencer import open_venue

WIDE = (0, 1, 2, 3, -1, 100, 10_000, 2**31, 2**53, 2**54, 2**60, 2**61, 2**62, 2**63 - 1, -(2**63))
NARROW = (0, 1, 2, -1, -6, 100, 2**31 - 1, -(2**31))
TEXTS = ("", "USD", "bank", "x" * 23, "x" * 24, "x" * 65, "é", "a\tb", "\x00")
ROUNDS = 60


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


async def check_whole_or_not_at_all(bench: Bench, kind: RequestKind, raw: bytes) -> CommandResult:
    before = bench.engine.state_hash()
    sequence = bench.engine.sequence
    received = Received(raw, kind.read(raw), monotonic_ns())
    result = await bench.sequencer.execute(kind, received)
    if result.sequence and not result.duplicate:
        assert result.applied_rows > 0
        assert result.sequence == bench.engine.sequence == sequence + 1
    else:
        assert result.duplicate or result.rejections
        assert bench.engine.state_hash() == before
        assert bench.engine.sequence == sequence
    return result


@pytest.mark.parametrize("kind", REQUEST_KINDS.values(), ids=lambda kind: kind.request.__name__)
async def test_edge_values_are_answered(tmp_path: Path, kind: RequestKind) -> None:
    rng = Random(kind.number)
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        for _ in range(ROUNDS):
            raw = filled(kind.request(), rng).SerializeToString()
            await check_whole_or_not_at_all(bench, kind, raw)
        bench.engine.check_invariants()


def mutilated(raw: bytes, rng: Random) -> Iterator[bytes]:
    for _ in range(ROUNDS):
        changed = bytearray(raw)
        for _ in range(rng.randint(1, 4)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        yield bytes(changed[: rng.randint(1, len(changed))])


@pytest.mark.parametrize("kind", REQUEST_KINDS.values(), ids=lambda kind: kind.request.__name__)
async def test_mutilated_bytes_are_answered_if_they_are_a_request(
    tmp_path: Path, kind: RequestKind
) -> None:
    rng = Random(kind.number)
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        whole = filled(kind.request(), rng).SerializeToString() + b"\x00\x01\x02"
        for raw in mutilated(whole, rng):
            try:
                await check_whole_or_not_at_all(bench, kind, raw)
            except (DecodeError, UnknownFieldError):
                continue
        bench.engine.check_invariants()


async def test_questions_with_edge_values_are_answered(tmp_path: Path) -> None:
    rng = Random(1)
    async with running_bench(tmp_path) as bench:
        await open_venue(bench)
        before = bench.engine.state_hash()
        for rpc in QUESTIONS:
            for _ in range(ROUNDS):
                try:
                    answer = await bench.asked(rpc, filled(request_type(rpc)(), rng))
                except CallError:
                    continue
                assert isinstance(answer, response_type(rpc))
        assert bench.engine.state_hash() == before
