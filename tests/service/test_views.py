"""Values of the core to messages by the names of their fields: none is left out."""

from typing import Any

import pytest
from google.protobuf.message import Message

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.core import types
from riskengine.service.views import market_state, message_of

TIER = types.RiskTier(*range(1, 4))
MARKET = types.MarketParameters._make(
    [*range(1, 11), (TIER, TIER), *range(12, 19), True, 20, 21, 22, 23]
)
MARKET = MARKET._replace(symbol="M", loss_policy=2)
POSITION = types.PositionView(*range(1, 12))
RESERVATION = types.ReservationView(1, 2)
ACCOUNT = types.AccountView._make([1, 2, 9, 3, False, *range(4, 13), (POSITION,), (RESERVATION,)])
VALUES: tuple[tuple[type[Message], Any], ...] = (
    (account_pb.Position, POSITION),
    (admin_pb.AccountRisk, types.AccountRisk(*range(1, 6))),
    (admin_pb.Asset, types.AssetView(1, "USD", 3)),
    (admin_pb.InsuranceFund, types.FundView(1, 2, 3, 4, 5, 6, 7, 8, True, 10, 11)),
    (admin_pb.Market, MARKET),
    (admin_pb.Retention, types.Retention(*range(1, 7))),
    (admin_pb.RiskParameters, types.RiskParameters(*range(1, 12))),
)


@pytest.mark.parametrize(("message", "value"), VALUES, ids=lambda each: str(each)[:30])
def test_every_field_is_that_of_the_value(message: type[Message], value: Any) -> None:
    made = message_of(message, value)
    for field in message.DESCRIPTOR.fields:
        found, expected = getattr(made, field.name), getattr(value, field.name)
        if field.message_type:
            assert found == [message_of(admin_pb.RiskTier, tier) for tier in expected]
        else:
            assert found == expected, field.name


def test_a_message_that_the_value_does_not_name_is_made_of_the_same_value() -> None:
    account = message_of(account_pb.Account, ACCOUNT)
    for field in account.margin.DESCRIPTOR.fields:
        assert getattr(account.margin, field.name) == getattr(ACCOUNT, field.name)
    assert list(account.positions) == [message_of(account_pb.Position, POSITION)]
    assert list(account.reservations) == [message_of(account_pb.Reservation, RESERVATION)]
    assert (account.account_id, account.asset_id, account.state) == (1, 2, 3)


def test_numbers_beyond_64_bits_travel_as_text() -> None:
    check = types.Conservation(1, *(2**70 + number for number in range(9)))
    made = message_of(admin_pb.Conservation, check)
    assert (made.asset_id, made.net_deposits_atoms) == (1, str(2**70))
    assert made.missing_atoms == str(2**70 + 5)


def test_a_market_stands_at_its_long_side() -> None:
    view = types.MarketView(MARKET, *range(1, 6))
    state = market_state(view)
    assert (state.mark_price_ticks, state.open_interest_lots, state.imbalance_lots) == (1, 2, 4)
    assert state.market == message_of(admin_pb.Market, view.parameters)
