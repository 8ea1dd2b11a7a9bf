"""Withdrawals in rows, and what the venue notes of rows (GD-10, CM-2, CM-3)."""

import pytest

from riskengine.core.enums import RejectReason
from riskengine.core.types import Rejection
from tests.core.driver import Driver, column, state_of

RICH, POOR, WINNER = 9, 1, 2


def venue() -> Driver:
    driver = Driver()
    driver.risk(gate_floor_units=0, gate_ppm=0, withdrawal_margin_ppm=0)
    driver.market(1, reprices_trades=False)
    driver.mark(100)
    driver.deposit(RICH, 10**6)
    driver.deposit(POOR, 100)
    driver.deposit(WINNER, 1_000)
    return driver


def refused(row: int, amount: int, limit: int) -> Rejection:
    return Rejection(row, RejectReason.NOT_WITHDRAWABLE, "amount_atoms", amount, limit)


@pytest.mark.rule("GD-10", "CM-3")
def test_each_row_is_judged_with_what_those_before_it_left() -> None:
    driver = venue()
    outcome = driver.try_to(
        "withdrawals", (POOR, POOR, WINNER, POOR, 8), (1,) * 5, (60, 41, 1_000, 40, 1)
    )
    assert (outcome.applied_rows, outcome.rejected_rows) == (3, 2)
    assert outcome.rejections == [
        refused(1, 41, 40),
        Rejection(4, RejectReason.UNKNOWN_ACCOUNT, "account_id", 8, 0),
    ]
    assert [driver.account(one).balance_atoms for one in (POOR, WINNER)] == [0, 0]


@pytest.mark.rule("GD-10", "CM-4")
def test_a_batch_of_refused_rows_changes_nothing() -> None:
    driver = venue()
    before = state_of(driver.engine)
    outcome = driver.try_to("withdrawals", (POOR, WINNER), (1, 1), (101, 1_001))
    assert (outcome.sequence, outcome.rejected_rows) == (0, 2)
    assert state_of(driver.engine) == before


@pytest.mark.rule("GD-10", "JD-1")
def test_rows_come_to_the_same_as_one_after_the_other() -> None:
    rows = ((POOR, 30), (WINNER, 400), (POOR, 30), (POOR, 50), (WINNER, 600))
    apart, together = venue(), venue()
    for driver in (apart, together):
        driver.trade(WINNER, RICH, 10, 100)
    for account, amount in rows:
        apart.try_to("withdrawals", (account,), (1,), (amount,))
    accounts, amounts = zip(*rows, strict=True)
    together.try_to("withdrawals", accounts, (1,) * len(rows), amounts)
    for account in (POOR, WINNER):
        assert apart.account(account) == together.account(account)


def indebted() -> Driver:
    """Poor owes the winner 20, who has 1,120 of which 1,000 were paid in."""
    driver = venue()
    driver.trade(POOR, WINNER, 10, 100)
    driver.trade(WINNER, POOR, 10, 88)
    return driver


@pytest.mark.rule("MG-11", "GD-10")
def test_gains_cut_into_rows_do_not_pass_a_closed_gate() -> None:
    """An attacker sends his gain in pieces, each less than what he paid in."""
    driver = indebted()
    outcome = driver.try_to("withdrawals", (WINNER,) * 4, (1,) * 4, (400, 400, 300, 201))
    reason = RejectReason.LOSS_UNALLOCATED
    assert outcome.rejections == [
        Rejection(2, reason, "amount_atoms", 300, 200, 1),
        Rejection(3, reason, "amount_atoms", 201, 200, 1),
    ]
    assert driver.account(WINNER).net_deposits_atoms == 200


@pytest.mark.rule("MG-11", "GD-10")
def test_the_gate_closes_between_two_rows() -> None:
    """The level is floor(net deposits * 20 / 10^6): 20, and 19 once they are below a million."""
    driver = indebted()
    driver.risk(gate_ppm=20)
    assert not driver.engine.gates()[0].is_closed
    accounts, amounts = (WINNER, RICH, WINNER), (1_001, 200, 119)
    outcome = driver.try_to("withdrawals", accounts, (1, 1, 1), amounts)
    assert outcome.rejections == [
        Rejection(2, RejectReason.LOSS_UNALLOCATED, "amount_atoms", 119, 0, 1)
    ]
    assert driver.engine.gates()[0].is_closed


NOTES = {"venue_id": (-(2**63), 2**63 - 1), "venue_time_nanos": (0, -5)}


@pytest.mark.rule("CM-2")
@pytest.mark.parametrize("name", ["deposits", "withdrawals", "trades"])
def test_what_the_venue_notes_decides_nothing(name: str) -> None:
    rows = {
        "deposits": ((POOR, WINNER), (1, 1), (5, 7), ()),
        "withdrawals": ((POOR, WINNER), (1, 1), (5, 7), ()),
        "trades": ((1, 1), (POOR, WINNER), (RICH, RICH), (100, 100), (1, 2), (), (), ()),
    }
    plain, noted = venue(), venue()
    without = plain.try_to(name, *rows[name])
    beside = noted.try_to(name, *rows[name], *NOTES.values())
    assert without == beside
    assert without.applied_rows == 2
    assert plain.engine.state_hash() == noted.engine.state_hash()


@pytest.mark.rule("CM-2")
@pytest.mark.parametrize("name", ["deposits", "withdrawals"])
@pytest.mark.parametrize("note", NOTES)
def test_notes_are_named_when_they_do_not_fit(name: str, note: str) -> None:
    engine = venue().engine
    row = [column((value,)) for value in (POOR, 1, 5)]
    notes = [column((1, 2) if one == note else ()) for one in NOTES]
    outcome = getattr(engine, name)(0, *row, column(()), *notes)
    reason = RejectReason.COLUMN_LENGTH
    assert outcome.rejections == [Rejection(-1, reason, note, 2, 1)]
