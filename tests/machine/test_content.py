"""A command is known again by what it says: not by its bytes, nor by the RPC that brings it."""

from collections.abc import Iterator
from random import Random

import numpy as np
import pytest
from google.protobuf.message import Message

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import columns_pb2 as columns_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.core.engine import Engine
from riskengine.core.enums import RejectReason
from riskengine.machine.command import Command
from riskengine.machine.content import LEFT_OUT_FROM, digest_of
from riskengine.machine.mapping.columns import BATCHES, Batch
from riskengine.machine.request_kinds import KIND_OF, REQUEST_KINDS, SUBMIT
from tests.service import requests
from tests.service.test_edge_values import filled


def digest(request: Message, raw: bytes | None = None) -> bytes:
    read = KIND_OF[type(request)].read(request.SerializeToString() if raw is None else raw)
    return digest_of(read.command)


def test_an_unset_key_means_no_check_where_none_is_required() -> None:
    kind = KIND_OF[risk_pb.ApplyTradesRequest]
    assert kind.session_key(kind.read(b""), "") is None
    assert SUBMIT.session_key(SUBMIT.read(b""), "") is not None
    half = risk_pb.ApplyTradesRequest(key=requests.key("", 1))
    assert kind.session_key(kind.read(half.SerializeToString()), "") is not None


def test_two_encodings_of_one_batch_say_the_same() -> None:
    batch = requests.submit_trades("bank", 1, (1, 2, 10_000, 5), (2, 1, 10_000, 7))
    raw = batch.SerializeToString()
    key_bytes = len(risk_pb.SubmitRequest(key=batch.key).SerializeToString())
    turned = raw[key_bytes:] + raw[:key_bytes]
    assert SUBMIT.parsed(turned).key == batch.key
    assert digest(batch, turned) == digest(batch)
    unpacked = b"".join(_unpacked(batch.trades))
    said = risk_pb.SubmitRequest(key=batch.key).SerializeToString()
    said += b"\x12" + bytes((len(unpacked),)) + unpacked
    assert len(unpacked) < 128
    assert risk_pb.SubmitRequest.FromString(said) == batch
    assert digest(batch, said) == digest(batch)


def _unpacked(columns: columns_pb.TradeColumns) -> Iterator[bytes]:
    """Yield each number by itself, as old serialisers write them."""
    for field, values in columns.ListFields():
        for value in values:
            one = columns_pb.LiquidationReportColumns(liquidation_id=[value]).SerializeToString()
            yield bytes((field.number << 3,)) + one[2:]


def test_the_key_is_no_part_of_what_is_said() -> None:
    one, other = (requests.submit_deposits(name, 1, (1, 5)) for name in "ab")
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("unary", "batch"),
    [
        (requests.deposit(1, 5), requests.submit_deposits("a", 1, (1, 5))),
        (requests.trades((1, 2, 3, 4)), requests.submit_trades("a", 1, (1, 2, 3, 4))),
        (
            requests.mark(9),
            risk_pb.SubmitRequest(mark_prices=requests.mark(9).mark_prices),
        ),
    ],
)
def test_the_rpc_is_no_part_of_what_is_said(unary: Message, batch: Message) -> None:
    assert digest(unary) == digest(batch)


def test_zeros_say_the_same_as_a_column_that_is_left_out() -> None:
    left_out = requests.submit_trades("a", 1, (1, 2, 3, 4))
    given = requests.submit_trades("a", 1, (1, 2, 3, 4))
    given.trades.buyer_fee_atoms.append(0)
    given.trades.liquidation_id.append(0)
    assert digest(given) == digest(left_out)
    given.trades.liquidation_id[0] = 1
    assert digest(given) != digest(left_out)


STANDS_FOR_BALANCES = "net_deposits_atoms"
"""A column that may be left out, and then does not stand for zeros."""


@pytest.mark.parametrize("batch", BATCHES.values(), ids=lambda batch: batch.kind.label)
def test_the_core_agrees_on_what_may_be_left_out(batch: Batch) -> None:
    columns_at = [at for at, name in enumerate(batch.names) if name != "mode"]
    whole = [np.ones(1, np.int64) if at in columns_at else 1 for at in range(len(batch.names))]
    for at in columns_at[1:]:
        engine, arguments = Engine(), list(whole)
        if batch.kind.name.startswith("LOADED"):
            engine.begin_loading(1, 0)
        arguments[at] = np.empty(0, np.int64)
        (refusal,) = Command(batch.kind, tuple(arguments)).apply(engine, 1).rejections
        is_left_out = at >= LEFT_OUT_FROM.get(batch.kind, len(batch.names))
        is_left_out |= batch.names[at] == STANDS_FOR_BALANCES
        assert (refusal.reason != RejectReason.COLUMN_LENGTH) == is_left_out, batch.names[at]


def test_what_stands_for_the_default_is_not_said() -> None:
    """So a field that a later version adds changes no digest of before."""
    given, left_out = requests.set_market(), requests.set_market()
    left_out.market.ClearField("reprices_trades")
    assert given.market.reprices_trades
    assert digest(given) == digest(left_out)
    left_out.market.reprices_trades = False
    assert digest(given) != digest(left_out)


@pytest.mark.parametrize("number", REQUEST_KINDS)
def test_each_field_is_said(number: int) -> None:
    """As many digests as there are things that are said: none is overlooked, none counts twice."""
    kind, rng = REQUEST_KINDS[number], Random(number)
    commands = [kind.asked(filled(kind.request(), rng)).command for _ in range(300)]
    assert len({digest_of(one) for one in commands}) == len({said(one) for one in commands})


def said(command: Command | None) -> str:
    """Return all that a command says; a column that is left out is one of zeros."""
    if command is None:
        return ""
    left_out_from = LEFT_OUT_FROM.get(command.kind, len(command.arguments))
    return command.kind.name + ";".join(
        repr(one)
        if not isinstance(one, np.ndarray)
        else str(one.tolist() if at < left_out_from or one.any() else [])
        for at, one in enumerate(command.arguments)
    )


def test_nothing_is_said_by_a_request_without_a_batch() -> None:
    assert digest(risk_pb.SubmitRequest(key=requests.key("a", 1))) == digest_of(None)


def test_digests_are_those_of_every_version() -> None:
    """They are kept in snapshots and in the log; here as they are since they go by content."""
    request = admin_pb.CreateInsuranceFundRequest(fund_id=1, asset_id=2)
    assert digest(request).hex() == FUND_DIGEST
    assert digest(requests.submit_trades("a", 1, (1, 2, 3, 4))).hex() == TRADES_DIGEST


FUND_DIGEST = "bcc08f4b7cacb35802931ddf95e3817d"
TRADES_DIGEST = "d625d9768de8295aef7294d9171c6056"
