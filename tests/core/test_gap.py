"""Which legs bear a loss, and what funds, holders and nobody pay of it (LS-4 to LS-18)."""

import pytest

from riskengine.core.enums import EventKind
from riskengine.core.types import Event
from tests.core.driver import FUND_ACCOUNT, Driver, only

FUND = FUND_ACCOUNT + 1
RICH = 10**6


def legs_of(events: list[Event], account_id: int) -> dict[int, int]:
    """Return what of its loss each of the account's legs bears, by market."""
    return {
        event.market_id: event.loss_atoms
        for event in events
        if event.kind == EventKind.LOSS_ALLOCATION and event.account_id == account_id
    }


def pairs(events: list[Event]) -> list[tuple[int, int, int, int]]:
    """Return closed account, counterparty, lots and loss of each pair."""
    return [
        (one.account_id, one.counterparty_account_id, one.size_lots, one.loss_atoms)
        for one in events
        if one.kind == EventKind.AUTO_DELEVERAGE
    ]


def payouts(events: list[Event]) -> dict[int, int]:
    return {
        event.account_id: event.amount_atoms
        for event in events
        if event.kind == EventKind.INSURANCE_PAYOUT
    }


def two_markets(fund_atoms: int = 0) -> Driver:
    """Return two markets at 100, and account 9, which is rich and takes every other side."""
    driver = Driver()
    for market_id in (1, 2):
        driver.market(market_id)
        driver.mark(100, market_id)
    driver.deposit(9, RICH)
    if fund_atoms:
        driver.fund_deposit(fund_atoms)
    return driver


@pytest.mark.rule("LS-4")
@pytest.mark.parametrize(
    ("paid_in", "marks", "shares"),
    [
        pytest.param(120, {1: 80, 2: 90}, {1: 120, 2: 60}, id="180 of 200 + 100 that were lost"),
        pytest.param(119, {1: 80, 2: 90}, {1: 121, 2: 60}, id="120.67 and 60.33"),
        pytest.param(119, {1: 85, 2: 85}, {1: 91, 2: 90}, id="halves: the first leg"),
        pytest.param(120, {1: 70}, {1: 180, 2: 0}, id="a market that is not marked"),
        pytest.param(120, {1: 70, 2: 100}, {1: 180, 2: 0}, id="or is marked as it was"),
        pytest.param(120, {1: 60, 2: 110}, {1: 180, 2: 0}, id="or gained"),
    ],
)
def test_a_loss_is_of_the_legs_that_lost_in_this_command(
    paid_in: int, marks: dict[int, int], shares: dict[int, int]
) -> None:
    """10 lots of each: what was paid in is above the 100 of maintenance, and 300 are lost."""
    driver = two_markets()
    driver.deposit(1, paid_in)
    for market_id in (1, 2):
        driver.trade(1, 9, 10, 100, market_id)
    events = driver.marks(marks)
    assert legs_of(events, 1) == shares
    # Account 9 gained as much with the lots that it gives up, and is far above its requirement.
    assert {one.market_id: one.haircut_atoms for one in events if one.haircut_atoms} == {
        market_id: share for market_id, share in shares.items() if share
    }
    assert driver.account(1).balance_atoms == 0


@pytest.mark.rule("LS-4", "WF-22")
def test_a_loss_by_a_fee_is_of_no_leg() -> None:
    """No mark moved: no holder gained anything that it could give back."""
    driver = two_markets()
    driver.deposit(1, 120)
    driver.trade(1, 9, 10, 100)
    events = driver.trade(1, 9, 1, 100, 2, fees=(200, 0))
    assert legs_of(events, 1) == {1: 0, 2: 0}
    assert only(events, EventKind.BAD_DEBT).amount_atoms == 80
    assert driver.account(9).equity_atoms == RICH


@pytest.mark.rule("LS-4", "LS-17", "WF-22")
def test_a_loss_of_before_is_of_no_leg() -> None:
    """Nobody held the other side when it came about; who does later gives what is new alone."""
    driver = two_markets()
    driver.deposit(1, 120)
    driver.update(1, 10, 100)
    assert only(driver.mark(80), EventKind.BAD_DEBT).amount_atoms == 80
    driver.update(9, -10, 80)
    events = driver.mark(79)
    assert legs_of(events, 1) == {1: 10}
    assert pairs(events) == [(1, 9, 10, 10)]
    assert driver.account(9).equity_atoms == RICH
    assert driver.account(1).balance_atoms == -80


