"""Orders that the check accepts one by one, and that are filled at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from tests.e2e import venue
from tests.e2e.server import Client
from tests.service import requests

pytestmark = pytest.mark.e2e

TAKER, FRIEND = 1, 2
PAID_IN, FUND_ATOMS = 40, 10_000
BUYS, SIZE, PRICE, MARK = 10, 5, 105, 100


def open_venue(client: Client) -> None:
    """Open a venue at 2 % initial and 1 % maintenance, whose market says nothing of repricing."""
    venue.open_venue(client, ((TAKER, PAID_IN), (FRIEND, 1_000)), fund_atoms=FUND_ATOMS)
    request = requests.set_market()
    del request.market.tiers[:]
    request.market.tiers.append(
        admin_pb.RiskTier(initial_rate_ppm=20_000, maintenance_rate_ppm=10_000)
    )
    request.market.liquidation_fee_ppm = request.market.discount_ppm = 1_000
    request.market.ClearField("reprices_trades")
    venue.accepted(client.admin.SetMarket(request).result)
    venue.mark(client, MARK)


def is_accepted(client: Client) -> bool:
    order = risk_pb.CheckOrderRequest(
        account_id=TAKER,
        market_id=requests.MARKET,
        side=common_pb2.SIDE_LONG,
        size_lots=SIZE,
        price_ticks=PRICE,
    )
    return client.risk.CheckOrder(order).accepted


@pytest.mark.rule("BK-6")
def test_the_fund_pays_nothing_for_ten_orders_at_once(client: Client) -> None:
    open_venue(client)
    with ThreadPoolExecutor(BUYS) as pool:
        assert all(pool.map(lambda _: is_accepted(client), range(BUYS)))
        fill = (TAKER, FRIEND, PRICE, SIZE)
        list(pool.map(lambda _: venue.trade(client, fill), range(BUYS)))
    last = client.state().instruction_sequence
    told = [
        each.trade_repriced
        for each in venue.instructions(client, 1, last)
        if each.WhichOneof("body") == "trade_repriced"
    ]
    # 50 lots 5 above the mark cost 250, of which 40 were paid in.
    assert sum(one.amount_atoms for one in told) == 250 - PAID_IN
    assert {(one.account_id, one.counterparty_account_id) for one in told} == {(TAKER, FRIEND)}
    assert {one.side for one in told} == {common_pb2.SIDE_LONG}
    fund = venue.account(client, 2**62 + requests.FUND)
    assert fund.margin.equity_atoms == FUND_ATOMS
    assert venue.account(client, FRIEND).margin.equity_atoms == 1_000 + PAID_IN
    assert venue.account(client, TAKER).margin.equity_atoms == 0
    venue.check_money(client)
