"""The texts of refusals, for human readers; programs read the reason, field, value and limit.

A text names only numbers that the refusal of its reason carries (riskengine.core.types.Rejection).
"""

from riskengine.core.enums import RejectReason
from riskengine.core.types import Rejection

TEXTS: dict[int, str] = {
    RejectReason.UNKNOWN_ACCOUNT: (
        "{field} {value} is no account; an account opens with its first deposit"
    ),
    RejectReason.UNKNOWN_MARKET: "{field} {value} is no market",
    RejectReason.UNKNOWN_ASSET: "{field} {value} is no asset",
    RejectReason.UNKNOWN_FUND: "{field} {value} is no insurance fund",
    RejectReason.UNKNOWN_LIQUIDATION: (
        "{field} {value} was never issued; so far {detail} were, counting from 1"
    ),
    RejectReason.OUT_OF_RANGE: "{field} is {value}, which is out of range; the limit is {limit}",
    RejectReason.OFF_STEP: "{field} is {value}, which is not a multiple of the step {limit}",
    RejectReason.OVERFLOW: (
        "{field} {value} would take a size, notional, cost or balance past the limit {limit}"
    ),
    RejectReason.UNKNOWN_ENUM: "{field} is {value}, which this contract does not know",
    RejectReason.SELF_TRADE: "{field} {value} is the buyer as well",
    RejectReason.LIQUIDATION_MISMATCH: (
        "{field} {value} is for another market or for another account"
    ),
    RejectReason.LIQUIDATION_ENDED: "{field} {value} has ended already",
    RejectReason.DUPLICATE_ROW: "{field} {value} has a row in this batch already",
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
    RejectReason.NOT_REDUCING: (
        "{field} is set, but the order would not reduce the position of {detail} lots"
    ),
    RejectReason.ALREADY_EXISTS: "{field} {value} is taken",
    RejectReason.NO_MARK_PRICE: "{field} {value} has no mark price yet",
    RejectReason.CAPACITY: "there is no room for another {field}; the most are {limit}",
    RejectReason.INVALID_TIERS: (
        "{field} are 1 to 16, begin at floor 0, rise in floor, do not fall in rate, and keep "
        "0 < maintenance <= initial <= 1000000 ppm; number {detail} is the first at fault"
    ),
    RejectReason.LOSS_UNALLOCATED: (
        "{field} is {value}; a loss of asset {detail} is unallocated, so gains wait until it is "
        "paid: {limit} can be withdrawn now"
    ),
    RejectReason.IMMUTABLE: "{field} is fixed at {limit}; {value} was given",
    RejectReason.INVALID_TEXT: (
        "{field} is empty, too long, or not printable ASCII; at most {detail} characters"
    ),
    RejectReason.NOTHING_DUE: "nothing is due at {value}; the next timer is at {limit}",
    RejectReason.HAS_POSITIONS: (
        "{field} names an account with open positions: {value}; it can be closed at {limit}"
    ),
    RejectReason.HAS_BALANCE: (
        "{field} names an account with a balance of {value} atoms; it can be closed at {limit}"
    ),
    RejectReason.HAS_RESERVATIONS: (
        "{field} names an account with open reservations: {value}; it can be closed at {limit}"
    ),
    RejectReason.UNKNOWN_RESERVATION: (
        "{field} {value} is no open reservation of this account: none was made, or it was "
        "confirmed or cancelled"
    ),
    RejectReason.REASON_MISMATCH: (
        "{field} is {value}; an adjustment for reason {detail} is paid by {limit} (1 a fund, 2 the "
        "fees)"
    ),
    RejectReason.LOADING: "the venue is being loaded; this is taken once it is live (GoLive)",
    RejectReason.NOT_LOADING: (
        "the venue is live; this is taken only while one is loaded (BeginLoading)"
    ),
    RejectReason.NOT_EMPTY: (
        "{field} is {value}; only a venue in which it is {limit} can be loaded"
    ),
    RejectReason.IMBALANCED: (
        "{field} of market {detail} is {value}; the venue goes live when it is {limit}, or when "
        "accept_imbalance is set"
    ),
    RejectReason.PRICE_BAND: (
        "{field} is {value}, which is further through the mark than the market's band allows; the "
        "limit is {limit}"
    ),
    RejectReason.LIQUIDATION_OVERFILL: (
        "{field} is {value}, but {limit} are unfilled of liquidation order {detail}"
    ),
    RejectReason.LIQUIDATION_PRICE: (
        "{field} is {value}, which is worse than the limit of liquidation order {detail}, {limit}"
    ),
    RejectReason.LIQUIDATION_SIDE: (
        "{field} is {value}, for whom liquidation order {detail} trades on the other side, {limit} "
        "(1 buys, 2 sells)"
    ),
    RejectReason.NOT_BANKRUPT: "{field} {value} is not bankrupt, so it has no debt",
    RejectReason.ALLOCATION_PENDING: (
        "the work of an earlier command is pending; this is taken once it is done"
    ),
    RejectReason.FUND_SCOPE: (
        "{field} is {value}; the markets of an asset share one fund, which is {limit}"
    ),
    RejectReason.CLIENT_FORGOTTEN: (
        "{field} is {value}, and that of this client is {limit}; RegisterClient tells it, and "
        "GetClient which number is next"
    ),
}

