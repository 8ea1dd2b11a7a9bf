"""Requests that make a small venue: one asset, one fund, one market, traders 1 to n."""

from collections.abc import Sequence

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import columns_pb2 as columns_pb
from riskengine.api.v1 import common_pb2 as common_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.instructions_pb2 import LiquidationOrder

ASSET, FUND, MARKET = 1, 1, 1
PRICE_TICKS = 10_000
DEPOSIT_ATOMS = 1_000_000


def as_is(raw: bytes) -> bytes:
    """Serve as serialiser of a call that sends bytes and wants bytes."""
    return raw


def key(client_id: str, batch_sequence: int) -> common_pb.IdempotencyKey:
    return common_pb.IdempotencyKey(client_id=client_id, batch_sequence=batch_sequence)


def create_asset() -> admin_pb.CreateAssetRequest:
    asset = admin_pb.Asset(asset_id=ASSET, symbol="USD", exponent=-6)
    return admin_pb.CreateAssetRequest(asset=asset)


def create_fund() -> admin_pb.CreateInsuranceFundRequest:
    return admin_pb.CreateInsuranceFundRequest(fund_id=FUND, asset_id=ASSET)


def deposit_fund(amount_atoms: int) -> admin_pb.DepositInsuranceFundRequest:
    return admin_pb.DepositInsuranceFundRequest(fund_id=FUND, amount_atoms=amount_atoms)


def market(*, timeout_millis: int = 60_000) -> admin_pb.Market:
    """Return a market of one tier, 10 % initial and 5 % maintenance; a tick on a lot is an atom."""
    return admin_pb.Market(
        market_id=MARKET,
        symbol="BTC-PERP",
        asset_id=ASSET,
        fund_id=FUND,
        tick_exponent=-2,
        lot_exponent=-4,
        price_step_ticks=1,
        size_step_lots=1,
        max_price_ticks=10_000_000,
        max_position_lots=1_000_000_000,
        tiers=[admin_pb.RiskTier(initial_rate_ppm=100_000, maintenance_rate_ppm=50_000)],
        liquidation_fee_ppm=5_000,
        liquidation_timeout_millis=timeout_millis,
        loss_policy=common_pb.LOSS_POLICY_QUEUE,
        order_band_ppm=50_000,
        reprices_trades=True,
        discount_ppm=5_000,
        book_attempts=1,
    )


def set_market(*, timeout_millis: int = 60_000) -> admin_pb.SetMarketRequest:
    return admin_pb.SetMarketRequest(market=market(timeout_millis=timeout_millis))


def deposit(account_id: int, amount_atoms: int = DEPOSIT_ATOMS) -> account_pb.DepositRequest:
    return account_pb.DepositRequest(
        account_id=account_id, asset_id=ASSET, amount_atoms=amount_atoms
    )


def withdraw(account_id: int, amount_atoms: int) -> account_pb.WithdrawRequest:
    return account_pb.WithdrawRequest(
        account_id=account_id, asset_id=ASSET, amount_atoms=amount_atoms
    )


def close_account(account_id: int) -> account_pb.CloseAccountRequest:
    return account_pb.CloseAccountRequest(account_id=account_id)


def set_retention(
    client_count: int,
    answer_count: int,
    answer_bytes: int,
    instruction_count: int,
    *,
    caller_client_count: int = 0,
    client_idle_millis: int = 3_600_000,
) -> admin_pb.SetRetentionRequest:
    """Set what is remembered; without another bound all clients may be one caller's."""
    retention = admin_pb.Retention(
        client_count=client_count,
        answer_count=answer_count,
        answer_bytes=answer_bytes,
        instruction_count=instruction_count,
        caller_client_count=caller_client_count or client_count,
        client_idle_millis=client_idle_millis,
    )
    return admin_pb.SetRetentionRequest(retention=retention)


def mark(mark_price_ticks: int) -> risk_pb.UpdateMarkPricesRequest:
    columns = columns_pb.MarkPriceColumns(market_id=[MARKET], mark_price_ticks=[mark_price_ticks])
    return risk_pb.UpdateMarkPricesRequest(mark_prices=columns)


def trade_columns(
    rows: Sequence[tuple[int, int, int, int]], liquidation_id: int = 0
) -> columns_pb.TradeColumns:
    """Return trades of (buyer, seller, price_ticks, size_lots)."""
    columns = columns_pb.TradeColumns(
        market_id=[MARKET] * len(rows),
        buyer_account_id=[row[0] for row in rows],
        seller_account_id=[row[1] for row in rows],
        price_ticks=[row[2] for row in rows],
        size_lots=[row[3] for row in rows],
    )
    if liquidation_id:
        columns.liquidation_id.extend([liquidation_id] * len(rows))
    return columns


