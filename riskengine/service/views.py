"""Views of the core to the answers of questions."""

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.core.types import (
    AccountView,
    AssetView,
    Conservation,
    FundView,
    MarketParameters,
    MarketView,
    OrderCheck,
    PositionView,
    Retention,
    RiskParameters,
)
from riskengine.machine.mapping.results import rejection


def account(view: AccountView) -> account_pb.Account:
    """Map an account with its positions."""
    mapped = account_in_list(view)
    mapped.positions.extend(map(_position, view.positions))
    return mapped


def account_in_list(view: AccountView) -> account_pb.Account:
    """Map an account without its positions."""
    return account_pb.Account(
        account_id=view.account_id,
        asset_id=view.asset_id,
        state=view.state,  # type: ignore[arg-type]
        margin=account_pb.MarginSummary(
            balance_atoms=view.balance_atoms,
            unrealised_pnl_atoms=view.unrealised_pnl_atoms,
            equity_atoms=view.equity_atoms,
            maintenance_atoms=view.maintenance_atoms,
            initial_atoms=view.initial_atoms,
            withdrawable_atoms=view.withdrawable_atoms,
            notional_atoms=view.notional_atoms,
        ),
    )


def _position(view: PositionView) -> account_pb.Position:
    return account_pb.Position(**view._asdict())


def asset(view: AssetView) -> admin_pb.Asset:
    """Map an asset."""
    return admin_pb.Asset(**view._asdict())


def market_state(view: MarketView) -> admin_pb.MarketState:
    """Map a market with what it stands at."""
    return admin_pb.MarketState(
        market=_market(view.parameters),
        mark_price_ticks=view.mark_price_ticks,
        open_interest_lots=view.long_lots,
        imbalance_lots=view.imbalance_lots,
    )


def _market(parameters: MarketParameters) -> admin_pb.Market:
    values = parameters._asdict()
    values["tiers"] = [admin_pb.RiskTier(**tier._asdict()) for tier in parameters.tiers]
    return admin_pb.Market(**values)


def insurance_fund(view: FundView) -> admin_pb.InsuranceFund:
    """Map an insurance fund."""
    return admin_pb.InsuranceFund(
        fund_id=view.fund_id,
        asset_id=view.asset_id,
        account_id=view.account_id,
        balance_atoms=view.balance_atoms,
        equity_atoms=view.equity_atoms,
        maintenance_atoms=view.maintenance_atoms,
    )


def risk_parameters(parameters: RiskParameters) -> admin_pb.RiskParameters:
    """Map the levels of the waterfall."""
    return admin_pb.RiskParameters(**parameters._asdict())


def retention(bounds: Retention) -> admin_pb.Retention:
    """Map how much is remembered."""
    return admin_pb.Retention(**bounds._asdict())


def conservation(check: Conservation) -> admin_pb.Conservation:
    """Map the check of money; sums beyond 64 bits travel as decimal text."""
    return admin_pb.Conservation(
        asset_id=check.asset_id,
        net_deposits_atoms=str(check.net_deposits_atoms),
        balances_atoms=str(check.balances_atoms),
        unsettled_pnl_atoms=str(check.unsettled_pnl_atoms),
        funds_atoms=str(check.funds_atoms),
        fees_atoms=str(check.fees_atoms),
        missing_atoms=str(check.missing_atoms),
    )


def order_check(check: OrderCheck) -> risk_pb.CheckOrderResponse:
    """Map the answer to a planned order."""
    return risk_pb.CheckOrderResponse(
        accepted=check.rejection is None,
        rejection=None if check.rejection is None else rejection(check.rejection),
        equity_after_atoms=check.equity_after_atoms,
        initial_after_atoms=check.initial_after_atoms,
    )
