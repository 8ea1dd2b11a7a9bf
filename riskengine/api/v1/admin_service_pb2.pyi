from riskengine.api.v1 import columns_pb2 as _columns_pb2
from riskengine.api.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Asset(_message.Message):
    __slots__ = ("asset_id", "symbol", "exponent")
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    EXPONENT_FIELD_NUMBER: _ClassVar[int]
    asset_id: int
    symbol: str
    exponent: int
    def __init__(self, asset_id: _Optional[int] = ..., symbol: _Optional[str] = ..., exponent: _Optional[int] = ...) -> None: ...

class RiskTier(_message.Message):
    __slots__ = ("floor_atoms", "initial_rate_ppm", "maintenance_rate_ppm")
    FLOOR_ATOMS_FIELD_NUMBER: _ClassVar[int]
    INITIAL_RATE_PPM_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_RATE_PPM_FIELD_NUMBER: _ClassVar[int]
    floor_atoms: int
    initial_rate_ppm: int
    maintenance_rate_ppm: int
    def __init__(self, floor_atoms: _Optional[int] = ..., initial_rate_ppm: _Optional[int] = ..., maintenance_rate_ppm: _Optional[int] = ...) -> None: ...

class Market(_message.Message):
    __slots__ = ("market_id", "symbol", "asset_id", "fund_id", "tick_exponent", "lot_exponent", "price_step_ticks", "size_step_lots", "max_price_ticks", "max_position_lots", "tiers", "liquidation_fee_ppm", "liquidation_timeout_millis", "liquidation_slice_lots", "liquidation_cooldown_millis", "dust_notional_atoms", "loss_policy", "discount_ppm", "book_attempts", "order_band_ppm", "reprices_trades", "fund_share_ppm", "inventory_ppm")
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    TICK_EXPONENT_FIELD_NUMBER: _ClassVar[int]
    LOT_EXPONENT_FIELD_NUMBER: _ClassVar[int]
    PRICE_STEP_TICKS_FIELD_NUMBER: _ClassVar[int]
    SIZE_STEP_LOTS_FIELD_NUMBER: _ClassVar[int]
    MAX_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    MAX_POSITION_LOTS_FIELD_NUMBER: _ClassVar[int]
    TIERS_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_FEE_PPM_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_TIMEOUT_MILLIS_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_SLICE_LOTS_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_COOLDOWN_MILLIS_FIELD_NUMBER: _ClassVar[int]
    DUST_NOTIONAL_ATOMS_FIELD_NUMBER: _ClassVar[int]
    LOSS_POLICY_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_PPM_FIELD_NUMBER: _ClassVar[int]
    BOOK_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    ORDER_BAND_PPM_FIELD_NUMBER: _ClassVar[int]
    REPRICES_TRADES_FIELD_NUMBER: _ClassVar[int]
    FUND_SHARE_PPM_FIELD_NUMBER: _ClassVar[int]
    INVENTORY_PPM_FIELD_NUMBER: _ClassVar[int]
    market_id: int
    symbol: str
    asset_id: int
    fund_id: int
    tick_exponent: int
    lot_exponent: int
    price_step_ticks: int
    size_step_lots: int
    max_price_ticks: int
    max_position_lots: int
    tiers: _containers.RepeatedCompositeFieldContainer[RiskTier]
    liquidation_fee_ppm: int
    liquidation_timeout_millis: int
    liquidation_slice_lots: int
    liquidation_cooldown_millis: int
    dust_notional_atoms: int
    loss_policy: _common_pb2.LossPolicy
    discount_ppm: int
    book_attempts: int
    order_band_ppm: int
    reprices_trades: bool
    fund_share_ppm: int
    inventory_ppm: int
    def __init__(self, market_id: _Optional[int] = ..., symbol: _Optional[str] = ..., asset_id: _Optional[int] = ..., fund_id: _Optional[int] = ..., tick_exponent: _Optional[int] = ..., lot_exponent: _Optional[int] = ..., price_step_ticks: _Optional[int] = ..., size_step_lots: _Optional[int] = ..., max_price_ticks: _Optional[int] = ..., max_position_lots: _Optional[int] = ..., tiers: _Optional[_Iterable[_Union[RiskTier, _Mapping]]] = ..., liquidation_fee_ppm: _Optional[int] = ..., liquidation_timeout_millis: _Optional[int] = ..., liquidation_slice_lots: _Optional[int] = ..., liquidation_cooldown_millis: _Optional[int] = ..., dust_notional_atoms: _Optional[int] = ..., loss_policy: _Optional[_Union[_common_pb2.LossPolicy, str]] = ..., discount_ppm: _Optional[int] = ..., book_attempts: _Optional[int] = ..., order_band_ppm: _Optional[int] = ..., reprices_trades: _Optional[bool] = ..., fund_share_ppm: _Optional[int] = ..., inventory_ppm: _Optional[int] = ...) -> None: ...

