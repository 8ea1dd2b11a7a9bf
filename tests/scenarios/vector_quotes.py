"""Cases of the bankruptcy price: what a close must bring, `ceil(V - E * dM / M)`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from riskengine.core.enums import EventKind
from riskengine.core.face.testing import MarketRules
from riskengine.core.types import Event
from tests.core.driver import MARKET, only
from tests.scenarios.vector_file import Case, dec
from tests.scenarios.vector_rig import WHOLE, Rig, of_kind

UNITS = {"BTC": (2, -8), "ETH": (0, -6)}
"""Exponents of tick and lot; the quote is in micro-dollars."""


def quote_of(cash: Any, positions: Mapping[str, Any], closing: str, delta: Any, case: Case) -> int:
    """Return the quote in micro-dollars at which a rich fund takes over the close.

    Where the account is not liquidatable, maintenance is raised to 100 %: a rate that is the same
    for all legs cancels out of dM / M.
    """
    oracle = {name: dec(case.inputs["oracle"][name]) for name in positions}
    rate = dec(case.inputs.get("mmf", case.inputs.get("mm_fraction")))
    part = abs(dec(delta))
    is_whole = part == abs(dec(positions[closing]))
    rig = Rig(take_over_ppm=WHOLE if is_whole else 0)

    def set_rate(of_maintenance: Decimal) -> list[Event]:
        slicing: dict[str, Any] = {} if is_whole else {"liquidation_slice": part}
        return [
            event
            for name in positions
            for event in rig.market(
                name, of_maintenance, tick=UNITS[name][0], lot=UNITS[name][1], **slicing
            )
        ]

    set_rate(rate)
    rig.fund_deposit(10**9)
    rig.hold_with_cash(1, cash, positions, oracle)
    events = rig.mark(oracle) or set_rate(Decimal(1))
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
    rules = MarketRules(MARKET, position.mark_price_ticks)
    quote = rules.bankruptcy_quote_ceil(
        position.size_lots,
        position.size_lots,
        account.equity_atoms,
        rules.maintenance_ceil(position.notional_atoms),
    )
    assert quote == position.notional_atoms - account.equity_atoms
    return quote


def bankruptcy_price_cross(case: Case) -> None:
    closing, delta = case.inputs["close"]
    quote = quote_of(case.inputs["quote_balance"], case.inputs["positions"], closing, delta, case)
    if "quote_delta_micro_usd" in case.expected:
        assert quote == case.expected["quote_delta_micro_usd"]
    else:
        assert quote == dec(case.expected["quote_delta_usd"]) * 10**6


def bankruptcy_price_quote(case: Case) -> None:
    coins = {"BTC": -8, "ETH": -9}
    given = case.inputs
    quote = quote_of(
        Decimal(given["cash_quote_units"]).scaleb(-6),
        {
            name: Decimal(size).scaleb(coins[name])
            for name, size in given["positions_base_units"].items()
        },
        given["closing"],
        Decimal(given["delta_base_units"]).scaleb(coins[given["closing"]]),
        case,
    )
    assert quote == case.expected["bankruptcy_quote_units"]


def bankruptcy_price_linear(case: Case) -> None:
    """Whole closes of lone legs: `max(0, price - side * equity / size)`."""
    mark = case.inputs["p0"]
    for account, (size, equity, side) in case.inputs["positions"].items():
        rig = Rig(atom=-12)
        rig.market("A", "0.01", tick=-6, lot=-3)
        rig.mark({"A": mark})
        rig.deposit(1, round(dec(equity), 12))
        rig.hold(1, "A", size * side, mark)
        price = rig.price("A", rig.position(1, "A").bankruptcy_price_ticks)
        assert abs(price - dec(case.expected["bankruptcy"][account])) < Decimal("1e-4")


def linear_bankruptcy_price(case: Case) -> None:
    """An isolated position is a cross account of its own: wallet and margin are its balance."""
    given = case.inputs
    rig = Rig()
    rig.market("A", "0.01")
    rig.fund_deposit(10**6)
    rig.mark({"A": given["entry"]})
    rig.deposit(1, given["position_margin"] + given["wallet_balance"])
    rig.hold(1, "A", given["size"], given["entry"])
    taken = only(rig.mark({"A": given["mark"]}), EventKind.TAKE_OVER)
    assert rig.money(taken.quote_atoms) / given["size"] == case.expected["bankruptcy_price"]


KINDS = {
    "bankruptcy_price_cross": bankruptcy_price_cross,
    "bankruptcy_price_cross_rounding": bankruptcy_price_cross,
    "bankruptcy_price_quote": bankruptcy_price_quote,
    "bankruptcy_price_linear": bankruptcy_price_linear,
    "linear_bankruptcy_price": linear_bankruptcy_price,
}
