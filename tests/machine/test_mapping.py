"""Requests to commands, outcomes and events to messages: nothing lost, nothing added."""

import inspect

import numpy as np
import pytest
from google.protobuf.message import Message

from riskengine.api.v1 import columns_pb2, common_pb2, instructions_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.commands import CommandKind
from riskengine.core.enums import EventKind, RejectReason, Side
from riskengine.core.types import Event, MarketParameters, Outcome, Rejection
from riskengine.machine.command import Command
from riskengine.machine.contract import METHODS, request_type
from riskengine.machine.mapping.arguments import Arguments
from riskengine.machine.mapping.columns import BATCHES, Batch
from riskengine.machine.mapping.instructions import instruction, instruction_piece
from riskengine.machine.mapping.reasons import TEXTS
from riskengine.machine.mapping.results import command_result, not_taken_result
from riskengine.machine.request_kinds import KIND_OF, SUBMIT
from tests.service import requests

BODIES = instructions_pb2.Instruction.DESCRIPTOR.oneofs_by_name["body"].fields
SEEN_ELSEWHERE = {
    "LiquidationOrderEnded.unfilled_lots": "needed_lots",
    "LiquidationOrderEnded.filled_lots": "size_lots",
    "LiquidationOrderReduced.unfilled_lots": "needed_lots",
    "CancelLiquidationOrder.unfilled_lots": "needed_lots",
    "LateFill.fund_account_id": "counterparty_account_id",
    "LiquidationOrder.limit_price_ticks": "price_ticks",
    "TakeOver.fund_account_id": "counterparty_account_id",
    "LossAllocation.allocated_lots": "size_lots",
    "LossAllocation.fund_payment_atoms": "amount_atoms",
    "PositionMismatch.engine_lots": "position_lots",
}
"""Fields of the contract that are called otherwise in the event, which is a union of all kinds."""

LOTS, POSITION, STATED = (
    100 + Event._fields.index(name) for name in ("size_lots", "position_lots", "stated_lots")
)
CHANGES = {
    "LiquidationFill.position_change_lots": (-LOTS, LOTS),
    "TakeOver.position_change_lots": (LOTS, -LOTS),
    "AutoDeleverage.position_change_lots": (-LOTS, LOTS),
    "AutoDeleverage.counterparty_position_change_lots": (LOTS, -LOTS),
    "LossAllocation.position_change_lots": (LOTS, -LOTS),
    "PositionMismatch.position_change_lots": (STATED - POSITION, STATED - POSITION),
    "TradeRepriced.position_change_lots": (-LOTS, LOTS),
    "LateFill.fund_position_change_lots": (-LOTS, LOTS),
}
"""What a position changed by where the event's side is short, and where it is long."""

LOADED = ("Account", "Position", "Liquidation", "Reservation")
SMALL = {"policy": 1, "outcome": 3, "state": 4, "sliced": 1}


def commanded(request: Message) -> Command:
    command = KIND_OF[type(request)].command(request)
    assert command is not None
    return command


def event_of(kind: EventKind, side: Side = Side.SHORT) -> Event:
    """Return an event whose every field has a value of its own."""
    values = {name: 100 + place for place, name in enumerate(Event._fields)}
    return Event(**(values | SMALL | {"kind": kind, "side": side}))


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_fills_every_field_of_its_instruction(kind: EventKind) -> None:
    event = event_of(kind)
    mapped = instruction(event)
    assert mapped.WhichOneof("body") == kind.name.lower()
    field = next(field for field in BODIES if field.number == kind)
    body = getattr(mapped, field.name)
    for each in body.DESCRIPTOR.fields:
        value = getattr(body, each.name)
        if each.name == "evidence":
            for name in value.DESCRIPTOR.fields_by_name:
                assert getattr(value, name) == getattr(event, name), name
        elif f"{body.DESCRIPTOR.name}.{each.name}" in CHANGES:
            assert value == CHANGES[f"{body.DESCRIPTOR.name}.{each.name}"][0]
        else:
            name = SEEN_ELSEWHERE.get(f"{body.DESCRIPTOR.name}.{each.name}", each.name)
            assert value == getattr(event, name), each.name
    assert mapped.instruction_sequence == event.instruction_sequence
    assert (mapped.sequence, mapped.time_nanos) == (event.sequence, event.time_nanos)


