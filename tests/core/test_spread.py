"""Debts that nobody bears are spread over gains once they have waited (FD-12, FD-13, TM-5)."""

from typing import Any

import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState, EventKind
from riskengine.core.types import Event
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import Driver, kinds, only

DEBTOR, OTHER_DEBTOR, MAKER = 5, 6, 9
SECOND = 1_000 * NANOS_PER_MILLI
HIGH_FLOOR = 10**6
"""A level of the gate that no debt here reaches."""


def venue(spread_after_millis: int = 1_000, **levels: Any) -> Driver:
    driver = Driver()
    driver.risk(spread_after_millis=spread_after_millis, **levels)
    driver.market()
    driver.mark(100)
    driver.deposit(MAKER, 10**6)
    return driver


def gain(driver: Driver, account_id: int, atoms: int) -> None:
    """Have an account that paid in 1,000 gain so much, and be flat."""
    driver.deposit(account_id, 1_000)
    driver.trade(account_id, MAKER, 1, 100)
    driver.trade(MAKER, account_id, 1, 100 + atoms)
    assert driver.account(account_id).balance_atoms == 1_000 + atoms


def owe(driver: Driver, atoms: int, account_id: int = DEBTOR) -> Event:
    """Have an account lose what it paid in, and so much more that nobody bears."""
    driver.deposit(account_id, 10)
    driver.trade(account_id, MAKER, 1, 100)
    left = driver.trade(MAKER, account_id, 1, 100, fees=(0, 10 + atoms))
    return only(left, EventKind.BAD_DEBT)


def spread(events: list[Event]) -> dict[int, int]:
    return {e.account_id: e.amount_atoms for e in events if e.kind == EventKind.LOSS_SPREAD}


def worked() -> Driver:
    driver = venue()
    gain(driver, 1, 300)
    gain(driver, 2, 100)
    assert owe(driver, 100).amount_atoms == 100
    return driver


@pytest.mark.rule("FD-12", "FD-13", "TM-5")
def test_gains_of_300_and_100_bear_75_and_25_of_a_debt_of_100() -> None:
    driver = worked()
    assert driver.engine.next_timer_nanos == SECOND
    driver.time_nanos = SECOND - 2
    driver.refuse("tick")
    driver.time_nanos = SECOND
    events = driver.tick()
    assert kinds(events) == ["LOSS_SPREAD", "LOSS_SPREAD", "LIQUIDATION_ENDED"]
    assert spread(events) == {1: 75, 2: 25}
    assert [event.equity_atoms for event in events] == [1_300, 1_100, 0]
    assert events[2].state == driver.account(DEBTOR).state == AccountState.NORMAL
    assert [driver.account(each).balance_atoms for each in (1, 2, DEBTOR)] == [1_225, 1_075, 0]
    assert [driver.account(each).net_deposits_atoms for each in (1, 2, DEBTOR)] == [
        1_000,
        1_000,
        10,
    ]
    assert driver.engine.counters().spread_atoms == (100,)
    assert driver.engine.next_timer_nanos == 0


@pytest.mark.rule("FD-12")
def test_a_debt_is_never_spread_unless_that_is_wanted() -> None:
    driver = venue(spread_after_millis=0)
    gain(driver, 1, 300)
    owe(driver, 100)
    assert driver.engine.next_timer_nanos == 0
    driver.wait(604_800_000)
    assert driver.mark(100) == []


@pytest.mark.rule("FD-13")
def test_deposits_are_not_touched_and_a_debt_that_nobody_can_bear_stays_and_is_told() -> None:
    driver = venue()
    driver.deposit(1, 1_000)
    owe(driver, 100)
    events = driver.tick(1_000)
    assert [(e.kind, e.account_id, e.amount_atoms) for e in events] == [
        (EventKind.BAD_DEBT, DEBTOR, 100)
    ]
    assert driver.account(1).balance_atoms == 1_000
    gain(driver, 2, 30)
    again = driver.tick(1_000)
    assert kinds(again) == ["LOSS_SPREAD", "BAD_DEBT"]
    assert [event.amount_atoms for event in again] == [30, 70]
    assert driver.account(2).balance_atoms == 1_000
    assert driver.engine.next_timer_nanos == 3 * SECOND


