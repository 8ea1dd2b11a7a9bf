from riskengine.api.v1 import columns_pb2 as _columns_pb2
from riskengine.api.v1 import common_pb2 as _common_pb2
from riskengine.api.v1 import instructions_pb2 as _instructions_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubmitRequest(_message.Message):
    __slots__ = ("key", "trades", "position_updates", "mark_prices", "deposits", "liquidation_reports", "withdrawals")
    KEY_FIELD_NUMBER: _ClassVar[int]
    TRADES_FIELD_NUMBER: _ClassVar[int]
    POSITION_UPDATES_FIELD_NUMBER: _ClassVar[int]
    MARK_PRICES_FIELD_NUMBER: _ClassVar[int]
    DEPOSITS_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_REPORTS_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWALS_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    trades: _columns_pb2.TradeColumns
    position_updates: _columns_pb2.PositionUpdateColumns
    mark_prices: _columns_pb2.MarkPriceColumns
    deposits: _columns_pb2.DepositColumns
    liquidation_reports: _columns_pb2.LiquidationReportColumns
    withdrawals: _columns_pb2.WithdrawalColumns
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., trades: _Optional[_Union[_columns_pb2.TradeColumns, _Mapping]] = ..., position_updates: _Optional[_Union[_columns_pb2.PositionUpdateColumns, _Mapping]] = ..., mark_prices: _Optional[_Union[_columns_pb2.MarkPriceColumns, _Mapping]] = ..., deposits: _Optional[_Union[_columns_pb2.DepositColumns, _Mapping]] = ..., liquidation_reports: _Optional[_Union[_columns_pb2.LiquidationReportColumns, _Mapping]] = ..., withdrawals: _Optional[_Union[_columns_pb2.WithdrawalColumns, _Mapping]] = ...) -> None: ...

class RegisterClientRequest(_message.Message):
    __slots__ = ("client_id",)
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    def __init__(self, client_id: _Optional[str] = ...) -> None: ...

class RegisterClientResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class GetClientRequest(_message.Message):
    __slots__ = ("client_id",)
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    def __init__(self, client_id: _Optional[str] = ...) -> None: ...

