"""A batch that is read without protobuf: the same command and key, refused where protobuf refuses.

Bytes are made of the parts of the wire format, right and wrong, and by changing right ones.
"""

from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from riskengine.machine.command import Asked, Command
from riskengine.machine.mapping.known import UnknownFieldError
from riskengine.machine.request_kinds import REQUEST_KINDS, SUBMIT, RequestKind
from tests.service import requests
from tests.service.test_edge_values import filled, mutilated

BATCH_KINDS = [kind for kind in REQUEST_KINDS.values() if kind.plain]
VARINT, FIXED_64, DELIMITED, GROUP, GROUP_END, FIXED_32 = range(6)
EDGES = (0, 1, 127, 128, 16_383, 16_384, 2**31, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 - 1)
KINDS = pytest.mark.parametrize("kind", BATCH_KINDS, ids=lambda kind: kind.request.__name__)


def seen(command: Command | None) -> tuple[Any, ...] | None:
    """Return all of a command as values that can be compared."""
    if command is None:
        return None
    for argument in command.arguments:
        assert type(argument) is int or (argument.dtype, argument.ndim) == (np.int64, 1)
    plain = [each if type(each) is int else each.tolist() for each in command.arguments]
    return (*command._replace(arguments=()), plain)


def through(read: Any, raw: bytes) -> tuple[Any, ...]:
    try:
        asked: Asked = read(raw)
    except (DecodeError, UnknownFieldError) as error:
        return (type(error),)
    return asked.key.SerializeToString(deterministic=True), seen(asked.command)


def parsed(kind: RequestKind, raw: bytes) -> tuple[Any, ...]:
    return through(kind.parsed, raw)


def is_plain(kind: RequestKind, raw: bytes) -> bool:
    assert kind.plain is not None
    with suppress(UnknownFieldError):
        return kind.plain.read(raw) is not None
    return False


def test_every_request_with_rows_has_a_plain_form() -> None:
    assert [kind.request.__name__ for kind in BATCH_KINDS] == [
        "SubmitRequest",
        "ApplyTradesRequest",
        "UpdatePositionsRequest",
        "UpdateMarkPricesRequest",
        "ReportLiquidationsRequest",
        "LoadAccountsRequest",
        "LoadPositionsRequest",
        "LoadLiquidationsRequest",
        "LoadReservationsRequest",
        "AdjustBalancesRequest",
    ]


@KINDS
def test_what_a_serialiser_writes_is_plain_and_read_as_protobuf_reads_it(kind: RequestKind) -> None:
    rng = Random(kind.number)
    read = 0
    for _ in range(300):
        raw = filled(kind.request(), rng).SerializeToString()
        expected = parsed(kind, raw)
        assert through(kind.read, raw) == expected
        read += len(expected) > 1 and is_plain(kind, raw)
    assert read > 100


@KINDS
def test_changed_bytes_are_read_as_protobuf_reads_them(kind: RequestKind) -> None:
    rng = Random(kind.number)
    refused = plain = 0
    for _ in range(200):
        whole = filled(kind.request(), rng).SerializeToString() + b"\x00"
        for raw in (*one_byte_changed(whole[:-1], rng), *mutilated(whole, rng)):
            expected = parsed(kind, raw)
            assert through(kind.read, raw) == expected, raw.hex()
            refused += len(expected) == 1
            plain += len(expected) > 1 and is_plain(kind, raw)
    assert refused > 1_000
    assert plain > 1_000


def one_byte_changed(raw: bytes, rng: Random) -> Iterator[bytes]:
    for _ in range(20 if raw else 0):
        at = rng.randrange(len(raw))
        yield raw[:at] + bytes([rng.choice([0, 1, 2, 10, 127, 128, 255])]) + raw[at + 1 :]


