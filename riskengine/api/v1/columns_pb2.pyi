from riskengine.api.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PositionUpdateMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POSITION_UPDATE_MODE_UNSPECIFIED: _ClassVar[PositionUpdateMode]
    POSITION_UPDATE_MODE_DELTA: _ClassVar[PositionUpdateMode]
    POSITION_UPDATE_MODE_ABSOLUTE: _ClassVar[PositionUpdateMode]
POSITION_UPDATE_MODE_UNSPECIFIED: PositionUpdateMode
POSITION_UPDATE_MODE_DELTA: PositionUpdateMode
POSITION_UPDATE_MODE_ABSOLUTE: PositionUpdateMode

class TradeColumns(_message.Message):
    __slots__ = ("market_id", "buyer_account_id", "seller_account_id", "price_ticks", "size_lots", "buyer_fee_atoms", "seller_fee_atoms", "liquidation_id", "venue_id", "venue_time_nanos")
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    BUYER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    SELLER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    BUYER_FEE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    SELLER_FEE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    market_id: _containers.RepeatedScalarFieldContainer[int]
    buyer_account_id: _containers.RepeatedScalarFieldContainer[int]
    seller_account_id: _containers.RepeatedScalarFieldContainer[int]
    price_ticks: _containers.RepeatedScalarFieldContainer[int]
    size_lots: _containers.RepeatedScalarFieldContainer[int]
    buyer_fee_atoms: _containers.RepeatedScalarFieldContainer[int]
    seller_fee_atoms: _containers.RepeatedScalarFieldContainer[int]
    liquidation_id: _containers.RepeatedScalarFieldContainer[int]
    venue_id: _containers.RepeatedScalarFieldContainer[int]
    venue_time_nanos: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, market_id: _Optional[_Iterable[int]] = ..., buyer_account_id: _Optional[_Iterable[int]] = ..., seller_account_id: _Optional[_Iterable[int]] = ..., price_ticks: _Optional[_Iterable[int]] = ..., size_lots: _Optional[_Iterable[int]] = ..., buyer_fee_atoms: _Optional[_Iterable[int]] = ..., seller_fee_atoms: _Optional[_Iterable[int]] = ..., liquidation_id: _Optional[_Iterable[int]] = ..., venue_id: _Optional[_Iterable[int]] = ..., venue_time_nanos: _Optional[_Iterable[int]] = ...) -> None: ...

class PositionUpdateColumns(_message.Message):
    __slots__ = ("mode", "account_id", "market_id", "size_lots", "price_ticks")
    MODE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    mode: PositionUpdateMode
    account_id: _containers.RepeatedScalarFieldContainer[int]
    market_id: _containers.RepeatedScalarFieldContainer[int]
    size_lots: _containers.RepeatedScalarFieldContainer[int]
    price_ticks: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, mode: _Optional[_Union[PositionUpdateMode, str]] = ..., account_id: _Optional[_Iterable[int]] = ..., market_id: _Optional[_Iterable[int]] = ..., size_lots: _Optional[_Iterable[int]] = ..., price_ticks: _Optional[_Iterable[int]] = ...) -> None: ...

class MarkPriceColumns(_message.Message):
    __slots__ = ("market_id", "mark_price_ticks")
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    MARK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    market_id: _containers.RepeatedScalarFieldContainer[int]
    mark_price_ticks: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, market_id: _Optional[_Iterable[int]] = ..., mark_price_ticks: _Optional[_Iterable[int]] = ...) -> None: ...

class DepositColumns(_message.Message):
    __slots__ = ("account_id", "asset_id", "amount_atoms", "isolated_market_id", "venue_id", "venue_time_nanos")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    account_id: _containers.RepeatedScalarFieldContainer[int]
    asset_id: _containers.RepeatedScalarFieldContainer[int]
    amount_atoms: _containers.RepeatedScalarFieldContainer[int]
    isolated_market_id: _containers.RepeatedScalarFieldContainer[int]
    venue_id: _containers.RepeatedScalarFieldContainer[int]
    venue_time_nanos: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, account_id: _Optional[_Iterable[int]] = ..., asset_id: _Optional[_Iterable[int]] = ..., amount_atoms: _Optional[_Iterable[int]] = ..., isolated_market_id: _Optional[_Iterable[int]] = ..., venue_id: _Optional[_Iterable[int]] = ..., venue_time_nanos: _Optional[_Iterable[int]] = ...) -> None: ...

class WithdrawalColumns(_message.Message):
    __slots__ = ("account_id", "asset_id", "amount_atoms", "isolated_market_id", "venue_id", "venue_time_nanos")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    account_id: _containers.RepeatedScalarFieldContainer[int]
    asset_id: _containers.RepeatedScalarFieldContainer[int]
    amount_atoms: _containers.RepeatedScalarFieldContainer[int]
    isolated_market_id: _containers.RepeatedScalarFieldContainer[int]
    venue_id: _containers.RepeatedScalarFieldContainer[int]
    venue_time_nanos: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, account_id: _Optional[_Iterable[int]] = ..., asset_id: _Optional[_Iterable[int]] = ..., amount_atoms: _Optional[_Iterable[int]] = ..., isolated_market_id: _Optional[_Iterable[int]] = ..., venue_id: _Optional[_Iterable[int]] = ..., venue_time_nanos: _Optional[_Iterable[int]] = ...) -> None: ...