class MarketState(_message.Message):
    __slots__ = ("market", "mark_price_ticks", "open_interest_lots", "imbalance_lots")
    MARKET_FIELD_NUMBER: _ClassVar[int]
    MARK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    OPEN_INTEREST_LOTS_FIELD_NUMBER: _ClassVar[int]
    IMBALANCE_LOTS_FIELD_NUMBER: _ClassVar[int]
    market: Market
    mark_price_ticks: int
    open_interest_lots: int
    imbalance_lots: int
    def __init__(self, market: _Optional[_Union[Market, _Mapping]] = ..., mark_price_ticks: _Optional[int] = ..., open_interest_lots: _Optional[int] = ..., imbalance_lots: _Optional[int] = ...) -> None: ...

class InsuranceFund(_message.Message):
    __slots__ = ("fund_id", "asset_id", "account_id", "balance_atoms", "equity_atoms", "maintenance_atoms", "peak_equity_atoms", "is_stopped", "paid_atoms", "noted_equity_atoms")
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    BALANCE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    EQUITY_ATOMS_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    PEAK_EQUITY_ATOMS_FIELD_NUMBER: _ClassVar[int]
    IS_STOPPED_FIELD_NUMBER: _ClassVar[int]
    PAID_ATOMS_FIELD_NUMBER: _ClassVar[int]
    NOTED_EQUITY_ATOMS_FIELD_NUMBER: _ClassVar[int]
    fund_id: int
    asset_id: int
    account_id: int
    balance_atoms: int
    equity_atoms: int
    maintenance_atoms: int
    peak_equity_atoms: int
    is_stopped: bool
    paid_atoms: int
    noted_equity_atoms: int
    def __init__(self, fund_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., account_id: _Optional[int] = ..., balance_atoms: _Optional[int] = ..., equity_atoms: _Optional[int] = ..., maintenance_atoms: _Optional[int] = ..., peak_equity_atoms: _Optional[int] = ..., is_stopped: _Optional[bool] = ..., paid_atoms: _Optional[int] = ..., noted_equity_atoms: _Optional[int] = ...) -> None: ...

class CreateAssetRequest(_message.Message):
    __slots__ = ("key", "asset")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ASSET_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    asset: Asset
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., asset: _Optional[_Union[Asset, _Mapping]] = ...) -> None: ...

class CreateAssetResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class ListAssetsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListAssetsResponse(_message.Message):
    __slots__ = ("assets", "sequence", "next_instruction_sequence", "log_id", "gates")
    ASSETS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    NEXT_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    GATES_FIELD_NUMBER: _ClassVar[int]
    assets: _containers.RepeatedCompositeFieldContainer[Asset]
    sequence: int
    next_instruction_sequence: int
    log_id: str
    gates: _containers.RepeatedCompositeFieldContainer[Gate]
    def __init__(self, assets: _Optional[_Iterable[_Union[Asset, _Mapping]]] = ..., sequence: _Optional[int] = ..., next_instruction_sequence: _Optional[int] = ..., log_id: _Optional[str] = ..., gates: _Optional[_Iterable[_Union[Gate, _Mapping]]] = ...) -> None: ...

class Gate(_message.Message):
    __slots__ = ("asset_id", "unallocated_loss_atoms", "level_atoms", "is_closed")
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    UNALLOCATED_LOSS_ATOMS_FIELD_NUMBER: _ClassVar[int]
    LEVEL_ATOMS_FIELD_NUMBER: _ClassVar[int]
    IS_CLOSED_FIELD_NUMBER: _ClassVar[int]
    asset_id: int
    unallocated_loss_atoms: str
    level_atoms: str
    is_closed: bool
    def __init__(self, asset_id: _Optional[int] = ..., unallocated_loss_atoms: _Optional[str] = ..., level_atoms: _Optional[str] = ..., is_closed: _Optional[bool] = ...) -> None: ...

