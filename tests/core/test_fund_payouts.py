"""What of losses and debts counts to which market, and what its fund pays of that (LS-5, FD-10)."""

import pytest

from riskengine.core.enums import AccountState, EventKind, RejectReason, WriteOffPayer
from riskengine.core.types import Event, Rejection
from tests.core.driver import MARKET, Driver

RICH = 9
SLOT_MILLIS = 300_000


def venue(fund_atoms: int, *shares_ppm: int) -> Driver:
    """Return markets at 100, each with its share of the fund, and somebody to trade with.

    Trades stay as they are, whatever they leave.
    """
    driver = Driver()
    for market_id, share_ppm in enumerate(shares_ppm, 1):
        driver.market(market_id, fund_share_ppm=share_ppm, reprices_trades=0)
        driver.mark(100, market_id)
    if fund_atoms:
        driver.fund_deposit(fund_atoms)
    driver.deposit(RICH, 10**9)
    return driver


def paid(events: list[Event]) -> dict[int, int]:
    """Return what the fund paid for each account."""
    return {e.account_id: e.amount_atoms for e in events if e.kind == EventKind.INSURANCE_PAYOUT}


def of_legs(events: list[Event]) -> dict[int, tuple[int, int]]:
    """Return what of each account's loss lies on its leg, and what of that the fund paid."""
    return {
        e.account_id: (e.loss_atoms, e.amount_atoms)
        for e in events
        if e.kind == EventKind.LOSS_ALLOCATION
    }


def payouts(driver: Driver) -> dict[int, int]:
    """Return what was paid for each market in the window."""
    return {
        one.market_id: sum(slot.paid_atoms for slot in one.slots)
        for one in driver.engine.market_payouts()
    }


def dump_on_a_friend(driver: Driver, account_id: int, loss_atoms: int, market_id: int) -> int:
    """Have an account sell below mark what it bought, and so lose that much more than it has.

    Return what the fund pays of it at once.
    """
    driver.deposit(account_id, 10)
    driver.trade(account_id, RICH, 1, 100, market_id)
    events = driver.trade(RICH, account_id, 1, 90 - loss_atoms, market_id)
    return paid(events).get(account_id, 0)


def alone_in(driver: Driver, account_id: int, price: int, market_id: int = 1) -> list[Event]:
    """Have an account be long 10 against nobody, at a price of which no mark knows."""
    driver.deposit(account_id, 100)
    return driver.update(account_id, 10, price, market_id)


@pytest.mark.rule("LS-5", "FD-10")
@pytest.mark.parametrize(
    ("share_ppm", "whole", "of_each"), [(0, 200, (15, 37, 148)), (500_000, 100, (7, 19, 74))]
)
def test_what_no_leg_lost_is_asked_with_the_losses_of_its_market(
    share_ppm: int, whole: int, of_each: tuple[int, int, int]
) -> None:
    """40 and 100 of legs are asked, and 400 that account 2 lost by its price."""
    driver = venue(0, share_ppm)
    alone_in(driver, 1, 104)
    assert not paid(alone_in(driver, 2, 150))
    driver.fund_deposit(200)
    events = driver.mark(90)
    first, second, of_none = of_each
    assert of_legs(events) == {1: (40, first), 2: (100, second)}
    assert paid(events) == {1: first, 2: second + of_none}
    assert payouts(driver) == {1: whole}
    assert driver.fund().paid_atoms == whole


@pytest.mark.rule("LS-5")
def test_of_one_account_what_a_leg_lost_comes_first() -> None:
    """100 lie on the leg, and 100 on none: of an odd atom neither has the larger part."""
    driver = venue(0, 0)
    alone_in(driver, 2, 120)
    driver.fund_deposit(1)
    assert of_legs(driver.mark(90)) == {2: (100, 1)}


@pytest.mark.rule("LS-5", "ST-3", "FD-10")
@pytest.mark.parametrize(("shares", "amounts"), [((1, 0), {1: 100}), ((0, 1), {})])
def test_what_no_leg_lost_counts_to_the_market_that_was_booked_last(
    shares: tuple[int, int], amounts: dict[int, int]
) -> None:
    """The leg that is left is in market 1, what was lost in market 2."""
    driver = venue(1_000, *shares)
    alone_in(driver, 1, 100)
    driver.trade(1, RICH, 1, 100, 2)
    events = driver.trade(RICH, 1, 1, 100, 2, fees=(0, 200))
    assert paid(events) == amounts
    assert payouts(driver) == {1: 0, 2: sum(amounts.values())}


