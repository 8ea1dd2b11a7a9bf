"""Cases of margin: requirements over tiers, what may be opened, what may be taken out."""

from decimal import Decimal
from typing import Any

from riskengine.core.enums import AccountState, EventKind, RejectReason, Side
from tests.core.driver import kinds
from tests.vectors.cases import Case, dec
from tests.vectors.rig import Rig, Tiers

MOST = 10**10


def holder(value: Any, tiers: Tiers, atom: int = 0) -> Rig:
    """Have account 1, with money enough, hold a position worth `value`: that many lots at 1."""
    rig = Rig(atom=atom)
    rig.market("A", tiers=tiers, max_price_ticks=1)
    rig.mark({"A": 1})
    rig.deposit(1, MOST)
    rig.hold(1, "A", value, 1)
    return rig


def maintenance_and_deduction(value: Any, tiers: Tiers, atom: int) -> tuple[Decimal, Decimal]:
    """Return the requirement, and the deduction `value * rate - requirement` of its tier."""
    rig = holder(value, tiers, atom)
    position = rig.position(1, "A")
    maintenance = rig.money(position.maintenance_atoms)
    return maintenance, value * dec(tiers[position.tier][2]) - maintenance


def tiers_of_leverages(case: Case) -> Tiers:
    """Return tiers of which the maintenance rate is half of the initial one."""
    return [
        (row["from"], 1 / dec(row["leverage"]), 1 / (2 * dec(row["leverage"])))
        for row in case.given["tiers"]
    ]


def initial_margin(case: Case) -> None:
    rate = Decimal(case.given["initial_rate_ppm"]).scaleb(-6)
    rig = holder(case.given["notional"], [(0, rate, rate)])
    assert rig.position(1, "A").initial_atoms == case.then["initial"]


def maintenance_rate(case: Case) -> None:
    """A tier's maintenance rate is stated itself, here as that share of the initial one."""
    initial = Decimal(case.given["initial_rate_ppm"]).scaleb(-6)
    rate = Decimal(case.given["maintenance_share_ppm"]).scaleb(-6) * initial
    rig = holder(10**6, [(0, initial, rate)])
    assert rig.position(1, "A").maintenance_atoms == case.then["maintenance_rate_ppm"]


def maintenance_by_tiers(case: Case) -> None:
    if "leverage" in case.given:
        rows = case.given["tiers"]
        initial = 1 / dec(case.given["leverage"])
        floors = [0] + [row["up_to"] for row in rows[:-1]]
        tiers: Tiers = [
            (floor, initial, row["maintenance_rate"])
            for floor, row in zip(floors, rows, strict=True)
        ]
        value = case.given["notional"]
        maintenance, deduction = maintenance_and_deduction(value, tiers, -6)
        assert maintenance == case.then["maintenance"]
        assert deduction == case.then["deduction"]
        initial_atoms = holder(value, tiers, -6).position(1, "A").initial_atoms
        assert initial_atoms == case.then["initial"] * 10**6
        return
    tiers = tiers_of_leverages(case)
    # One sixth is 166,667 ppm: a millionth of the value is what may be off.
    for k, value in enumerate(case.given["notionals"]):
        maintenance, _ = maintenance_and_deduction(value, tiers, -6)
        assert abs(maintenance - case.then["maintenances"][k]) <= value / 10**6


def deduction_of_a_tier(case: Case) -> None:
    tiers = tiers_of_leverages(case)
    floor = case.given["tiers"][1]["from"]
    for value in (floor, floor + 1, case.given.get("notional", 200_000_000)):
        maintenance, deduction = maintenance_and_deduction(value, tiers, -6)
        assert deduction == case.then["deduction"]
    if "maintenance" in case.then:
        assert maintenance == case.then["maintenance"]
        assert dec(tiers[1][2]) == case.then["maintenance_rate"]


def tier_of_a_notional(case: Case) -> None:
    tiers = [(row["from"], "0.01", row["maintenance_rate"]) for row in case.given["tiers"]]
    first, second = case.given["notionals"]
    rate = dec(tiers[holder(first, tiers).position(1, "A").tier][2])
    assert rate == case.then["maintenance_rate_of_first"]
    maintenance, deduction = maintenance_and_deduction(second, tiers, 0)
    assert maintenance == case.then["maintenance_of_second"]
    assert deduction == case.then["deduction_of_second"]


def orders_that_may_open(case: Case) -> None:
    given = case.given
    rig = Rig(atom=0)
    rig.market("A", tiers=[(0, given["initial_rate"], given["maintenance_rate"])])
    rig.mark({"A": 100})
    rig.deposit(1, given["balance"])
    rig.deposit(2, 10**6)
    margins = []
    for order, accepted in zip(given["orders"], case.then["accepted"], strict=True):
        size, price = order["size"], order["price"]
        check = rig.driver.engine.check_order(1, 1, Side.LONG, size, price, False)
        if accepted:
            assert check.rejection is None
            rig.trade(1, 2, "A", size, price)
            margins.append(rig.driver.account(1).initial_atoms)
        else:
            assert check.rejection is not None
            assert check.rejection.reason == RejectReason.INSUFFICIENT_MARGIN
    assert margins == case.then["initial_after"]


