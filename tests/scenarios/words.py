"""Words of scenarios: accounts by their letters, fields by their short names, numbers."""

from riskengine.core.enums import AccountState, LiquidationOutcome, LossPolicy, Side
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import FUND_ACCOUNT

MARKET_FIELDS = {
    "asset": "asset_id",
    "fund": "fund_id",
    "fee": "liquidation_fee_ppm",
    "discount": "discount_ppm",
    "attempts": "book_attempts",
    "timeout": "liquidation_timeout_millis",
    "slice": "liquidation_slice_lots",
    "cooldown": "liquidation_cooldown_millis",
    "dust": "dust_notional_atoms",
    "policy": "loss_policy",
    "price_step": "price_step_ticks",
    "size_step": "size_step_lots",
    "max_price": "max_price_ticks",
    "reprices": "reprices_trades",
    "share": "fund_share_ppm",
    "inventory": "inventory_ppm",
}
RISK_FIELDS = {
    "call": "margin_call_ppm",
    "buffer": "liquidation_buffer_ppm",
    "take_over": "take_over_ppm",
    "clear": "margin_call_clear_ppm",
    "kept": "withdrawal_margin_ppm",
    "reservations": "max_reservations",
    "gate_floor": "gate_floor_units",
    "gate": "gate_ppm",
    "second_term": "second_term_millis",
    "late_fill": "late_fill_millis",
    "spread": "spread_after_millis",
    "drawdown": "fund_drawdown_ppm",
    "resume": "fund_resume_ppm",
    "units": "work_units",
}
VENUE_FIELDS = {
    "deposits": "net_deposits_atoms",
    "balances": "balances_atoms",
    "unrealised": "unsettled_pnl_atoms",
    "funds": "funds_atoms",
    "fees": "fees_atoms",
    "carried": "carried_in_atoms",
    "reserved": "reserved_atoms",
}
NAMED = {
    "side": Side,
    "policy": LossPolicy,
    "outcome": LiquidationOutcome,
    "state": AccountState,
}


def account_id(name: str) -> int:
    """Return the account of a letter, or of a fund: F1, F2."""
    return FUND_ACCOUNT + int(name[1:]) if len(name) > 1 else ord(name) - ord("A") + 1


def value_of(key: str, text: str) -> int:
    if key in NAMED:
        return int(NAMED[key][text])
    if key == "with":
        return account_id(text)
    if text.endswith("%"):
        whole, _, part = text[:-1].partition(".")
        return int(whole + part.ljust(4, "0"))
    return int(text) * (NANOS_PER_MILLI if key == "deadline" else 1)


def options(text: str) -> dict[str, int]:
    """Read `key=value` pairs."""
    pairs = [word.partition("=")[::2] for word in text.split()]
    return {key: value_of(key, value) for key, value in pairs}


def margin_account(text: str) -> tuple[int, int]:
    """Return asset and isolated market of the account that is meant, 0 where none is named."""
    given = options(text)
    return given.get("asset", 0), given.get("isolated", 0)
