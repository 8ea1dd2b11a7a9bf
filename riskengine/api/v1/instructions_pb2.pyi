from riskengine.api.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LiquidationOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LIQUIDATION_OUTCOME_UNSPECIFIED: _ClassVar[LiquidationOutcome]
    LIQUIDATION_OUTCOME_FILLED: _ClassVar[LiquidationOutcome]
    LIQUIDATION_OUTCOME_DONE: _ClassVar[LiquidationOutcome]
    LIQUIDATION_OUTCOME_EXPIRED: _ClassVar[LiquidationOutcome]
    LIQUIDATION_OUTCOME_REPLACED: _ClassVar[LiquidationOutcome]
    LIQUIDATION_OUTCOME_RECOVERED: _ClassVar[LiquidationOutcome]
    LIQUIDATION_OUTCOME_POSITION_GONE: _ClassVar[LiquidationOutcome]
LIQUIDATION_OUTCOME_UNSPECIFIED: LiquidationOutcome
LIQUIDATION_OUTCOME_FILLED: LiquidationOutcome
LIQUIDATION_OUTCOME_DONE: LiquidationOutcome
LIQUIDATION_OUTCOME_EXPIRED: LiquidationOutcome
LIQUIDATION_OUTCOME_REPLACED: LiquidationOutcome
LIQUIDATION_OUTCOME_RECOVERED: LiquidationOutcome
LIQUIDATION_OUTCOME_POSITION_GONE: LiquidationOutcome

class Evidence(_message.Message):
    __slots__ = ("mark_price_ticks", "equity_atoms", "maintenance_atoms", "position_lots", "tier")
    MARK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    EQUITY_ATOMS_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    POSITION_LOTS_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    mark_price_ticks: int
    equity_atoms: int
    maintenance_atoms: int
    position_lots: int
    tier: int
    def __init__(self, mark_price_ticks: _Optional[int] = ..., equity_atoms: _Optional[int] = ..., maintenance_atoms: _Optional[int] = ..., position_lots: _Optional[int] = ..., tier: _Optional[int] = ...) -> None: ...

class MarginCall(_message.Message):
    __slots__ = ("account_id", "evidence")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    evidence: Evidence
    def __init__(self, account_id: _Optional[int] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ...) -> None: ...

class MarginCallCleared(_message.Message):
    __slots__ = ("account_id", "evidence")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    evidence: Evidence
    def __init__(self, account_id: _Optional[int] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ...) -> None: ...

class CancelOrders(_message.Message):
    __slots__ = ("account_id", "evidence")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    evidence: Evidence
    def __init__(self, account_id: _Optional[int] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ...) -> None: ...

class LiquidationOrder(_message.Message):
    __slots__ = ("liquidation_id", "account_id", "market_id", "side", "size_lots", "limit_price_ticks", "deadline_nanos", "sliced", "evidence", "attempt")
    LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    LIMIT_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_NANOS_FIELD_NUMBER: _ClassVar[int]
    SLICED_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    liquidation_id: int
    account_id: int
    market_id: int
    side: _common_pb2.Side
    size_lots: int
    limit_price_ticks: int
    deadline_nanos: int
    sliced: bool
    evidence: Evidence
    attempt: int
    def __init__(self, liquidation_id: _Optional[int] = ..., account_id: _Optional[int] = ..., market_id: _Optional[int] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., size_lots: _Optional[int] = ..., limit_price_ticks: _Optional[int] = ..., deadline_nanos: _Optional[int] = ..., sliced: _Optional[bool] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., attempt: _Optional[int] = ...) -> None: ...

class LiquidationOrderReduced(_message.Message):
    __slots__ = ("liquidation_id", "account_id", "market_id", "side", "size_lots", "unfilled_lots")
    LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    UNFILLED_LOTS_FIELD_NUMBER: _ClassVar[int]
    liquidation_id: int
    account_id: int
    market_id: int
    side: _common_pb2.Side
    size_lots: int
    unfilled_lots: int
    def __init__(self, liquidation_id: _Optional[int] = ..., account_id: _Optional[int] = ..., market_id: _Optional[int] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., size_lots: _Optional[int] = ..., unfilled_lots: _Optional[int] = ...) -> None: ...

