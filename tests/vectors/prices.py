"""Cases of the liquidation price, in ticks so fine that the published digits can be met.

The liquidation price of the engine is the first tick at which the account is liquidated; a venue
prints the root of `equity(p) = maintenance(p)`, so that the two are less than a tick apart.
"""

from decimal import Decimal
from typing import Any

from tests.vectors.cases import Case, dec
from tests.vectors.rig import Rig, Tiers, nearest

FINE = Decimal("1e-6")
CENT = Decimal("0.01")


def tiers_with(rate: Decimal, amount: Decimal) -> Tiers:
    """Return tiers whose last one has that rate and that maintenance amount (deduction)."""
    if not amount:
        return [(0, rate, rate)]
    first = rate / 2
    return [(0, rate, first), (amount / (rate - first), rate, rate)]


def tiers_of(row: dict[str, Any]) -> Tiers:
    """A fee in the requirement is a rate that is higher by it."""
    rate = dec(row["maintenance_rate"]) + dec(row.get("fee_rate", 0))
    return tiers_with(rate, dec(row.get("deduction", 0)))


def liquidation_price(
    balance: Any,
    size: Any,
    entry: Any,
    tiers: Tiers,
    others: list[tuple[Any, Any, Any, Tiers]] | None = None,
) -> Decimal:
    """Return the price for a lone position, or beside others (size, entry, mark, tiers)."""
    rig = Rig(atom=-9)
    highest = nearest(dec(entry) * 5 / 2, -6)
    rig.market("A", tiers=tiers, tick=-6, lot=-3, max_price_ticks=highest)
    rig.mark({"A": entry})
    rig.driver.deposit(1, nearest(balance, -9))
    rig.hold(1, "A", size, entry)
    for k, (other_size, other_entry, other_mark, other_tiers) in enumerate(others or []):
        name = f"other {k}"
        highest = nearest(max(dec(other_entry), dec(other_mark)), -6)
        rig.market(name, tiers=other_tiers, tick=-6, lot=-3, max_price_ticks=highest)
        rig.mark({name: other_entry})
        rig.hold(1, name, other_size, other_entry)
        rig.mark({name: other_mark})
    assert rig.driver.engine.counters().liquidations_started == 0
    return rig.price("A", rig.position(1, "A").liquidation_price_ticks)


def dango(case: Case) -> None:
    """Funding that is owed is paid out of the balance before."""
    given = case.given
    balance = given["balance"] - given.get("funding_owed", 0)
    price = liquidation_price(balance, given["size"], given["entry"], tiers_of(given))
    assert abs(price - case.then["liquidation_price"]) <= FINE


def by_available_margin(case: Case) -> None:
    """What is available is the account's value less its requirement, 1 / leverage of notional."""
    given = case.given
    rate = 1 / dec(given["maintenance_leverage"])
    balance = given["available"] + rate * given["mark"] * abs(given["size"])
    found = liquidation_price(balance, given["size"], given["mark"], [(0, rate, rate)])
    assert abs(found - case.then["liquidation_price"]) <= FINE


def of_an_isolated_margin(case: Case) -> None:
    """An isolated position is an account of its own with its margin as balance."""
    given = case.given
    rate = 1 / dec(given["maintenance_leverage"])
    found = liquidation_price(given["balance"], given["size"], given["entry"], [(0, rate, rate)])
    assert abs(found - case.then["liquidation_price"]) <= FINE


def beside_others(case: Case) -> None:
    given = case.given
    others = [
        (other["size"], other["entry"], other["mark"], tiers_of(other))
        for other in given.get("others", [])
    ]
    price = liquidation_price(
        given["balance"], given["size"], given["entry"], tiers_of(given), others
    )
    assert abs(price - case.then.get("exact", price)) <= FINE
    assert abs(price - case.then["liquidation_price"]) <= (CENT if "exact" in case.then else FINE)


def beside_a_sum(case: Case) -> None:
    """The other positions are given in sum: one that is worth ten times its requirement."""
    given = case.given
    others: list[tuple[Any, Any, Any, Tiers]] = []
    required, gain = given["maintenance_of_others"], given["pnl_of_others"]
    if required:
        tenth = dec("0.1")
        worth = required / tenth
        others = [(1, worth - gain, worth, [(0, tenth, tenth)])]
    price = liquidation_price(
        given["balance"], given["size"], given["entry"], tiers_of(given), others
    )
    assert abs(price - case.then["liquidation_price"]) <= CENT


def alone(case: Case) -> None:
    given = case.given
    if given.get("maintenance_at") != "entry":
        beside_others(case)
        return
    size, entry, rate = (dec(given[name]) for name in ("size", "entry", "maintenance_rate"))
    balance = entry * abs(size) / given["leverage"]
    price = liquidation_price(balance, size, entry, tiers_of(given))
    # Below (for a short: above) the root of the requirement at that price, not at the entry.
    root = max(Decimal(0), (balance - size * entry) / (abs(size) * rate - size))
    assert abs(price - root) <= FINE < abs(price - case.then["liquidation_price"])


CHECKS = {
    "liquidation_price": dango,
    "liquidation_price_by_available_margin": by_available_margin,
    "liquidation_price_of_an_isolated_margin": of_an_isolated_margin,
    "liquidation_price_beside_others": beside_others,
    "liquidation_price_alone": alone,
    "liquidation_price_beside_a_sum": beside_a_sum,
}