def liquidatable_or_not(case: Case) -> None:
    rig = Rig(atom=-1)
    rig.deposit(1, case.given["balance"])
    names = {f"market {k}": held for k, held in enumerate(case.given["positions"])}
    for name, held in names.items():
        rig.market(name, case.given["maintenance_rate"])
        rig.mark({name: held["entry"]})
        rig.hold(1, name, held["size"], held["entry"])
    rig.mark({name: held["mark"] for name, held in names.items()})
    assert rig.equity(1) == case.then["equity"]
    assert rig.money(rig.driver.account(1).maintenance_atoms) == case.then["maintenance"]
    is_liquidatable = rig.driver.account(1).state == AccountState.LIQUIDATING
    assert is_liquidatable == case.then["liquidatable"]


def withdrawable(case: Case) -> None:
    given = case.given
    rig = Rig(atom=0)
    rig.market("A", given["initial_rate"])
    rig.mark({"A": given["mark"]})
    rig.deposit(1, given["balance"])
    rig.hold(1, "A", given["size"], given["entry"])
    assert rig.driver.account(1).withdrawable_atoms == case.then["withdrawable"]


def margin_of_a_perpetual(case: Case) -> None:
    """Unsettled funding stands in the balance; the account is below 0, and keeps its position."""
    given = case.given
    rig = Rig()
    rig.market("A", tiers=[(0, given["initial_rate"], given["maintenance_rate"])])
    rig.mark({"A": given["mark"]})
    rig.deposit(1, given["unsettled_funding"])
    rig.hold(1, "A", given["size"], given["entry"])
    account = rig.driver.account(1)
    assert rig.equity(1) == case.then["equity"]
    initial, maintenance = map(rig.money, (account.initial_atoms, account.maintenance_atoms))
    assert rig.equity(1) - initial == case.then["equity_less_initial"]
    assert rig.equity(1) - maintenance == case.then["equity_less_maintenance"]


def scan_of_a_future(case: Case) -> None:
    """Mark the future at each shock; the source rounds profits to whole dollars."""
    given, forward = case.given, case.then["forward"]
    rig = Rig()
    rig.market("A", "0.01", tick=-3)
    rig.mark({"A": forward})
    rig.deposit(1, MOST)
    rig.hold(1, "A", given["size"], forward)
    profits = []
    for shock in given["shocks"]:
        rig.mark({"A": forward * (1 + shock)})
        profits.append(round(rig.equity(1) - MOST))
    assert profits == case.then["pnls"]


STATES = {
    "trade": (AccountState.NORMAL, None),
    "warn": (AccountState.MARGIN_CALL, None),
    "reduce_only": (AccountState.MARGIN_CALL, None),
    "liquidate": (AccountState.LIQUIDATING, "LIQUIDATION_ORDER"),
    "liquidate_and_claim": (AccountState.NORMAL, "TAKE_OVER"),
}


def states_by_margin_ratio(case: Case) -> None:
    """The venue liquidates at 105 % of its maintenance: that is the engine's maintenance here."""
    limits = {name: dec(limit) for name, limit in case.given["limits"].items()}
    levels = {
        "margin_call_ppm": int(limits["warn"] / limits["liquidate"] * 10**6),
        "margin_call_clear_ppm": 10**7,
        "take_over_ppm": int(limits["liquidate_and_claim"] / limits["liquidate"] * 10**6) + 1,
    }
    for ratio, state in zip(case.given["ratios"], case.then["states"], strict=True):
        rig = Rig(atom=0)
        rig.driver.risk(**levels)
        rig.market("A", "0.1")
        rig.fund_deposit(10**4)
        rig.mark({"A": 210})
        # At 105 the 10 lots need 105: 105 % of a maintenance of 100.
        rig.deposit(1, ratio * 100 + 1_050)
        rig.hold(1, "A", 10, 210)
        found = kinds(rig.mark({"A": 105}))
        wanted, step = STATES[state]
        assert rig.driver.account(1).state == wanted
        steps = {EventKind.LIQUIDATION_ORDER.name, EventKind.TAKE_OVER.name} & set(found)
        assert steps == ({step} if step else set())


CHECKS = {
    "initial_margin": initial_margin,
    "maintenance_rate": maintenance_rate,
    "maintenance_by_tiers": maintenance_by_tiers,
    "deduction_of_a_tier": deduction_of_a_tier,
    "tier_of_a_notional": tier_of_a_notional,
    "orders_that_may_open": orders_that_may_open,
    "liquidatable_or_not": liquidatable_or_not,
    "withdrawable": withdrawable,
    "margin_of_a_perpetual": margin_of_a_perpetual,
    "states_by_margin_ratio": states_by_margin_ratio,
    "scan_of_a_future": scan_of_a_future,
}
