"""What the engine gives today where a rule is not built: it must differ from what is stated.

As soon as it does not, the rule is met and `gaps` is out of date.
"""

from typing import Any

from riskengine.core.enums import EventKind
from tests.core.driver import only
from tests.vectors.cases import Case
from tests.vectors.quotes import UNITS
from tests.vectors.rig import ALL_DUST, Rig, of_kind

Answers = tuple[Any, Any]
"""What the engine gives, and what is stated."""


def fillable_price(case: Case) -> Answers:
    """Return the limit of the order that closes that leg."""
    given = case.given
    rig = Rig(take_over_ppm=0)
    for name in given["positions"]:
        tick, lot = UNITS[name]
        rig.market(
            name, given["maintenance_rate"], tick=tick, lot=lot, dust_notional_atoms=ALL_DUST
        )
    rig.hold_with_cash(1, given["cash"], given["positions"], given["marks"])
    orders = of_kind(rig.mark(given["marks"]), EventKind.LIQUIDATION_ORDER)
    limits = {order.market_id: order.price_ticks for order in orders}
    return rig.price(given["closing"], limits[rig.id(given["closing"])]), case.then["price"]


def close_by_a_share(case: Case) -> Answers:
    """Return what is left of each position if all orders fill."""
    rig = Rig(take_over_ppm=0)
    positions = case.given["positions"]
    for name in positions:
        rig.market(name, case.given["maintenance_rate"], lot=-3)
    rig.mark({name: held["entry"] for name, held in positions.items()})
    rig.deposit(1, case.given["balance"])
    for name, held in positions.items():
        rig.hold(1, name, held["size"], held["entry"])
    events = rig.mark({name: held["mark"] for name, held in positions.items()})
    closed = {event.market_id: event.size_lots for event in events if event.size_lots}
    left = {
        name: abs(held["size"]) - rig.size(name, closed.get(rig.id(name), 0))
        for name, held in positions.items()
    }
    return left, {name: abs(size) for name, size in case.then["sizes"].items()}


def small_shortage_at_once(case: Case) -> Answers:
    """Return the percentage of a position of 10 at 1,000 that the order closes, at 10 %."""
    rig = Rig(take_over_ppm=0)
    rig.market("A", "0.1", lot=-3)
    rig.mark({"A": 2_000})
    rig.deposit(1, 10_000 + 1_000 - case.given["shortage"])
    rig.hold(1, "A", 10, 2_000)
    order = only(rig.mark({"A": 1_000}), EventKind.LIQUIDATION_ORDER)
    return rig.size("A", order.size_lots) * 10, case.then["percent"]


def available_of_two_sides(case: Case) -> Answers:
    """Return what may be withdrawn: the two sides net to a short of 2."""
    given = case.given
    rig = Rig()
    rig.market("A", 1 / given["leverage"])
    rig.mark({"A": given["long"]["entry"]})
    rig.deposit(1, given["balance"])
    for held, sign in ((given["long"], 1), (given["short"], -1)):
        rig.hold(1, "A", sign * held["size"], held["entry"])
    rig.mark({"A": given["mark"]})
    return rig.money(rig.driver.account(1).withdrawable_atoms), case.then["available"]


ATTEMPTS = {
    "available_of_two_sides": available_of_two_sides,
    "close_by_a_share": close_by_a_share,
    "fillable_price": fillable_price,
    "small_shortage_at_once": small_shortage_at_once,
}
