"""An event as a scenario states it."""

from riskengine.core.enums import EventKind
from riskengine.core.types import Event

EVENT_FIELDS = {
    "asset": "asset_id",
    "market": "market_id",
    "fund": "fund_id",
    "id": "liquidation_id",
    "with": "counterparty_account_id",
    "size": "size_lots",
    "needed": "needed_lots",
    "stated": "stated_lots",
    "price": "price_ticks",
    "quote": "quote_atoms",
    "amount": "amount_atoms",
    "fee": "fee_atoms",
    "discount": "discount_atoms",
    "loss": "loss_atoms",
    "haircut": "haircut_atoms",
    "deadline": "deadline_nanos",
    "score": "score_ppm",
    "touched": "touched_accounts",
    "skipped": "skipped_accounts",
    "mark": "mark_price_ticks",
    "equity": "equity_atoms",
    "maintenance": "maintenance_atoms",
    "position": "position_lots",
}
"""Short names of fields; others have those of the core."""

HEAD = {"kind", "account_id", "instruction_sequence", "sequence", "time_nanos"}


def describe(event: Event) -> str:
    """Return the event as a statement would have it."""
    short = {field: key for key, field in EVENT_FIELDS.items()}
    fields = {short.get(k, k): v for k, v in event._asdict().items() if v}
    words = [f"{key}={value}" for key, value in fields.items() if key not in HEAD]
    return " ".join([EventKind(event.kind).name, str(event.account_id), *words])
