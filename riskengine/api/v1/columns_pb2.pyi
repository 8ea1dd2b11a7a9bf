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
    __slots__ = ("market_id", "buyer_account_id", "seller_account_id", "price_ticks", "size_lots", "buyer_fee_atoms", "seller_fee_atoms", "liquidation_id")
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    BUYER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    SELLER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    BUYER_FEE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    SELLER_FEE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    market_id: _containers.RepeatedScalarFieldContainer[int]
    buyer_account_id: _containers.RepeatedScalarFieldContainer[int]
    seller_account_id: _containers.RepeatedScalarFieldContainer[int]
    price_ticks: _containers.RepeatedScalarFieldContainer[int]
    size_lots: _containers.RepeatedScalarFieldContainer[int]
    buyer_fee_atoms: _containers.RepeatedScalarFieldContainer[int]
    seller_fee_atoms: _containers.RepeatedScalarFieldContainer[int]
    liquidation_id: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, market_id: _Optional[_Iterable[int]] = ..., buyer_account_id: _Optional[_Iterable[int]] = ..., seller_account_id: _Optional[_Iterable[int]] = ..., price_ticks: _Optional[_Iterable[int]] = ..., size_lots: _Optional[_Iterable[int]] = ..., buyer_fee_atoms: _Optional[_Iterable[int]] = ..., seller_fee_atoms: _Optional[_Iterable[int]] = ..., liquidation_id: _Optional[_Iterable[int]] = ...) -> None: ...

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
    __slots__ = ("account_id", "asset_id", "amount_atoms", "isolated_market_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: _containers.RepeatedScalarFieldContainer[int]
    asset_id: _containers.RepeatedScalarFieldContainer[int]
    amount_atoms: _containers.RepeatedScalarFieldContainer[int]
    isolated_market_id: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, account_id: _Optional[_Iterable[int]] = ..., asset_id: _Optional[_Iterable[int]] = ..., amount_atoms: _Optional[_Iterable[int]] = ..., isolated_market_id: _Optional[_Iterable[int]] = ...) -> None: ...

class LiquidationReportColumns(_message.Message):
    __slots__ = ("liquidation_id",)
    LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    liquidation_id: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, liquidation_id: _Optional[_Iterable[int]] = ...) -> None: ...