class GetClientResponse(_message.Message):
    __slots__ = ("client", "sequence", "log_id")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    client: _common_pb2.Client
    sequence: int
    log_id: str
    def __init__(self, client: _Optional[_Union[_common_pb2.Client, _Mapping]] = ..., sequence: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...

class SubmitResponse(_message.Message):
    __slots__ = ("batch_sequence", "result")
    BATCH_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    batch_sequence: int
    result: _common_pb2.CommandResult
    def __init__(self, batch_sequence: _Optional[int] = ..., result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class StreamInstructionsRequest(_message.Message):
    __slots__ = ("from_instruction_sequence", "expected_log_id")
    FROM_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_LOG_ID_FIELD_NUMBER: _ClassVar[int]
    from_instruction_sequence: int
    expected_log_id: str
    def __init__(self, from_instruction_sequence: _Optional[int] = ..., expected_log_id: _Optional[str] = ...) -> None: ...

class StreamInstructionsResponse(_message.Message):
    __slots__ = ("instructions", "log_id")
    INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    instructions: _containers.RepeatedCompositeFieldContainer[_instructions_pb2.Instruction]
    log_id: str
    def __init__(self, instructions: _Optional[_Iterable[_Union[_instructions_pb2.Instruction, _Mapping]]] = ..., log_id: _Optional[str] = ...) -> None: ...

class ConfirmInstructionsRequest(_message.Message):
    __slots__ = ("consumer_id", "through_instruction_sequence", "expected_log_id")
    CONSUMER_ID_FIELD_NUMBER: _ClassVar[int]
    THROUGH_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_LOG_ID_FIELD_NUMBER: _ClassVar[int]
    consumer_id: str
    through_instruction_sequence: int
    expected_log_id: str
    def __init__(self, consumer_id: _Optional[str] = ..., through_instruction_sequence: _Optional[int] = ..., expected_log_id: _Optional[str] = ...) -> None: ...

class ConfirmInstructionsResponse(_message.Message):
    __slots__ = ("confirmed_instruction_sequence", "log_id")
    CONFIRMED_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    confirmed_instruction_sequence: int
    log_id: str
    def __init__(self, confirmed_instruction_sequence: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...

class CheckOrderRequest(_message.Message):
    __slots__ = ("account_id", "market_id", "side", "size_lots", "price_ticks", "reduce_only", "isolated_market_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    REDUCE_ONLY_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    market_id: int
    side: _common_pb2.Side
    size_lots: int
    price_ticks: int
    reduce_only: bool
    isolated_market_id: int
    def __init__(self, account_id: _Optional[int] = ..., market_id: _Optional[int] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., size_lots: _Optional[int] = ..., price_ticks: _Optional[int] = ..., reduce_only: _Optional[bool] = ..., isolated_market_id: _Optional[int] = ...) -> None: ...

class CheckOrderResponse(_message.Message):
    __slots__ = ("accepted", "rejection", "equity_after_atoms", "initial_after_atoms")
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REJECTION_FIELD_NUMBER: _ClassVar[int]
    EQUITY_AFTER_ATOMS_FIELD_NUMBER: _ClassVar[int]
    INITIAL_AFTER_ATOMS_FIELD_NUMBER: _ClassVar[int]
    accepted: bool
    rejection: _common_pb2.Rejection
    equity_after_atoms: int
    initial_after_atoms: int
    def __init__(self, accepted: _Optional[bool] = ..., rejection: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ..., equity_after_atoms: _Optional[int] = ..., initial_after_atoms: _Optional[int] = ...) -> None: ...

class ApplyTradesRequest(_message.Message):
    __slots__ = ("key", "trades")
    KEY_FIELD_NUMBER: _ClassVar[int]
    TRADES_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    trades: _columns_pb2.TradeColumns
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., trades: _Optional[_Union[_columns_pb2.TradeColumns, _Mapping]] = ...) -> None: ...

class ApplyTradesResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class UpdatePositionsRequest(_message.Message):
    __slots__ = ("key", "position_updates")
    KEY_FIELD_NUMBER: _ClassVar[int]
    POSITION_UPDATES_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    position_updates: _columns_pb2.PositionUpdateColumns
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., position_updates: _Optional[_Union[_columns_pb2.PositionUpdateColumns, _Mapping]] = ...) -> None: ...

class UpdatePositionsResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class UpdateMarkPricesRequest(_message.Message):
    __slots__ = ("key", "mark_prices")
    KEY_FIELD_NUMBER: _ClassVar[int]
    MARK_PRICES_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    mark_prices: _columns_pb2.MarkPriceColumns
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., mark_prices: _Optional[_Union[_columns_pb2.MarkPriceColumns, _Mapping]] = ...) -> None: ...

class UpdateMarkPricesResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class ReportLiquidationsRequest(_message.Message):
    __slots__ = ("key", "liquidation_reports")
    KEY_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_REPORTS_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    liquidation_reports: _columns_pb2.LiquidationReportColumns
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., liquidation_reports: _Optional[_Union[_columns_pb2.LiquidationReportColumns, _Mapping]] = ...) -> None: ...

class ReportLiquidationsResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class Liquidation(_message.Message):
    __slots__ = ("liquidation_id", "account_id", "asset_id", "isolated_market_id", "market_id", "side", "size_lots", "filled_lots", "limit_price_ticks", "deadline_nanos", "attempt", "cancelling")
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
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    CANCELLING_FIELD_NUMBER: _ClassVar[int]
    liquidation_id: int
    account_id: int
    asset_id: int
    isolated_market_id: int
    market_id: int
    side: _common_pb2.Side
    size_lots: int
    filled_lots: int
    limit_price_ticks: int
    deadline_nanos: int
    attempt: int
    cancelling: bool
    def __init__(self, liquidation_id: _Optional[int] = ..., account_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., isolated_market_id: _Optional[int] = ..., market_id: _Optional[int] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., size_lots: _Optional[int] = ..., filled_lots: _Optional[int] = ..., limit_price_ticks: _Optional[int] = ..., deadline_nanos: _Optional[int] = ..., attempt: _Optional[int] = ..., cancelling: _Optional[bool] = ...) -> None: ...

class ListLiquidationsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "account_id", "market_id")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    account_id: int
    market_id: int
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., account_id: _Optional[int] = ..., market_id: _Optional[int] = ...) -> None: ...

class ListLiquidationsResponse(_message.Message):
    __slots__ = ("liquidations", "next_page_token", "sequence", "next_instruction_sequence", "log_id")
    LIQUIDATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    NEXT_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    liquidations: _containers.RepeatedCompositeFieldContainer[Liquidation]
    next_page_token: str
    sequence: int
    next_instruction_sequence: int
    log_id: str
    def __init__(self, liquidations: _Optional[_Iterable[_Union[Liquidation, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., sequence: _Optional[int] = ..., next_instruction_sequence: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...
