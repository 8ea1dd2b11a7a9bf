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
from tests.faults.venue import FUND, RICH, add_market, money, of_kind, venue
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


Step = tuple[int, int]
"""Units without which it does not begin, unless it is the first, and those that it spends."""


def ones(count: int) -> list[Step]:
    return [(1, 1)] * count


def quarters(count: int) -> list[Step]:
    """Return what is spent for so many of whom four cost a unit."""
    return ones(-(-count // 4))


def pieces_for(steps: list[Step]) -> int:
    """Return in how many pieces the steps are done, one after the other."""
    pieces, left = 1, UNITS
    for asked, spent in steps:
        if left < asked and left < UNITS:
            pieces, left = pieces + 1, UNITS
        left -= spent
    return pieces


@pytest.mark.rule("WK-1")
@pytest.mark.parametrize("policy", [LossPolicy.QUEUE, LossPolicy.PRO_RATA])
def test_a_wave_of_liquidations_is_no_long_call(policy: LossPolicy) -> None:
    driver = wave(policy)
    expected = driver.fork().mark(80)
    pieces = pieces_of(with_units(driver, UNITS), "mark_prices", (1,), (80,))
    for outcome, moved in pieces:
        # What begins, a holder's share, a need that is closed and what is told of it: a unit each.
        assert moved + told_one_by_one(outcome.events) <= UNITS
    sorted_and_begun = [(LONGS // 16, LONGS // 16), *ones(LONGS)]
    laid = [*quarters(LONGS), (LONGS // 16, LONGS // 16)]
    ranked = (LONGS + SHORTS) // 4
    chosen = {
        LossPolicy.QUEUE: [*ones(ranked), (0, SHORTS // 4)],
        LossPolicy.PRO_RATA: [*quarters(SHORTS), (SHORTS // 16, SHORTS // 16)],
    }
    asked = [*quarters(SHORTS), (SHORTS // 16, SHORTS // 16)]
    # Longs are sorted, begin, their losses are laid, they are decided and in the end settled; needs
    # and shares are booked; a pair for each short and an allocation for each long are told; the
    # shorts are looked at in the next pass.
    steps = [*sorted_and_begun, *laid, *ones(LONGS), *chosen[policy], *ones(SHORTS + LONGS), *asked]
    steps += ones(SHORTS + LONGS) + ones(LONGS) + ones(SHORTS)
    assert len(pieces) == pieces_for(steps)
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


CROWDED = range(1, 7)
"""Markets in which one account is closed, against one of a crowd."""


@pytest.mark.rule("WK-1", "LS-10", "LS-14")
@pytest.mark.parametrize("policy", [LossPolicy.QUEUE, LossPolicy.PRO_RATA])
def test_nor_is_an_account_in_many_crowded_markets(policy: LossPolicy) -> None:
    """To choose cost nothing: all markets' holders were looked at in one piece."""
    driver = venue(loss_policy=policy)
    driver.risk(margin_call_ppm=1_000_001)
    for market_id in CROWDED[1:]:
        add_market(driver, market_id, loss_policy=policy)
        driver.mark(100, market_id)
    driver.deposit(1, 60)
    for account_id in range(2_000, 2_000 + SHORTS):
        driver.deposit(account_id, 1_000)
        for market_id in CROWDED:
            driver.trade(1 if account_id == 2_000 else RICH, account_id, 1, 100, market_id)
    marks = tuple(CROWDED), (80,) * len(CROWDED)
    expected = driver.fork().do("mark_prices", *marks)
    pieces = pieces_of(with_units(driver, UNITS), "mark_prices", *marks)
    assert told(whole([outcome for outcome, _ in pieces]).events) == told(expected)
    ranked = (SHORTS + 2) // 4
    chosen = {
        LossPolicy.QUEUE: [*ones(ranked), (0, 1)],
        LossPolicy.PRO_RATA: [*quarters(SHORTS), (SHORTS // 16, SHORTS // 16)],
    }
    # It begins, its loss is laid, it is decided; in each market one is chosen, both are booked, he
    # is asked, and the pair and the allocation are told; it is settled, and he is looked at.
    steps = [*ones(3), *(len(CROWDED) * [*chosen[policy], *ones(5)]), *ones(2)]
    assert len(pieces) == pieces_for(steps)


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
    # Longs are sorted, begin, their losses are laid, they are decided, the fund books their legs,
    # and they are settled.
    sixteenth = (LONGS // 16, LONGS // 16)
    laid = [*quarters(LONGS), sixteenth]
    steps = [sixteenth, *ones(LONGS), *laid, *[(1, 2)] * LONGS, *ones(LONGS)]
    assert len(pieces) == pieces_for(steps)


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
    # The timer; four accounts a unit whose gains are sought, RICH's among them, who has none; 16 a
    # unit among whom the debt is divided; then one account after the other.
    first = UNITS - (1 + -(-(PAYERS + 1) // 4) + PAYERS // 16 - UNITS)
    assert paid[:6] == [0, first, UNITS, UNITS, UNITS, PAYERS - first - 3 * UNITS]
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
    sixteenth = (LONGS // 16, LONGS // 16)
    assert len(pieces) == pieces_for([*ones(accounts), sixteenth, *ones(LONGS)])
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


def unequal_shorts(policy: LossPolicy) -> Driver:
    """Return a venue of 60 shorts, of whom 40 are to close; some have little above maintenance."""
    driver = venue(loss_policy=policy)
    driver.risk(margin_call_ppm=1_000_001)
    driver.market(2)
    driver.mark(100, market_id=2)
    driver.deposit(1, 40 * 10)
    for account_id in range(2_000, 2_060):
        driver.deposit(account_id, 40 + account_id % 7)
        driver.trade(1 if account_id < 2_040 else RICH, account_id, 1, 100)
        driver.trade(account_id, RICH, 1, 100, market_id=2)
    return driver


def closes(events: list[Event]) -> list[dict[str, int]]:
    return told(
        [
            *of_kind(events, EventKind.AUTO_DELEVERAGE),
            *of_kind(events, EventKind.LOSS_ALLOCATION),
        ]
    )


@pytest.mark.rule("WK-2", "WK-4", "LS-10", "LS-17")
@pytest.mark.parametrize("units", [1, 3, UNITS])
@pytest.mark.parametrize("policy", [LossPolicy.QUEUE, LossPolicy.PRO_RATA])
def test_nor_do_they_choose_who_is_closed_or_what_he_pays(policy: LossPolicy, units: int) -> None:
    """Who paid in at a pause had less leverage, so another was closed; and could pay more."""
    driver = unequal_shorts(policy)
    marks = (1, 2), (70, 50)
    expected = closes(driver.fork().do("mark_prices", *marks))
    paid = {each["loss_atoms"] for each in expected if each["kind"] == EventKind.AUTO_DELEVERAGE}
    assert len(paid) > 2, "some pay less than others"
    driver = with_units(driver, units)
    pieces = len(pieces_of(driver.fork(), "mark_prices", *marks))
    for pause in range(0, pieces - 1, max(1, pieces // 30)):
        copy = driver.fork()
        events = copy.do("mark_prices", *marks)
        for _ in range(pause):
            events += copy.go_on()
        holders = range(2_000, 2_060)
        before = copy.fork()
        finish(before.engine, before.try_to("go_on"))
        copy.do("deposits", tuple(holders), (1,) * 60, tuple(1 + each % 97 for each in holders))
        while copy.engine.has_work:
            events += copy.go_on()
        assert closes(events) == expected
        assert money(copy, *holders) == [
            each + 1 + number % 97
            for number, each in zip(holders, money(before, *holders), strict=True)
        ]


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