class AdjustmentColumns(_message.Message):
    __slots__ = ("account_id", "asset_id", "amount_atoms", "reason", "payer", "fund_id", "isolated_market_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PAYER_FIELD_NUMBER: _ClassVar[int]
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: _containers.RepeatedScalarFieldContainer[int]
    asset_id: _containers.RepeatedScalarFieldContainer[int]
    amount_atoms: _containers.RepeatedScalarFieldContainer[int]
    reason: _containers.RepeatedScalarFieldContainer[_common_pb2.AdjustmentReason]
    payer: _containers.RepeatedScalarFieldContainer[_common_pb2.WriteOffPayer]
    fund_id: _containers.RepeatedScalarFieldContainer[int]
    isolated_market_id: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, account_id: _Optional[_Iterable[int]] = ..., asset_id: _Optional[_Iterable[int]] = ..., amount_atoms: _Optional[_Iterable[int]] = ..., reason: _Optional[_Iterable[_Union[_common_pb2.AdjustmentReason, str]]] = ..., payer: _Optional[_Iterable[_Union[_common_pb2.WriteOffPayer, str]]] = ..., fund_id: _Optional[_Iterable[int]] = ..., isolated_market_id: _Optional[_Iterable[int]] = ...) -> None: ...

class LiquidationReportColumns(_message.Message):
    __slots__ = ("liquidation_id",)
    LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    liquidation_id: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, liquidation_id: _Optional[_Iterable[int]] = ...) -> None: ...

class LoadAccountColumns(_message.Message):
    __slots__ = ("account_id", "asset_id", "balance_atoms", "net_deposits_atoms", "debt_market_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    BALANCE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    NET_DEPOSITS_ATOMS_FIELD_NUMBER: _ClassVar[int]
    DEBT_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: _containers.RepeatedScalarFieldContainer[int]
    asset_id: _containers.RepeatedScalarFieldContainer[int]
    balance_atoms: _containers.RepeatedScalarFieldContainer[int]
    net_deposits_atoms: _containers.RepeatedScalarFieldContainer[int]
    debt_market_id: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, account_id: _Optional[_Iterable[int]] = ..., asset_id: _Optional[_Iterable[int]] = ..., balance_atoms: _Optional[_Iterable[int]] = ..., net_deposits_atoms: _Optional[_Iterable[int]] = ..., debt_market_id: _Optional[_Iterable[int]] = ...) -> None: ...

class LoadPositionColumns(_message.Message):
    __slots__ = ("account_id", "market_id", "size_lots", "cost_atoms")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    COST_ATOMS_FIELD_NUMBER: _ClassVar[int]
    account_id: _containers.RepeatedScalarFieldContainer[int]
    market_id: _containers.RepeatedScalarFieldContainer[int]
    size_lots: _containers.RepeatedScalarFieldContainer[int]
    cost_atoms: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, account_id: _Optional[_Iterable[int]] = ..., market_id: _Optional[_Iterable[int]] = ..., size_lots: _Optional[_Iterable[int]] = ..., cost_atoms: _Optional[_Iterable[int]] = ...) -> None: ...

class LoadReservationColumns(_message.Message):
    __slots__ = ("account_id", "asset_id", "reservation_id", "amount_atoms")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    account_id: _containers.RepeatedScalarFieldContainer[int]
    asset_id: _containers.RepeatedScalarFieldContainer[int]
    reservation_id: _containers.RepeatedScalarFieldContainer[int]
    amount_atoms: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, account_id: _Optional[_Iterable[int]] = ..., asset_id: _Optional[_Iterable[int]] = ..., reservation_id: _Optional[_Iterable[int]] = ..., amount_atoms: _Optional[_Iterable[int]] = ...) -> None: ...

class LoadLiquidationColumns(_message.Message):
    __slots__ = ("liquidation_id", "account_id", "market_id", "side", "size_lots", "filled_lots", "limit_price_ticks", "deadline_nanos", "sliced")
    LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    FILLED_LOTS_FIELD_NUMBER: _ClassVar[int]
    LIMIT_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_NANOS_FIELD_NUMBER: _ClassVar[int]
    SLICED_FIELD_NUMBER: _ClassVar[int]
    liquidation_id: _containers.RepeatedScalarFieldContainer[int]
    account_id: _containers.RepeatedScalarFieldContainer[int]
    market_id: _containers.RepeatedScalarFieldContainer[int]
    side: _containers.RepeatedScalarFieldContainer[_common_pb2.Side]
    size_lots: _containers.RepeatedScalarFieldContainer[int]
    filled_lots: _containers.RepeatedScalarFieldContainer[int]
    limit_price_ticks: _containers.RepeatedScalarFieldContainer[int]
    deadline_nanos: _containers.RepeatedScalarFieldContainer[int]
    sliced: _containers.RepeatedScalarFieldContainer[bool]
    def __init__(self, liquidation_id: _Optional[_Iterable[int]] = ..., account_id: _Optional[_Iterable[int]] = ..., market_id: _Optional[_Iterable[int]] = ..., side: _Optional[_Iterable[_Union[_common_pb2.Side, str]]] = ..., size_lots: _Optional[_Iterable[int]] = ..., filled_lots: _Optional[_Iterable[int]] = ..., limit_price_ticks: _Optional[_Iterable[int]] = ..., deadline_nanos: _Optional[_Iterable[int]] = ..., sliced: _Optional[_Iterable[bool]] = ...) -> None: ...