def varint(value: int, extra_bytes: int = 0) -> bytes:
    """Return a varint, made longer than it must be by bytes that add nothing."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F)
    groups += [0] * extra_bytes
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


numbers = st.one_of(st.sampled_from(EDGES), st.integers(0, 2**64 - 1), st.integers(0, 300))
extras = st.sampled_from([0] * 20 + [1, 2, 3, 4, 5, 8, 9, 10])
varints = st.builds(varint, numbers, extras)
wire_types = st.sampled_from([DELIMITED] * 12 + [VARINT] * 3 + list(range(8)))


def delimited(content: bytes, extra_bytes: int, off: int) -> bytes:
    return varint(max(0, len(content) + off), extra_bytes) + content


lies = st.sampled_from([0] * 30 + [-1, 1, 2, 2**31])
columns = st.lists(varints, max_size=5).map(b"".join)


@st.composite
def field(
    draw: st.DrawFn, tags: st.SearchStrategy[int], content: st.SearchStrategy[bytes]
) -> bytes:
    """Return a field that is mostly delimited, mostly with the length that it says it has."""
    wire_type = draw(wire_types)
    tag = varint(draw(tags) << 3 | wire_type, draw(extras))
    if wire_type == DELIMITED:
        return tag + delimited(draw(content), draw(extras), draw(lies))
    if wire_type == VARINT:
        return tag + draw(varints)
    return tag + bytes(draw(st.sampled_from([0, 4, 8])))


ordered = st.lists(st.integers(1, 8), max_size=8, unique=True).map(sorted)
batches = st.lists(field(st.integers(0, 9), columns), max_size=6).map(b"".join)


@st.composite
def ordered_batch(draw: st.DrawFn) -> bytes:
    return b"".join(draw(field(st.just(number), columns)) for number in draw(ordered))


keys = st.sampled_from(
    [
        requests.key("venue", 7).SerializeToString(),
        b"",
        b"\x0a\x01\xff",
        b"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x0a\x01a",
        b"\x0a\x05a",
        b"\x18\x01",
    ]
)


@st.composite
def request(draw: st.DrawFn) -> bytes:
    parts = []
    if draw(st.booleans()):
        parts.append(draw(field(st.just(1), keys)))
    content = st.one_of(ordered_batch(), batches)
    parts.append(draw(field(st.integers(2, 6), content)))
    if draw(st.integers(0, 5)) == 0:
        parts.append(draw(field(st.integers(0, 8), st.one_of(content, keys))))
        parts = draw(st.permutations(parts))
    whole = b"".join(parts)
    return whole[: draw(st.sampled_from([len(whole)] * 9 + list(range(len(whole)))))]


@KINDS
@given(raw=request())
def test_any_parts_of_the_wire_format_are_read_as_protobuf_reads_them(
    kind: RequestKind, raw: bytes
) -> None:
    assert through(kind.read, raw) == parsed(kind, raw)


TRADES = requests.submit_trades("venue", 1, (1, 2, 300, 4), (5, 6, 7, 2**40)).trades


def submitted(batch: bytes, before: bytes = b"", behind: bytes = b"") -> bytes:
    return before + b"\x12" + varint(len(batch)) + batch + behind


ROW = TRADES.SerializeToString()


@pytest.mark.parametrize(
    ("raw", "is_read"),
    [
        (submitted(ROW), True),
        (submitted(b""), True),
        (submitted(b"\x0a\x00"), True),
        (submitted(b"\x0a\x0a" + b"\xff" * 9 + b"\x01"), True),
        (submitted(b"\x0a\x0a" + b"\xff" * 9 + b"\x02"), False),
        (submitted(b"\x0a\x0b" + b"\xff" * 10 + b"\x01"), False),
        (submitted(b"\x0a\x01\x80"), False),
        (submitted(b"\x08\x01"), False),
        (submitted(b"\x0a\x01\x01\x0a\x01\x02"), False),
        (submitted(b"\x12\x01\x01\x0a\x01\x02"), False),
        (submitted(b"\x0a\x02\x01"), False),
        (submitted(b"\x5a\x01\x01"), False),
        (submitted(ROW, before=b"\x38\x01"), False),
        (submitted(ROW, behind=b"\x38\x01"), False),
        (submitted(ROW, behind=submitted(ROW)), False),
        (b"\x0a\x00", False),
        (b"\x0a\x7f", False),
        (b"\x12", False),
        (b"", False),
    ],
)
def test_only_the_plain_form_is_read_past_protobuf(raw: bytes, is_read: bool) -> None:
    assert is_plain(SUBMIT, raw) is is_read
    assert through(SUBMIT.read, raw) == parsed(SUBMIT, raw)
