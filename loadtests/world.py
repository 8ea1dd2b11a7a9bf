"""The venue that is loaded: one asset, one fund, a few markets and many accounts."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import grpc

from loadtests.calls import first_key
from riskengine.api.v1 import (
    admin_service_pb2,
    admin_service_pb2_grpc,
    columns_pb2,
    common_pb2,
    risk_service_pb2,
    risk_service_pb2_grpc,
)

ASSET_ID = 1
FUND_ID = 1
FUND_ATOMS = 50_000_000 * 10**6
DEPOSIT_ATOMS = 100_000 * 10**6
THIN_DEPOSIT_ATOMS = 30 * 10**6
THIN_EVERY = 10
"""Every tenth account has little, so that the load also holds liquidations."""

DEPOSIT_ROWS = 1_000
MAX_PRICE_TICKS = 10**7
MAX_POSITION_LOTS = 10**7
ORDER_BAND_PPM = 50_000


@dataclass(frozen=True, slots=True)
class LoadMarket:
    """One market; a tick on a lot is worth 100 atoms in each."""

    market_id: int
    symbol: str
    mark_price_ticks: int
    tick_exponent: int
    lot_exponent: int


MARKETS = (
    LoadMarket(1, "BTC-USD", 1_000_000, -1, -3),
    LoadMarket(2, "ETH-USD", 400_000, -2, -2),
    LoadMarket(3, "SOL-USD", 200_000, -3, -1),
    LoadMarket(4, "XRP-USD", 30_000, -4, 0),
)


def _market(market: LoadMarket) -> admin_service_pb2.Market:
    tier = admin_service_pb2.RiskTier
    return admin_service_pb2.Market(
        market_id=market.market_id,
        symbol=market.symbol,
        asset_id=ASSET_ID,
        fund_id=FUND_ID,
        tick_exponent=market.tick_exponent,
        lot_exponent=market.lot_exponent,
        price_step_ticks=1,
        size_step_lots=1,
        max_price_ticks=MAX_PRICE_TICKS,
        max_position_lots=MAX_POSITION_LOTS,
        tiers=[
            tier(floor_atoms=0, initial_rate_ppm=10_000, maintenance_rate_ppm=5_000),
            tier(floor_atoms=10**12, initial_rate_ppm=20_000, maintenance_rate_ppm=10_000),
            tier(floor_atoms=10**13, initial_rate_ppm=50_000, maintenance_rate_ppm=25_000),
        ],
        liquidation_fee_ppm=500,
        liquidation_timeout_millis=2_000,
        loss_policy=common_pb2.LOSS_POLICY_QUEUE,
        order_band_ppm=ORDER_BAND_PPM,
        reprices_trades=True,
        discount_ppm=2_000,
        book_attempts=1,
    )


def _require(result: common_pb2.CommandResult) -> None:
    """Raise RuntimeError unless the command was applied or what it makes exists already."""
    for rejection in result.rejections:
        if rejection.reason != common_pb2.REJECT_REASON_ALREADY_EXISTS:
            raise RuntimeError(f"the server refused to be set up: {rejection.message}")


def _set_up(channel: grpc.Channel) -> None:
    admin = admin_service_pb2_grpc.AdminServiceStub(channel)
    asset = admin_service_pb2.Asset(asset_id=ASSET_ID, symbol="USD", exponent=-6)
    _require(admin.CreateAsset(admin_service_pb2.CreateAssetRequest(asset=asset)).result)
    fund = admin_service_pb2.CreateInsuranceFundRequest(fund_id=FUND_ID, asset_id=ASSET_ID)
    _require(admin.CreateInsuranceFund(fund).result)
    deposit = admin_service_pb2.DepositInsuranceFundRequest(
        fund_id=FUND_ID, amount_atoms=FUND_ATOMS
    )
    _require(admin.DepositInsuranceFund(deposit).result)
    for market in MARKETS:
        request = admin_service_pb2.SetMarketRequest(market=_market(market))
        _require(admin.SetMarket(request).result)


def _first_batches(
    accounts: int, key: common_pb2.IdempotencyKey
) -> Iterator[risk_service_pb2.SubmitRequest]:
    marks = columns_pb2.MarkPriceColumns(
        market_id=[market.market_id for market in MARKETS],
        mark_price_ticks=[market.mark_price_ticks for market in MARKETS],
    )
    yield risk_service_pb2.SubmitRequest(key=key, mark_prices=marks)
    for first in range(1, accounts + 1, DEPOSIT_ROWS):
        key.batch_sequence += 1
        ids = range(first, min(first + DEPOSIT_ROWS, accounts + 1))
        deposits = columns_pb2.DepositColumns(
            account_id=ids,
            asset_id=[ASSET_ID] * len(ids),
            amount_atoms=[
                DEPOSIT_ATOMS if account_id % THIN_EVERY else THIN_DEPOSIT_ATOMS
                for account_id in ids
            ],
        )
        yield risk_service_pb2.SubmitRequest(key=key, deposits=deposits)


def seed(channel: grpc.Channel, accounts: int) -> None:
    """Make the venue, marks first, and pay into accounts 1 to `accounts`; may be repeated.

    Raises RuntimeError when the server refuses a part of it, grpc.RpcError when it is away.
    """
    _set_up(channel)
    risk = risk_service_pb2_grpc.RiskServiceStub(channel)
    key = first_key(risk, f"load-seed-{uuid4().hex}")
    for response in risk.Submit(_first_batches(accounts, key)):
        _require(response.result)


def venue_state(channel: grpc.Channel) -> admin_service_pb2.GetStateResponse:
    """Return the state of the engine as a whole."""
    admin = admin_service_pb2_grpc.AdminServiceStub(channel)
    return admin.GetState(admin_service_pb2.GetStateRequest())