class SetMarketRequest(_message.Message):
    __slots__ = ("key", "market")
    KEY_FIELD_NUMBER: _ClassVar[int]
    MARKET_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    market: Market
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., market: _Optional[_Union[Market, _Mapping]] = ...) -> None: ...

class SetMarketResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class ListMarketsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListMarketsResponse(_message.Message):
    __slots__ = ("markets", "sequence", "next_instruction_sequence", "log_id")
    MARKETS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    NEXT_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    markets: _containers.RepeatedCompositeFieldContainer[MarketState]
    sequence: int
    next_instruction_sequence: int
    log_id: str
    def __init__(self, markets: _Optional[_Iterable[_Union[MarketState, _Mapping]]] = ..., sequence: _Optional[int] = ..., next_instruction_sequence: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...

class CreateInsuranceFundRequest(_message.Message):
    __slots__ = ("key", "fund_id", "asset_id")
    KEY_FIELD_NUMBER: _ClassVar[int]
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    fund_id: int
    asset_id: int
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., fund_id: _Optional[int] = ..., asset_id: _Optional[int] = ...) -> None: ...

class CreateInsuranceFundResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class DepositInsuranceFundRequest(_message.Message):
    __slots__ = ("key", "fund_id", "amount_atoms")
    KEY_FIELD_NUMBER: _ClassVar[int]
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    fund_id: int
    amount_atoms: int
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., fund_id: _Optional[int] = ..., amount_atoms: _Optional[int] = ...) -> None: ...

class DepositInsuranceFundResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class ListInsuranceFundsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListInsuranceFundsResponse(_message.Message):
    __slots__ = ("funds", "sequence", "next_instruction_sequence", "log_id")
    FUNDS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    NEXT_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    funds: _containers.RepeatedCompositeFieldContainer[InsuranceFund]
    sequence: int
    next_instruction_sequence: int
    log_id: str
    def __init__(self, funds: _Optional[_Iterable[_Union[InsuranceFund, _Mapping]]] = ..., sequence: _Optional[int] = ..., next_instruction_sequence: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...

class WriteOffRequest(_message.Message):
    __slots__ = ("key", "account_id", "asset_id", "amount_atoms", "payer", "fund_id", "isolated_market_id")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    PAYER_FIELD_NUMBER: _ClassVar[int]
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    account_id: int
    asset_id: int
    amount_atoms: int
    payer: _common_pb2.WriteOffPayer
    fund_id: int
    isolated_market_id: int
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., account_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., amount_atoms: _Optional[int] = ..., payer: _Optional[_Union[_common_pb2.WriteOffPayer, str]] = ..., fund_id: _Optional[int] = ..., isolated_market_id: _Optional[int] = ...) -> None: ...

class WriteOffResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class AdjustBalancesRequest(_message.Message):
    __slots__ = ("key", "adjustments")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    adjustments: _columns_pb2.AdjustmentColumns
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., adjustments: _Optional[_Union[_columns_pb2.AdjustmentColumns, _Mapping]] = ...) -> None: ...

class AdjustBalancesResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class RiskParameters(_message.Message):
    __slots__ = ("margin_call_ppm", "liquidation_buffer_ppm", "take_over_ppm", "margin_call_clear_ppm", "withdrawal_margin_ppm", "gate_floor_units", "gate_ppm", "fund_market_notional_ppm", "fund_notional_ppm", "fund_drawdown_ppm", "fund_resume_ppm", "second_term_millis", "late_fill_millis", "spread_after_millis", "work_units", "max_reservations")
    MARGIN_CALL_PPM_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_BUFFER_PPM_FIELD_NUMBER: _ClassVar[int]
    TAKE_OVER_PPM_FIELD_NUMBER: _ClassVar[int]
    MARGIN_CALL_CLEAR_PPM_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWAL_MARGIN_PPM_FIELD_NUMBER: _ClassVar[int]
    GATE_FLOOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    GATE_PPM_FIELD_NUMBER: _ClassVar[int]
    FUND_MARKET_NOTIONAL_PPM_FIELD_NUMBER: _ClassVar[int]
    FUND_NOTIONAL_PPM_FIELD_NUMBER: _ClassVar[int]
    FUND_DRAWDOWN_PPM_FIELD_NUMBER: _ClassVar[int]
    FUND_RESUME_PPM_FIELD_NUMBER: _ClassVar[int]
    SECOND_TERM_MILLIS_FIELD_NUMBER: _ClassVar[int]
    LATE_FILL_MILLIS_FIELD_NUMBER: _ClassVar[int]
    SPREAD_AFTER_MILLIS_FIELD_NUMBER: _ClassVar[int]
    WORK_UNITS_FIELD_NUMBER: _ClassVar[int]
    MAX_RESERVATIONS_FIELD_NUMBER: _ClassVar[int]
    margin_call_ppm: int
    liquidation_buffer_ppm: int
    take_over_ppm: int
    margin_call_clear_ppm: int
    withdrawal_margin_ppm: int
    gate_floor_units: int
    gate_ppm: int
    fund_market_notional_ppm: int
    fund_notional_ppm: int
    fund_drawdown_ppm: int
    fund_resume_ppm: int
    second_term_millis: int
    late_fill_millis: int
    spread_after_millis: int
    work_units: int
    max_reservations: int
    def __init__(self, margin_call_ppm: _Optional[int] = ..., liquidation_buffer_ppm: _Optional[int] = ..., take_over_ppm: _Optional[int] = ..., margin_call_clear_ppm: _Optional[int] = ..., withdrawal_margin_ppm: _Optional[int] = ..., gate_floor_units: _Optional[int] = ..., gate_ppm: _Optional[int] = ..., fund_market_notional_ppm: _Optional[int] = ..., fund_notional_ppm: _Optional[int] = ..., fund_drawdown_ppm: _Optional[int] = ..., fund_resume_ppm: _Optional[int] = ..., second_term_millis: _Optional[int] = ..., late_fill_millis: _Optional[int] = ..., spread_after_millis: _Optional[int] = ..., work_units: _Optional[int] = ..., max_reservations: _Optional[int] = ...) -> None: ...

class SetRiskParametersRequest(_message.Message):
    __slots__ = ("key", "parameters")
    KEY_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    parameters: RiskParameters
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., parameters: _Optional[_Union[RiskParameters, _Mapping]] = ...) -> None: ...

class SetRiskParametersResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class Retention(_message.Message):
    __slots__ = ("client_count", "answer_count", "answer_bytes", "instruction_count", "caller_client_count", "client_idle_millis")
    CLIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ANSWER_COUNT_FIELD_NUMBER: _ClassVar[int]
    ANSWER_BYTES_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    CALLER_CLIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IDLE_MILLIS_FIELD_NUMBER: _ClassVar[int]
    client_count: int
    answer_count: int
    answer_bytes: int
    instruction_count: int
    caller_client_count: int
    client_idle_millis: int
    def __init__(self, client_count: _Optional[int] = ..., answer_count: _Optional[int] = ..., answer_bytes: _Optional[int] = ..., instruction_count: _Optional[int] = ..., caller_client_count: _Optional[int] = ..., client_idle_millis: _Optional[int] = ...) -> None: ...

class SetRetentionRequest(_message.Message):
    __slots__ = ("key", "retention")
    KEY_FIELD_NUMBER: _ClassVar[int]
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    retention: Retention
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., retention: _Optional[_Union[Retention, _Mapping]] = ...) -> None: ...

class SetRetentionResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class BeginLoadingRequest(_message.Message):
    __slots__ = ("key", "last_liquidation_id")
    KEY_FIELD_NUMBER: _ClassVar[int]
    LAST_LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    last_liquidation_id: int
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., last_liquidation_id: _Optional[int] = ...) -> None: ...

class BeginLoadingResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class LoadAccountsRequest(_message.Message):
    __slots__ = ("key", "accounts")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    accounts: _columns_pb2.LoadAccountColumns
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., accounts: _Optional[_Union[_columns_pb2.LoadAccountColumns, _Mapping]] = ...) -> None: ...

class LoadAccountsResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class LoadPositionsRequest(_message.Message):
    __slots__ = ("key", "positions")
    KEY_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    positions: _columns_pb2.LoadPositionColumns
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., positions: _Optional[_Union[_columns_pb2.LoadPositionColumns, _Mapping]] = ...) -> None: ...

class LoadPositionsResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class LoadLiquidationsRequest(_message.Message):
    __slots__ = ("key", "liquidations")
    KEY_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATIONS_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    liquidations: _columns_pb2.LoadLiquidationColumns
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., liquidations: _Optional[_Union[_columns_pb2.LoadLiquidationColumns, _Mapping]] = ...) -> None: ...

class LoadLiquidationsResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class LoadReservationsRequest(_message.Message):
    __slots__ = ("key", "reservations")
    KEY_FIELD_NUMBER: _ClassVar[int]
    RESERVATIONS_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    reservations: _columns_pb2.LoadReservationColumns
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., reservations: _Optional[_Union[_columns_pb2.LoadReservationColumns, _Mapping]] = ...) -> None: ...

class LoadReservationsResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class GoLiveRequest(_message.Message):
    __slots__ = ("key", "accept_imbalance")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_IMBALANCE_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    accept_imbalance: bool
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., accept_imbalance: _Optional[bool] = ...) -> None: ...

class GoLiveResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class GetLoadReportRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class LoadedMarket(_message.Message):
    __slots__ = ("market_id", "mark_price_ticks", "long_lots", "short_lots", "imbalance_lots", "cost_atoms")
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    MARK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    LONG_LOTS_FIELD_NUMBER: _ClassVar[int]
    SHORT_LOTS_FIELD_NUMBER: _ClassVar[int]
    IMBALANCE_LOTS_FIELD_NUMBER: _ClassVar[int]
    COST_ATOMS_FIELD_NUMBER: _ClassVar[int]
    market_id: int
    mark_price_ticks: int
    long_lots: int
    short_lots: int
    imbalance_lots: int
    cost_atoms: str
    def __init__(self, market_id: _Optional[int] = ..., mark_price_ticks: _Optional[int] = ..., long_lots: _Optional[int] = ..., short_lots: _Optional[int] = ..., imbalance_lots: _Optional[int] = ..., cost_atoms: _Optional[str] = ...) -> None: ...

class AccountRisk(_message.Message):
    __slots__ = ("account_id", "asset_id", "isolated_market_id", "equity_atoms", "maintenance_atoms")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    EQUITY_ATOMS_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    asset_id: int
    isolated_market_id: int
    equity_atoms: int
    maintenance_atoms: int
    def __init__(self, account_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., isolated_market_id: _Optional[int] = ..., equity_atoms: _Optional[int] = ..., maintenance_atoms: _Optional[int] = ...) -> None: ...

class ForeseenAccounts(_message.Message):
    __slots__ = ("account_count", "accounts")
    ACCOUNT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    account_count: int
    accounts: _containers.RepeatedCompositeFieldContainer[AccountRisk]
    def __init__(self, account_count: _Optional[int] = ..., accounts: _Optional[_Iterable[_Union[AccountRisk, _Mapping]]] = ...) -> None: ...

class WaitingAccount(_message.Message):
    __slots__ = ("account_id", "asset_id", "isolated_market_id", "equity_atoms", "maintenance_atoms", "until_nanos")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    EQUITY_ATOMS_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_NANOS_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    asset_id: int
    isolated_market_id: int
    equity_atoms: int
    maintenance_atoms: int
    until_nanos: int
    def __init__(self, account_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., isolated_market_id: _Optional[int] = ..., equity_atoms: _Optional[int] = ..., maintenance_atoms: _Optional[int] = ..., until_nanos: _Optional[int] = ...) -> None: ...

class WaitingAccounts(_message.Message):
    __slots__ = ("account_count", "bankrupt_count", "accounts")
    ACCOUNT_COUNT_FIELD_NUMBER: _ClassVar[int]
    BANKRUPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    account_count: int
    bankrupt_count: int
    accounts: _containers.RepeatedCompositeFieldContainer[WaitingAccount]
    def __init__(self, account_count: _Optional[int] = ..., bankrupt_count: _Optional[int] = ..., accounts: _Optional[_Iterable[_Union[WaitingAccount, _Mapping]]] = ...) -> None: ...

