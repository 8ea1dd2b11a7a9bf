"""The texts of refusals, for human readers; programs read the reason, field, value and limit."""

from riskengine.core.enums import RejectReason
from riskengine.core.types import Rejection

TEXTS: dict[int, str] = {
    RejectReason.UNKNOWN_ACCOUNT: (
        "{field} {value} is no account; an account opens with its first deposit"
    ),
    RejectReason.UNKNOWN_MARKET: "{field} {value} is no market",
    RejectReason.UNKNOWN_ASSET: "{field} {value} is no asset",
    RejectReason.UNKNOWN_FUND: "{field} {value} is no insurance fund",
    RejectReason.UNKNOWN_LIQUIDATION: "{field} {value} was never issued; the last is {limit}",
    RejectReason.OUT_OF_RANGE: "{field} is {value}, which is out of range; the limit is {limit}",
    RejectReason.OFF_STEP: "{field} is {value}, which is not a multiple of the step {limit}",
    RejectReason.OVERFLOW: "{field} {value} would pass the limit {limit}",
    RejectReason.UNKNOWN_ENUM: "{field} is {value}, which this contract does not know",
    RejectReason.SELF_TRADE: "{field} {value} is the buyer as well",
    RejectReason.LIQUIDATION_MISMATCH: (
        "{field} {value} is for another market or account, or for the other side"
    ),
    RejectReason.LIQUIDATION_ENDED: "{field} {value} has ended already",
    RejectReason.DUPLICATE_ROW: "{field} {value} stands twice in this batch",
    RejectReason.EMPTY_BATCH: "{field} has no rows",
    RejectReason.BATCH_TOO_LARGE: "{field} has {value} rows; the limit is {limit}",
    RejectReason.COLUMN_LENGTH: "{field} has {value} rows; the first column has {limit}",
    RejectReason.SEQUENCE_GAP: "{field} is {value}; the next one due is {limit}",
    RejectReason.SEQUENCE_REUSED: (
        "{field} {value} was used for a different batch; the next one due is {limit}"
    ),
    RejectReason.SEQUENCE_TOO_OLD: (
        "{field} {value} was applied, but its answer is no longer kept; the oldest kept is {limit}"
    ),
    RejectReason.INSUFFICIENT_MARGIN: (
        "initial margin after the order, {value} atoms, would exceed the equity, {limit} atoms"
    ),
    RejectReason.NOT_WITHDRAWABLE: "{field} is {value}; {limit} can be withdrawn now",
    RejectReason.ACCOUNT_IN_LIQUIDATION: "{field} {value} is being liquidated or is bankrupt",
    RejectReason.NOT_REDUCING: "{field} {value} would not reduce the position of {limit} lots",
    RejectReason.ALREADY_EXISTS: "{field} {value} is taken",
    RejectReason.NO_MARK_PRICE: "{field} {value} has no mark price yet",
    RejectReason.CAPACITY: "{field}: no more than {limit} can be made",
    RejectReason.INVALID_TIERS: (
        "{field} must begin at 0, rise in floor, not fall in rate, and keep "
        "maintenance <= initial; the fault is at {value}"
    ),
    RejectReason.LOSS_UNALLOCATED: "a loss is unallocated: withdrawals wait until it is paid",
    RejectReason.IMMUTABLE: "{field} is fixed at {limit}; {value} was given",
    RejectReason.INVALID_TEXT: (
        "{field} is empty, too long, or not printable ASCII; at most {limit} characters"
    ),
    RejectReason.NOTHING_DUE: "nothing is due; the next timer is at {limit}",
    RejectReason.HAS_POSITIONS: (
        "{field} names an account with open positions: {value}; it is closed at {limit}"
    ),
    RejectReason.HAS_BALANCE: (
        "{field} names an account with a balance of {value} atoms; it is closed at {limit}"
    ),
}


def rejection_text(refusal: Rejection) -> str:
    """Return the sentence that says what was refused and what would be accepted."""
    text = TEXTS[refusal.reason]
    return text.format(field=refusal.field, value=refusal.value, limit=refusal.limit)