@pytest.mark.parametrize("kind", EventKind)
def test_a_change_of_a_position_is_signed(kind: EventKind) -> None:
    """Of a close the side is that of the position; of an order, a trade and a fill what it does."""
    mapped = instruction(event_of(kind, Side.LONG))
    body = getattr(mapped, mapped.WhichOneof("body") or "")
    names = {one.name for one in body.DESCRIPTOR.fields if one.name.endswith("change_lots")}
    for name in names:
        assert getattr(body, name) == CHANGES[f"{body.DESCRIPTOR.name}.{name}"][1]


def test_every_body_of_the_contract_has_an_event() -> None:
    assert {field.number for field in BODIES} == {int(kind) for kind in EventKind}


def test_joined_pieces_are_one_response() -> None:
    events = [event_of(kind) for kind in EventKind]
    joined = b"".join(map(instruction_piece, events))
    response = risk_pb.StreamInstructionsResponse.FromString(joined)
    assert list(response.instructions) == [instruction(event) for event in events]


def test_columns_become_int64_arrays_with_their_edges() -> None:
    edges = [2**63 - 1, -(2**63), 0]
    request = risk_pb.ApplyTradesRequest()
    request.trades.market_id.extend(edges)
    request.trades.buyer_fee_atoms.extend(edges)
    command = commanded(request)
    assert (command.kind, command.rows, command.rows_field) == (CommandKind.TRADES, 3, "market_id")
    for column, expected in zip(
        command.arguments, [edges, [], [], [], [], edges, [], [], [], []], strict=True
    ):
        assert column.dtype == np.int64
        assert column.flags.c_contiguous
        assert column.tolist() == expected


@pytest.mark.parametrize(
    ("batch", "kind"),
    [
        ("trades", CommandKind.TRADES),
        ("position_updates", CommandKind.POSITION_UPDATES),
        ("mark_prices", CommandKind.MARK_PRICES),
        ("deposits", CommandKind.DEPOSITS),
        ("withdrawals", CommandKind.WITHDRAWALS),
        ("liquidation_reports", CommandKind.LIQUIDATION_REPORTS),
    ],
)
def test_a_submitted_batch_is_mapped_by_its_kind(batch: str, kind: CommandKind) -> None:
    request = risk_pb.SubmitRequest()
    getattr(request, batch).SetInParent()
    command = commanded(request)
    assert (command.kind, command.rows) == (kind, 0)


def test_every_batch_of_the_contract_is_mapped() -> None:
    fields = risk_pb.SubmitRequest.DESCRIPTOR.oneofs[0].fields
    columns = [getattr(risk_pb.SubmitRequest(), field.name) for field in fields]
    loaded = [getattr(columns_pb2, f"Load{what}Columns") for what in LOADED]
    others = (*loaded, columns_pb2.AdjustmentColumns)
    every = {each.DESCRIPTOR.full_name for each in (*columns, *others)}
    assert every == set(BATCHES)
    assert SUBMIT.command(risk_pb.SubmitRequest()) is None


def parameters(kind: CommandKind) -> list[str]:
    """Return the names that the core has for what a command is given."""
    own, time_nanos, *names = inspect.signature(kind.method).parameters
    assert (own, time_nanos) == ("self", "time_nanos")
    return names


@pytest.mark.parametrize("batch", BATCHES.values(), ids=lambda batch: batch.kind.label)
def test_columns_are_the_arguments_of_the_core_in_their_order(batch: Batch) -> None:
    assert list(batch.names) == parameters(batch.kind)