@pytest.mark.rule("FD-13")
def test_who_withdrew_all_before_pays_nothing() -> None:
    """That is what the gate is for; here its level is too high to keep the gain in."""
    driver = venue(gate_floor_units=HIGH_FLOOR)
    gain(driver, 1, 300)
    gain(driver, 2, 100)
    owe(driver, 100)
    driver.withdraw(1, 1_300)
    assert spread(driver.tick(1_000)) == {2: 100}
    assert driver.account(1).balance_atoms == 0


@pytest.mark.rule("FD-13")
@pytest.mark.parametrize("atoms", [1, 300, 1_000])
def test_what_is_withdrawn_is_first_what_was_paid_in(atoms: int) -> None:
    """So a part that is taken out hides no gain, and makes none of what was paid in."""
    driver = venue(gate_floor_units=HIGH_FLOOR)
    gain(driver, 1, 300)
    gain(driver, 2, 100)
    owe(driver, 100)
    driver.withdraw(1, atoms)
    assert spread(driver.tick(1_000)) == {1: 75, 2: 25}
    assert driver.account(1).balance_atoms == 1_225 - atoms


@pytest.mark.rule("FD-13", "MG-11")
def test_behind_a_closed_gate_gains_wait_for_the_debt_to_be_spread() -> None:
    """A debt of 100 closes the gate: nobody leaves with a gain until it is borne."""
    driver = venue(gate_floor_units=0, gate_ppm=0)
    gain(driver, 1, 300)
    gain(driver, 2, 100)
    owe(driver, 100)
    driver.refuse("withdrawals", (1,), (1,), (1_001,))
    driver.fork().withdraw(1, 1_000)
    assert spread(driver.tick(1_000)) == {1: 75, 2: 25}
    driver.withdraw(1, 1_225)
    driver.withdraw(2, 1_075)


@pytest.mark.rule("FD-13")
def test_a_gain_that_is_split_over_accounts_bears_the_same() -> None:
    driver = venue()
    for account_id in (1, 2, 3):
        gain(driver, account_id, 100)
    gain(driver, 4, 100)
    owe(driver, 101)
    assert spread(driver.tick(1_000)) == {1: 26, 2: 25, 3: 25, 4: 25}


@pytest.mark.rule("FD-13")
def test_a_payer_keeps_his_maintenance_and_may_have_a_negative_balance() -> None:
    """Balance 1,000, gain 19,000 on 100 lots at 290, M 1,450: it bears 18,550 and keeps E 1,450."""
    driver = venue()
    driver.deposit(1, 1_000)
    driver.trade(1, MAKER, 100, 100)
    driver.mark(290)
    owe(driver, 30_000)
    events = driver.tick(1_000)
    assert kinds(events) == ["LOSS_SPREAD", "BAD_DEBT", "MARGIN_CALL"]
    view = driver.account(1)
    assert events[0].amount_atoms == 20_000 - 1_450
    assert (view.equity_atoms, view.maintenance_atoms) == (1_450, 1_450)
    assert (view.balance_atoms, view.state) == (1_000 - 18_550, AccountState.MARGIN_CALL)
    assert driver.lots(1) == 100


@pytest.mark.rule("FD-13")
def test_the_fund_pays_before_gains_do() -> None:
    driver = worked()
    driver.wait(1_000)
    events = driver.fund_deposit(40)
    assert kinds(events) == ["INSURANCE_PAYOUT", "LOSS_SPREAD", "LOSS_SPREAD", "LIQUIDATION_ENDED"]
    assert spread(events) == {1: 45, 2: 15}


@pytest.mark.rule("FD-12", "FD-7")
def test_a_debt_that_was_paid_in_time_is_not_spread() -> None:
    driver = worked()
    driver.deposit(DEBTOR, 100)
    assert driver.tick(1_000) == []


