"""Balances that are adjusted, and who could use that against whom (MN-6, MN-7)."""

import pytest

from riskengine.core.enums import AccountState, AdjustmentReason, RejectReason, WriteOffPayer
from riskengine.core.types import Outcome, Rejection
from tests.core.driver import FUND_ACCOUNT, Driver, kinds
from tests.core.ladder import Rung, Step, steps

RICH, WINNER, DEBTOR = 9, 1, 2
MOST = 2**60
FUND, FEES, VENUE = WriteOffPayer.FUND, WriteOffPayer.FEES, WriteOffPayer.VENUE
REBATE, CORRECTION = AdjustmentReason.REBATE, AdjustmentReason.CORRECTION
PROFIT, SURPLUS = AdjustmentReason.REALISED_PROFIT, AdjustmentReason.FUND_SURPLUS
PAYOUT = AdjustmentReason.FEE_PAYOUT
OUT_OF_RANGE = RejectReason.OUT_OF_RANGE


def venue(*, fees: int = 50, fund: int = 300) -> Driver:
    """Return a venue of two funds with fees that the rich account has paid; any loss is a gate."""
    driver = Driver(funds=2)
    driver.risk(gate_floor_units=0, gate_ppm=0, withdrawal_margin_ppm=0)
    driver.market(1, reprices_trades=False)
    driver.mark(100)
    driver.deposit(RICH, 10**6)
    driver.deposit(WINNER, 1_000)
    driver.trade(RICH, WINNER, 1, 100, fees=(fees, 0))
    driver.trade(WINNER, RICH, 1, 100)
    if fund:
        driver.fund_deposit(fund, 2)
    return driver


def adjust(driver: Driver, *rows: tuple[int, ...]) -> Outcome:
    """Adjust by rows of account, amount, reason, payer and fund, which may be left out."""
    full = [(row[0], 1, *row[1:], *(0,) * (5 - len(row))) for row in rows]
    columns = (tuple(map(int, one)) for one in zip(*full, strict=True))
    return driver.try_to("adjust_balances", *columns)


def refused(driver: Driver, *row: int) -> Rejection:
    full = (row[0], 1, *row[1:], *(0,) * (5 - len(row)))
    return driver.refuse("adjust_balances", *((int(value),) for value in full))


def fees(driver: Driver) -> int:
    (sides,) = driver.engine.conservation()
    return sides.fees_atoms