class LiquidationFill(_message.Message):
    __slots__ = ("liquidation_id", "account_id", "market_id", "side", "size_lots", "price_ticks", "fee_atoms", "evidence", "position_change_lots")
    LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    FEE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    POSITION_CHANGE_LOTS_FIELD_NUMBER: _ClassVar[int]
    liquidation_id: int
    account_id: int
    market_id: int
    side: _common_pb2.Side
    size_lots: int
    price_ticks: int
    fee_atoms: int
    evidence: Evidence
    position_change_lots: int
    def __init__(self, liquidation_id: _Optional[int] = ..., account_id: _Optional[int] = ..., market_id: _Optional[int] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., size_lots: _Optional[int] = ..., price_ticks: _Optional[int] = ..., fee_atoms: _Optional[int] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., position_change_lots: _Optional[int] = ...) -> None: ...

class LiquidationOrderEnded(_message.Message):
    __slots__ = ("liquidation_id", "account_id", "market_id", "filled_lots", "unfilled_lots", "outcome")
    LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    FILLED_LOTS_FIELD_NUMBER: _ClassVar[int]
    UNFILLED_LOTS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    liquidation_id: int
    account_id: int
    market_id: int
    filled_lots: int
    unfilled_lots: int
    outcome: LiquidationOutcome
    def __init__(self, liquidation_id: _Optional[int] = ..., account_id: _Optional[int] = ..., market_id: _Optional[int] = ..., filled_lots: _Optional[int] = ..., unfilled_lots: _Optional[int] = ..., outcome: _Optional[_Union[LiquidationOutcome, str]] = ...) -> None: ...

class TakeOver(_message.Message):
    __slots__ = ("account_id", "market_id", "fund_id", "fund_account_id", "side", "size_lots", "quote_atoms", "discount_atoms", "evidence", "position_change_lots")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    FUND_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    QUOTE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    POSITION_CHANGE_LOTS_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    market_id: int
    fund_id: int
    fund_account_id: int
    side: _common_pb2.Side
    size_lots: int
    quote_atoms: int
    discount_atoms: int
    evidence: Evidence
    position_change_lots: int
    def __init__(self, account_id: _Optional[int] = ..., market_id: _Optional[int] = ..., fund_id: _Optional[int] = ..., fund_account_id: _Optional[int] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., size_lots: _Optional[int] = ..., quote_atoms: _Optional[int] = ..., discount_atoms: _Optional[int] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., position_change_lots: _Optional[int] = ...) -> None: ...

class AutoDeleverage(_message.Message):
    __slots__ = ("account_id", "counterparty_account_id", "market_id", "side", "size_lots", "price_ticks", "quote_atoms", "rank", "score_ppm", "policy", "evidence", "loss_atoms", "position_change_lots", "counterparty_position_change_lots")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    COUNTERPARTY_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    QUOTE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    SCORE_PPM_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    LOSS_ATOMS_FIELD_NUMBER: _ClassVar[int]
    POSITION_CHANGE_LOTS_FIELD_NUMBER: _ClassVar[int]
    COUNTERPARTY_POSITION_CHANGE_LOTS_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    counterparty_account_id: int
    market_id: int
    side: _common_pb2.Side
    size_lots: int
    price_ticks: int
    quote_atoms: int
    rank: int
    score_ppm: int
    policy: _common_pb2.LossPolicy
    evidence: Evidence
    loss_atoms: int
    position_change_lots: int
    counterparty_position_change_lots: int
    def __init__(self, account_id: _Optional[int] = ..., counterparty_account_id: _Optional[int] = ..., market_id: _Optional[int] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., size_lots: _Optional[int] = ..., price_ticks: _Optional[int] = ..., quote_atoms: _Optional[int] = ..., rank: _Optional[int] = ..., score_ppm: _Optional[int] = ..., policy: _Optional[_Union[_common_pb2.LossPolicy, str]] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., loss_atoms: _Optional[int] = ..., position_change_lots: _Optional[int] = ..., counterparty_position_change_lots: _Optional[int] = ...) -> None: ...

