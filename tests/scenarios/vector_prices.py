"""Cases of the liquidation price, in ticks so fine that the published digits can be met.

The liquidation price of the engine is the first tick at which the account is liquidated; a venue
prints the root of `equity(p) = maintenance(p)`, so that the two are less than a tick apart.
"""

from decimal import Decimal
from typing import Any

from tests.scenarios.vector_file import Case, dec
from tests.scenarios.vector_rig import Rig, Tiers, nearest

FINE = Decimal("1e-6")


def tiers_with(rate: Decimal, amount: Decimal) -> Tiers:
    """Return tiers whose last one has that rate and that maintenance amount (deduction)."""
    if not amount:
        return [(0, rate, rate)]
    first = rate / 2
    return [(0, rate, first), (amount / (rate - first), rate, rate)]


def liquidation_price(
    wallet: Any,
    signed_size: Decimal,
    entry: Any,
    tiers: Tiers,
    others: list[tuple[Any, Any, Any, Tiers]] | None = None,
    lot: int = -3,
) -> Decimal:
    """Return the price for a lone position, or beside others (size, entry, mark, tiers)."""
    rig = Rig(atom=-9)
    rig.market("A", tiers=tiers, tick=-6, lot=lot, max_price_ticks=4 * 10**9)
    rig.mark({"A": entry})
    rig.driver.deposit(1, nearest(wallet, -9))
    rig.hold(1, "A", signed_size, entry)
    for k, (size, other_entry, other_mark, other_tiers) in enumerate(others or []):
        name = f"other {k}"
        highest = nearest(max(dec(other_entry), dec(other_mark)), -6)
        rig.market(name, tiers=other_tiers, tick=-6, lot=-3, max_price_ticks=highest)
        rig.mark({name: other_entry})
        rig.hold(1, name, size, other_entry)
        rig.mark({name: other_mark})
    assert rig.driver.engine.counters().liquidations_started == 0
    return rig.price("A", rig.position(1, "A").liquidation_price_ticks)


def signed(side: str, size: Any) -> Decimal:
    return dec(size) if side == "long" else -dec(size)


def dango(case: Case) -> None:
    given = case.inputs
    rate = dec(given["mmr"])
    price = liquidation_price(
        given["margin"], dec(given["size"]), given["entry"], [(0, rate, rate)]
    )
    assert abs(price - dec(case.expected["price"])) <= FINE


def hyperliquid(case: Case) -> None:
    """What is available is the account's value less its requirement, 1 / leverage of notional."""
    given = case.inputs
    rate = 1 / dec(given["maintenance_leverage"])
    price, size = dec(given["price"]), dec(given["position_size"])
    wallet = dec(given["margin_available"]) + rate * price * size
    found = liquidation_price(wallet, given["side"] * size, price, [(0, rate, rate)])
    assert abs(found - dec(case.expected["liq_price"])) <= FINE


def binance(case: Case) -> None:
    """Cross beside its other positions, or isolated, which is an account of its own."""
    given, held = case.inputs, case.inputs["position"]
    others = [
        (
            dec(other["size"]),
            other["entry"],
            other["mark"],
            tiers_with(dec(other["mmr"]), dec(other["cum"])),
        )
        for other in given["other_positions"]
    ]
    tiers = tiers_with(dec(held["mmr"]), dec(held["cum"]))
    size = signed(given["side"], held["size"])
    price = liquidation_price(given["wallet_balance"], size, held["entry"], tiers, others)
    assert abs(price - dec(case.expected["recomputed"])) <= FINE
    assert abs(price - dec(case.expected["liquidation_price"])) <= Decimal("0.01")


def tiered(case: Case) -> None:
    """The other positions are given in sum: one that is worth ten times its requirement."""
    given = case.inputs
    others: list[tuple[Any, Any, Any, Tiers]] = []
    required, gain = dec(given["maintenance_other"]), dec(given["upnl_other"])
    if required:
        tenth = dec("0.1")
        worth = required / tenth
        others = [(1, worth - gain, worth, [(0, tenth, tenth)])]
    tiers = tiers_with(dec(given["mmr"]), dec(given["maintenance_amount"]))
    size = signed(given["side"], given["position"])
    price = liquidation_price(given["wallet_balance"], size, given["entry"], tiers, others)
    assert abs(price - dec(case.expected["price"])) <= Decimal("0.01")


def isolated(case: Case) -> None:
    """Cases of one position; a fee in the requirement is a rate that is higher by it."""
    given = case.inputs
    if "position" in given:
        binance(case)
        return
    rate = dec(given["mmr"]) + dec(given.get("taker_fee", 0))
    tiers = tiers_with(rate, dec(given.get("maintenance_amount", 0)))
    size = signed(given["side"], given["size"])
    price = liquidation_price(given["isolated_wallet"], size, given["entry"], tiers)
    assert abs(price - dec(case.expected["liquidation_price"])) <= FINE


KINDS = {
    "liquidation_price": dango,
    "liquidation_price_hyperliquid": hyperliquid,
    "liquidation_price_linear_cross": binance,
    "liquidation_price_linear_isolated": isolated,
    "liquidation_price_tiered": tiered,
}
