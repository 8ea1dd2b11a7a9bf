from riskengine.api.v1 import admin_service_pb2 as _admin_service_pb2
from riskengine.api.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StreamStateRequest(_message.Message):
    __slots__ = ("market_id", "account_id")
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    market_id: _containers.RepeatedScalarFieldContainer[int]
    account_id: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, market_id: _Optional[_Iterable[int]] = ..., account_id: _Optional[_Iterable[int]] = ...) -> None: ...

class StreamStateResponse(_message.Message):
    __slots__ = ("head", "rows")
    HEAD_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    head: StateHead
    rows: StateRows
    def __init__(self, head: _Optional[_Union[StateHead, _Mapping]] = ..., rows: _Optional[_Union[StateRows, _Mapping]] = ...) -> None: ...

class StateHead(_message.Message):
    __slots__ = ("sequence", "time_nanos", "next_instruction_sequence", "parameters", "assets", "markets", "funds", "venue_mode", "log_id", "last_liquidation_id", "fund_windows", "market_payouts")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    NEXT_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    ASSETS_FIELD_NUMBER: _ClassVar[int]
    MARKETS_FIELD_NUMBER: _ClassVar[int]
    FUNDS_FIELD_NUMBER: _ClassVar[int]
    VENUE_MODE_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    FUND_WINDOWS_FIELD_NUMBER: _ClassVar[int]
    MARKET_PAYOUTS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    time_nanos: int
    next_instruction_sequence: int
    parameters: _admin_service_pb2.RiskParameters
    assets: _containers.RepeatedCompositeFieldContainer[_admin_service_pb2.Asset]
    markets: _containers.RepeatedCompositeFieldContainer[_admin_service_pb2.MarketState]
    funds: _containers.RepeatedCompositeFieldContainer[_admin_service_pb2.InsuranceFund]
    venue_mode: _common_pb2.VenueMode
    log_id: str
    last_liquidation_id: int
    fund_windows: _containers.RepeatedCompositeFieldContainer[FundWindow]
    market_payouts: _containers.RepeatedCompositeFieldContainer[MarketPayouts]
    def __init__(self, sequence: _Optional[int] = ..., time_nanos: _Optional[int] = ..., next_instruction_sequence: _Optional[int] = ..., parameters: _Optional[_Union[_admin_service_pb2.RiskParameters, _Mapping]] = ..., assets: _Optional[_Iterable[_Union[_admin_service_pb2.Asset, _Mapping]]] = ..., markets: _Optional[_Iterable[_Union[_admin_service_pb2.MarketState, _Mapping]]] = ..., funds: _Optional[_Iterable[_Union[_admin_service_pb2.InsuranceFund, _Mapping]]] = ..., venue_mode: _Optional[_Union[_common_pb2.VenueMode, str]] = ..., log_id: _Optional[str] = ..., last_liquidation_id: _Optional[int] = ..., fund_windows: _Optional[_Iterable[_Union[FundWindow, _Mapping]]] = ..., market_payouts: _Optional[_Iterable[_Union[MarketPayouts, _Mapping]]] = ...) -> None: ...

class FundWindow(_message.Message):
    __slots__ = ("fund_id", "slots")
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    fund_id: int
    slots: _containers.RepeatedCompositeFieldContainer[FundSlot]
    def __init__(self, fund_id: _Optional[int] = ..., slots: _Optional[_Iterable[_Union[FundSlot, _Mapping]]] = ...) -> None: ...

class FundSlot(_message.Message):
    __slots__ = ("begin_nanos", "peak_equity_atoms")
    BEGIN_NANOS_FIELD_NUMBER: _ClassVar[int]
    PEAK_EQUITY_ATOMS_FIELD_NUMBER: _ClassVar[int]
    begin_nanos: int
    peak_equity_atoms: int
    def __init__(self, begin_nanos: _Optional[int] = ..., peak_equity_atoms: _Optional[int] = ...) -> None: ...

class MarketPayouts(_message.Message):
    __slots__ = ("market_id", "slots")
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    market_id: int
    slots: _containers.RepeatedCompositeFieldContainer[PayoutSlot]
    def __init__(self, market_id: _Optional[int] = ..., slots: _Optional[_Iterable[_Union[PayoutSlot, _Mapping]]] = ...) -> None: ...

class PayoutSlot(_message.Message):
    __slots__ = ("begin_nanos", "paid_atoms")
    BEGIN_NANOS_FIELD_NUMBER: _ClassVar[int]
    PAID_ATOMS_FIELD_NUMBER: _ClassVar[int]
    begin_nanos: int
    paid_atoms: int
    def __init__(self, begin_nanos: _Optional[int] = ..., paid_atoms: _Optional[int] = ...) -> None: ...

class StateRows(_message.Message):
    __slots__ = ("accounts", "positions", "liquidations", "reservations")
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATIONS_FIELD_NUMBER: _ClassVar[int]
    RESERVATIONS_FIELD_NUMBER: _ClassVar[int]
    accounts: AccountColumns
    positions: PositionColumns
    liquidations: LiquidationColumns
    reservations: ReservationColumns
    def __init__(self, accounts: _Optional[_Union[AccountColumns, _Mapping]] = ..., positions: _Optional[_Union[PositionColumns, _Mapping]] = ..., liquidations: _Optional[_Union[LiquidationColumns, _Mapping]] = ..., reservations: _Optional[_Union[ReservationColumns, _Mapping]] = ...) -> None: ...

