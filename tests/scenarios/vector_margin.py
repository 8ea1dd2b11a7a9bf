"""Cases of margin: requirements over tiers, what may be opened, what may be taken out."""

from decimal import Decimal
from typing import Any

from riskengine.core.enums import AccountState, RejectReason, Side
from tests.scenarios.vector_file import Case, dec
from tests.scenarios.vector_rig import Rig, Tiers

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


def initial_margin(case: Case) -> None:
    rate = Decimal(case.inputs["imf_ppm"]).scaleb(-6)
    rig = holder(case.inputs["notional"], [(0, rate, rate)])
    assert rig.position(1, "A").initial_atoms == case.expected["imr"]


def maintenance_margin(case: Case) -> None:
    """A tier's maintenance rate is stated itself, here as that fraction of the initial one."""
    initial = Decimal(case.inputs["base_imr_or_imf_ppm"]).scaleb(-6)
    rate = Decimal(case.inputs["maintenance_fraction_ppm"]).scaleb(-6) * initial
    rig = holder(10**6, [(0, initial, rate)])
    assert rig.position(1, "A").maintenance_atoms == case.expected["maintenance"]


def maintenance_margin_tiered(case: Case) -> None:
    if "leverage" in case.inputs:
        limits = case.inputs["tiers"]
        initial = 1 / dec(case.inputs["leverage"])
        floors = [0] + [limit for limit, _ in limits[:-1]]
        tiers = [(floor, initial, row[1]) for floor, row in zip(floors, limits, strict=True)]
        value = case.inputs["position_value"]
        maintenance, deduction = maintenance_and_deduction(value, tiers, -6)
        assert maintenance == case.expected["maintenance_margin"]
        assert deduction == case.expected["deduction_tier4"]
        initial_atoms = holder(value, tiers, -6).position(1, "A").initial_atoms
        assert initial_atoms == case.expected["initial_margin"] * 10**6
        return
    leverages = [(floor, dec(leverage)) for floor, _, leverage in case.inputs["tiers"]]
    tiers = [(floor, 1 / leverage, 1 / (2 * leverage)) for floor, leverage in leverages]
    # One sixth is 166,667 ppm: a millionth of the value is what may be off.
    for k, value in enumerate(case.inputs["notionals"]):
        maintenance, _ = maintenance_and_deduction(value, tiers, -6)
        assert abs(maintenance - dec(case.expected["maintenance_margin"][k])) <= value / 10**6


def tiered_maintenance_deduction(case: Case) -> None:
    rows = case.inputs["tiers"]
    tiers = [
        (row["from_notional"], 1 / dec(row["max_leverage"]), 1 / (2 * dec(row["max_leverage"])))
        for row in rows
    ]
    for value in (150_000_000, 150_000_001, 200_000_000):
        _, deduction = maintenance_and_deduction(value, tiers, -6)
        assert deduction == case.expected["deduction_tier2"]


def margin_tier_lookup(case: Case) -> None:
    tiers = [(0, "0.01", "0.004"), (50_000, "0.01", "0.005"), (250_000, "0.02", "0.01")]
    first, second = (row["notional"] for row in case.inputs["examples"])
    assert dec(tiers[holder(first, tiers).position(1, "A").tier][2]) == dec(
        case.expected["mmr_264000"]
    )
    maintenance, deduction = maintenance_and_deduction(second, tiers, 0)
    assert maintenance == case.expected["maintenance_margin_500000"]
    assert deduction == case.expected["maintenance_amount_500000"]


def cross_can_open(case: Case) -> None:
    initial, maintenance = case.inputs["im"], case.inputs["mm"]
    rig = Rig(atom=0)
    rig.market("A", tiers=[(0, dec(initial), dec(maintenance))])
    rig.mark({"A": 100})
    rig.deposit(1, case.inputs["wallet"])
    rig.deposit(2, 10**6)
    margins = []
    for step, accepted in zip(case.inputs["steps"], case.expected["accepted"], strict=True):
        size, price = map(int, step.removeprefix("open ").lstrip("+").split("@"))
        check = rig.driver.engine.check_order(1, 1, Side.LONG, size, price, False)
        if accepted:
            assert check.rejection is None
            rig.trade(1, 2, "A", size, price)
            margins.append(rig.driver.account(1).initial_atoms)
        else:
            assert check.rejection is not None
            assert check.rejection.reason == RejectReason.INSUFFICIENT_MARGIN
    assert margins == case.expected["im_after"]


def cross_liquidation_boundary(case: Case) -> None:
    rig = Rig(atom=-1)
    for name in ("A", "B"):
        rig.market(name, case.inputs["mm"])
    rig.mark({"A": 100, "B": 100})
    rig.deposit(1, case.inputs["wallet"])
    for name in ("A", "B"):
        rig.hold(1, name, 50, 100)
    rig.mark({"A": case.inputs["mark_one_symbol"]})
    assert rig.equity(1) == case.expected["equity"]
    assert rig.money(rig.driver.account(1).maintenance_atoms) == dec(case.expected["mm"])
    is_liquidatable = rig.driver.account(1).state == AccountState.LIQUIDATING
    assert is_liquidatable == case.expected["liquidatable"]


def withdrawable(case: Case) -> None:
    given = case.inputs
    rig = Rig(atom=0)
    rig.market("A", given["im"])
    rig.mark({"A": given["mark"]})
    rig.deposit(1, given["wallet"])
    rig.hold(1, "A", given["long"], given["entry"])
    assert rig.driver.account(1).withdrawable_atoms == case.expected["withdrawable"]


KINDS = {
    "initial_margin": initial_margin,
    "maintenance_margin": maintenance_margin,
    "maintenance_margin_tiered": maintenance_margin_tiered,
    "tiered_maintenance_deduction": tiered_maintenance_deduction,
    "margin_tier_lookup": margin_tier_lookup,
    "cross_can_open": cross_can_open,
    "cross_liquidation_boundary": cross_liquidation_boundary,
    "withdrawable": withdrawable,
}
