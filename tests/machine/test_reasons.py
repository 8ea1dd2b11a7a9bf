"""The text of every refusal that the core can give, as a caller reads it."""

from collections.abc import Iterator

import pytest

from riskengine.core.engine import bounds
from riskengine.core.enums import RejectReason
from riskengine.core.types import Rejection, RiskTier
from riskengine.machine.mapping.reasons import rejection_text
from tests.core.driver import COLUMNS, call
from tests.core.refusal_sites import refusals_of_the_core
from tests.machine.refused_commands import (
    MOST_BALANCE,
    MOST_NOTIONAL,
    Case,
    buying_venue,
    crowded_venue,
    empty_venue,
    forgetful_venue,
    full_venue,
    indebted_venue,
    loading_venue,
    out_of_range,
    pausing_venue,
    refused,
    two_assets,
    two_funds,
    venue,
    wide_venue,
)
from tests.machine.refused_loads import LOADS
from tests.machine.refused_orders import ORDERS
from tests.machine.refused_reservations import RESERVATIONS
from tests.machine.refused_write_offs import WRITE_OFFS

MOST_ID = 2**62 - 1
FORGOTTEN_TEXT = "liquidation_id 1 has ended and is not kept for late fills; send it with 0"
PENDING_TEXT = "the work of an earlier command is pending; this is taken once it is done"
OVERFLOW_TEXT = "{} would take a size, notional, cost or balance past the limit {}"
TIERS_TEXT = (
    "tiers are 1 to 16, begin at floor 0, rise in floor, do not fall in rate, and keep "
    "0 < maintenance <= initial <= 1000000 ppm; number {} is the first at fault"
)


def tiers(*rows: tuple[int, int, int]) -> dict[str, tuple[RiskTier, ...]]:
    return {"tiers": tuple(RiskTier(*row) for row in rows)}


