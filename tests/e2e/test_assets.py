"""A party with money of two assets over the wire: named in requests, answers and instructions."""

import grpc
import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import columns_pb2 as columns_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from tests.e2e import venue
from tests.e2e.server import Client, Server, client_of
from tests.service import requests

pytestmark = pytest.mark.e2e

USD, EUR = requests.ASSET, 2
PARTY, OTHER = 5, 6
ANY_LOSS_CLOSES = admin_pb.RiskParameters(
    margin_call_ppm=1_250_000,
    liquidation_buffer_ppm=50_000,
    take_over_ppm=666_667,
    margin_call_clear_ppm=1_350_000,
    withdrawal_margin_ppm=100_000,
)
"""The usual levels, but for a gate that any loss closes."""


def open_euros(client: Client) -> None:
    """Make an asset of cents with a fund and market 2, in which a tick on a lot is a cent."""
    asset = admin_pb.Asset(asset_id=EUR, symbol="EUR", exponent=-2)
    venue.accepted(client.admin.CreateAsset(admin_pb.CreateAssetRequest(asset=asset)).result)
    fund = admin_pb.CreateInsuranceFundRequest(fund_id=2, asset_id=EUR)
    venue.accepted(client.admin.CreateInsuranceFund(fund).result)
    market = requests.set_market()
    market.market.market_id, market.market.asset_id, market.market.fund_id = 2, EUR, 2
    market.market.lot_exponent = 0
    venue.accepted(client.admin.SetMarket(market).result)
    marks = columns_pb.MarkPriceColumns(market_id=[2], mark_price_ticks=[10_000])
    request = risk_pb.UpdateMarkPricesRequest(mark_prices=marks)
    venue.accepted(client.risk.UpdateMarkPrices(request).result)


def deposit_rows(client: Client, *rows: tuple[int, int, int]) -> None:
    """Pay in a batch of (account, asset, amount_atoms), with a column of isolated markets."""
    columns = columns_pb.DepositColumns(
        account_id=[row[0] for row in rows],
        asset_id=[row[1] for row in rows],
        amount_atoms=[row[2] for row in rows],
        isolated_market_id=[0] * len(rows),
    )
    request = risk_pb.SubmitRequest(key=requests.key("rows", 1), deposits=columns)
    venue.accepted(next(iter(client.risk.Submit(iter([request])))).result)


def names(client: Client) -> list[tuple[int, int, int]]:
    """List the accounts one at a time."""
    found: list[account_pb.Account] = []
    token = ""
    while not found or token:
        request = account_pb.ListAccountsRequest(page_size=1, page_token=token)
        answer = client.account.ListAccounts(request)
        found += answer.accounts
        token = answer.next_page_token
    return [(one.account_id, one.asset_id, one.isolated_market_id) for one in found]


def withdraw(
    client: Client, account_id: int, asset_id: int, amount_atoms: int = 1
) -> common_pb2.CommandResult:
    request = account_pb.WithdrawRequest(
        account_id=account_id, asset_id=asset_id, amount_atoms=amount_atoms
    )
    return client.account.Withdraw(request).result


def check(client: Client, market_id: int, size_lots: int) -> risk_pb.CheckOrderResponse:
    request = risk_pb.CheckOrderRequest(
        account_id=PARTY,
        market_id=market_id,
        side=common_pb2.SIDE_LONG,
        size_lots=size_lots,
        price_ticks=10_000,
    )
    return client.risk.CheckOrder(request)


def bankrupt_in_dollars(client: Client) -> None:
    """Have the party lose all its dollars and 200 more, which fund 1 does not have.

    In a market that leaves trades as they are: else the party would keep the mark.
    """
    market = requests.market()
    market.reprices_trades = False
    venue.accepted(client.admin.SetMarket(admin_pb.SetMarketRequest(market=market)).result)
    venue.trade(client, (PARTY, OTHER, 10_000, 1))
    venue.trade(client, (OTHER, PARTY, 8_800, 1))


def test_one_account_falls_and_the_other_one_goes_on(server: Server) -> None:
    with client_of(server) as client:
        venue.open_venue(client, ())
        open_euros(client)
        levels = admin_pb.SetRiskParametersRequest(parameters=ANY_LOSS_CLOSES)
        venue.accepted(client.admin.SetRiskParameters(levels).result)
        deposit_rows(
            client,
            (OTHER, USD, 1_000_000),
            (OTHER, EUR, 1_000_000),
            (PARTY, USD, 1_000),
            (PARTY, EUR, 5_000),
        )
        assert names(client) == [(5, 1, 0), (5, 2, 0), (6, 1, 0), (6, 2, 0)]
        assert (check(client, 2, 5).accepted, check(client, 1, 5).accepted) == (True, False)
        bankrupt_in_dollars(client)
        told = venue.instructions(client, 1, 2)
        assert [(one.asset_id, one.isolated_market_id) for one in told] == [(USD, 0)] * 2
        assert told[-1].bad_debt.amount_atoms == 200
        state = client.state()
        assert [one.bad_debt_atoms for one in state.conservation] == ["200", "0"]
        assert state.account_count == 4
        gates = [(one.unallocated_loss_atoms, one.is_closed) for one in state.gates]
        assert gates == [("200", True), ("0", False)]
        assert client.admin.ListAssets(admin_pb.ListAssetsRequest()).gates == state.gates
        refusal = withdraw(client, OTHER, USD, 1_000_001).rejections[0]
        assert refusal.reason == common_pb2.REJECT_REASON_LOSS_UNALLOCATED
        assert refusal.limit == venue.account(client, OTHER, USD).margin.withdrawable_atoms
        venue.accepted(withdraw(client, OTHER, USD))
        venue.accepted(withdraw(client, OTHER, EUR))
        venue.accepted(withdraw(client, PARTY, EUR))
        assert venue.account(client, PARTY).state == common_pb2.ACCOUNT_STATE_BANKRUPT
        assert venue.account(client, PARTY, EUR).margin.balance_atoms == 4_999
        venue.check_money(client)
        before = client.state()

    server.kill()
    server.start()
    with client_of(server) as client:
        venue.check_only_started(client.state(), before)
        assert venue.account(client, PARTY, EUR).margin.balance_atoms == 4_999
        with pytest.raises(grpc.RpcError) as caught:
            venue.account(client, PARTY, 3)
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
