"""A fault of the field: one mark, or one change of levels, after which nobody was answered.

What a command sets off was done whole: 300,000 liquidations at one mark, a debt shared by 300,000
accounts, a million accounts judged by new levels. Each took seconds, in which no order was checked.
Work is counted here, and not timed: a piece does no more of it than a command has units.
"""

from collections import Counter

import pytest

from riskengine.core.enums import AccountState, EventKind, LiquidationOutcome, LossPolicy
from riskengine.core.types import Event, Outcome
from tests.core.driver import Driver
from tests.faults.venue import FUND, RICH, money, of_kind, venue
from tests.pieces import finish, told, whole

LONGS, SHORTS = 20, 120
LOTS_A_LONG, LOTS_A_SHORT = 18, 3
UNITS = 12
TOLD_ONE_BY_ONE = {
    *(EventKind.MARGIN_CALL, EventKind.CANCEL_ORDERS, EventKind.TAKE_OVER),
    *(EventKind.AUTO_DELEVERAGE, EventKind.LOSS_ALLOCATION, EventKind.LIQUIDATION_ENDED),
}
ENDED = EventKind.LIQUIDATION_ORDER_ENDED


def wave(policy: LossPolicy, fund_atoms: int = 0) -> Driver:
    """Make a venue of longs that hold just enough, each against six shorts; nobody is called."""
    driver = venue(fund_atoms, loss_policy=policy)
    driver.risk(margin_call_ppm=1_000_001)
    longs = range(1_000, 1_000 + LONGS)
    shorts = range(2_000, 2_000 + SHORTS)
    for account_id in longs:
        driver.deposit(account_id, LOTS_A_LONG * 10)
    for account_id in shorts:
        driver.deposit(account_id, 1_000)
    for number, seller in enumerate(shorts):
        driver.trade(longs[number * LONGS // SHORTS], seller, LOTS_A_SHORT, 100)
    return driver


def with_units(driver: Driver, units: int) -> Driver:
    """Set how many units a command has; whoever is looked at for that is done with."""
    driver.finishes = True
    driver.risk(work_units=units)
    driver.finishes = False
    return driver


def lots(driver: Driver) -> Counter[tuple[int, int]]:
    """Return the lots that each holds, by market."""
    dump = driver.engine.dump()
    return Counter(
        {
            (account["account_id"], position["market_id"]): position["size_lots"]
            for account in dump["accounts"]
            for position in account["positions"]
        }
    )


def pieces_of(driver: Driver, name: str, *arguments: object) -> list[tuple[Outcome, int]]:
    """Apply a command to its end; return what each piece said, and how many positions it moved."""
    found = []
    before = lots(driver)
    outcome = driver.try_to(name, *arguments)
    while True:
        after = lots(driver)
        moved = sum(after[key] != before[key] for key in {*after, *before})
        found.append((outcome, moved))
        if not driver.engine.has_work:
            return found
        before, outcome = after, driver.try_to("go_on")


def told_one_by_one(events: list[Event]) -> int:
    return sum(event.kind in TOLD_ONE_BY_ONE for event in events)


@pytest.mark.rule("WK-1")
@pytest.mark.parametrize("policy", [LossPolicy.QUEUE, LossPolicy.PRO_RATA])
def test_a_wave_of_liquidations_is_no_long_call(policy: LossPolicy) -> None:
    driver = wave(policy)
    expected = driver.fork().mark(80)
    pieces = pieces_of(with_units(driver, UNITS), "mark_prices", (1,), (80,))
    for outcome, moved in pieces:
        # What begins, a holder's share, a need that is closed and what is told of it: a unit each.
        assert moved + told_one_by_one(outcome.events) <= UNITS
    # A long begins, is decided and settled; its need and the shares are booked; a pair for each
    # short and an allocation for each long are told; the shorts are looked at in the next pass.
    units = 3 * LONGS + (LONGS + SHORTS) + (SHORTS + LONGS) + SHORTS
    assert len(pieces) == -(-units // UNITS)
    events = whole([outcome for outcome, _ in pieces]).events
    assert told(events) == told(expected)
    assert sum(moved for _, moved in pieces) == LONGS + SHORTS


@pytest.mark.rule("WK-1", "LS-16")
def test_nor_is_one_against_a_single_holder() -> None:
    """All pairs of a holder were told in one piece: 300,000 against one took a second."""
    driver = venue()
    driver.risk(margin_call_ppm=1_000_001)
    for account_id in range(1_000, 1_000 + LONGS):
        driver.deposit(account_id, LOTS_A_LONG * 10)
        driver.trade(account_id, RICH, LOTS_A_LONG, 100)
    expected = driver.fork().mark(80)
    pieces = pieces_of(with_units(driver, UNITS), "mark_prices", (1,), (80,))
    for outcome, moved in pieces:
        assert moved + told_one_by_one(outcome.events) <= UNITS
    events = whole([outcome for outcome, _ in pieces]).events
    assert told(events) == told(expected)
    assert len(of_kind(events, EventKind.AUTO_DELEVERAGE)) == LONGS


@pytest.mark.rule("WK-1")
def test_nor_is_one_that_the_fund_takes_over() -> None:
    driver = wave(LossPolicy.QUEUE, 10**6)
    expected = driver.fork().mark(80)
    pieces = pieces_of(with_units(driver, UNITS), "mark_prices", (1,), (80,))
    for outcome, _ in pieces:
        assert told_one_by_one(outcome.events) <= UNITS
    events = whole([outcome for outcome, _ in pieces]).events
    assert told(events) == told(expected)
    assert len(of_kind(events, EventKind.TAKE_OVER)) == LONGS
    # A long begins, is decided and settled, and the fund books its leg.
    assert len(pieces) == -(-4 * LONGS // UNITS)


@pytest.mark.rule("WK-1")
def test_nor_are_deadlines_that_fall_together() -> None:
    driver = wave(LossPolicy.QUEUE)
    orders = of_kind(driver.mark(92), EventKind.LIQUIDATION_ORDER)
    assert len(orders) == LONGS
    expected = driver.fork().tick(1_000)
    with_units(driver, UNITS).wait(1_000)
    pieces = finish(driver.engine, driver.try_to("tick"))
    expired = [
        sum(event.outcome == LiquidationOutcome.EXPIRED for event in of_kind(one.events, ENDED))
        for one in pieces
    ]
    assert expired[:2] == [UNITS, LONGS - UNITS]
    assert told(whole(pieces).events) == told(expected)


PAYERS = 50


@pytest.mark.rule("WK-1")
def test_nor_is_a_debt_that_many_pay() -> None:
    driver = venue()
    driver.risk(spread_after_millis=1_000, gate_floor_units=10**6)
    for account_id in range(1_000, 1_000 + PAYERS):
        driver.deposit(account_id, 1_000)
        driver.trade(account_id, RICH, 1, 100)
        driver.trade(RICH, account_id, 1, 200)
    driver.deposit(1, 10)
    driver.trade(1, RICH, 1, 100)
    driver.trade(RICH, 1, 1, 100, fees=(0, 10 + 2_000))
    expected = driver.fork().tick(1_000)
    with_units(driver, UNITS).wait(1_000)
    pieces = finish(driver.engine, driver.try_to("tick"))
    paid = [len(of_kind(one.events, EventKind.LOSS_SPREAD)) for one in pieces]
    # The timer, then one account after the other; RICH has gained nothing.
    assert paid[:5] == [UNITS - 1, UNITS, UNITS, UNITS, PAYERS - 4 * UNITS + 1]
    assert told(whole(pieces).events) == told(expected)


@pytest.mark.rule("WK-1")
def test_nor_are_levels_that_everybody_is_judged_by() -> None:
    driver = wave(LossPolicy.QUEUE)
    accounts = LONGS + SHORTS + 2
    expected = driver.fork().risk(margin_call_ppm=3_000_000, margin_call_clear_ppm=4_000_000)
    assert len(of_kind(expected, EventKind.MARGIN_CALL)) == LONGS
    parameters = with_units(driver, UNITS).engine.parameters._replace(
        margin_call_ppm=3_000_000, margin_call_clear_ppm=4_000_000
    )
    pieces = finish(driver.engine, driver.try_to("set_risk_parameters", parameters))
    assert len(pieces) == -(-(accounts + LONGS) // UNITS)
    assert all(told_one_by_one(one.events) <= UNITS for one in pieces)
    assert told(whole(pieces).events) == told(expected)


@pytest.mark.rule("WK-4")
def test_deposits_between_the_pieces_do_not_keep_work_pending() -> None:
    """Each was judged for a unit: with as many between two pieces work would never have ended."""
    driver = wave(LossPolicy.QUEUE)
    bystanders = tuple(range(5_000, 5_000 + 2 * UNITS))
    for account_id in bystanders:
        driver.deposit(account_id, 1)
    driver = with_units(driver, UNITS)
    expected = pieces_of(driver.fork(), "mark_prices", (1,), (80,))
    everybody = (*bystanders, *range(1_000, 1_000 + LONGS), *range(2_000, 2_000 + SHORTS))
    columns = everybody, (1,) * len(everybody), (1,) * len(everybody)
    driver.mark(80)
    pieces = 1
    while driver.engine.has_work:
        assert driver.do("deposits", *columns) == []
        driver.go_on()
        pieces += 1
    # In the first pass all of the wave are listed; in each later one who was changed is, once.
    assert pieces <= len(expected) + 2 * (LONGS + SHORTS) // UNITS
    assert money(driver, *bystanders) == [pieces] * len(bystanders)


STUCK = 2 * UNITS
"""Accounts below zero whose positions nobody can close: more than a command has units for."""


def stuck() -> Driver:
    """Return a venue of one-sided longs, all of them bankrupt with their positions."""
    driver = venue()
    driver.risk(margin_call_ppm=1_000_001)
    for account_id in range(3_000, 3_000 + STUCK):
        driver.deposit(account_id, 100)
        driver.update(account_id, 10, 100)
    driver.mark(80)
    return with_units(driver, UNITS)


@pytest.mark.rule("WK-4")
@pytest.mark.parametrize("atoms", [1, 20, 300])
def test_nor_do_deposits_to_accounts_that_stay_bankrupt(atoms: int) -> None:
    """Each was judged anew for an atom, which changed nothing: the work never ended.

    20 atoms a piece bring them above zero in the course of it, 300 at once.
    """
    driver = stuck()
    accounts = tuple(range(3_000, 3_000 + STUCK))
    assert {driver.account(each).state for each in accounts} == {AccountState.BANKRUPT}
    columns = accounts, (1,) * STUCK, (atoms,) * STUCK
    quiet = len(pieces_of(driver.fork(), "mark_prices", (1,), (79,)))
    assert quiet > 3
    driver.mark(79)
    pieces = 1
    while driver.engine.has_work:
        assert driver.do("deposits", *columns) == []
        driver.go_on()
        pieces += 1
        # One that rises above zero begins anew, and may recover: two passes more, looked at first.
        assert pieces <= 4 * quiet, "work is pending for ever"
    driver.engine.check_invariants()


SLOT_MILLIS = 300_000


@pytest.mark.rule("WK-2", "WK-3", "FD-9")
@pytest.mark.parametrize("later_millis", [0, SLOT_MILLIS])
def test_what_a_fund_pays_goes_by_the_window_in_which_the_work_began(later_millis: int) -> None:
    """A Continue began the next slot: the peak of 1,000 left the window, and 250 were paid."""
    driver = venue(1_000, fund_share_ppm=500_000)
    driver.risk(margin_call_ppm=1_000_001)
    driver.update(FUND, 10, 150)
    driver.update(FUND, -10, 100)
    assert money(driver, FUND) == [500]
    for account_id in (1, 2):
        driver.deposit(account_id, 100)
        driver.trade(account_id, RICH, 10, 100)
    driver = with_units(driver, 1)
    driver.wait(95 * SLOT_MILLIS)
    events = driver.mark(70)
    while driver.engine.has_work:
        driver.wait(later_millis)
        events += driver.go_on()
        later_millis = 0
    paid = [each.amount_atoms for each in of_kind(events, EventKind.INSURANCE_PAYOUT)]
    assert paid == [200, 200]