FIXED = {"market_id": 1, "max_price_ticks": 1_000, "max_position_lots": 1_000}
"""What market 1 of the venue cannot change."""
SETUP = [
    Case("create_asset", {"asset_id": 0}, out_of_range("asset_id", 0, 1), empty_venue),
    Case(
        "create_asset",
        {"asset_id": MOST_ID + 1},
        out_of_range("asset_id", MOST_ID + 1, MOST_ID),
        empty_venue,
    ),
    Case("create_asset", {"asset_id": 1}, "asset_id 1 is taken"),
    Case(
        "create_asset",
        {"asset_id": 77},
        "there is no room for another asset_id; the most are 16",
        full_venue,
    ),
    Case(
        "create_asset",
        {"symbol": "x" * 24},
        "symbol is empty, too long, or not printable ASCII; at most 23 characters",
        empty_venue,
    ),
    Case("create_asset", {"exponent": -19}, out_of_range("exponent", -19, -18), empty_venue),
    Case("create_fund", {"fund_id": 0}, out_of_range("fund_id", 0, 1)),
    Case("create_fund", {"fund_id": 1}, "fund_id 1 is taken"),
    Case(
        "create_fund",
        {"fund_id": 5_000},
        "there is no room for another fund_id; the most are 4096",
        full_venue,
    ),
    Case("create_fund", {"asset_id": 2}, "asset_id 2 is no asset"),
    Case(
        "set_risk_parameters", {"margin_call_ppm": 9}, out_of_range("margin_call_ppm", 9, 10**6 + 1)
    ),
    Case(
        "set_risk_parameters",
        {"liquidation_buffer_ppm": -1},
        out_of_range("liquidation_buffer_ppm", -1, 0),
    ),
    *(
        Case("set_risk_parameters", {field: highest + 1}, out_of_range(field, highest + 1, highest))
        for field, highest in (
            ("take_over_ppm", 10**6),
            ("margin_call_clear_ppm", 10**7),
            ("withdrawal_margin_ppm", 10**6),
            *(("gate_floor_units", 10**12), ("gate_ppm", 10**6)),
            *(("fund_market_notional_ppm", 10**9), ("fund_notional_ppm", 10**9)),
            *(("fund_drawdown_ppm", 10**6), ("fund_resume_ppm", 10**6)),
            *(("second_term_millis", 3_600_000), ("late_fill_millis", 86_400_000)),
            *(("spread_after_millis", 604_800_000), ("work_units", 10**9)),
            ("max_reservations", 128),
        )
    ),
    *(
        Case("set_retention", {field: 0}, out_of_range(field, 0, least))
        for field, least in (
            *(("client_count", 1), ("answer_count", 1), ("answer_bytes", 64)),
            *(("instruction_count", 1), ("caller_client_count", 1), ("client_idle_millis", 1)),
        )
    ),
]
ISOLATING = (
    *("deposits", "withdrawals", "close_account", "write_off", "adjust_balances"),
    *("reserve_withdrawal", "confirm_withdrawal", "cancel_withdrawal"),
)
ISOLATED = [
    Case(command, {"isolated_market_id": 1}, out_of_range("isolated_market_id", 1, 0))
    for command in ISOLATING
]
MARKETS = [
    Case(
        "set_market",
        {**FIXED, "asset_id": 2, "fund_id": 2},
        "asset_id is fixed at 1; 2 was given",
        two_assets,
    ),
    Case("set_market", {"market_id": 0}, out_of_range("market_id", 0, 1)),
    Case("set_market", {"fund_id": 2}, "fund_id 2 is no insurance fund"),
    Case(
        "set_market",
        {"market_id": 4_097},
        "there is no room for another market_id; the most are 4096",
        full_venue,
    ),
    Case("set_market", {"lot_exponent": 16}, out_of_range("lot_exponent", 16, 15)),
    Case("set_market", {"price_step_ticks": 0}, out_of_range("price_step_ticks", 0, 1)),
    Case("set_market", {"size_step_lots": 0}, out_of_range("size_step_lots", 0, 1)),
    Case("set_market", {"max_price_ticks": 0}, out_of_range("max_price_ticks", 0, 1)),
    Case("set_market", {"max_position_lots": 0}, out_of_range("max_position_lots", 0, 1)),
    Case(
        "set_market",
        {"max_position_lots": MOST_NOTIONAL},
        OVERFLOW_TEXT.format(f"max_position_lots {MOST_NOTIONAL}", MOST_NOTIONAL),
    ),
    Case("set_market", tiers(), TIERS_TEXT.format(1)),
    Case("set_market", tiers((1, 9, 9)), TIERS_TEXT.format(1)),
    Case("set_market", tiers((0, 9, 9), (5, 9, 8)), TIERS_TEXT.format(2)),
    Case("set_market", tiers((0, 9, 9), (5, 9, 9), (5, 9, 9)), TIERS_TEXT.format(3)),
    Case("set_market", tiers(*((k, 9, 9) for k in range(20))), TIERS_TEXT.format(17)),
    Case("set_market", {"liquidation_fee_ppm": -1}, out_of_range("liquidation_fee_ppm", -1, 0)),
    Case(
        "set_market",
        {"liquidation_timeout_millis": 0},
        out_of_range("liquidation_timeout_millis", 0, 1),
    ),
    Case(
        "set_market",
        {"liquidation_slice_lots": -1},
        out_of_range("liquidation_slice_lots", -1, 0),
    ),
    Case(
        "set_market",
        {"liquidation_cooldown_millis": 3_600_001},
        out_of_range("liquidation_cooldown_millis", 3_600_001, 3_600_000),
    ),
    Case("set_market", {"dust_notional_atoms": -1}, out_of_range("dust_notional_atoms", -1, 0)),
    Case("set_market", {"loss_policy": 9}, "loss_policy is 9, which this contract does not know"),
    Case("set_market", {"order_band_ppm": 0}, out_of_range("order_band_ppm", 0, 1)),
    Case("set_market", {"reprices_trades": 2}, out_of_range("reprices_trades", 2, 1)),
    Case("set_market", {"discount_ppm": -1}, out_of_range("discount_ppm", -1, 0)),
    Case("set_market", {"book_attempts": 4}, out_of_range("book_attempts", 4, 3)),
    Case("set_market", {"fund_share_ppm": -1}, out_of_range("fund_share_ppm", -1, 0)),
    Case("set_market", {"inventory_ppm": -1}, out_of_range("inventory_ppm", -1, 0)),
    *(
        Case(
            "set_market", FIXED | {field: value}, f"{field} is fixed at {fixed}; {value} was given"
        )
        for field, value, fixed in (
            ("tick_exponent", 1, 0),
            ("lot_exponent", 1, 0),
            ("max_price_ticks", 999, 1_000),
            ("max_position_lots", 999, 1_000),
        )
    ),
]
MONEY = [
    Case(
        "set_market",
        {"market_id": 1, "fund_id": 2},
        "fund_id is 2; the markets of an asset share one fund, which is 1",
        two_funds,
    ),
    *(
        Case(command, {}, PENDING_TEXT, pausing_venue)
        for command in ("withdrawals", "close_account")
    ),
    Case("fund_deposit", {"fund_id": 2}, "fund_id 2 is no insurance fund"),
    Case("fund_deposit", {"amount_atoms": 0}, out_of_range("amount_atoms", 0, 1)),
    Case("deposits", {"account_id": 0}, out_of_range("account_id", 0, 1)),
    Case("deposits", {"asset_id": 2}, "asset_id 2 is no asset"),
    Case("deposits", {"account_id": 5}, OVERFLOW_TEXT.format("amount_atoms 1", MOST_BALANCE)),
    Case(
        "withdrawals",
        {"account_id": 9},
        "account_id 9 is no account; an account opens with its first deposit",
    ),
    Case("withdrawals", {"account_id": 3}, "account_id 3 is being liquidated or is bankrupt"),
    Case("withdrawals", {"amount_atoms": 501}, "amount_atoms is 501; 500 can be withdrawn now"),
    Case(
        "withdrawals",
        {"account_id": 7, "amount_atoms": 10**6 + 1},
        "amount_atoms is 1000001; a loss of asset 1 is unallocated, so gains wait until it is "
        "paid: 1000000 can be withdrawn now",
        indebted_venue,
    ),
    Case(
        "close_account",
        {"account_id": 7},
        "account_id names an account with open positions: 1; it can be closed at 0",
    ),
    Case(
        "close_account",
        {},
        "account_id names an account with a balance of 500 atoms; it can be closed at 0",
    ),
]
TRADES = [
    Case("trades", {"market_id": 9}, "market_id 9 is no market"),
    Case("trades", {"market_id": 2}, "market_id 2 has no mark price yet"),
    *(
        Case(
            "trades",
            {f"{side}_account_id": 9},
            f"{side}_account_id 9 has no account of asset 1; one opens with its first deposit",
        )
        for side in ("buyer", "seller")
    ),
    Case("trades", {"seller_account_id": 5}, "seller_account_id 5 is the buyer as well"),
    Case("trades", {"price_ticks": 1_001}, out_of_range("price_ticks", 1_001, 1_000)),
    Case("trades", {"price_ticks": 7}, "price_ticks is 7, which is not a multiple of the step 5"),
    Case("trades", {"size_lots": 0}, out_of_range("size_lots", 0, 1)),
    Case("trades", {"size_lots": 3}, "size_lots is 3, which is not a multiple of the step 2"),
    *(
        Case(
            "trades",
            {f"{side}_fee_atoms": MOST_NOTIONAL + 1},
            out_of_range(f"{side}_fee_atoms", MOST_NOTIONAL + 1, MOST_NOTIONAL),
        )
        for side in ("buyer", "seller")
    ),
    Case(
        "trades",
        {"liquidation_id": 2},
        "liquidation_id 2 was never issued; so far 1 were, counting from 1",
    ),
    Case("trades", {"liquidation_id": 1}, FORGOTTEN_TEXT, forgetful_venue),
    Case(
        "trades",
        {"liquidation_id": 1},
        "liquidation_id 1 is for another market or for another account",
    ),
    Case(
        "trades",
        {"buyer_account_id": 3, "liquidation_id": 1},
        "buyer_account_id is 3, for whom liquidation order 1 trades on the other side, 2 (1 buys, "
        "2 sells)",
    ),
    Case(
        "trades",
        {"seller_account_id": 8, "liquidation_id": 2},
        "seller_account_id is 8, for whom liquidation order 2 trades on the other side, 1 (1 buys, "
        "2 sells)",
        buying_venue,
    ),
    Case(
        "trades",
        {"seller_account_id": 3, "size_lots": 4, "liquidation_id": 1},
        "size_lots is 4, but 2 are unfilled of liquidation order 1",
    ),
    Case(
        "trades",
        {"seller_account_id": 3, "price_ticks": 95, "liquidation_id": 1},
        "price_ticks is 95, which is worse than the limit of liquidation order 1, 100",
    ),
    Case("trades", {"size_lots": 1_000}, OVERFLOW_TEXT.format("size_lots 1000", 1_000)),
    Case("trades", {"buyer_fee_atoms": -1}, OVERFLOW_TEXT.format("price_ticks 100", MOST_BALANCE)),
    Case(
        "position_updates",
        {"account_id": 4, "market_id": 129},
        "account 4 has no room for a position in market_id 129: it may have 128",
        wide_venue,
    ),
    Case(
        "position_updates",
        {"price_ticks": 1},
        OVERFLOW_TEXT.format("size_lots 2", 2**61),
        crowded_venue,
    ),
    Case("position_updates", {"mode": 3}, "mode is 3, which this contract does not know"),
    Case("mark_prices", {"mark_price_ticks": 0}, out_of_range("mark_price_ticks", 0, 1)),
    Case(
        "liquidation_reports",
        {"liquidation_id": -1},
        "liquidation_id -1 was never issued; so far 1 were, counting from 1",
    ),
    Case(
        "liquidation_reports",
        {"liquidation_id": 5},
        "liquidation_id 5 was never issued; so far 0 were, counting from 1",
        empty_venue,
    ),
    Case("tick", {}, "nothing is due at 1; the next timer is at 1000000000"),
    Case("tick", {}, "nothing is due at 1, and no timer is set", empty_venue),
    Case("set_log_time", {"log_time_nanos": 0}, out_of_range("log_time_nanos", 0, 1)),
]


