"""What loads a venue is what a state stream tells of it: column by column, or why not."""

import pytest
from google.protobuf.message import Message

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import columns_pb2 as columns_pb
from riskengine.api.v1 import state_pb2 as state_pb

PAIRS: dict[type[Message], type[Message]] = {
    admin_pb.BeginLoadingRequest: state_pb.StateHead,
    columns_pb.LoadAccountColumns: state_pb.AccountColumns,
    columns_pb.LoadPositionColumns: state_pb.PositionColumns,
    columns_pb.LoadLiquidationColumns: state_pb.LiquidationColumns,
    columns_pb.LoadReservationColumns: state_pb.ReservationColumns,
}
"""What loads, and what of a state stream it takes."""

NOT_TOLD: dict[type[Message], dict[str, str]] = {
    admin_pb.BeginLoadingRequest: {"key": "who loads chooses it"},
    columns_pb.LoadAccountColumns: {},
    columns_pb.LoadPositionColumns: {"account_id": "account_row leads to it"},
    columns_pb.LoadLiquidationColumns: {},
    columns_pb.LoadReservationColumns: {},
}
NOT_LOADED: dict[type[Message], dict[str, str]] = {
    columns_pb.LoadAccountColumns: {
        "isolated_market_id": "there are cross accounts alone",
        "state": "going live finds it again, by judgement and by open orders",
    },
    columns_pb.LoadPositionColumns: {"account_row": "account_id stands for it"},
    columns_pb.LoadLiquidationColumns: {
        "asset_id": "that of the market",
        "attempt": "it is the first here: limits go by the market's discount, which is new to it",
        "cancelling": "its deadline is the first here: it has the second term of this engine",
        "isolated_market_id": "there are cross accounts alone",
    },
    columns_pb.LoadReservationColumns: {"isolated_market_id": "there are cross accounts alone"},
}
"""Columns that the one side has and the other has not; why."""


def fields(message: type[Message]) -> dict[str, tuple[int, bool]]:
    """Return type and repetition of each field."""
    return {one.name: (one.type, one.is_repeated) for one in message.DESCRIPTOR.fields}


@pytest.mark.rule("LD-4", "LD-6", "LD-8")
@pytest.mark.parametrize("loads", PAIRS, ids=lambda one: one.__name__)
def test_a_state_stream_tells_what_loads(loads: type[Message]) -> None:
    wanted, told = fields(loads), fields(PAIRS[loads])
    assert wanted.keys() - told.keys() == NOT_TOLD[loads].keys()
    common = wanted.keys() & told.keys()
    assert {name: wanted[name] for name in common} == {name: told[name] for name in common}


@pytest.mark.parametrize("loads", NOT_LOADED, ids=lambda one: one.__name__)
def test_what_a_state_stream_tells_is_loaded(loads: type[Message]) -> None:
    assert fields(PAIRS[loads]).keys() - fields(loads).keys() == NOT_LOADED[loads].keys()