class GetLoadReportResponse(_message.Message):
    __slots__ = ("sequence", "time_nanos", "account_count", "position_count", "open_liquidation_count", "conservation", "markets", "called", "liquidated", "bankrupt", "rejection", "waiting")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_COUNT_FIELD_NUMBER: _ClassVar[int]
    POSITION_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPEN_LIQUIDATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    CONSERVATION_FIELD_NUMBER: _ClassVar[int]
    MARKETS_FIELD_NUMBER: _ClassVar[int]
    CALLED_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATED_FIELD_NUMBER: _ClassVar[int]
    BANKRUPT_FIELD_NUMBER: _ClassVar[int]
    REJECTION_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    time_nanos: int
    account_count: int
    position_count: int
    open_liquidation_count: int
    conservation: _containers.RepeatedCompositeFieldContainer[Conservation]
    markets: _containers.RepeatedCompositeFieldContainer[LoadedMarket]
    called: ForeseenAccounts
    liquidated: ForeseenAccounts
    bankrupt: ForeseenAccounts
    rejection: _common_pb2.Rejection
    waiting: WaitingAccounts
    def __init__(self, sequence: _Optional[int] = ..., time_nanos: _Optional[int] = ..., account_count: _Optional[int] = ..., position_count: _Optional[int] = ..., open_liquidation_count: _Optional[int] = ..., conservation: _Optional[_Iterable[_Union[Conservation, _Mapping]]] = ..., markets: _Optional[_Iterable[_Union[LoadedMarket, _Mapping]]] = ..., called: _Optional[_Union[ForeseenAccounts, _Mapping]] = ..., liquidated: _Optional[_Union[ForeseenAccounts, _Mapping]] = ..., bankrupt: _Optional[_Union[ForeseenAccounts, _Mapping]] = ..., rejection: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ..., waiting: _Optional[_Union[WaitingAccounts, _Mapping]] = ...) -> None: ...

class ListConsumersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Consumer(_message.Message):
    __slots__ = ("consumer_id", "confirmed_instruction_sequence", "lag_instruction_count", "lag_bytes")
    CONSUMER_ID_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LAG_INSTRUCTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAG_BYTES_FIELD_NUMBER: _ClassVar[int]
    consumer_id: str
    confirmed_instruction_sequence: int
    lag_instruction_count: int
    lag_bytes: int
    def __init__(self, consumer_id: _Optional[str] = ..., confirmed_instruction_sequence: _Optional[int] = ..., lag_instruction_count: _Optional[int] = ..., lag_bytes: _Optional[int] = ...) -> None: ...

