"""Requests of the contract to commands of the core."""

import numpy as np

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.core.engine import Engine
from riskengine.core.types import MarketParameters, RiskParameters, RiskTier
from riskengine.metrics.statistics import CommandKind
from riskengine.service.command import Column, Command
from riskengine.service.mapping.columns import batch_command


def submit(request: risk_pb.SubmitRequest) -> Command | None:
    """Map the batch that the request holds; None when it holds none."""
    name = request.WhichOneof("batch")
    return None if name is None else batch_command(getattr(request, name))


def apply_trades(request: risk_pb.ApplyTradesRequest) -> Command:
    """Map a batch of trades."""
    return batch_command(request.trades)


def update_positions(request: risk_pb.UpdatePositionsRequest) -> Command:
    """Map a batch of position updates."""
    return batch_command(request.position_updates)


def update_mark_prices(request: risk_pb.UpdateMarkPricesRequest) -> Command:
    """Map a batch of mark prices."""
    return batch_command(request.mark_prices)


def report_liquidations(request: risk_pb.ReportLiquidationsRequest) -> Command:
    """Map a batch of liquidation reports."""
    return batch_command(request.liquidation_reports)


def deposit(request: account_pb.DepositRequest) -> Command:
    """Map one deposit: a batch of one row."""
    arguments = (
        _single(request.account_id),
        _single(request.asset_id),
        _single(request.amount_atoms),
    )
    return Command(CommandKind.DEPOSITS, Engine.deposits, arguments)


def withdraw(request: account_pb.WithdrawRequest) -> Command:
    """Map one withdrawal."""
    arguments = (request.account_id, request.asset_id, request.amount_atoms)
    return Command(CommandKind.WITHDRAWAL, Engine.withdraw, arguments)


def close_account(request: account_pb.CloseAccountRequest) -> Command:
    """Map the closing of an account."""
    return Command(CommandKind.ACCOUNT_CLOSING, Engine.close_account, (request.account_id,))


def create_asset(request: admin_pb.CreateAssetRequest) -> Command:
    """Map the making of an asset."""
    asset = request.asset
    arguments = (asset.asset_id, asset.symbol, asset.exponent)
    return Command(CommandKind.ASSET, Engine.create_asset, arguments)


def set_market(request: admin_pb.SetMarketRequest) -> Command:
    """Map the making or changing of a market."""
    market = request.market
    tiers = tuple(
        RiskTier(tier.floor_atoms, tier.initial_rate_ppm, tier.maintenance_rate_ppm)
        for tier in market.tiers
    )
    parameters = MarketParameters(
        market_id=market.market_id,
        symbol=market.symbol,
        asset_id=market.asset_id,
        fund_id=market.fund_id,
        tick_exponent=market.tick_exponent,
        lot_exponent=market.lot_exponent,
        price_step_ticks=market.price_step_ticks,
        size_step_lots=market.size_step_lots,
        max_price_ticks=market.max_price_ticks,
        max_position_lots=market.max_position_lots,
        tiers=tiers,
        liquidation_fee_ppm=market.liquidation_fee_ppm,
        liquidation_timeout_millis=market.liquidation_timeout_millis,
        liquidation_slice_lots=market.liquidation_slice_lots,
        liquidation_cooldown_millis=market.liquidation_cooldown_millis,
        dust_notional_atoms=market.dust_notional_atoms,
        loss_policy=int(market.loss_policy),
    )
    return Command(CommandKind.MARKET, Engine.set_market, (parameters,))


def create_insurance_fund(request: admin_pb.CreateInsuranceFundRequest) -> Command:
    """Map the making of an insurance fund."""
    arguments = (request.fund_id, request.asset_id)
    return Command(CommandKind.FUND, Engine.create_fund, arguments)


def deposit_insurance_fund(request: admin_pb.DepositInsuranceFundRequest) -> Command:
    """Map a payment into a fund."""
    arguments = (request.fund_id, request.amount_atoms)
    return Command(CommandKind.FUND_DEPOSIT, Engine.fund_deposit, arguments)


def set_risk_parameters(request: admin_pb.SetRiskParametersRequest) -> Command:
    """Map the setting of the waterfall's levels."""
    parameters = RiskParameters(
        margin_call_ppm=request.parameters.margin_call_ppm,
        liquidation_buffer_ppm=request.parameters.liquidation_buffer_ppm,
        take_over_ppm=request.parameters.take_over_ppm,
    )
    arguments = (parameters,)
    return Command(CommandKind.RISK_PARAMETERS, Engine.set_risk_parameters, arguments)


def tick() -> Command:
    """Make the command that lets due timers run."""
    return Command(CommandKind.TICK, Engine.tick, ())


def _single(value: int) -> Column:
    return np.array([value], dtype=np.int64)