WITHOUT_COLUMNS = [
    kind for kind in CommandKind if kind.rpc and not KIND_OF[request_type(kind.rpc)].plain
]


@pytest.mark.parametrize("kind", WITHOUT_COLUMNS, ids=lambda kind: kind.label)
def test_fields_are_the_arguments_of_the_core_in_their_order(kind: CommandKind) -> None:
    names = Arguments(kind, request_type(kind.rpc)).names
    assert [{"market": "parameters"}.get(name, name) for name in names] == parameters(kind)


def test_every_command_has_its_own_rpc_and_every_batch_its_command() -> None:
    rpcs = [kind.rpc for kind in CommandKind if kind.rpc]
    assert len(set(rpcs)) == len(rpcs)
    assert set(rpcs) <= set(METHODS)
    assert set(KIND_OF) == {request_type(rpc) for rpc in (*rpcs, "RiskService.Submit")}


def test_a_request_of_one_row_is_a_batch_of_one() -> None:
    command = commanded(requests.deposit(7, 5))
    assert (command.kind, command.rows, command.rows_field) == (CommandKind.DEPOSITS, 1, "")
    assert [column.tolist() for column in command.arguments] == [
        *([7], [requests.ASSET], [5]),
        *([0], [0], [0]),
    ]
    assert {column.dtype for column in command.arguments} == {np.dtype(np.int64)}


def test_a_message_stands_for_its_fields() -> None:
    command = commanded(requests.create_asset())
    assert (command.kind, command.arguments) == (CommandKind.ASSET, (requests.ASSET, "USD", -6))


def test_market_parameters_keep_their_names() -> None:
    request = requests.set_market()
    (parameters,) = commanded(request).arguments
    assert isinstance(parameters, MarketParameters)
    for name, value in parameters._asdict().items():
        if name != "tiers":
            assert value == getattr(request.market, name), name
    assert [tuple(tier) for tier in parameters.tiers] == [(0, 100_000, 50_000)]


@pytest.mark.parametrize(("given", "meant"), [(None, True), (True, True), (False, False)])
def test_a_field_that_is_left_out_is_what_it_is_by_default(given: bool | None, meant: bool) -> None:
    request = requests.set_market()
    request.market.ClearField("reprices_trades")
    if given is not None:
        request.market.reprices_trades = given
    (parameters,) = commanded(request).arguments
    assert parameters.reprices_trades is meant


def test_an_outcome_becomes_a_result() -> None:
    rejection = Rejection(1, RejectReason.OFF_STEP, "price_ticks", 7, 5)
    result = command_result(Outcome(9, 77, 2, 1, [rejection], []))
    assert (result.sequence, result.time_nanos, result.duplicate) == (9, 77, False)
    assert (result.applied_rows, result.rejected_rows) == (2, 1)
    assert result.rejections[0] == common_pb2.Rejection(
        row=1,
        reason=common_pb2.REJECT_REASON_OFF_STEP,
        field="price_ticks",
        value=7,
        limit=5,
        message="price_ticks is 7, which is not a multiple of the step 5",
    )


def test_a_command_refused_whole_has_neither_sequence_nor_time() -> None:
    rejection = Rejection(-1, RejectReason.EMPTY_BATCH, "market_id", 0, 0)
    for result in (
        command_result(Outcome(0, 77, 0, 1, [rejection], [])),
        not_taken_result(rejection),
    ):
        assert (result.sequence, result.time_nanos) == (0, 0)
        assert (result.applied_rows, result.rejected_rows) == (0, 1)
        assert [each.row for each in result.rejections] == [-1]


@pytest.mark.parametrize("reason", [reason for reason in RejectReason if reason])
def test_every_reason_has_a_text_of_its_own(reason: RejectReason) -> None:
    assert list(TEXTS.values()).count(TEXTS[reason]) == 1
    name = f"REJECT_REASON_{reason.name}"
    assert common_pb2.RejectReason.Value(name) == reason