@pytest.mark.rule("LS-17")
def test_a_market_is_marked_once_in_a_command() -> None:
    """A gap has one beginning and one end: the second of two marks is refused."""
    driver = two_markets()
    driver.deposit(1, 120)
    driver.trade(1, 9, 10, 100)
    outcome = driver.try_to("mark_prices", (1, 1), (80, 70))
    assert outcome.rejected_rows == 1
    assert legs_of(outcome.events, 1) == {1: 80}


@pytest.mark.rule("LS-5")
@pytest.mark.parametrize(
    ("fund_atoms", "paid"),
    [
        pytest.param(0, {}, id="nothing"),
        pytest.param(1, {3: 1}, id="0.43, 0.57: the larger remainder"),
        pytest.param(140, {1: 20, 2: 40, 3: 80}, id="60 and 80 of 105 and 140"),
        pytest.param(105, {1: 15, 2: 30, 3: 60}, id="45 and 60"),
        pytest.param(245, {1: 35, 2: 70, 3: 140}, id="all"),
    ],
)
def test_a_fund_pays_by_market_then_by_account(fund_atoms: int, paid: dict[int, int]) -> None:
    """1 and 2 lack 35 and 70 of market 1, 3 lacks 140 of market 2; no matter who is judged first.

    They lost 100, 200 and 200, of which they had paid in 65, 130 and 60.
    """
    driver = two_markets(fund_atoms)
    for account_id, paid_in, lots, market_id in ((1, 65, 5, 1), (2, 130, 10, 1), (3, 60, 10, 2)):
        driver.deposit(account_id, paid_in)
        driver.trade(account_id, 9, lots, 100, market_id)
    events = driver.marks({1: 80, 2: 80})
    assert payouts(events) == paid
    allocated = sum(one.haircut_atoms for one in events)
    assert allocated == 245 - sum(paid.values())


@pytest.mark.rule("LS-5", "WF-22")
@pytest.mark.parametrize(
    ("fund_atoms", "amounts"),
    [
        pytest.param(60, {1: 30, 2: 30}, id="half of 60 for a market, and of 60 that no leg bears"),
        pytest.param(120, {1: 60, 2: 60}, id="all"),
    ],
)
def test_what_no_leg_bears_is_asked_for_beside_the_markets(
    fund_atoms: int, amounts: dict[int, int]
) -> None:
    """Account 2 owes 60 since before, when the fund had nothing; 1 loses 60 by this mark."""
    driver = two_markets()
    driver.deposit(1, 140)
    driver.trade(1, 9, 10, 100)
    driver.deposit(2, 60)
    driver.update(2, 10, 100, 2)
    assert only(driver.mark(88, 2), EventKind.BAD_DEBT).amount_atoms == 60
    driver.fund_deposit(fund_atoms)
    assert driver.account(2).equity_atoms == -60
    events = driver.marks({1: 80, 2: 88})
    assert payouts(events) == amounts


def gapped(short_atoms: int, *, lots: int = 10) -> Driver:
    """Return a long of 20 with 200 paid in against 9 for the rest and 2, which has little."""
    driver = two_markets()
    driver.deposit(1, 200)
    driver.deposit(2, short_atoms)
    driver.trade(1, 2, lots, 100)
    driver.trade(1, 9, 20 - lots, 100)
    return driver


@pytest.mark.rule("LS-17", "LS-18")
@pytest.mark.parametrize(
    ("lots", "price", "paid"),
    [
        pytest.param(10, 85, {2: 50, 9: 50}, id="100 by lots: half each"),
        pytest.param(5, 85, {2: 25, 9: 75}, id="a quarter"),
        pytest.param(7, 89, {2: 7, 9: 13}, id="20 by 7 of 20 and 13 of 20"),
    ],
)
def test_holders_pay_by_lots(lots: int, price: int, paid: dict[int, int]) -> None:
    driver = gapped(10**5, lots=lots)
    events = driver.mark(price)
    assert {two: loss for _, two, _, loss in pairs(events)} == paid
    assert driver.account(1).equity_atoms == 0


