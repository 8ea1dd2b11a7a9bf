from riskengine.api.v1 import common_pb2 as _common_pb2
from riskengine.api.v1 import state_pb2 as _state_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DepositRequest(_message.Message):
    __slots__ = ("key", "account_id", "asset_id", "amount_atoms", "isolated_market_id", "venue_id", "venue_time_nanos")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    account_id: int
    asset_id: int
    amount_atoms: int
    isolated_market_id: int
    venue_id: int
    venue_time_nanos: int
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., account_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., amount_atoms: _Optional[int] = ..., isolated_market_id: _Optional[int] = ..., venue_id: _Optional[int] = ..., venue_time_nanos: _Optional[int] = ...) -> None: ...

class DepositResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class WithdrawRequest(_message.Message):
    __slots__ = ("key", "account_id", "asset_id", "amount_atoms", "isolated_market_id", "venue_id", "venue_time_nanos")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    account_id: int
    asset_id: int
    amount_atoms: int
    isolated_market_id: int
    venue_id: int
    venue_time_nanos: int
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., account_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., amount_atoms: _Optional[int] = ..., isolated_market_id: _Optional[int] = ..., venue_id: _Optional[int] = ..., venue_time_nanos: _Optional[int] = ...) -> None: ...

class WithdrawResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class ReserveWithdrawalRequest(_message.Message):
    __slots__ = ("key", "account_id", "asset_id", "amount_atoms", "reservation_id", "isolated_market_id")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    account_id: int
    asset_id: int
    amount_atoms: int
    reservation_id: int
    isolated_market_id: int
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., account_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., amount_atoms: _Optional[int] = ..., reservation_id: _Optional[int] = ..., isolated_market_id: _Optional[int] = ...) -> None: ...

class ReserveWithdrawalResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class ConfirmWithdrawalRequest(_message.Message):
    __slots__ = ("key", "account_id", "asset_id", "reservation_id", "isolated_market_id")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    account_id: int
    asset_id: int
    reservation_id: int
    isolated_market_id: int
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., account_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., reservation_id: _Optional[int] = ..., isolated_market_id: _Optional[int] = ...) -> None: ...

class ConfirmWithdrawalResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class CancelWithdrawalRequest(_message.Message):
    __slots__ = ("key", "account_id", "asset_id", "reservation_id", "isolated_market_id")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    account_id: int
    asset_id: int
    reservation_id: int
    isolated_market_id: int
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., account_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., reservation_id: _Optional[int] = ..., isolated_market_id: _Optional[int] = ...) -> None: ...

class CancelWithdrawalResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class CloseAccountRequest(_message.Message):
    __slots__ = ("key", "account_id", "asset_id", "isolated_market_id")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    key: _common_pb2.IdempotencyKey
    account_id: int
    asset_id: int
    isolated_market_id: int
    def __init__(self, key: _Optional[_Union[_common_pb2.IdempotencyKey, _Mapping]] = ..., account_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., isolated_market_id: _Optional[int] = ...) -> None: ...

class CloseAccountResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _common_pb2.CommandResult
    def __init__(self, result: _Optional[_Union[_common_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class MarginSummary(_message.Message):
    __slots__ = ("balance_atoms", "unrealised_pnl_atoms", "equity_atoms", "maintenance_atoms", "initial_atoms", "withdrawable_atoms", "notional_atoms", "net_deposits_atoms", "reserved_atoms")
    BALANCE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    UNREALISED_PNL_ATOMS_FIELD_NUMBER: _ClassVar[int]
    EQUITY_ATOMS_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    INITIAL_ATOMS_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWABLE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    NOTIONAL_ATOMS_FIELD_NUMBER: _ClassVar[int]
    NET_DEPOSITS_ATOMS_FIELD_NUMBER: _ClassVar[int]
    RESERVED_ATOMS_FIELD_NUMBER: _ClassVar[int]
    balance_atoms: int
    unrealised_pnl_atoms: int
    equity_atoms: int
    maintenance_atoms: int
    initial_atoms: int
    withdrawable_atoms: int
    notional_atoms: int
    net_deposits_atoms: int
    reserved_atoms: int
    def __init__(self, balance_atoms: _Optional[int] = ..., unrealised_pnl_atoms: _Optional[int] = ..., equity_atoms: _Optional[int] = ..., maintenance_atoms: _Optional[int] = ..., initial_atoms: _Optional[int] = ..., withdrawable_atoms: _Optional[int] = ..., notional_atoms: _Optional[int] = ..., net_deposits_atoms: _Optional[int] = ..., reserved_atoms: _Optional[int] = ...) -> None: ...

class Reservation(_message.Message):
    __slots__ = ("reservation_id", "amount_atoms")
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    reservation_id: int
    amount_atoms: int
    def __init__(self, reservation_id: _Optional[int] = ..., amount_atoms: _Optional[int] = ...) -> None: ...

class Position(_message.Message):
    __slots__ = ("market_id", "size_lots", "cost_atoms", "mark_price_ticks", "unrealised_pnl_atoms", "notional_atoms", "maintenance_atoms", "initial_atoms", "tier", "liquidation_price_ticks", "bankruptcy_price_ticks")
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    COST_ATOMS_FIELD_NUMBER: _ClassVar[int]
    MARK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    UNREALISED_PNL_ATOMS_FIELD_NUMBER: _ClassVar[int]
    NOTIONAL_ATOMS_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    INITIAL_ATOMS_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    BANKRUPTCY_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    market_id: int
    size_lots: int
    cost_atoms: int
    mark_price_ticks: int
    unrealised_pnl_atoms: int
    notional_atoms: int
    maintenance_atoms: int
    initial_atoms: int
    tier: int
    liquidation_price_ticks: int
    bankruptcy_price_ticks: int
    def __init__(self, market_id: _Optional[int] = ..., size_lots: _Optional[int] = ..., cost_atoms: _Optional[int] = ..., mark_price_ticks: _Optional[int] = ..., unrealised_pnl_atoms: _Optional[int] = ..., notional_atoms: _Optional[int] = ..., maintenance_atoms: _Optional[int] = ..., initial_atoms: _Optional[int] = ..., tier: _Optional[int] = ..., liquidation_price_ticks: _Optional[int] = ..., bankruptcy_price_ticks: _Optional[int] = ...) -> None: ...

class Account(_message.Message):
    __slots__ = ("account_id", "asset_id", "state", "margin", "positions", "isolated_market_id", "reservations")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MARGIN_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATIONS_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    asset_id: int
    state: _common_pb2.AccountState
    margin: MarginSummary
    positions: _containers.RepeatedCompositeFieldContainer[Position]
    isolated_market_id: int
    reservations: _containers.RepeatedCompositeFieldContainer[Reservation]
    def __init__(self, account_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., state: _Optional[_Union[_common_pb2.AccountState, str]] = ..., margin: _Optional[_Union[MarginSummary, _Mapping]] = ..., positions: _Optional[_Iterable[_Union[Position, _Mapping]]] = ..., isolated_market_id: _Optional[int] = ..., reservations: _Optional[_Iterable[_Union[Reservation, _Mapping]]] = ...) -> None: ...

class GetAccountRequest(_message.Message):
    __slots__ = ("account_id", "asset_id", "isolated_market_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    asset_id: int
    isolated_market_id: int
    def __init__(self, account_id: _Optional[int] = ..., asset_id: _Optional[int] = ..., isolated_market_id: _Optional[int] = ...) -> None: ...

class GetAccountResponse(_message.Message):
    __slots__ = ("account", "sequence")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    account: Account
    sequence: int
    def __init__(self, account: _Optional[_Union[Account, _Mapping]] = ..., sequence: _Optional[int] = ...) -> None: ...

class ListAccountsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "state")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    state: _common_pb2.AccountState
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., state: _Optional[_Union[_common_pb2.AccountState, str]] = ...) -> None: ...

class ListAccountsResponse(_message.Message):
    __slots__ = ("accounts", "next_page_token", "sequence", "next_instruction_sequence", "log_id")
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    NEXT_INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    accounts: _containers.RepeatedCompositeFieldContainer[Account]
    next_page_token: str
    sequence: int
    next_instruction_sequence: int
    log_id: str
    def __init__(self, accounts: _Optional[_Iterable[_Union[Account, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., sequence: _Optional[int] = ..., next_instruction_sequence: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...
