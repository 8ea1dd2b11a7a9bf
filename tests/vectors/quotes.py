"""Cases of the bankruptcy price: what a close must bring, `ceil(V - E * dM / M)`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from riskengine.core.face.margin_testing import MarginBench
from tests.vectors.cases import Case, dec
from tests.vectors.rig import Rig

UNITS = {"BTC": (2, -8), "ETH": (0, -6)}
"""Exponents of tick and lot; the quote is in micro-dollars."""


def quote_of(cash: Any, positions: Mapping[str, Any], delta: Any, case: Case) -> int:
    """Return the quote in micro-dollars of a close, of which an order's last limit is made.

    Nobody is the other side and the fund is empty, so that whatever is liquidated keeps its legs.
    """
    marks, closing = case.given["marks"], case.given["closing"]
    rig = Rig(take_over_ppm=0)
    for name in positions:
        tick, lot = UNITS[name]
        rig.market(name, case.given["maintenance_rate"], tick=tick, lot=lot)
    rig.hold_with_cash(1, cash, positions, marks)
    rig.mark(marks)
    account = rig.driver.account(1)
    bench = MarginBench(account.balance_atoms)
    rules = {view.parameters.market_id: view.parameters for view in rig.driver.engine.markets()}
    for place, held in enumerate(account.positions):
        bench.add_market(rules[held.market_id], held.mark_price_ticks)
        bench.trade(place, held.size_lots, held.cost_atoms)
    required = account.maintenance_atoms, account.initial_atoms
    assert bench.assess() == (account.equity_atoms, *required)
    place = [held.market_id for held in account.positions].index(rig.id(closing))
    lots = rig.lots(closing, abs(dec(delta)))
    quote = bench.bankruptcy_quote_ceil(place, lots)
    held = account.positions[place]
    if lots == abs(held.size_lots):
        assert held.bankruptcy_price_ticks == price_of(quote, lots)
    return quote


def price_of(quote: int, lots: int) -> int:
    """Return what a whole leg must bring a lot: up for a long, down for a short; never below 0."""
    return max(0, -(-quote // lots)) if quote > 0 else -quote // lots


def bankruptcy_quote(case: Case) -> None:
    given = case.given
    quote = quote_of(given["cash"], given["positions"], given["delta"], case)
    assert quote == case.then.get("quote_1e6", case.then.get("quote", 0) * 10**6)


def bankruptcy_quote_in_units(case: Case) -> None:
    given, exponents = case.given, case.given["unit_exponents"]
    quote = quote_of(
        Decimal(given["cash_1e6"]).scaleb(-6),
        {
            name: Decimal(size).scaleb(exponents[name])
            for name, size in given["positions_units"].items()
        },
        Decimal(given["delta_units"]).scaleb(exponents[given["closing"]]),
        case,
    )
    assert quote == case.then["quote_1e6"]


def bankruptcy_price_alone(case: Case) -> None:
    """Whole closes of lone legs: `max(0, price - side * equity / size)`."""
    mark = case.given["mark"]
    for account, held in case.given["positions"].items():
        rig = Rig(atom=-12)
        rig.market("A", "0.01", tick=-6, lot=-3)
        rig.mark({"A": mark})
        rig.deposit(1, round(dec(held["equity"]), 12))
        rig.hold(1, "A", held["size"], mark)
        price = rig.price("A", rig.position(1, "A").bankruptcy_price_ticks)
        assert abs(price - case.then["bankruptcy_prices"][account]) < Decimal("1e-4")


def bankruptcy_price_of_two_margins(case: Case) -> None:
    """An isolated position is a cross account of its own: both margins are its balance."""
    given = case.given
    rig = Rig()
    rig.market("A", "0.01")
    rig.mark({"A": given["entry"]})
    rig.deposit(1, given["position_margin"] + given["balance"])
    rig.hold(1, "A", given["size"], given["entry"])
    for mark in (given["entry"], given["mark"]):
        rig.mark({"A": mark})
        price = rig.price("A", rig.position(1, "A").bankruptcy_price_ticks)
        assert price == case.then["bankruptcy_price"]


CHECKS = {
    "bankruptcy_quote": bankruptcy_quote,
    "bankruptcy_quote_in_units": bankruptcy_quote_in_units,
    "bankruptcy_price_alone": bankruptcy_price_alone,
    "bankruptcy_price_of_two_margins": bankruptcy_price_of_two_margins,
}