def batch(command: str, lengths: list[int]) -> dict[str, tuple[int, ...]]:
    return {name: (1,) * length for name, length in zip(COLUMNS[command], lengths, strict=True)}


def batches() -> Iterator[Case]:
    """Columns of other lengths than the first, no rows, too many."""
    most = bounds()["max_rows"]
    for command, (first, *others) in COLUMNS.items():
        count = 1 + len(others)
        world = loading_venue if command.startswith("load_") else venue
        yield Case(command, batch(command, [0] * count), f"{first} has no rows", world)
        yield Case(
            command,
            batch(command, [most + 1] * count),
            f"{first} has {most + 1} rows; the limit is {most}",
            world,
        )
        for place, name in enumerate(others, 1):
            lengths = [2] * count
            lengths[place] = 3
            text = f"{name} has 3 rows; the first column has 2"
            yield Case(command, batch(command, lengths), text, world)


CASES = [
    *(*SETUP, *MARKETS, *MONEY, *ISOLATED, *WRITE_OFFS, *RESERVATIONS, *TRADES, *ORDERS, *LOADS),
    *batches(),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.command}: {case.text[:60]}")
def test_a_refusal_reads_true(case: Case) -> None:
    assert rejection_text(refused(case)) == case.text


def test_a_time_or_a_row_that_comes_too_late_reads_true() -> None:
    driver = venue().fork()
    driver.time_nanos = 10
    driver.mark(100)
    (late,) = call(driver.engine, "tick", 9).rejections
    assert rejection_text(late) == out_of_range("time_nanos", 9, 10)
    (twice,) = driver.try_to("mark_prices", (1, 1), (100, 101)).rejections
    assert rejection_text(twice) == "market_id 1 has a row in this batch already"


OTHERWISE = {
    ("OUT_OF_RANGE", "time_nanos"),
    ("DUPLICATE_ROW", "market_id"),
}
"""Shown by the test before this."""

OUT_OF_REACH = {
    ("CAPACITY", "account_id"): "2^30 accounts do not fit the memory of a test",
}


def test_the_text_of_what_no_venue_here_refuses() -> None:
    scope = Rejection(0, RejectReason.FUND_SCOPE, "fund_id", 2, 1)
    assert rejection_text(scope).endswith("; the markets of an asset share one fund, which is 1")


def test_the_text_of_what_is_not_refused_any_more() -> None:
    ended = Rejection(0, RejectReason.LIQUIDATION_ENDED, "liquidation_id", 1, 0)
    assert rejection_text(ended) == "liquidation_id 1 has ended already"


def test_every_refusal_of_the_core_is_read() -> None:
    seen = {(RejectReason(each.reason).name, each.field or "none") for each in map(refused, CASES)}
    assert not seen & OUT_OF_REACH.keys()
    assert seen | OTHERWISE | OUT_OF_REACH.keys() == refusals_of_the_core()
