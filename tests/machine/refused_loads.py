"""Refusals of a venue that is loaded, with their texts."""

from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import FUND_ACCOUNT, MARKET
from tests.machine.refused_commands import (
    LAST_ISSUED,
    MOST_BALANCE,
    MOST_NOTIONAL,
    Case,
    empty_venue,
    fund_alone,
    loading_venue,
    out_of_range,
)

LAST_DEADLINE = 1 + MARKET.liquidation_timeout_millis * NANOS_PER_MILLI
LOADS = [
    Case("go_live", {}, "the venue is live; this is taken only while one is loaded (BeginLoading)"),
    Case(
        "check_order",
        {},
        "the venue is being loaded; this is taken once it is live (GoLive)",
        loading_venue,
    ),
    Case(
        "begin_loading",
        {},
        "account_count is 5; only a venue in which it is 0 can be loaded",
    ),
    Case(
        "begin_loading",
        {},
        "position_count is 1; only a venue in which it is 0 can be loaded",
        fund_alone,
    ),
    Case(
        "begin_loading",
        {"last_liquidation_id": -1},
        out_of_range("last_liquidation_id", -1, 0),
        empty_venue,
    ),
    *(
        Case("load_accounts", spoilt, text, loading_venue)
        for spoilt, text in (
            (
                {"account_id": 1},
                "account_id 1 has an account of asset 1 with something in it already",
            ),
            (
                {"account_id": FUND_ACCOUNT + 9},
                f"account_id {FUND_ACCOUNT + 9} is no insurance fund",
            ),
            (
                {"balance_atoms": MOST_BALANCE + 1},
                out_of_range("balance_atoms", MOST_BALANCE + 1, MOST_BALANCE),
            ),
            (
                {"net_deposits_atoms": MOST_BALANCE + 1},
                out_of_range("net_deposits_atoms", MOST_BALANCE + 1, MOST_BALANCE),
            ),
            ({"debt_market_id": 9}, "debt_market_id 9 is no market"),
            (
                {"account_id": FUND_ACCOUNT + 1, "debt_market_id": 1},
                out_of_range("debt_market_id", 1, 0),
            ),
        )
    ),
    Case("load_positions", {}, "market_id 2 has no mark price yet", loading_venue),
    Case(
        "load_positions",
        {"market_id": 1},
        "account 2 has something loaded in market_id 1 already",
        loading_venue,
    ),
    Case(
        "load_positions",
        {"market_id": 1, "cost_atoms": -MOST_NOTIONAL - 1},
        out_of_range("cost_atoms", -MOST_NOTIONAL - 1, -MOST_NOTIONAL),
        loading_venue,
    ),
    *(
        Case("load_liquidations", spoilt, text, loading_venue)
        for spoilt, text in (
            ({"liquidation_id": 8}, out_of_range("liquidation_id", 8, 9)),
            ({"liquidation_id": LAST_ISSUED - 1}, f"liquidation_id {LAST_ISSUED - 1} is taken"),
            ({"account_id": 1}, "account 1 has something loaded in market_id 1 already"),
            (
                {"account_id": 4},
                (
                    "account 4 has no position in market_id 1 that the order could reduce; "
                    "load positions first"
                ),
            ),
            ({"side": 2}, "side is 2; only 1 reduces the position of -8 lots"),
            (
                {"size_lots": 10},
                "size_lots is 10; above 9 more would be unfilled than the position of -8 lots",
            ),
            ({"side": 3}, "side is 3, which this contract does not know"),
            ({"filled_lots": 2}, out_of_range("filled_lots", 2, 1)),
            ({"limit_price_ticks": 0}, out_of_range("limit_price_ticks", 0, 1)),
            (
                {"deadline_nanos": LAST_DEADLINE + 1},
                out_of_range("deadline_nanos", LAST_DEADLINE + 1, LAST_DEADLINE),
            ),
            ({"sliced": 2}, out_of_range("sliced", 2, 1)),
        )
    ),
    Case(
        "go_live",
        {},
        "imbalance_lots of market 1 is 2; the venue goes live when it is 0, or when "
        "accept_imbalance is set",
        loading_venue,
    ),
]
