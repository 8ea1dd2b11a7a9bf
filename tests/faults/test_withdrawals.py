"""A fault of the field over the wire: a debt of one atom stopped every withdrawal (dYdX 878)."""

import pytest

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import columns_pb2 as columns_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from tests.e2e import venue as wire
from tests.e2e.server import Client
from tests.service import requests

pytestmark = pytest.mark.e2e

LOSER, SHORT, WINNER, OTHER, FLAT = 1, 2, 3, 4, 5
PAID_IN = {LOSER: 100, SHORT: 1_002, WINNER: 100_000, OTHER: 1_000, FLAT: 500}
MARK = 100


def open_two_markets(client: Client) -> None:
    """Open the venue with a second market of 0.1 %; any loss closes the gate."""
    wire.open_venue(client, tuple(PAID_IN.items()))
    request = requests.set_market()
    request.market.liquidation_fee_ppm = request.market.discount_ppm = 0
    request.market.market_id = 2
    request.market.tiers[0].CopyFrom(
        admin_pb.RiskTier(initial_rate_ppm=1_000, maintenance_rate_ppm=1_000)
    )
    wire.accepted(client.admin.SetMarket(request).result)
    parameters = client.state().parameters
    parameters.gate_floor_units = parameters.gate_ppm = 0
    wire.accepted(
        client.admin.SetRiskParameters(
            admin_pb.SetRiskParametersRequest(parameters=parameters)
        ).result
    )


def mark(client: Client, first: int, second: int) -> None:
    columns = columns_pb.MarkPriceColumns(market_id=[1, 2], mark_price_ticks=[first, second])
    request = risk_pb.UpdateMarkPricesRequest(mark_prices=columns)
    wire.accepted(client.risk.UpdateMarkPrices(request).result)


def trade(client: Client, market_id: int, buyer: int, seller: int, lots: int, price: int) -> None:
    columns = requests.trade_columns([(buyer, seller, price, lots)])
    columns.market_id[0] = market_id
    request = risk_pb.ApplyTradesRequest(trades=columns)
    wire.accepted(client.risk.ApplyTrades(request).result)


def test_gains_alone_wait_for_a_loss_that_holders_cannot_bear(client: Client) -> None:
    """Account 2, short 10 against the loser, can pay 75 of the 100 above its own maintenance."""
    open_two_markets(client)
    mark(client, MARK, MARK)
    trade(client, 1, LOSER, SHORT, 10, MARK)
    trade(client, 2, SHORT, WINNER, 25, MARK)
    mark(client, 80, 55)
    (gate,) = client.state().gates
    assert (gate.unallocated_loss_atoms, gate.is_closed) == ("25", True)
    # The winner realises his gain, so that it is in his balance.
    trade(client, 2, WINNER, OTHER, 25, 55)
    assert wire.account(client, WINNER).margin.balance_atoms == PAID_IN[WINNER] + 25 * 45
    refused = client.account.Withdraw(requests.withdraw(WINNER, PAID_IN[WINNER] + 1)).result
    (rejection,) = refused.rejections
    assert rejection.reason == common_pb2.REJECT_REASON_LOSS_UNALLOCATED
    for account_id in (WINNER, FLAT):
        request = requests.withdraw(account_id, PAID_IN[account_id])
        wire.accepted(client.account.Withdraw(request).result)
    wire.check_money(client)