class LossAllocation(_message.Message):
    __slots__ = ("account_id", "market_id", "side", "policy", "needed_lots", "allocated_lots", "touched_accounts", "skipped_accounts", "quote_atoms", "fund_payment_atoms", "discount_atoms", "haircut_atoms", "evidence", "loss_atoms", "position_change_lots")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    NEEDED_LOTS_FIELD_NUMBER: _ClassVar[int]
    ALLOCATED_LOTS_FIELD_NUMBER: _ClassVar[int]
    TOUCHED_ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    QUOTE_ATOMS_FIELD_NUMBER: _ClassVar[int]
    FUND_PAYMENT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    HAIRCUT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    LOSS_ATOMS_FIELD_NUMBER: _ClassVar[int]
    POSITION_CHANGE_LOTS_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    market_id: int
    side: _common_pb2.Side
    policy: _common_pb2.LossPolicy
    needed_lots: int
    allocated_lots: int
    touched_accounts: int
    skipped_accounts: int
    quote_atoms: int
    fund_payment_atoms: int
    discount_atoms: int
    haircut_atoms: int
    evidence: Evidence
    loss_atoms: int
    position_change_lots: int
    def __init__(self, account_id: _Optional[int] = ..., market_id: _Optional[int] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., policy: _Optional[_Union[_common_pb2.LossPolicy, str]] = ..., needed_lots: _Optional[int] = ..., allocated_lots: _Optional[int] = ..., touched_accounts: _Optional[int] = ..., skipped_accounts: _Optional[int] = ..., quote_atoms: _Optional[int] = ..., fund_payment_atoms: _Optional[int] = ..., discount_atoms: _Optional[int] = ..., haircut_atoms: _Optional[int] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., loss_atoms: _Optional[int] = ..., position_change_lots: _Optional[int] = ...) -> None: ...

class InsurancePayout(_message.Message):
    __slots__ = ("account_id", "fund_id", "amount_atoms")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    fund_id: int
    amount_atoms: int
    def __init__(self, account_id: _Optional[int] = ..., fund_id: _Optional[int] = ..., amount_atoms: _Optional[int] = ...) -> None: ...

class BadDebt(_message.Message):
    __slots__ = ("account_id", "amount_atoms")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    amount_atoms: int
    def __init__(self, account_id: _Optional[int] = ..., amount_atoms: _Optional[int] = ...) -> None: ...

class LiquidationEnded(_message.Message):
    __slots__ = ("account_id", "state", "evidence")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    state: _common_pb2.AccountState
    evidence: Evidence
    def __init__(self, account_id: _Optional[int] = ..., state: _Optional[_Union[_common_pb2.AccountState, str]] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ...) -> None: ...

class PositionMismatch(_message.Message):
    __slots__ = ("account_id", "market_id", "engine_lots", "stated_lots", "position_change_lots")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    ENGINE_LOTS_FIELD_NUMBER: _ClassVar[int]
    STATED_LOTS_FIELD_NUMBER: _ClassVar[int]
    POSITION_CHANGE_LOTS_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    market_id: int
    engine_lots: int
    stated_lots: int
    position_change_lots: int
    def __init__(self, account_id: _Optional[int] = ..., market_id: _Optional[int] = ..., engine_lots: _Optional[int] = ..., stated_lots: _Optional[int] = ..., position_change_lots: _Optional[int] = ...) -> None: ...

