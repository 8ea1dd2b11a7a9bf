"""Debts are written off by one who pays, and not otherwise (FD-14, GD-25)."""

import pytest

from riskengine.core.enums import AccountState, EventKind, RejectReason, WriteOffPayer
from riskengine.core.types import Rejection
from tests.core.driver import Driver, kinds
from tests.core.ladder import Rung, Step, steps

DEBTOR, MAKER = 5, 9
FUND, FEES, VENUE = WriteOffPayer.FUND, WriteOffPayer.FEES, WriteOffPayer.VENUE
OUT_OF_RANGE = RejectReason.OUT_OF_RANGE
NOT_WITHDRAWABLE = RejectReason.NOT_WITHDRAWABLE


def indebted() -> Driver:
    """The account owes 100 in a market of fund 1; 110 were taken of it as a fee. Fund 2 has 60."""
    driver = Driver(funds=2)
    driver.market()
    driver.mark(100)
    driver.deposit(MAKER, 10**6)
    driver.deposit(DEBTOR, 10)
    driver.trade(DEBTOR, MAKER, 1, 100)
    driver.trade(MAKER, DEBTOR, 1, 100, fees=(0, 110))
    assert driver.account(DEBTOR).balance_atoms == -100
    driver.fund_deposit(60, fund_id=2)
    return driver


@pytest.mark.rule("FD-14")
def test_a_fund_pays_of_what_it_has_available_and_the_rest_stays() -> None:
    driver = indebted()
    paid, written_off = driver.do("write_off", DEBTOR, 1, 60, FUND, 2)
    assert (paid.kind, paid.fund_id, paid.amount_atoms) == (EventKind.INSURANCE_PAYOUT, 2, 60)
    assert (written_off.kind, written_off.payer) == (EventKind.DEBT_WRITTEN_OFF, FUND)
    assert (written_off.amount_atoms, written_off.fund_id, written_off.left_atoms) == (60, 2, 40)
    assert driver.fund(2).balance_atoms == 0
    view = driver.account(DEBTOR)
    assert (view.balance_atoms, view.state) == (-40, AccountState.BANKRUPT)
    counters = driver.engine.counters()
    assert (counters.insurance_payouts, counters.written_off_atoms) == (1, (60,))


@pytest.mark.rule("FD-14", "FD-7")
@pytest.mark.parametrize(("payer", "fees", "deposits"), [(FEES, 10, 0), (VENUE, 110, 100)])
def test_nothing_is_left_when_fees_or_the_venue_pay_all(
    payer: WriteOffPayer, fees: int, deposits: int
) -> None:
    driver = indebted()
    (before,) = driver.engine.conservation()
    events = driver.do("write_off", DEBTOR, 1, 100, payer)
    assert kinds(events) == ["DEBT_WRITTEN_OFF", "LIQUIDATION_ENDED"]
    assert (events[0].payer, events[0].left_atoms) == (payer, 0)
    assert events[1].state == AccountState.NORMAL
    (after,) = driver.engine.conservation()
    assert after.fees_atoms == fees
    assert after.net_deposits_atoms - before.net_deposits_atoms == deposits
    assert after.missing_atoms == after.bad_debt_atoms == 0
    view = driver.account(DEBTOR)
    assert (view.balance_atoms, view.net_deposits_atoms) == (0, 10)


@pytest.mark.rule("FD-14")
def test_of_a_balance_that_positions_make_good_nothing_is_written_off() -> None:
    """Balance -90 and 5 lots bought at 100, now at 116: a debt of 10, whatever the balance is."""
    driver = indebted()
    driver.update(DEBTOR, 5, 100)
    driver.mark(118)
    assert driver.account(DEBTOR).equity_atoms == -10
    (last,) = driver.engine.gates()
    assert last.unallocated_loss_atoms == 10
    assert driver.refuse("write_off", DEBTOR, 1, 11, VENUE) == Rejection(
        0, OUT_OF_RANGE, "amount_atoms", 11, 10
    )
    events = driver.do("write_off", DEBTOR, 1, 10, VENUE)
    assert kinds(events)[:2] == ["DEBT_WRITTEN_OFF", "CANCEL_ORDERS"]


@pytest.mark.rule("FD-14", "JD-10")
def test_a_loss_of_positions_that_nobody_takes_is_written_off_whatever_the_balance_is() -> None:
    """Long 10 from 100 with 60, now at 90, and nobody is short: 40 kept the gate's loss up."""
    driver = Driver()
    driver.market()
    driver.mark(100)
    driver.deposit(DEBTOR, 60)
    driver.update(DEBTOR, 10, 100)
    driver.mark(90)
    view = driver.account(DEBTOR)
    assert (view.state, view.balance_atoms, view.equity_atoms) == (AccountState.BANKRUPT, 60, -40)
    refusal = driver.refuse("write_off", DEBTOR, 1, 41, VENUE)
    assert refusal == Rejection(0, OUT_OF_RANGE, "amount_atoms", 41, 40)
    assert driver.do("write_off", DEBTOR, 1, 30, VENUE)[0].left_atoms == 10
    assert driver.account(DEBTOR).state == AccountState.BANKRUPT
    events = driver.do("write_off", DEBTOR, 1, 10, VENUE)
    assert kinds(events)[:2] == ["DEBT_WRITTEN_OFF", "CANCEL_ORDERS"]
    view = driver.account(DEBTOR)
    assert (view.state, view.balance_atoms, view.equity_atoms) == (AccountState.LIQUIDATING, 100, 0)
    (gate,) = driver.engine.gates()
    assert gate.unallocated_loss_atoms == 0