def caught(price: int, spare: int) -> tuple[Driver, list[Event]]:
    """Have account 2 gain 10 lots here and lose 20 of market 2, and have so much above 85 left.

    Account 1 is long 20 here against it and account 9, on 200. At 85, 20 lots require 85.
    """
    driver = two_markets()
    driver.deposit(1, 200)
    driver.deposit(2, 85 + spare + 20 * 15 - 10 * (100 - price))
    driver.trade(1, 2, 10, 100)
    driver.trade(1, 9, 10, 100)
    driver.trade(2, 9, 20, 100, 2)
    return driver, driver.marks({1: price, 2: 85})


@pytest.mark.rule("LS-17")
@pytest.mark.parametrize(
    ("price", "spare", "paid"),
    [
        pytest.param(80, 200, {2: 100, 9: 100}, id="as much as is due"),
        pytest.param(80, 100, {2: 100, 9: 100}, id="just that"),
        pytest.param(80, 99, {2: 99, 9: 101}, id="one atom short: offered to the other"),
        pytest.param(80, 0, {2: 0, 9: 200}, id="all the other's: 10 lots gained 200"),
        pytest.param(79, 0, {2: 0, 9: 210}, id="220 are lacking: 210 is the most that it gained"),
    ],
)
def test_a_holder_pays_what_it_has_above_its_maintenance(
    price: int, spare: int, paid: dict[int, int]
) -> None:
    driver, events = caught(price, spare)
    assert {two: loss for _, two, _, loss in pairs(events)} == paid
    assert driver.account(1).balance_atoms == sum(paid.values()) - (20 * (100 - price) - 200)
    left = driver.account(2)
    assert left.equity_atoms - left.maintenance_atoms == spare - paid[2]


@pytest.mark.rule("LS-9", "LS-17", "FD-1")
@pytest.mark.parametrize(
    ("fund_atoms", "inventory", "paid_before", "paid"),
    [
        pytest.param(50, 0, 50, [25, 25], id="of 50 that are left each half"),
        pytest.param(190, 20, 7, [43, 50], id="of 93 what its close released: 43"),
    ],
)
def test_a_fund_that_holds_comes_first_and_pays_what_it_can_spare(
    fund_atoms: int, inventory: int, paid_before: int, paid: list[int]
) -> None:
    """It is short 10, as is account 9; inventory of market 2 loses 10 a lot, and requires 4.5."""
    driver = two_markets(fund_atoms)
    driver.deposit(1, 200)
    driver.trade(1, FUND, 10, 100)
    driver.trade(1, 9, 10, 100)
    if inventory:
        driver.trade(FUND, 9, inventory, 100, 2)
    events = driver.marks({1: 85, 2: 90})
    assert payouts(events) == {1: paid_before}
    assert pairs(events) == [(1, FUND, 10, paid[0]), (1, 9, 10, paid[1])]
    fund = driver.account(FUND)
    assert fund.equity_atoms >= fund.maintenance_atoms


@pytest.mark.rule("LS-6", "LS-18")
def test_lots_of_both_sides_meet_at_the_mark() -> None:
    """A long and a short are below zero by another market: neither asks a holder of this one."""
    driver = two_markets()
    for account_id in (1, 2):
        driver.deposit(account_id, 160)
    driver.trade(1, 2, 10, 100)
    for account_id in (1, 2):
        driver.trade(account_id, 9, 10, 100, 2)
    events = driver.mark(80, 2)
    assert [one for one in pairs(events) if one[:2] == (1, 2)] == [(1, 2, 10, 0)]
    met = [one for one in events if one.kind == EventKind.AUTO_DELEVERAGE and one.market_id == 1]
    assert [(one.price_ticks, one.rank, one.policy) for one in met] == [(100, 0, 0)]
    assert legs_of(events, 1) == legs_of(events, 2) == {1: 0, 2: 40}
