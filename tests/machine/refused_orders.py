"""Orders that are refused, and what is said of each."""

from riskengine.core.enums import Side
from tests.machine.refused_commands import Case, pausing_venue, unbounded_venue, wide_venue

ORDERS = [
    Case("check_order", {"side": 3}, "side is 3, which this contract does not know"),
    Case(
        "check_order",
        {"account_id": 7, "side": Side.SHORT, "reduce_only": True},
        "reduce_only is set, but the order would not reduce the position of -8 lots",
    ),
    Case(
        "check_order",
        {"reduce_only": True},
        "reduce_only is set, but the order would not reduce the position of 0 lots",
    ),
    Case(
        "check_order",
        {"size_lots": 60},
        "initial margin after the order, 600 atoms, would exceed the equity, 500 atoms",
    ),
    Case(
        "check_order",
        {"price_ticks": 110},
        "price_ticks is 110, which is further through the mark than the market's band allows; the "
        "limit is 105",
    ),
    Case(
        "check_order",
        {"side": Side.SHORT, "size_lots": 20, "price_ticks": 5},
        "equity after the order, -1400 atoms, would be below 0 atoms, the least at which it may "
        "reduce; a better price_ticks leaves more",
        unbounded_venue,
    ),
    Case(
        "check_order",
        {"market_id": 129},
        "account 4 has no room for a position in market_id 129: it may have 128",
        wide_venue,
    ),
    Case(
        "check_order",
        {},
        "the work of an earlier command is pending; this is taken once it is done",
        pausing_venue,
    ),
]
