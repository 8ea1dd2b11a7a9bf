from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Side(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIDE_UNSPECIFIED: _ClassVar[Side]
    SIDE_LONG: _ClassVar[Side]
    SIDE_SHORT: _ClassVar[Side]

class AccountState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACCOUNT_STATE_UNSPECIFIED: _ClassVar[AccountState]
    ACCOUNT_STATE_NORMAL: _ClassVar[AccountState]
    ACCOUNT_STATE_MARGIN_CALL: _ClassVar[AccountState]
    ACCOUNT_STATE_LIQUIDATING: _ClassVar[AccountState]
    ACCOUNT_STATE_BANKRUPT: _ClassVar[AccountState]

class VenueMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VENUE_MODE_UNSPECIFIED: _ClassVar[VenueMode]
    VENUE_MODE_LIVE: _ClassVar[VenueMode]
    VENUE_MODE_LOADING: _ClassVar[VenueMode]

class LossPolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOSS_POLICY_UNSPECIFIED: _ClassVar[LossPolicy]
    LOSS_POLICY_QUEUE: _ClassVar[LossPolicy]
    LOSS_POLICY_PRO_RATA: _ClassVar[LossPolicy]

class AdjustmentReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ADJUSTMENT_REASON_UNSPECIFIED: _ClassVar[AdjustmentReason]
    ADJUSTMENT_REASON_REBATE: _ClassVar[AdjustmentReason]
    ADJUSTMENT_REASON_CORRECTION: _ClassVar[AdjustmentReason]
    ADJUSTMENT_REASON_REALISED_PROFIT: _ClassVar[AdjustmentReason]
    ADJUSTMENT_REASON_FEE_PAYOUT: _ClassVar[AdjustmentReason]
    ADJUSTMENT_REASON_FUND_SURPLUS: _ClassVar[AdjustmentReason]

class WriteOffPayer(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WRITE_OFF_PAYER_UNSPECIFIED: _ClassVar[WriteOffPayer]
    WRITE_OFF_PAYER_FUND: _ClassVar[WriteOffPayer]
    WRITE_OFF_PAYER_FEES: _ClassVar[WriteOffPayer]
    WRITE_OFF_PAYER_VENUE: _ClassVar[WriteOffPayer]

class RejectReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REJECT_REASON_UNSPECIFIED: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_ACCOUNT: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_MARKET: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_ASSET: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_FUND: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_LIQUIDATION: _ClassVar[RejectReason]
    REJECT_REASON_OUT_OF_RANGE: _ClassVar[RejectReason]
    REJECT_REASON_OFF_STEP: _ClassVar[RejectReason]
    REJECT_REASON_OVERFLOW: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_ENUM: _ClassVar[RejectReason]
    REJECT_REASON_SELF_TRADE: _ClassVar[RejectReason]
    REJECT_REASON_LIQUIDATION_MISMATCH: _ClassVar[RejectReason]
    REJECT_REASON_LIQUIDATION_ENDED: _ClassVar[RejectReason]
    REJECT_REASON_DUPLICATE_ROW: _ClassVar[RejectReason]
    REJECT_REASON_EMPTY_BATCH: _ClassVar[RejectReason]
    REJECT_REASON_BATCH_TOO_LARGE: _ClassVar[RejectReason]
    REJECT_REASON_COLUMN_LENGTH: _ClassVar[RejectReason]
    REJECT_REASON_SEQUENCE_GAP: _ClassVar[RejectReason]
    REJECT_REASON_SEQUENCE_REUSED: _ClassVar[RejectReason]
    REJECT_REASON_SEQUENCE_TOO_OLD: _ClassVar[RejectReason]
    REJECT_REASON_INSUFFICIENT_MARGIN: _ClassVar[RejectReason]
    REJECT_REASON_NOT_WITHDRAWABLE: _ClassVar[RejectReason]
    REJECT_REASON_ACCOUNT_IN_LIQUIDATION: _ClassVar[RejectReason]
    REJECT_REASON_NOT_REDUCING: _ClassVar[RejectReason]
    REJECT_REASON_ALREADY_EXISTS: _ClassVar[RejectReason]
    REJECT_REASON_NO_MARK_PRICE: _ClassVar[RejectReason]
    REJECT_REASON_CAPACITY: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_TIERS: _ClassVar[RejectReason]
    REJECT_REASON_LOSS_UNALLOCATED: _ClassVar[RejectReason]
    REJECT_REASON_IMMUTABLE: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_TEXT: _ClassVar[RejectReason]
    REJECT_REASON_NOTHING_DUE: _ClassVar[RejectReason]
    REJECT_REASON_HAS_POSITIONS: _ClassVar[RejectReason]
    REJECT_REASON_HAS_BALANCE: _ClassVar[RejectReason]
    REJECT_REASON_LOADING: _ClassVar[RejectReason]
    REJECT_REASON_NOT_LOADING: _ClassVar[RejectReason]
    REJECT_REASON_NOT_EMPTY: _ClassVar[RejectReason]
    REJECT_REASON_IMBALANCED: _ClassVar[RejectReason]
    REJECT_REASON_PRICE_BAND: _ClassVar[RejectReason]
    REJECT_REASON_LIQUIDATION_OVERFILL: _ClassVar[RejectReason]
    REJECT_REASON_LIQUIDATION_PRICE: _ClassVar[RejectReason]
    REJECT_REASON_LIQUIDATION_SIDE: _ClassVar[RejectReason]
    REJECT_REASON_NOT_BANKRUPT: _ClassVar[RejectReason]
    REJECT_REASON_ALLOCATION_PENDING: _ClassVar[RejectReason]
    REJECT_REASON_FUND_SCOPE: _ClassVar[RejectReason]
    REJECT_REASON_CLIENT_FORGOTTEN: _ClassVar[RejectReason]
    REJECT_REASON_HAS_RESERVATIONS: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_RESERVATION: _ClassVar[RejectReason]
    REJECT_REASON_REASON_MISMATCH: _ClassVar[RejectReason]

class CommandOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMMAND_OUTCOME_UNSPECIFIED: _ClassVar[CommandOutcome]
    COMMAND_OUTCOME_APPLIED: _ClassVar[CommandOutcome]
    COMMAND_OUTCOME_REFUSED: _ClassVar[CommandOutcome]
    COMMAND_OUTCOME_NOT_TAKEN: _ClassVar[CommandOutcome]
SIDE_UNSPECIFIED: Side
SIDE_LONG: Side
SIDE_SHORT: Side
ACCOUNT_STATE_UNSPECIFIED: AccountState
ACCOUNT_STATE_NORMAL: AccountState
ACCOUNT_STATE_MARGIN_CALL: AccountState
ACCOUNT_STATE_LIQUIDATING: AccountState
ACCOUNT_STATE_BANKRUPT: AccountState
VENUE_MODE_UNSPECIFIED: VenueMode
VENUE_MODE_LIVE: VenueMode
VENUE_MODE_LOADING: VenueMode
LOSS_POLICY_UNSPECIFIED: LossPolicy
LOSS_POLICY_QUEUE: LossPolicy
LOSS_POLICY_PRO_RATA: LossPolicy
ADJUSTMENT_REASON_UNSPECIFIED: AdjustmentReason
ADJUSTMENT_REASON_REBATE: AdjustmentReason
ADJUSTMENT_REASON_CORRECTION: AdjustmentReason
ADJUSTMENT_REASON_REALISED_PROFIT: AdjustmentReason
ADJUSTMENT_REASON_FEE_PAYOUT: AdjustmentReason
ADJUSTMENT_REASON_FUND_SURPLUS: AdjustmentReason
WRITE_OFF_PAYER_UNSPECIFIED: WriteOffPayer
WRITE_OFF_PAYER_FUND: WriteOffPayer
WRITE_OFF_PAYER_FEES: WriteOffPayer
WRITE_OFF_PAYER_VENUE: WriteOffPayer
REJECT_REASON_UNSPECIFIED: RejectReason
REJECT_REASON_UNKNOWN_ACCOUNT: RejectReason
REJECT_REASON_UNKNOWN_MARKET: RejectReason
REJECT_REASON_UNKNOWN_ASSET: RejectReason
REJECT_REASON_UNKNOWN_FUND: RejectReason
REJECT_REASON_UNKNOWN_LIQUIDATION: RejectReason
REJECT_REASON_OUT_OF_RANGE: RejectReason
REJECT_REASON_OFF_STEP: RejectReason
REJECT_REASON_OVERFLOW: RejectReason
REJECT_REASON_UNKNOWN_ENUM: RejectReason
REJECT_REASON_SELF_TRADE: RejectReason
REJECT_REASON_LIQUIDATION_MISMATCH: RejectReason
REJECT_REASON_LIQUIDATION_ENDED: RejectReason
REJECT_REASON_DUPLICATE_ROW: RejectReason
REJECT_REASON_EMPTY_BATCH: RejectReason
REJECT_REASON_BATCH_TOO_LARGE: RejectReason
REJECT_REASON_COLUMN_LENGTH: RejectReason
REJECT_REASON_SEQUENCE_GAP: RejectReason
REJECT_REASON_SEQUENCE_REUSED: RejectReason
REJECT_REASON_SEQUENCE_TOO_OLD: RejectReason
REJECT_REASON_INSUFFICIENT_MARGIN: RejectReason
REJECT_REASON_NOT_WITHDRAWABLE: RejectReason
REJECT_REASON_ACCOUNT_IN_LIQUIDATION: RejectReason
REJECT_REASON_NOT_REDUCING: RejectReason
REJECT_REASON_ALREADY_EXISTS: RejectReason
REJECT_REASON_NO_MARK_PRICE: RejectReason
REJECT_REASON_CAPACITY: RejectReason
REJECT_REASON_INVALID_TIERS: RejectReason
REJECT_REASON_LOSS_UNALLOCATED: RejectReason
REJECT_REASON_IMMUTABLE: RejectReason
REJECT_REASON_INVALID_TEXT: RejectReason
REJECT_REASON_NOTHING_DUE: RejectReason
REJECT_REASON_HAS_POSITIONS: RejectReason
REJECT_REASON_HAS_BALANCE: RejectReason
REJECT_REASON_LOADING: RejectReason
REJECT_REASON_NOT_LOADING: RejectReason
REJECT_REASON_NOT_EMPTY: RejectReason
REJECT_REASON_IMBALANCED: RejectReason
REJECT_REASON_PRICE_BAND: RejectReason
REJECT_REASON_LIQUIDATION_OVERFILL: RejectReason
REJECT_REASON_LIQUIDATION_PRICE: RejectReason
REJECT_REASON_LIQUIDATION_SIDE: RejectReason
REJECT_REASON_NOT_BANKRUPT: RejectReason
REJECT_REASON_ALLOCATION_PENDING: RejectReason
REJECT_REASON_FUND_SCOPE: RejectReason
REJECT_REASON_CLIENT_FORGOTTEN: RejectReason
REJECT_REASON_HAS_RESERVATIONS: RejectReason
REJECT_REASON_UNKNOWN_RESERVATION: RejectReason
REJECT_REASON_REASON_MISMATCH: RejectReason
COMMAND_OUTCOME_UNSPECIFIED: CommandOutcome
COMMAND_OUTCOME_APPLIED: CommandOutcome
COMMAND_OUTCOME_REFUSED: CommandOutcome
COMMAND_OUTCOME_NOT_TAKEN: CommandOutcome

class Rejection(_message.Message):
    __slots__ = ("row", "reason", "field", "value", "limit", "message")
    ROW_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    row: int
    reason: RejectReason
    field: str
    value: int
    limit: int
    message: str
    def __init__(self, row: _Optional[int] = ..., reason: _Optional[_Union[RejectReason, str]] = ..., field: _Optional[str] = ..., value: _Optional[int] = ..., limit: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class CommandResult(_message.Message):
    __slots__ = ("sequence", "time_nanos", "duplicate", "applied_rows", "rejections", "rejected_rows", "outcome", "incarnation")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    APPLIED_ROWS_FIELD_NUMBER: _ClassVar[int]
    REJECTIONS_FIELD_NUMBER: _ClassVar[int]
    REJECTED_ROWS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    time_nanos: int
    duplicate: bool
    applied_rows: int
    rejections: _containers.RepeatedCompositeFieldContainer[Rejection]
    rejected_rows: int
    outcome: CommandOutcome
    incarnation: int
    def __init__(self, sequence: _Optional[int] = ..., time_nanos: _Optional[int] = ..., duplicate: _Optional[bool] = ..., applied_rows: _Optional[int] = ..., rejections: _Optional[_Iterable[_Union[Rejection, _Mapping]]] = ..., rejected_rows: _Optional[int] = ..., outcome: _Optional[_Union[CommandOutcome, str]] = ..., incarnation: _Optional[int] = ...) -> None: ...

class Client(_message.Message):
    __slots__ = ("caller", "client_id", "incarnation", "next_batch_sequence", "used_nanos", "answer_count")
    CALLER_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    NEXT_BATCH_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    USED_NANOS_FIELD_NUMBER: _ClassVar[int]
    ANSWER_COUNT_FIELD_NUMBER: _ClassVar[int]
    caller: str
    client_id: str
    incarnation: int
    next_batch_sequence: int
    used_nanos: int
    answer_count: int
    def __init__(self, caller: _Optional[str] = ..., client_id: _Optional[str] = ..., incarnation: _Optional[int] = ..., next_batch_sequence: _Optional[int] = ..., used_nanos: _Optional[int] = ..., answer_count: _Optional[int] = ...) -> None: ...

class IdempotencyKey(_message.Message):
    __slots__ = ("client_id", "batch_sequence", "incarnation")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    BATCH_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    batch_sequence: int
    incarnation: int
    def __init__(self, client_id: _Optional[str] = ..., batch_sequence: _Optional[int] = ..., incarnation: _Optional[int] = ...) -> None: ...