@pytest.mark.rule("FD-6", "FD-10", "WF-22")
def test_a_debt_takes_of_the_share_what_losses_may_not_have_again() -> None:
    driver = venue(1_000, 50_000)
    assert dump_on_a_friend(driver, 1, 30, 1) == 30
    alone_in(driver, 2, 100)
    events = driver.mark(80)
    assert of_legs(events) == {2: (100, 20)}
    assert payouts(driver) == {1: 50}


@pytest.mark.rule("FD-6", "FD-10")
def test_debts_are_paid_in_order_by_what_is_left_for_each_market() -> None:
    """The first of two in market 1 has all that is left for it; that in market 2 waits for none."""
    driver = venue(0, 50_000, 0)
    for account_id, market_id in ((1, 1), (2, 1), (3, 2)):
        assert dump_on_a_friend(driver, account_id, 40, market_id) == 0
    assert paid(driver.fund_deposit(1_000)) == {1: 40, 2: 10, 3: 40}
    states = [driver.account(account_id).state for account_id in (1, 2, 3)]
    assert states == [AccountState.NORMAL, AccountState.BANKRUPT, AccountState.NORMAL]
    driver.wait(95 * SLOT_MILLIS)
    assert not paid(driver.deposit(RICH, 1))
    # The 50 have left the window; now it is 5 % of the 910 that are left.
    driver.wait(SLOT_MILLIS)
    assert paid(driver.deposit(RICH, 1)) == {2: 30}
    assert payouts(driver) == {1: 30, 2: 0}


@pytest.mark.rule("FD-10", "LS-5")
def test_friends_get_no_more_of_a_fund_than_the_share_of_their_market() -> None:
    """They dump on each other in a market whose trades stay as they are: that took the fund."""
    driver = venue(10_000, 50_000, 0)
    taken = sum(dump_on_a_friend(driver, account_id, 80, 1) for account_id in range(10, 40))
    assert taken == 500
    assert dump_on_a_friend(driver, 50, 80, 2) == 80


@pytest.mark.rule("FD-14", "FD-10")
def test_what_an_operator_has_a_fund_pay_is_of_no_share() -> None:
    driver = venue(1_000, 1)
    assert dump_on_a_friend(driver, 1, 80, 1) == 0
    driver.do("write_off", 1, 1, 80, WriteOffPayer.FUND, 1)
    assert driver.account(1).state == AccountState.NORMAL
    assert (driver.fund().balance_atoms, driver.fund().paid_atoms) == (920, 0)


@pytest.mark.rule("ST-3", "FD-6")
def test_an_account_that_was_never_booked_is_paid_for_by_nobody() -> None:
    driver = Driver()
    driver.market()
    driver.begin_loading()
    driver.load(1, -20)
    driver.go_live()
    assert not paid(driver.fund_deposit(100))
    assert driver.account(1).state == AccountState.BANKRUPT


@pytest.mark.rule("GD-4", "GD-6")
def test_a_market_keeps_the_fund_of_its_asset() -> None:
    driver = Driver(funds=2)
    for market_id in (1, 2):
        driver.market(market_id)
        refusal = driver.refuse("set_market", MARKET._replace(market_id=market_id, fund_id=2))
        assert refusal == Rejection(0, RejectReason.FUND_SCOPE, "fund_id", 2, 1)


@pytest.mark.rule("GD-4")
def test_a_fund_that_no_market_names_pays_nothing_by_rule() -> None:
    driver = venue(0, 0)
    driver.do("create_fund", 2, 1)
    driver.fund_deposit(1_000, 2)
    assert dump_on_a_friend(driver, 1, 80, 1) == 0
    alone_in(driver, 2, 100)
    assert not paid(driver.mark(80))
    assert driver.fund(2).equity_atoms == 1_000


@pytest.mark.rule("ST-3", "FD-10")
@pytest.mark.parametrize("is_steered", [False, True])
def test_a_debt_stays_with_the_market_that_made_it(is_steered: bool) -> None:
    """One lot of another market, which is closed last, takes no junk's debt along."""
    driver = venue(0, 50_000, 50_000, 50_000)
    driver.fund_deposit(10_000)
    for account_id, atoms in ((1, 300), (2, 300), (3, 10_000)):
        driver.deposit(account_id, atoms)
    driver.trade(1, 2, 20, 100, 1)
    driver.trade(2, 3, 20, 100, 2)
    if is_steered:
        driver.trade(1, RICH, 1, 100, 3)
    events = driver.marks({1: 20, 2: 20})
    assert paid(events) == {1: 500}
    assert payouts(driver) == {1: 500, 2: 0, 3: 0}
    debts = [event for event in events if event.kind == EventKind.BAD_DEBT]
    assert [(event.account_id, event.amount_atoms) for event in debts] == [(1, 520)]
