"""Cases of the bankruptcy price: what a close must bring, `ceil(V - E * dM / M)`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from riskengine.core.enums import EventKind
from riskengine.core.face.margin_testing import MarginBench
from riskengine.core.types import Event
from tests.core.driver import MARKET, only
from tests.vectors.cases import Case, dec
from tests.vectors.rig import WHOLE, Rig, of_kind

UNITS = {"BTC": (2, -8), "ETH": (0, -6)}
"""Exponents of tick and lot; the quote is in micro-dollars."""


def quote_of(cash: Any, positions: Mapping[str, Any], delta: Any, case: Case) -> int:
    """Return the quote in micro-dollars at which a rich fund takes over the close.

    Where the account is not liquidatable, maintenance is raised to 100 %: a rate that is the same
    for all legs cancels out of dM / M.
    """
    marks, closing = case.given["marks"], case.given["closing"]
    part = abs(dec(delta))
    is_whole = part == abs(dec(positions[closing]))
    rig = Rig(take_over_ppm=WHOLE if is_whole else 0)

    def set_rate(of_maintenance: Any) -> list[Event]:
        slicing: dict[str, Any] = {} if is_whole else {"liquidation_slice": part}
        return [
            event
            for name in positions
            for event in rig.market(
                name, of_maintenance, tick=UNITS[name][0], lot=UNITS[name][1], **slicing
            )
        ]

    set_rate(case.given["maintenance_rate"])
    rig.fund_deposit(10**9)
    rig.hold_with_cash(1, cash, positions, marks)
    events = rig.mark(marks) or set_rate(1)
    if not is_whole:
        order = only(events, EventKind.LIQUIDATION_ORDER)
        assert order.sliced
        events = rig.driver.report(order.liquidation_id)
    taken = [
        event
        for event in of_kind(events, EventKind.TAKE_OVER)
        if event.market_id == rig.id(closing)
    ]
    if not taken:
        return quote_of_a_safe_account(rig, closing)
    assert taken[0].size_lots == rig.lots(closing, part)
    return taken[0].quote_atoms


def quote_of_a_safe_account(rig: Rig, closing: str) -> int:
    """Return the quote of closing the only leg of an account that nothing can liquidate."""
    account, position = rig.driver.account(1), rig.position(1, closing)
    assert account.equity_atoms >= account.maintenance_atoms == position.notional_atoms
    assert position.bankruptcy_price_ticks == 0
    bench = MarginBench(account.equity_atoms)
    bench.add_market(MARKET, position.mark_price_ticks)
    bench.trade(0, position.size_lots, position.size_lots * position.mark_price_ticks)
    quote = bench.bankruptcy_quote_ceil(0, position.size_lots)
    assert quote == position.notional_atoms - account.equity_atoms
    return quote


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
    rig.fund_deposit(10**6)
    rig.mark({"A": given["entry"]})
    rig.deposit(1, given["position_margin"] + given["balance"])
    rig.hold(1, "A", given["size"], given["entry"])
    taken = only(rig.mark({"A": given["mark"]}), EventKind.TAKE_OVER)
    assert rig.money(taken.quote_atoms) / given["size"] == case.then["bankruptcy_price"]


CHECKS = {
    "bankruptcy_quote": bankruptcy_quote,
    "bankruptcy_quote_in_units": bankruptcy_quote_in_units,
    "bankruptcy_price_alone": bankruptcy_price_alone,
    "bankruptcy_price_of_two_margins": bankruptcy_price_of_two_margins,
}