@pytest.mark.rule("FD-13")
def test_debts_that_are_due_together_are_borne_pro_rata() -> None:
    """Gains of 40 pay 10 of a debt of 100, and 30 of one of 300, of which 90 and 270 are left."""
    driver = venue()
    gain(driver, 1, 40)
    owe(driver, 100)
    owe(driver, 300, OTHER_DEBTOR)
    events = driver.tick(1_000)
    assert [(e.kind, e.account_id, e.amount_atoms) for e in events] == [
        (EventKind.LOSS_SPREAD, 1, 40),
        (EventKind.BAD_DEBT, DEBTOR, 90),
        (EventKind.BAD_DEBT, OTHER_DEBTOR, 270),
    ]


@pytest.mark.rule("FD-12")
def test_a_new_time_moves_no_debt_that_waits_and_is_given_to_those_that_did_not() -> None:
    driver = venue(spread_after_millis=0)
    gain(driver, 1, 1_000)
    owe(driver, 100)
    driver.wait(500)
    assert driver.risk(spread_after_millis=2_000) == []
    assert driver.engine.next_timer_nanos == 2 * SECOND
    driver.risk(spread_after_millis=1)
    assert driver.engine.next_timer_nanos == 2 * SECOND
    late = driver.fork()
    late.risk(spread_after_millis=0)
    assert late.tick(1_500) == []
    assert late.engine.next_timer_nanos == 0
    assert spread(late.risk(spread_after_millis=1_000)) == {1: 100}
    assert spread(driver.tick(1_500)) == {1: 100}


@pytest.mark.rule("FD-12", "TM-5")
def test_a_debtor_with_positions_waits_again() -> None:
    """Nobody is short: 1,000 of lots without a counterparty cannot be closed."""
    driver = venue()
    gain(driver, 1, 300)
    driver.deposit(DEBTOR, 100)
    driver.update(DEBTOR, 10, 100)
    assert only(driver.mark(80), EventKind.BAD_DEBT).amount_atoms == 100
    assert driver.tick(1_000) == []
    assert driver.engine.next_timer_nanos == 2 * SECOND
    driver.update(DEBTOR, -10, 80)
    assert spread(driver.tick(1_000)) == {1: 100}


@pytest.mark.rule("FD-13")
def test_assets_bear_their_own_debts() -> None:
    driver = worked()
    driver.do("create_asset", 2, "EUR", 0)
    driver.do("create_fund", 2, 2)
    driver.market(2, asset_id=2, fund_id=2)
    driver.mark(100, market_id=2)
    driver.deposit(MAKER, 1_000, 2)
    driver.deposit(1, 1_000, 2)
    driver.trade(1, MAKER, 1, 100, market_id=2)
    driver.trade(MAKER, 1, 1, 190, market_id=2)
    assert spread(driver.tick(1_000)) == {1: 75, 2: 25}
    assert driver.account(1, 2).balance_atoms == 1_090


@pytest.mark.rule("ST-7", "FD-12")
def test_a_debt_waits_on_when_it_is_saved_and_read_back() -> None:
    driver = worked()
    before = driver.engine.state_hash()
    driver.engine = Engine.read_back(driver.engine.save())
    assert driver.engine.state_hash() == before
    (debtor,) = driver.engine.dump()["debtors"]
    assert (debtor["since_nanos"], debtor["due_nanos"]) == (0, SECOND)
    assert spread(driver.tick(1_000)) == {1: 75, 2: 25}


@pytest.mark.rule("FD-13", "BD-6")
def test_what_no_64_bits_hold_is_spread_in_two() -> None:
    """Four debts and four gains of 2^60 are 2^62; 2^61 is the most that is spread at once."""
    most = 2**60
    driver = Driver()
    driver.risk(spread_after_millis=1_000)
    driver.begin_loading()
    for account_id in (1, 2, 3, 4):
        driver.load(account_id, most, 0)
        driver.load(account_id + 4, -most, 0)
    assert kinds(driver.go_live()) == 4 * ["CANCEL_ORDERS"] + 4 * ["BAD_DEBT"]
    events = driver.tick(1_000)
    assert spread(events) == dict.fromkeys((1, 2, 3, 4), most // 2)
    assert kinds(events)[4:] == 4 * ["BAD_DEBT"]
    events = driver.tick(1_000)
    assert spread(events) == dict.fromkeys((1, 2, 3, 4), most // 2)
    assert kinds(events)[4:] == 4 * ["LIQUIDATION_ENDED"]
    assert driver.engine.counters().spread_atoms == (4 * most,)