def owe(driver: Driver, atoms: int) -> None:
    """Have the debtor owe so much to the winner, which closes the gate."""
    driver.deposit(DEBTOR, 100)
    driver.trade(DEBTOR, WINNER, 10, 100)
    driver.trade(WINNER, DEBTOR, 10, 90 - atoms // 10)
    assert driver.account(DEBTOR).state == AccountState.BANKRUPT
    assert driver.engine.gates()[0].unallocated_loss_atoms == atoms


ROW = {
    "account_id": WINNER,
    "asset_id": 1,
    "amount_atoms": 10,
    "reason": PAYOUT,
    "payer": FEES,
    "fund_id": 0,
    "isolated_market_id": 0,
}
RUNGS = [
    Rung({"account_id": 0}, OUT_OF_RANGE, "account_id", 0, 1),
    Rung({"account_id": 7}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 7),
    Rung({"asset_id": 5}, RejectReason.UNKNOWN_ASSET, "asset_id", 5),
    Rung({"isolated_market_id": 1}, OUT_OF_RANGE, "isolated_market_id", 1, 0),
    Rung({"amount_atoms": 0}, OUT_OF_RANGE, "amount_atoms", 0, 1),
    Rung({"amount_atoms": MOST + 1}, OUT_OF_RANGE, "amount_atoms", MOST + 1, MOST),
    Rung({"amount_atoms": -MOST - 1}, OUT_OF_RANGE, "amount_atoms", -MOST - 1, -MOST),
    Rung({"reason": 0}, RejectReason.UNKNOWN_ENUM, "reason", 0),
    Rung({"reason": 6}, RejectReason.UNKNOWN_ENUM, "reason", 6),
    Rung({"payer": VENUE}, RejectReason.REASON_MISMATCH, "payer", VENUE, FEES, PAYOUT),
    Rung({"amount_atoms": -1}, OUT_OF_RANGE, "amount_atoms", -1, 1),
    Rung({"fund_id": 2}, OUT_OF_RANGE, "fund_id", 2, 0),
    Rung({"amount_atoms": MOST}, RejectReason.OVERFLOW, "amount_atoms", MOST, MOST),
    Rung({"amount_atoms": 51}, RejectReason.NOT_WITHDRAWABLE, "amount_atoms", 51, 50, FEES),
]


@pytest.mark.rule("MN-6", "GD-23")
@pytest.mark.parametrize("step", steps(ROW, RUNGS))
def test_adjust(step: Step) -> None:
    row = [(int(value),) for value in step.arguments.values()]
    assert venue().refuse("adjust_balances", *row) == step.refusal


@pytest.mark.rule("MN-6")
@pytest.mark.parametrize(("payer", "fund_id"), [(0, 0), (4, 0), (FUND, 0), (FUND, 3)])
def test_a_payer_is_one(payer: int, fund_id: int) -> None:
    refusal = refused(venue(), WINNER, 1, CORRECTION, payer, fund_id)
    if payer == FUND:
        assert (refusal.reason, refusal.field) == (RejectReason.UNKNOWN_FUND, "fund_id")
    else:
        assert (refusal.reason, refusal.field) == (RejectReason.UNKNOWN_ENUM, "payer")


@pytest.mark.rule("MN-6")
@pytest.mark.parametrize(("reason", "payer"), [(SURPLUS, FEES), (SURPLUS, VENUE), (PAYOUT, FUND)])
def test_a_reason_says_who_pays(reason: int, payer: int) -> None:
    refusal = refused(venue(), WINNER, 1, reason, payer, 2 if payer == FUND else 0)
    wanted = FEES if reason == PAYOUT else FUND
    assert refusal == Rejection(0, RejectReason.REASON_MISMATCH, "payer", payer, wanted, reason)


@pytest.mark.rule("MN-7", "MG-11")
@pytest.mark.parametrize(("payer", "fund_id"), [(FEES, 0), (FUND, 2), (VENUE, 0)])
def test_an_adjustment_changes_no_principal(payer: int, fund_id: int) -> None:
    driver = venue()
    assert adjust(driver, (WINNER, 30, CORRECTION, payer, fund_id)).applied_rows == 1
    view = driver.account(WINNER)
    assert (view.balance_atoms, view.net_deposits_atoms) == (1_030, 1_000)
    assert adjust(driver, (WINNER, -80, CORRECTION, payer, fund_id)).applied_rows == 1
    view = driver.account(WINNER)
    assert (view.balance_atoms, view.net_deposits_atoms) == (950, 1_000)
    assert driver.account(FUND_ACCOUNT + 2).net_deposits_atoms == 0


@pytest.mark.rule("MN-7", "ST-10")
@pytest.mark.parametrize(
    ("row", "changes"),
    [
        ((WINNER, 30, REBATE, FEES), (0, 30, 0, -30)),
        ((WINNER, 50, PAYOUT, FEES), (0, 50, 0, -50)),
        ((WINNER, 300, SURPLUS, FUND, 2), (0, 300, -300, 0)),
        ((WINNER, 10**9, PROFIT, VENUE), (10**9, 10**9, 0, 0)),
        ((WINNER, -40, PROFIT, VENUE), (-40, -40, 0, 0)),
        ((WINNER, -40, CORRECTION, FEES), (0, -40, 0, 40)),
        ((WINNER, -1_000, CORRECTION, FUND, 1), (0, -1_000, 1_000, 0)),
    ],
)
def test_money_is_conserved_by_each_payer(
    row: tuple[int, ...], changes: tuple[int, int, int, int]
) -> None:
    driver = venue()
    (before,) = driver.engine.conservation()
    assert adjust(driver, row).rejections == []
    (after,) = driver.engine.conservation()
    names = ("net_deposits_atoms", "balances_atoms", "funds_atoms", "fees_atoms")
    assert tuple(getattr(after, one) - getattr(before, one) for one in names) == changes
    assert after.missing_atoms == 0


@pytest.mark.rule("MN-6")
def test_fees_pay_what_there_is_of_them() -> None:
    """Rows empty them one after the other; below zero they pay nothing."""
    driver = venue(fees=50)
    outcome = adjust(driver, *((WINNER, 30, PAYOUT, FEES), (RICH, 21, REBATE, FEES)) * 2)
    assert [(one.row, one.limit) for one in outcome.rejections] == [(1, 20), (2, 20), (3, 20)]
    driver.trade(RICH, WINNER, 1, 100, fees=(-70, 0))
    assert fees(driver) == -50
    refusal = refused(driver, WINNER, 1, CORRECTION, FEES)
    assert (refusal.reason, refusal.limit) == (RejectReason.NOT_WITHDRAWABLE, 0)


@pytest.mark.rule("MN-6", "FD-1")
def test_a_fund_pays_what_its_inventory_does_not_want() -> None:
    driver = venue(fund=300)
    driver.update(FUND_ACCOUNT + 2, 10, 100)
    assert driver.account(FUND_ACCOUNT + 2).maintenance_atoms == 50
    refusal = refused(driver, WINNER, 251, SURPLUS, FUND, 2)
    assert (refusal.reason, refusal.limit, refusal.detail) == (
        RejectReason.NOT_WITHDRAWABLE,
        250,
        FUND,
    )
    assert adjust(driver, (WINNER, 250, SURPLUS, FUND, 2)).applied_rows == 1
    driver.mark(94)
    assert refused(driver, WINNER, 1, SURPLUS, FUND, 2).limit == 0


@pytest.mark.rule("MN-6", "MG-10")
def test_a_fund_pays_no_surplus_while_a_loss_is_unallocated() -> None:
    """An attacker at the venue would have a fund emptied before the debt asks for it."""
    driver = venue()
    owe(driver, 30)
    for reason in (SURPLUS, REBATE, CORRECTION, PROFIT):
        refusal = refused(driver, WINNER, 1, reason, FUND, 2)
        assert (refusal.reason, refusal.limit) == (RejectReason.NOT_WITHDRAWABLE, 0)
    assert adjust(driver, (WINNER, 1, REBATE, FEES)).applied_rows == 1
    outcome = adjust(driver, (DEBTOR, 30, CORRECTION, VENUE), (WINNER, 5, SURPLUS, FUND, 2))
    assert [one.row for one in outcome.rejections] == [1]
    assert driver.account(DEBTOR).state == AccountState.NORMAL
    assert adjust(driver, (WINNER, 5, SURPLUS, FUND, 2)).applied_rows == 1


@pytest.mark.rule("MN-6", "MG-8")
def test_a_negative_one_leaves_what_positions_want() -> None:
    driver = venue()
    driver.trade(WINNER, RICH, 40, 100)
    refusal = refused(driver, WINNER, -601, CORRECTION, VENUE)
    assert refusal == Rejection(0, RejectReason.NOT_WITHDRAWABLE, "amount_atoms", -601, 600)
    assert adjust(driver, (WINNER, -600, CORRECTION, VENUE)).applied_rows == 1
    assert driver.account(WINNER).state == AccountState.NORMAL


@pytest.mark.rule("MN-6", "GD-10")
def test_nothing_is_taken_of_who_is_in_liquidation() -> None:
    driver = venue()
    owe(driver, 30)
    refusal = refused(driver, DEBTOR, -1, CORRECTION, FEES)
    assert refusal.reason == RejectReason.ACCOUNT_IN_LIQUIDATION


@pytest.mark.rule("MN-6", "MG-11")
def test_no_gain_is_taken_out_behind_a_closed_gate_in_rows() -> None:
    """Each row is less than what was paid in, which no row changes: by that all would pass."""
    driver = venue()
    owe(driver, 30)
    before = driver.account(WINNER).balance_atoms
    outcome = adjust(driver, *((WINNER, -100, CORRECTION, VENUE),) * 3)
    reason = RejectReason.LOSS_UNALLOCATED
    assert outcome.rejections == [
        Rejection(row, reason, "amount_atoms", -100, 0, 1) for row in range(3)
    ]
    assert driver.account(WINNER).balance_atoms == before > 1_000
    assert adjust(driver, (RICH, -100, CORRECTION, VENUE)).applied_rows == 1
    driver.do("write_off", DEBTOR, 1, 30, VENUE)
    assert adjust(driver, (WINNER, -100, CORRECTION, VENUE)).applied_rows == 1


@pytest.mark.rule("MN-6", "MG-11")
def test_a_rebate_waits_behind_the_gate_as_a_gain() -> None:
    """An attacker at the venue would have a gain leave as a rebate of what was paid in."""
    driver = venue()
    adjust(driver, (WINNER, 50, REBATE, FEES))
    owe(driver, 30)
    refusal = driver.refuse("withdrawals", (WINNER,), (1,), (1_001,))
    assert (refusal.reason, refusal.limit) == (RejectReason.LOSS_UNALLOCATED, 1_000)


@pytest.mark.rule("MN-6", "BD-6")
def test_a_fund_has_no_room_for_more_than_its_bound() -> None:
    driver = venue()
    driver.fund_deposit(MOST - 300, 2)
    refusal = refused(driver, WINNER, -1, CORRECTION, FUND, 2)
    assert refusal == Rejection(0, RejectReason.OVERFLOW, "amount_atoms", -1, MOST)


@pytest.mark.rule("MN-7", "FD-11")
def test_a_surplus_larger_than_the_drawdown_stops_the_fund() -> None:
    driver = venue(fund=1_000)
    driver.risk(fund_drawdown_ppm=500_000)
    adjust(driver, (WINNER, 499, SURPLUS, FUND, 2))
    assert not driver.fund(2).is_stopped
    adjust(driver, (WINNER, 1, SURPLUS, FUND, 2))
    assert driver.fund(2).is_stopped


@pytest.mark.rule("MN-7", "JD-1")
def test_who_is_adjusted_is_judged() -> None:
    driver = venue()
    driver.trade(WINNER, RICH, 100, 100)
    driver.mark(95)
    assert driver.account(WINNER).state == AccountState.MARGIN_CALL
    outcome = adjust(driver, (WINNER, 10_000, PROFIT, VENUE))
    assert kinds(outcome.events) == ["MARGIN_CALL_CLEARED"]