def trades(*rows: tuple[int, int, int, int], liquidation_id: int = 0) -> risk_pb.ApplyTradesRequest:
    return risk_pb.ApplyTradesRequest(trades=trade_columns(rows, liquidation_id))


def submit_trades(
    client_id: str, batch_sequence: int, *rows: tuple[int, int, int, int]
) -> risk_pb.SubmitRequest:
    columns = trade_columns(rows)
    return risk_pb.SubmitRequest(key=key(client_id, batch_sequence), trades=columns)


def submit_deposits(
    client_id: str, batch_sequence: int, *rows: tuple[int, int]
) -> risk_pb.SubmitRequest:
    """Return a batch of deposits of (account, amount_atoms)."""
    columns = columns_pb.DepositColumns(
        account_id=[row[0] for row in rows],
        asset_id=[ASSET] * len(rows),
        amount_atoms=[row[1] for row in rows],
    )
    return risk_pb.SubmitRequest(key=key(client_id, batch_sequence), deposits=columns)


def submit_withdrawals(
    client_id: str, batch_sequence: int, *rows: tuple[int, int]
) -> risk_pb.SubmitRequest:
    """Return a batch of withdrawals of (account, amount_atoms)."""
    columns = columns_pb.WithdrawalColumns(
        account_id=[row[0] for row in rows],
        asset_id=[ASSET] * len(rows),
        amount_atoms=[row[1] for row in rows],
    )
    return risk_pb.SubmitRequest(key=key(client_id, batch_sequence), withdrawals=columns)


def report(*liquidation_ids: int) -> risk_pb.ReportLiquidationsRequest:
    columns = columns_pb.LiquidationReportColumns(liquidation_id=liquidation_ids)
    return risk_pb.ReportLiquidationsRequest(liquidation_reports=columns)


def begin_loading(last_liquidation_id: int = 0) -> admin_pb.BeginLoadingRequest:
    return admin_pb.BeginLoadingRequest(last_liquidation_id=last_liquidation_id)


def load_accounts(*rows: tuple[int, int, int]) -> admin_pb.LoadAccountsRequest:
    """Load accounts of (account, balance_atoms, net_deposits_atoms)."""
    columns = columns_pb.LoadAccountColumns(
        account_id=[row[0] for row in rows],
        asset_id=[ASSET] * len(rows),
        balance_atoms=[row[1] for row in rows],
        net_deposits_atoms=[row[2] for row in rows],
    )
    return admin_pb.LoadAccountsRequest(accounts=columns)


def load_positions(*rows: tuple[int, int, int]) -> admin_pb.LoadPositionsRequest:
    """Load positions of (account, size_lots, cost_atoms)."""
    columns = columns_pb.LoadPositionColumns(
        account_id=[row[0] for row in rows],
        market_id=[MARKET] * len(rows),
        size_lots=[row[1] for row in rows],
        cost_atoms=[row[2] for row in rows],
    )
    return admin_pb.LoadPositionsRequest(positions=columns)


def load_liquidations(
    *orders: LiquidationOrder, filled_lots: Sequence[int]
) -> admin_pb.LoadLiquidationsRequest:
    """Load orders as they were instructed, and as far as they were filled."""
    columns = columns_pb.LoadLiquidationColumns(
        liquidation_id=[order.liquidation_id for order in orders],
        account_id=[order.account_id for order in orders],
        market_id=[order.market_id for order in orders],
        side=[order.side for order in orders],
        size_lots=[order.size_lots for order in orders],
        filled_lots=filled_lots,
        limit_price_ticks=[order.limit_price_ticks for order in orders],
        deadline_nanos=[order.deadline_nanos for order in orders],
        sliced=[order.sliced for order in orders],
    )
    return admin_pb.LoadLiquidationsRequest(liquidations=columns)


def go_live(*, accept_imbalance: bool = False) -> admin_pb.GoLiveRequest:
    return admin_pb.GoLiveRequest(accept_imbalance=accept_imbalance)


def set_log_time(log_time_nanos: int) -> admin_pb.SetLogTimeRequest:
    return admin_pb.SetLogTimeRequest(log_time_nanos=log_time_nanos)


def set_risk_parameters(*, work_units: int = 0) -> admin_pb.SetRiskParametersRequest:
    """Set the levels that a new venue has, and of how many units a command's work is at once."""
    parameters = admin_pb.RiskParameters(
        margin_call_ppm=1_250_000,
        liquidation_buffer_ppm=50_000,
        take_over_ppm=666_667,
        margin_call_clear_ppm=1_350_000,
        withdrawal_margin_ppm=100_000,
        gate_floor_units=1_000,
        gate_ppm=1_000,
        work_units=work_units,
    )
    return admin_pb.SetRiskParametersRequest(parameters=parameters)
