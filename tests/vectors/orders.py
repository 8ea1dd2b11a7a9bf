"""Cases of the margin of orders, each side of the book asked for as one order that fills.

What rests has no margin yet: a check gives the initial margin after a complete fill. Margins are at
mark, so the mark stands at the price of the order or of the entry where a source counts at that.
"""

from decimal import Decimal
from typing import Any

from riskengine.core.enums import RejectReason, Side
from riskengine.core.types import OrderCheck
from tests.vectors.cases import Case
from tests.vectors.rig import Rig

MOST = 10**10


def rig_with(rate: Any, size: Any = 0, mark: Any = 1, balance: Any = MOST, lot: int = 0) -> Rig:
    """Have account 1 hold a position from the mark, in a market of one rate for both margins."""
    rig = Rig()
    rig.market("A", rate, lot=lot, max_price_ticks=10**6)
    rig.mark({"A": mark})
    rig.deposit(1, balance)
    if size:
        rig.hold(1, "A", size, mark)
    return rig


def check(rig: Rig, size: Any) -> OrderCheck:
    """Ask for an order of signed size at the mark."""
    side = Side.LONG if size > 0 else Side.SHORT
    mark_ticks = rig.driver.engine.markets()[0].mark_price_ticks
    return rig.driver.engine.check_order(1, 1, side, rig.lots("A", abs(size)), mark_ticks, False)


def initial(rig: Rig) -> Decimal:
    return rig.money(rig.driver.account(1).initial_atoms)


def initial_after(rig: Rig, size: Any) -> Decimal:
    """Return the initial margin after an accepted order of signed size has filled, or without."""
    if not size:
        return initial(rig)
    answer = check(rig, size)
    assert answer.rejection is None
    return rig.money(answer.initial_after_atoms)


def of_both_sides(rig: Rig, case: Case) -> tuple[Decimal, Decimal]:
    return initial_after(rig, case.given["buys"]), initial_after(rig, -case.given["sells"])


def open_size_of_the_worse_side(case: Case) -> None:
    given = case.given
    sides = of_both_sides(rig_with(given["initial_rate"], given["size"], given["mark"]), case)
    unit = given["mark"] * given["initial_rate"]
    assert sides == (case.then["after_buys"] * unit, case.then["after_sells"] * unit)
    assert max(sides) == case.then["initial"]


def margin_of_the_worse_side(case: Case) -> None:
    rig = rig_with(1 / Decimal(case.given["leverage"]), case.given["notional"])
    assert max(of_both_sides(rig, case)) == case.then["initial"]


def increment_of_the_worse_side(case: Case) -> None:
    given = case.given
    buys, sells = given["initial_of_buys"], given["initial_of_sells"]
    rig = rig_with(1)
    before = max(initial_after(rig, buys), initial_after(rig, -sells))
    after = max(initial_after(rig, buys), initial_after(rig, -sells - given["initial_of_new_sell"]))
    assert (before, after) == (case.then["before"], case.then["after"])
    assert after - before == case.then["extra"]


def riskiest_position(case: Case) -> None:
    sides = of_both_sides(rig_with(1, case.given["size"]), case)
    assert sides == (case.then["riskiest_long"], -case.then["riskiest_short"])


def leverage_of_the_open_size(case: Case) -> None:
    """The open size is held as a position: so much the account may open, and no more."""
    given, size = case.given, case.given["open_size"]
    notional = size * given["mark"]
    rig = rig_with(given["initial"] / Decimal(notional), size, given["mark"], given["equity"])
    assert initial(rig) == given["initial"]
    assert notional / rig.equity(1) == case.then["leverage"]
    largest = case.then["largest_leverage"] * rig.equity(1) / given["mark"] - size
    assert initial_after(rig, largest) == rig.equity(1)
    rejection = check(rig, largest + 1).rejection
    assert rejection is not None
    assert rejection.reason == RejectReason.INSUFFICIENT_MARGIN


def rig_of_slippage_and_factor(case: Case) -> Rig:
    given = case.given
    return rig_with(given["slippage"] + given["risk_factor_long"], given["size"], given["mark"])