class TradeRepriced(_message.Message):
    __slots__ = ("account_id", "counterparty_account_id", "market_id", "side", "size_lots", "price_ticks", "amount_atoms", "evidence", "position_change_lots")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    COUNTERPARTY_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    POSITION_CHANGE_LOTS_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    counterparty_account_id: int
    market_id: int
    side: _common_pb2.Side
    size_lots: int
    price_ticks: int
    amount_atoms: int
    evidence: Evidence
    position_change_lots: int
    def __init__(self, account_id: _Optional[int] = ..., counterparty_account_id: _Optional[int] = ..., market_id: _Optional[int] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., size_lots: _Optional[int] = ..., price_ticks: _Optional[int] = ..., amount_atoms: _Optional[int] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., position_change_lots: _Optional[int] = ...) -> None: ...

class CancelLiquidationOrder(_message.Message):
    __slots__ = ("liquidation_id", "account_id", "market_id", "side", "unfilled_lots", "deadline_nanos")
    LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    UNFILLED_LOTS_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_NANOS_FIELD_NUMBER: _ClassVar[int]
    liquidation_id: int
    account_id: int
    market_id: int
    side: _common_pb2.Side
    unfilled_lots: int
    deadline_nanos: int
    def __init__(self, liquidation_id: _Optional[int] = ..., account_id: _Optional[int] = ..., market_id: _Optional[int] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., unfilled_lots: _Optional[int] = ..., deadline_nanos: _Optional[int] = ...) -> None: ...

class LateFill(_message.Message):
    __slots__ = ("liquidation_id", "account_id", "market_id", "fund_id", "fund_account_id", "side", "size_lots", "price_ticks", "fund_position_change_lots")
    LIQUIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    FUND_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SIZE_LOTS_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    FUND_POSITION_CHANGE_LOTS_FIELD_NUMBER: _ClassVar[int]
    liquidation_id: int
    account_id: int
    market_id: int
    fund_id: int
    fund_account_id: int
    side: _common_pb2.Side
    size_lots: int
    price_ticks: int
    fund_position_change_lots: int
    def __init__(self, liquidation_id: _Optional[int] = ..., account_id: _Optional[int] = ..., market_id: _Optional[int] = ..., fund_id: _Optional[int] = ..., fund_account_id: _Optional[int] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., size_lots: _Optional[int] = ..., price_ticks: _Optional[int] = ..., fund_position_change_lots: _Optional[int] = ...) -> None: ...

class LossSpread(_message.Message):
    __slots__ = ("account_id", "amount_atoms", "evidence")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    amount_atoms: int
    evidence: Evidence
    def __init__(self, account_id: _Optional[int] = ..., amount_atoms: _Optional[int] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ...) -> None: ...

class DebtWrittenOff(_message.Message):
    __slots__ = ("account_id", "amount_atoms", "payer", "fund_id", "left_atoms")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    PAYER_FIELD_NUMBER: _ClassVar[int]
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    LEFT_ATOMS_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    amount_atoms: int
    payer: _common_pb2.WriteOffPayer
    fund_id: int
    left_atoms: int
    def __init__(self, account_id: _Optional[int] = ..., amount_atoms: _Optional[int] = ..., payer: _Optional[_Union[_common_pb2.WriteOffPayer, str]] = ..., fund_id: _Optional[int] = ..., left_atoms: _Optional[int] = ...) -> None: ...