NO_ACCOUNT_OF_ASSET = (
    "{field} {value} has no account of asset {detail}; one opens with its first deposit"
)
LOADED_ALREADY = {
    "account_id": "{field} {value} has an account of asset {detail} with something in it already",
    "market_id": "account {detail} has something loaded in {field} {value} already",
    "reservation_id": "account {detail} has an open reservation of {field} {value} already",
}
LOADED_ORDER = {
    "market_id": (
        "account {detail} has no position in {field} {value} that the order could reduce; "
        "load positions first"
    ),
    "side": "{field} is {value}; only {limit} reduces the position of {detail} lots",
    "size_lots": (
        "{field} is {value}; above {limit} more would be unfilled than the position of {detail} "
        "lots"
    ),
}
REDUCES_BADLY = (
    "equity after the order, {value} atoms, would be below {limit} atoms, the least at which it "
    "may reduce; a better {field} leaves more"
)
PAYER_HAS_LESS = "{field} is {value}; who is to pay (payer {detail}) can pay {limit}"
FORGOTTEN = "{field} {value} has ended and is not kept for late fills; send it with 0"
NOT_REGISTERED = "{field} is {value}, and no client of this name is registered (RegisterClient)"
NO_TIMER = "nothing is due at {value}, and no timer is set"
NO_MORE_POSITIONS = (
    "account {detail} has no room for a position in {field} {value}: it may have {limit}"
)
WITH_DETAIL: dict[int, str] = {
    RejectReason.CAPACITY: NO_MORE_POSITIONS,
    RejectReason.UNKNOWN_ACCOUNT: NO_ACCOUNT_OF_ASSET,
    RejectReason.NOT_WITHDRAWABLE: PAYER_HAS_LESS,
}


def _template(refusal: Rejection) -> str:
    if refusal.detail and refusal.reason in WITH_DETAIL:
        return WITH_DETAIL[refusal.reason]
    if refusal.reason == RejectReason.ALREADY_EXISTS and refusal.detail:
        return LOADED_ALREADY[refusal.field]
    if refusal.reason == RejectReason.NOT_REDUCING and refusal.field in LOADED_ORDER:
        return LOADED_ORDER[refusal.field]
    if refusal.reason == RejectReason.INSUFFICIENT_MARGIN and refusal.field == "price_ticks":
        return REDUCES_BADLY
    if refusal.reason == RejectReason.UNKNOWN_LIQUIDATION and 0 < refusal.value <= refusal.detail:
        return FORGOTTEN
    if refusal.reason == RejectReason.NOTHING_DUE and not refusal.limit:
        return NO_TIMER
    if refusal.reason == RejectReason.CLIENT_FORGOTTEN and not refusal.limit:
        return NOT_REGISTERED
    return TEXTS[refusal.reason]


def rejection_text(refusal: Rejection) -> str:
    """Return the sentence that says what was refused and what would be accepted."""
    return _template(refusal).format_map(refusal._asdict())