def maintenance_with_orders(case: Case) -> None:
    """Selling 8 of 10 needs nothing: the riskiest short is none."""
    rig = rig_of_slippage_and_factor(case)
    rate = case.given["slippage"] + case.given["risk_factor_long"]
    assert initial_after(rig, case.given["buys"]) == case.then["maintenance_with_orders"]
    assert (
        case.then["riskiest_long"] * case.given["mark"] * rate
        == (case.then["maintenance_with_orders"])
    )
    assert case.then["riskiest_short"] == 0
    assert initial_after(rig, -case.given["sells"]) < initial(rig)


def order_margin(case: Case) -> None:
    rig = rig_of_slippage_and_factor(case)
    maintenance = rig.money(rig.driver.account(1).maintenance_atoms)
    assert maintenance == case.then["maintenance"]
    assert initial_after(rig, case.given["buys"]) - maintenance == case.then["order_margin"]


def isolated_order_margin(case: Case) -> None:
    order = case.given["order"]
    size, entry = case.given.get("size", 0), case.given.get("entry", order["price"])
    rig = rig_with(case.given["factor"], size, entry)
    assert initial(rig) == case.then.get("position_margin", 0)
    rig.mark({"A": order["price"]})
    assert initial_after(rig, order["size"]) - initial(rig) == case.then["order_margin"]


def isolated_order_margin_filled(case: Case) -> None:
    given = case.given
    rig = rig_with(given["factor"], given["filled"], given["price"])
    assert initial(rig) == case.then["position_margin"]
    assert initial_after(rig, given["left"]) - initial(rig) == case.then["order_margin"]


def isolated_position_margin(case: Case) -> None:
    rig = rig_with(case.given["factor"], case.given["size"], case.given["entry"])
    assert initial(rig) == case.then["margin"]


def isolated_factor_refused(case: Case) -> None:
    """An account with the margin that was asked for may not open; with the initial one it may."""
    given, size = case.given, case.given["size"]
    maintenance_rate = given["slippage"] + given["risk_factor_short"]
    asked = given["entry"] * abs(size) * given["factor"]
    rig = Rig()
    rig.market("A", tiers=[(0, maintenance_rate * given["initial_factor"], maintenance_rate)])
    rig.mark({"A": given["mark"]})
    rig.deposit(1, asked)
    assert asked == case.then["asked"]
    answer = check(rig, size)
    assert (answer.rejection is None) == case.then["accepted"]
    assert rig.money(answer.initial_after_atoms) == case.then["initial"]
    rig.deposit(1, case.then["initial"] - asked)
    assert check(rig, size).rejection is None
    rig.hold(1, "A", size, given["entry"])
    maintenance = rig.money(rig.driver.account(1).maintenance_atoms)
    assert maintenance == case.then["maintenance"]


def available_of_one_side(case: Case) -> None:
    """The venue of the case lets all out but the initial margin, whatever the leverage."""
    given, held = case.given, case.given["long"]
    rate = 1 / Decimal(given["leverage"])
    rig = rig_with(rate, held["size"], given["mark"], given["balance"])
    rig.driver.risk(withdrawal_margin_ppm=0)
    assert held["entry"] == given["mark"]
    assert initial(rig) == case.then["initial"]
    withdrawable = rig.money(rig.driver.account(1).withdrawable_atoms)
    assert withdrawable == case.then["available"]


CHECKS = {
    "open_size_of_the_worse_side": open_size_of_the_worse_side,
    "margin_of_the_worse_side": margin_of_the_worse_side,
    "increment_of_the_worse_side": increment_of_the_worse_side,
    "riskiest_position": riskiest_position,
    "leverage_of_the_open_size": leverage_of_the_open_size,
    "maintenance_with_orders": maintenance_with_orders,
    "order_margin": order_margin,
    "isolated_order_margin": isolated_order_margin,
    "isolated_order_margin_amended": isolated_order_margin,
    "isolated_order_margin_filled": isolated_order_margin_filled,
    "isolated_position_margin": isolated_position_margin,
    "isolated_factor_refused": isolated_factor_refused,
    "available_of_one_side": available_of_one_side,
}