class AccountColumns(_message.Message):
    __slots__ = ("account_id", "asset_id", "isolated_market_id", "state", "balance_atoms", "debt_market_id", "net_deposits_atoms")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BALANCE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    DEBT_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    NET_DEPOSITS_ATOMS_FIELD_NUMBER: _ClassVar[int]
    account_id: _containers.RepeatedScalarFieldContainer[int]
    asset_id: _containers.RepeatedScalarFieldContainer[int]
    isolated_market_id: _containers.RepeatedScalarFieldContainer[int]
    state: _containers.RepeatedScalarFieldContainer[_common_pb2.AccountState]
    balance_atoms: _containers.RepeatedScalarFieldContainer[int]
    debt_market_id: _containers.RepeatedScalarFieldContainer[int]
    net_deposits_atoms: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, account_id: _Optional[_Iterable[int]] = ..., asset_id: _Optional[_Iterable[int]] = ..., isolated_market_id: _Optional[_Iterable[int]] = ..., state: _Optional[_Iterable[_Union[_common_pb2.AccountState, str]]] = ..., balance_atoms: _Optional[_Iterable[int]] = ..., debt_market_id: _Optional[_Iterable[int]] = ..., net_deposits_atoms: _Optional[_Iterable[int]] = ...) -> None: ...

class PositionColumns(_message.Message):
    __slots__ = ("account_row", "market_id", "size_lots", "cost_atoms")
    ACCOUNT_ROW_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    COST_ATOMS_FIELD_NUMBER: _ClassVar[int]
    account_row: _containers.RepeatedScalarFieldContainer[int]
    market_id: _containers.RepeatedScalarFieldContainer[int]
    size_lots: _containers.RepeatedScalarFieldContainer[int]
    cost_atoms: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, account_row: _Optional[_Iterable[int]] = ..., market_id: _Optional[_Iterable[int]] = ..., size_lots: _Optional[_Iterable[int]] = ..., cost_atoms: _Optional[_Iterable[int]] = ...) -> None: ...

class LiquidationColumns(_message.Message):
    __slots__ = ("liquidation_id", "account_id", "asset_id", "isolated_market_id", "market_id", "side", "size_lots", "filled_lots", "limit_price_ticks", "deadline_nanos", "sliced", "attempt", "cancelling")
    LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    FILLED_LOTS_FIELD_NUMBER: _ClassVar[int]
    LIMIT_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_NANOS_FIELD_NUMBER: _ClassVar[int]
    SLICED_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    CANCELLING_FIELD_NUMBER: _ClassVar[int]
    liquidation_id: _containers.RepeatedScalarFieldContainer[int]
    account_id: _containers.RepeatedScalarFieldContainer[int]
    asset_id: _containers.RepeatedScalarFieldContainer[int]
    isolated_market_id: _containers.RepeatedScalarFieldContainer[int]
    market_id: _containers.RepeatedScalarFieldContainer[int]
    side: _containers.RepeatedScalarFieldContainer[_common_pb2.Side]
    size_lots: _containers.RepeatedScalarFieldContainer[int]
    filled_lots: _containers.RepeatedScalarFieldContainer[int]
    limit_price_ticks: _containers.RepeatedScalarFieldContainer[int]
    deadline_nanos: _containers.RepeatedScalarFieldContainer[int]
    sliced: _containers.RepeatedScalarFieldContainer[bool]
    attempt: _containers.RepeatedScalarFieldContainer[int]
    cancelling: _containers.RepeatedScalarFieldContainer[bool]
    def __init__(self, liquidation_id: _Optional[_Iterable[int]] = ..., account_id: _Optional[_Iterable[int]] = ..., asset_id: _Optional[_Iterable[int]] = ..., isolated_market_id: _Optional[_Iterable[int]] = ..., market_id: _Optional[_Iterable[int]] = ..., side: _Optional[_Iterable[_Union[_common_pb2.Side, str]]] = ..., size_lots: _Optional[_Iterable[int]] = ..., filled_lots: _Optional[_Iterable[int]] = ..., limit_price_ticks: _Optional[_Iterable[int]] = ..., deadline_nanos: _Optional[_Iterable[int]] = ..., sliced: _Optional[_Iterable[bool]] = ..., attempt: _Optional[_Iterable[int]] = ..., cancelling: _Optional[_Iterable[bool]] = ...) -> None: ...

class ReservationColumns(_message.Message):
    __slots__ = ("account_id", "asset_id", "isolated_market_id", "reservation_id", "amount_atoms")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    account_id: _containers.RepeatedScalarFieldContainer[int]
    asset_id: _containers.RepeatedScalarFieldContainer[int]
    isolated_market_id: _containers.RepeatedScalarFieldContainer[int]
    reservation_id: _containers.RepeatedScalarFieldContainer[int]
    amount_atoms: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, account_id: _Optional[_Iterable[int]] = ..., asset_id: _Optional[_Iterable[int]] = ..., isolated_market_id: _Optional[_Iterable[int]] = ..., reservation_id: _Optional[_Iterable[int]] = ..., amount_atoms: _Optional[_Iterable[int]] = ...) -> None: ...
