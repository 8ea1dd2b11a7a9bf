"""Commands of the simulations as the requests of the contract that ask for them."""

from collections.abc import Callable, Sequence
from typing import Any

from google.protobuf.message import Message

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import columns_pb2 as columns_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from tests.simulation.commands import Command

Column = Sequence[int]

BATCHES: dict[str, type[Message]] = {
    "trades": columns_pb.TradeColumns,
    "position_updates": columns_pb.PositionUpdateColumns,
    "mark_prices": columns_pb.MarkPriceColumns,
    "deposits": columns_pb.DepositColumns,
    "withdrawals": columns_pb.WithdrawalColumns,
    "liquidation_reports": columns_pb.LiquidationReportColumns,
}
"""Columns by the engine's method, which is also their field in a request."""

SINGLE_ROWS: dict[str, type[Message]] = {
    "deposits": account_pb.DepositRequest,
    "withdrawals": account_pb.WithdrawRequest,
}
"""Batches of which a request of its own holds one row."""

UNARY_BATCHES: dict[str, type[Message]] = {
    "trades": risk_pb.ApplyTradesRequest,
    "position_updates": risk_pb.UpdatePositionsRequest,
    "mark_prices": risk_pb.UpdateMarkPricesRequest,
    "liquidation_reports": risk_pb.ReportLiquidationsRequest,
}


def submit_request(command: Command) -> risk_pb.SubmitRequest:
    """Return a batch as a request of the stream, without its key; raises ValueError."""
    return risk_pb.SubmitRequest(**_batch_field(command))


def unary_request(command: Command) -> Message | None:
    """Return a command as a request of its own, None when only the stream can say it.

    Raises ValueError when a number does not fit into its field.
    """
    if command.name in SINGLE_ROWS:
        single = all(len(column) == 1 for column in command.arguments)
        return _single_row(command) if single else None
    if command.name in UNARY_BATCHES:
        return UNARY_BATCHES[command.name](**_batch_field(command))
    return _SINGLE[command.name](*command.arguments)


def _batch_field(command: Command) -> dict[str, Any]:
    message = BATCHES[command.name]
    names = [field.name for field in message.DESCRIPTOR.fields][: len(command.arguments)]
    return {command.name: message(**dict(zip(names, command.arguments, strict=True)))}


def _single_row(command: Command) -> Message:
    """Return the one row of a batch as a request of its own; its fields follow the key."""
    message = SINGLE_ROWS[command.name]
    names = [field.name for field in message.DESCRIPTOR.fields if field.name != "key"]
    values = [column[0] for column in command.arguments]
    return message(**dict(zip(names, values, strict=False)))


def _write_off(
    account_id: int,
    asset_id: int,
    amount_atoms: int,
    payer: int,
    fund_id: int = 0,
    isolated_market_id: int = 0,
) -> Message:
    return admin_pb.WriteOffRequest(
        account_id=account_id,
        asset_id=asset_id,
        amount_atoms=amount_atoms,
        payer=payer,  # type: ignore[arg-type]
        fund_id=fund_id,
        isolated_market_id=isolated_market_id,
    )


def _of_account(message: type[Message]) -> Callable[..., Message]:
    """Return what makes a request of its fields in their order, which follow the key."""
    names = [field.name for field in message.DESCRIPTOR.fields if field.name != "key"]
    return lambda *values: message(**dict(zip(names, values, strict=False)))


def _adjust_balances(*columns: Column) -> Message:
    names = [field.name for field in columns_pb.AdjustmentColumns.DESCRIPTOR.fields]
    given: dict[str, Any] = dict(zip(names, columns, strict=False))
    return admin_pb.AdjustBalancesRequest(adjustments=columns_pb.AdjustmentColumns(**given))


def _close_account(account_id: int, asset_id: int = 0, isolated_market_id: int = 0) -> Message:
    return account_pb.CloseAccountRequest(
        account_id=account_id, asset_id=asset_id, isolated_market_id=isolated_market_id
    )


def _create_asset(asset_id: int, symbol: str, exponent: int) -> Message:
    asset = admin_pb.Asset(asset_id=asset_id, symbol=symbol, exponent=exponent)
    return admin_pb.CreateAssetRequest(asset=asset)


def _create_fund(fund_id: int, asset_id: int) -> Message:
    return admin_pb.CreateInsuranceFundRequest(fund_id=fund_id, asset_id=asset_id)


def _fund_deposit(fund_id: int, amount_atoms: int) -> Message:
    return admin_pb.DepositInsuranceFundRequest(fund_id=fund_id, amount_atoms=amount_atoms)


def _set_market(parameters: Any) -> Message:
    values = parameters._asdict()
    tiers = [admin_pb.RiskTier(**tier._asdict()) for tier in values.pop("tiers")]
    return admin_pb.SetMarketRequest(market=admin_pb.Market(**values, tiers=tiers))


def _set_risk_parameters(parameters: Any) -> Message:
    values = admin_pb.RiskParameters(**parameters._asdict())
    return admin_pb.SetRiskParametersRequest(parameters=values)


def _set_log_time(log_time_nanos: int) -> Message:
    return admin_pb.SetLogTimeRequest(log_time_nanos=log_time_nanos)


_SINGLE: dict[str, Callable[..., Message]] = {
    "write_off": _write_off,
    "adjust_balances": _adjust_balances,
    "reserve_withdrawal": _of_account(account_pb.ReserveWithdrawalRequest),
    "confirm_withdrawal": _of_account(account_pb.ConfirmWithdrawalRequest),
    "cancel_withdrawal": _of_account(account_pb.CancelWithdrawalRequest),
    "close_account": _close_account,
    "create_asset": _create_asset,
    "create_fund": _create_fund,
    "fund_deposit": _fund_deposit,
    "set_market": _set_market,
    "set_risk_parameters": _set_risk_parameters,
    "set_log_time": _set_log_time,
}