class Instruction(_message.Message):
    __slots__ = ("instruction_sequence", "sequence", "time_nanos", "asset_id", "isolated_market_id", "margin_call", "margin_call_cleared", "cancel_orders", "liquidation_order", "liquidation_fill", "liquidation_order_ended", "take_over", "auto_deleverage", "loss_allocation", "insurance_payout", "bad_debt", "liquidation_ended", "position_mismatch", "liquidation_order_reduced", "trade_repriced", "cancel_liquidation_order", "late_fill", "loss_spread", "debt_written_off")
    INSTRUCTION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_NANOS_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_MARKET_ID_FIELD_NUMBER: _ClassVar[int]
    MARGIN_CALL_FIELD_NUMBER: _ClassVar[int]
    MARGIN_CALL_CLEARED_FIELD_NUMBER: _ClassVar[int]
    CANCEL_ORDERS_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_ORDER_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_FILL_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_ORDER_ENDED_FIELD_NUMBER: _ClassVar[int]
    TAKE_OVER_FIELD_NUMBER: _ClassVar[int]
    AUTO_DELEVERAGE_FIELD_NUMBER: _ClassVar[int]
    LOSS_ALLOCATION_FIELD_NUMBER: _ClassVar[int]
    INSURANCE_PAYOUT_FIELD_NUMBER: _ClassVar[int]
    BAD_DEBT_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_ENDED_FIELD_NUMBER: _ClassVar[int]
    POSITION_MISMATCH_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_ORDER_REDUCED_FIELD_NUMBER: _ClassVar[int]
    TRADE_REPRICED_FIELD_NUMBER: _ClassVar[int]
    CANCEL_LIQUIDATION_ORDER_FIELD_NUMBER: _ClassVar[int]
    LATE_FILL_FIELD_NUMBER: _ClassVar[int]
    LOSS_SPREAD_FIELD_NUMBER: _ClassVar[int]
    DEBT_WRITTEN_OFF_FIELD_NUMBER: _ClassVar[int]
    instruction_sequence: int
    sequence: int
    time_nanos: int
    asset_id: int
    isolated_market_id: int
    margin_call: MarginCall
    margin_call_cleared: MarginCallCleared
    cancel_orders: CancelOrders
    liquidation_order: LiquidationOrder
    liquidation_fill: LiquidationFill
    liquidation_order_ended: LiquidationOrderEnded
    take_over: TakeOver
    auto_deleverage: AutoDeleverage
    loss_allocation: LossAllocation
    insurance_payout: InsurancePayout
    bad_debt: BadDebt
    liquidation_ended: LiquidationEnded
    position_mismatch: PositionMismatch
    liquidation_order_reduced: LiquidationOrderReduced
    trade_repriced: TradeRepriced
    cancel_liquidation_order: CancelLiquidationOrder
    late_fill: LateFill
    loss_spread: LossSpread
    debt_written_off: DebtWrittenOff
    def __init__(self, instruction_sequence: _Optional[int] = ..., sequence: _Optional[int] = ..., time_nanos: _Optional[int] = ..., asset_id: _Optional[int] = ..., isolated_market_id: _Optional[int] = ..., margin_call: _Optional[_Union[MarginCall, _Mapping]] = ..., margin_call_cleared: _Optional[_Union[MarginCallCleared, _Mapping]] = ..., cancel_orders: _Optional[_Union[CancelOrders, _Mapping]] = ..., liquidation_order: _Optional[_Union[LiquidationOrder, _Mapping]] = ..., liquidation_fill: _Optional[_Union[LiquidationFill, _Mapping]] = ..., liquidation_order_ended: _Optional[_Union[LiquidationOrderEnded, _Mapping]] = ..., take_over: _Optional[_Union[TakeOver, _Mapping]] = ..., auto_deleverage: _Optional[_Union[AutoDeleverage, _Mapping]] = ..., loss_allocation: _Optional[_Union[LossAllocation, _Mapping]] = ..., insurance_payout: _Optional[_Union[InsurancePayout, _Mapping]] = ..., bad_debt: _Optional[_Union[BadDebt, _Mapping]] = ..., liquidation_ended: _Optional[_Union[LiquidationEnded, _Mapping]] = ..., position_mismatch: _Optional[_Union[PositionMismatch, _Mapping]] = ..., liquidation_order_reduced: _Optional[_Union[LiquidationOrderReduced, _Mapping]] = ..., trade_repriced: _Optional[_Union[TradeRepriced, _Mapping]] = ..., cancel_liquidation_order: _Optional[_Union[CancelLiquidationOrder, _Mapping]] = ..., late_fill: _Optional[_Union[LateFill, _Mapping]] = ..., loss_spread: _Optional[_Union[LossSpread, _Mapping]] = ..., debt_written_off: _Optional[_Union[DebtWrittenOff, _Mapping]] = ...) -> None: ...