@pytest.mark.rule("FD-14", "BD-6")
def test_a_write_off_leaves_the_balance_within_its_bound() -> None:
    driver = Driver()
    driver.market(max_price_ticks=2**54, max_position_lots=1)
    driver.mark(1)
    driver.deposit(DEBTOR, 2**60)
    markets = range(2, 72)
    for market_id in markets:
        driver.market(market_id, max_price_ticks=2**54, max_position_lots=1)
    driver.marks(dict.fromkeys(markets, 1))
    for market_id in markets:
        driver.update(DEBTOR, 1, 2**54, market_id)
    view = driver.account(DEBTOR)
    assert (view.state, view.balance_atoms) == (AccountState.BANKRUPT, 2**60)
    assert view.equity_atoms < 0
    refusal = driver.refuse("write_off", DEBTOR, 1, 1, VENUE)
    assert refusal == Rejection(0, OUT_OF_RANGE, "amount_atoms", 1, 0)


WRITE_OFF = {
    "account_id": DEBTOR,
    "asset_id": 1,
    "amount_atoms": 100,
    "payer": VENUE,
    "fund_id": 0,
    "isolated_market_id": 0,
}
RUNGS = [
    Rung({"account_id": 0}, OUT_OF_RANGE, "account_id", 0, 1),
    Rung({"account_id": 77}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 77),
    Rung({"asset_id": 3}, RejectReason.UNKNOWN_ASSET, "asset_id", 3),
    Rung({"isolated_market_id": 1}, OUT_OF_RANGE, "isolated_market_id", 1, 0),
    Rung({"account_id": MAKER}, RejectReason.NOT_BANKRUPT, "account_id", MAKER),
    Rung({"amount_atoms": 0}, OUT_OF_RANGE, "amount_atoms", 0, 1),
    Rung({"amount_atoms": 101}, OUT_OF_RANGE, "amount_atoms", 101, 100),
    Rung({"payer": 0}, RejectReason.UNKNOWN_ENUM, "payer", 0),
    Rung({"payer": 4}, RejectReason.UNKNOWN_ENUM, "payer", 4),
    Rung({"payer": FUND, "fund_id": 3}, RejectReason.UNKNOWN_FUND, "fund_id", 3),
]


@pytest.mark.rule("GD-25")
@pytest.mark.parametrize("step", steps(WRITE_OFF, RUNGS))
def test_guards_in_their_order(step: Step) -> None:
    assert indebted().refuse("write_off", *step.arguments.values()) == step.refusal


@pytest.mark.rule("GD-25", "FD-1")
def test_a_payer_who_cannot_pays_nothing() -> None:
    driver = indebted()
    refusal = driver.refuse("write_off", DEBTOR, 1, 61, FUND, 2)
    assert refusal == Rejection(0, NOT_WITHDRAWABLE, "amount_atoms", 61, 60, FUND)
    refusal = driver.refuse("write_off", DEBTOR, 1, 1, FUND, 1)
    assert refusal == Rejection(0, NOT_WITHDRAWABLE, "amount_atoms", 1, 0, FUND)
    driver.deposit(1, 500)
    driver.trade(MAKER, 1, 1, 100, fees=(-20, 0))
    refusal = driver.refuse("write_off", DEBTOR, 1, 91, FEES)
    assert refusal == Rejection(0, NOT_WITHDRAWABLE, "amount_atoms", 91, 90, FEES)


@pytest.mark.rule("GD-25")
@pytest.mark.parametrize("payer", [FEES, VENUE])
def test_a_fund_is_named_only_where_one_pays(payer: WriteOffPayer) -> None:
    refusal = indebted().refuse("write_off", DEBTOR, 1, 1, payer, 2)
    assert refusal == Rejection(0, OUT_OF_RANGE, "fund_id", 2, 0)


@pytest.mark.rule("GD-25")
def test_a_fund_of_another_asset_pays_no_debt() -> None:
    driver = indebted()
    driver.do("create_asset", 2, "EUR", 0)
    driver.do("create_fund", 3, 2)
    driver.fund_deposit(1_000, fund_id=3)
    refusal = driver.refuse("write_off", DEBTOR, 1, 1, FUND, 3)
    assert refusal == Rejection(0, RejectReason.UNKNOWN_FUND, "fund_id", 3, 0)