class ListConsumersResponse(_message.Message):
    __slots__ = ("consumers", "last_instruction_sequence", "stored_bytes", "log_id")
    CONSUMERS_FIELD_NUMBER: _ClassVar[int]
    LAST_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    STORED_BYTES_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    consumers: _containers.RepeatedCompositeFieldContainer[Consumer]
    last_instruction_sequence: int
    stored_bytes: int
    log_id: str
    def __init__(self, consumers: _Optional[_Iterable[_Union[Consumer, _Mapping]]] = ..., last_instruction_sequence: _Optional[int] = ..., stored_bytes: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...

class ForgetConsumerRequest(_message.Message):
    __slots__ = ("consumer_id",)
    CONSUMER_ID_FIELD_NUMBER: _ClassVar[int]
    consumer_id: str
    def __init__(self, consumer_id: _Optional[str] = ...) -> None: ...

class ForgetConsumerResponse(_message.Message):
    __slots__ = ("confirmed_instruction_sequence",)
    CONFIRMED_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    confirmed_instruction_sequence: int
    def __init__(self, confirmed_instruction_sequence: _Optional[int] = ...) -> None: ...

class GetStateRequest(_message.Message):
    __slots__ = ("with_state_hash",)
    WITH_STATE_HASH_FIELD_NUMBER: _ClassVar[int]
    with_state_hash: bool
    def __init__(self, with_state_hash: _Optional[bool] = ...) -> None: ...

class Conservation(_message.Message):
    __slots__ = ("asset_id", "net_deposits_atoms", "balances_atoms", "unsettled_pnl_atoms", "funds_atoms", "fees_atoms", "missing_atoms", "bad_debt_atoms", "carried_in_atoms", "reserved_atoms")
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    NET_DEPOSITS_ATOMS_FIELD_NUMBER: _ClassVar[int]
    BALANCES_ATOMS_FIELD_NUMBER: _ClassVar[int]
    UNSETTLED_PNL_ATOMS_FIELD_NUMBER: _ClassVar[int]
    FUNDS_ATOMS_FIELD_NUMBER: _ClassVar[int]
    FEES_ATOMS_FIELD_NUMBER: _ClassVar[int]
    MISSING_ATOMS_FIELD_NUMBER: _ClassVar[int]
    BAD_DEBT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    CARRIED_IN_ATOMS_FIELD_NUMBER: _ClassVar[int]
    RESERVED_ATOMS_FIELD_NUMBER: _ClassVar[int]
    asset_id: int
    net_deposits_atoms: str
    balances_atoms: str
    unsettled_pnl_atoms: str
    funds_atoms: str
    fees_atoms: str
    missing_atoms: str
    bad_debt_atoms: str
    carried_in_atoms: str
    reserved_atoms: str
    def __init__(self, asset_id: _Optional[int] = ..., net_deposits_atoms: _Optional[str] = ..., balances_atoms: _Optional[str] = ..., unsettled_pnl_atoms: _Optional[str] = ..., funds_atoms: _Optional[str] = ..., fees_atoms: _Optional[str] = ..., missing_atoms: _Optional[str] = ..., bad_debt_atoms: _Optional[str] = ..., carried_in_atoms: _Optional[str] = ..., reserved_atoms: _Optional[str] = ...) -> None: ...

class GetStateResponse(_message.Message):
    __slots__ = ("sequence", "durable_sequence", "instruction_sequence", "oldest_instruction_sequence", "time_nanos", "account_count", "position_count", "open_liquidation_count", "bad_debt_atoms", "parameters", "conservation", "state_hash", "retention", "venue_mode", "log_id", "gates")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DURABLE_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    OLDEST_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_COUNT_FIELD_NUMBER: _ClassVar[int]
    POSITION_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPEN_LIQUIDATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    BAD_DEBT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    CONSERVATION_FIELD_NUMBER: _ClassVar[int]
    STATE_HASH_FIELD_NUMBER: _ClassVar[int]
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    VENUE_MODE_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    GATES_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    durable_sequence: int
    instruction_sequence: int
    oldest_instruction_sequence: int
    time_nanos: int
    account_count: int
    position_count: int
    open_liquidation_count: int
    bad_debt_atoms: int
    parameters: RiskParameters
    conservation: _containers.RepeatedCompositeFieldContainer[Conservation]
    state_hash: str
    retention: Retention
    venue_mode: _common_pb2.VenueMode
    log_id: str
    gates: _containers.RepeatedCompositeFieldContainer[Gate]
    def __init__(self, sequence: _Optional[int] = ..., durable_sequence: _Optional[int] = ..., instruction_sequence: _Optional[int] = ..., oldest_instruction_sequence: _Optional[int] = ..., time_nanos: _Optional[int] = ..., account_count: _Optional[int] = ..., position_count: _Optional[int] = ..., open_liquidation_count: _Optional[int] = ..., bad_debt_atoms: _Optional[int] = ..., parameters: _Optional[_Union[RiskParameters, _Mapping]] = ..., conservation: _Optional[_Iterable[_Union[Conservation, _Mapping]]] = ..., state_hash: _Optional[str] = ..., retention: _Optional[_Union[Retention, _Mapping]] = ..., venue_mode: _Optional[_Union[_common_pb2.VenueMode, str]] = ..., log_id: _Optional[str] = ..., gates: _Optional[_Iterable[_Union[Gate, _Mapping]]] = ...) -> None: ...

class TakeSnapshotRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class TakeSnapshotResponse(_message.Message):
    __slots__ = ("sequence", "file_name", "snapshot_bytes", "held_up_nanos", "duration_nanos", "journal_from_sequence")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_BYTES_FIELD_NUMBER: _ClassVar[int]
    HELD_UP_NANOS_FIELD_NUMBER: _ClassVar[int]
    DURATION_NANOS_FIELD_NUMBER: _ClassVar[int]
    JOURNAL_FROM_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    file_name: str
    snapshot_bytes: int
    held_up_nanos: int
    duration_nanos: int
    journal_from_sequence: int
    def __init__(self, sequence: _Optional[int] = ..., file_name: _Optional[str] = ..., snapshot_bytes: _Optional[int] = ..., held_up_nanos: _Optional[int] = ..., duration_nanos: _Optional[int] = ..., journal_from_sequence: _Optional[int] = ...) -> None: ...

class SetLogTimeRequest(_message.Message):
    __slots__ = ("key", "log_time_nanos")
    KEY_FIELD_NUMBER: _ClassVar[int]
    LOG_TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    log_time_nanos: int
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., log_time_nanos: _Optional[int] = ...) -> None: ...

class SetLogTimeResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class ConfirmStartRequest(_message.Message):
    __slots__ = ("log_time_nanos",)
    LOG_TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    log_time_nanos: int
    def __init__(self, log_time_nanos: _Optional[int] = ...) -> None: ...

class ConfirmStartResponse(_message.Message):
    __slots__ = ("sequence", "time_nanos", "gap_nanos")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    GAP_NANOS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    time_nanos: int
    gap_nanos: int
    def __init__(self, sequence: _Optional[int] = ..., time_nanos: _Optional[int] = ..., gap_nanos: _Optional[int] = ...) -> None: ...

class GetServerStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SnapshotStatus(_message.Message):
    __slots__ = ("sequence", "time_nanos", "snapshot_bytes", "duration_nanos", "taken_count", "failed_count", "is_failing", "failed_nanos", "failure")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_BYTES_FIELD_NUMBER: _ClassVar[int]
    DURATION_NANOS_FIELD_NUMBER: _ClassVar[int]
    TAKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    IS_FAILING_FIELD_NUMBER: _ClassVar[int]
    FAILED_NANOS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    time_nanos: int
    snapshot_bytes: int
    duration_nanos: int
    taken_count: int
    failed_count: int
    is_failing: bool
    failed_nanos: int
    failure: str
    def __init__(self, sequence: _Optional[int] = ..., time_nanos: _Optional[int] = ..., snapshot_bytes: _Optional[int] = ..., duration_nanos: _Optional[int] = ..., taken_count: _Optional[int] = ..., failed_count: _Optional[int] = ..., is_failing: _Optional[bool] = ..., failed_nanos: _Optional[int] = ..., failure: _Optional[str] = ...) -> None: ...

class InstructionStatus(_message.Message):
    __slots__ = ("stored_bytes", "is_alarm", "consumer_count", "slowest_consumer_id", "lag_instruction_count", "lag_bytes", "consumers_lost")
    STORED_BYTES_FIELD_NUMBER: _ClassVar[int]
    IS_ALARM_FIELD_NUMBER: _ClassVar[int]
    CONSUMER_COUNT_FIELD_NUMBER: _ClassVar[int]
    SLOWEST_CONSUMER_ID_FIELD_NUMBER: _ClassVar[int]
    LAG_INSTRUCTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAG_BYTES_FIELD_NUMBER: _ClassVar[int]
    CONSUMERS_LOST_FIELD_NUMBER: _ClassVar[int]
    stored_bytes: int
    is_alarm: bool
    consumer_count: int
    slowest_consumer_id: str
    lag_instruction_count: int
    lag_bytes: int
    consumers_lost: bool
    def __init__(self, stored_bytes: _Optional[int] = ..., is_alarm: _Optional[bool] = ..., consumer_count: _Optional[int] = ..., slowest_consumer_id: _Optional[str] = ..., lag_instruction_count: _Optional[int] = ..., lag_bytes: _Optional[int] = ..., consumers_lost: _Optional[bool] = ...) -> None: ...

class GetServerStatusResponse(_message.Message):
    __slots__ = ("version", "started_nanos", "sequence", "durable_sequence", "journal_bytes", "snapshots", "state_streams", "state_stream_waiting_bytes", "log_id", "instructions")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STARTED_NANOS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DURABLE_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    JOURNAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOTS_FIELD_NUMBER: _ClassVar[int]
    STATE_STREAMS_FIELD_NUMBER: _ClassVar[int]
    STATE_STREAM_WAITING_BYTES_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    version: str
    started_nanos: int
    sequence: int
    durable_sequence: int
    journal_bytes: int
    snapshots: SnapshotStatus
    state_streams: int
    state_stream_waiting_bytes: int
    log_id: str
    instructions: InstructionStatus
    def __init__(self, version: _Optional[str] = ..., started_nanos: _Optional[int] = ..., sequence: _Optional[int] = ..., durable_sequence: _Optional[int] = ..., journal_bytes: _Optional[int] = ..., snapshots: _Optional[_Union[SnapshotStatus, _Mapping]] = ..., state_streams: _Optional[int] = ..., state_stream_waiting_bytes: _Optional[int] = ..., log_id: _Optional[str] = ..., instructions: _Optional[_Union[InstructionStatus, _Mapping]] = ...) -> None: ...

class ListClientsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListClientsResponse(_message.Message):
    __slots__ = ("clients", "next_page_token", "client_count", "sequence", "log_id")
    CLIENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CLIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    clients: _containers.RepeatedCompositeFieldContainer[_common_pb2.Client]
    next_page_token: str
    client_count: int
    sequence: int
    log_id: str
    def __init__(self, clients: _Optional[_Iterable[_Union[_common_pb2.Client, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., client_count: _Optional[int] = ..., sequence: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...

class ForgetClientRequest(_message.Message):
    __slots__ = ("caller", "client_id")
    CALLER_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    caller: str
    client_id: str
    def __init__(self, caller: _Optional[str] = ..., client_id: _Optional[str] = ...) -> None: ...

class ForgetClientResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...
