"""Enums of the core; names and numbers equal those of the contract, prefix left off.

Written by `make pages` from codes.pxd.
"""

from enum import IntEnum

class Side(IntEnum):
    UNSPECIFIED = 0
    LONG = 1
    SHORT = 2

class AccountState(IntEnum):
    UNSPECIFIED = 0
    NORMAL = 1
    MARGIN_CALL = 2
    LIQUIDATING = 3
    BANKRUPT = 4

class LossPolicy(IntEnum):
    UNSPECIFIED = 0
    QUEUE = 1
    PRO_RATA = 2

class PositionUpdateMode(IntEnum):
    UNSPECIFIED = 0
    DELTA = 1
    ABSOLUTE = 2

class LiquidationOutcome(IntEnum):
    UNSPECIFIED = 0
    FILLED = 1
    DONE = 2
    EXPIRED = 3
    REPLACED = 4
    RECOVERED = 5
    POSITION_GONE = 6

class VenueMode(IntEnum):
    UNSPECIFIED = 0
    LIVE = 1
    LOADING = 2

class WriteOffPayer(IntEnum):
    """Who pays for what is written off of a debt."""

    UNSPECIFIED = 0
    FUND = 1
    FEES = 2
    VENUE = 3

class AdjustmentReason(IntEnum):
    """Why a balance is adjusted."""

    UNSPECIFIED = 0
    REBATE = 1
    CORRECTION = 2
    REALISED_PROFIT = 3
    FEE_PAYOUT = 4
    FUND_SURPLUS = 5

class Stage(IntEnum):
    ORDER_FILL = 0
    TAKE_OVER = 1
    AUTO_DELEVERAGE = 2

class EventKind(IntEnum):
    """Number of the kind's field in Instruction.body."""

    MARGIN_CALL = 4
    MARGIN_CALL_CLEARED = 5
    CANCEL_ORDERS = 6
    LIQUIDATION_ORDER = 7
    LIQUIDATION_FILL = 8
    LIQUIDATION_ORDER_ENDED = 9
    TAKE_OVER = 10
    AUTO_DELEVERAGE = 11
    LOSS_ALLOCATION = 12
    INSURANCE_PAYOUT = 13
    BAD_DEBT = 14
    LIQUIDATION_ENDED = 15
    POSITION_MISMATCH = 16
    LIQUIDATION_ORDER_REDUCED = 19
    TRADE_REPRICED = 20
    CANCEL_LIQUIDATION_ORDER = 21
    LATE_FILL = 22
    LOSS_SPREAD = 23
    DEBT_WRITTEN_OFF = 24

class RejectReason(IntEnum):
    UNSPECIFIED = 0
    UNKNOWN_ACCOUNT = 1
    UNKNOWN_MARKET = 2
    UNKNOWN_ASSET = 3
    UNKNOWN_FUND = 4
    UNKNOWN_LIQUIDATION = 5
    OUT_OF_RANGE = 6
    OFF_STEP = 7
    OVERFLOW = 8
    UNKNOWN_ENUM = 9
    SELF_TRADE = 10
    LIQUIDATION_MISMATCH = 11
    LIQUIDATION_ENDED = 12
    DUPLICATE_ROW = 13
    EMPTY_BATCH = 14
    BATCH_TOO_LARGE = 15
    COLUMN_LENGTH = 16
    SEQUENCE_GAP = 17
    SEQUENCE_REUSED = 18
    SEQUENCE_TOO_OLD = 19
    INSUFFICIENT_MARGIN = 20
    NOT_WITHDRAWABLE = 21
    ACCOUNT_IN_LIQUIDATION = 22
    NOT_REDUCING = 23
    ALREADY_EXISTS = 24
    NO_MARK_PRICE = 25
    CAPACITY = 26
    INVALID_TIERS = 27
    LOSS_UNALLOCATED = 28
    IMMUTABLE = 29
    INVALID_TEXT = 30
    NOTHING_DUE = 31
    HAS_POSITIONS = 32
    HAS_BALANCE = 33
    LOADING = 34
    NOT_LOADING = 35
    NOT_EMPTY = 36
    IMBALANCED = 37
    PRICE_BAND = 38
    LIQUIDATION_OVERFILL = 39
    LIQUIDATION_PRICE = 40
    LIQUIDATION_SIDE = 41
    NOT_BANKRUPT = 42
    ALLOCATION_PENDING = 43
    FUND_SCOPE = 44
    CLIENT_FORGOTTEN = 45
    HAS_RESERVATIONS = 49
    UNKNOWN_RESERVATION = 50
    REASON_MISMATCH = 51
