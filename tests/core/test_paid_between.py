"""What is paid in between two pieces decides nothing in them (WK-2, WK-4)."""

from itertools import takewhile
from random import Random

import pytest

from riskengine.core.enums import EventKind, LossPolicy
from riskengine.core.types import Event
from tests.core.driver import Driver
from tests.pieces import go_on, told

RICH = 1_000
TRADERS = range(1, 41)
MARKETS = (1, 2, 3)
MOST_ATOMS = 400
CLOSES = (EventKind.AUTO_DELEVERAGE, EventKind.LOSS_ALLOCATION)
SETTLED = (EventKind.LIQUIDATION_ENDED, EventKind.BAD_DEBT)


def random_venue(rng: Random) -> Driver:
    """Return a venue of traders with little money and positions in several markets."""
    driver = Driver()
    for market_id in MARKETS:
        policy = rng.choice((LossPolicy.QUEUE, LossPolicy.PRO_RATA))
        driver.market(market_id, loss_policy=policy, size_step_lots=rng.choice((1, 1, 5)))
        driver.mark(100, market_id)
    driver.deposit(RICH, 10**6)
    for account_id in TRADERS:
        driver.deposit(account_id, rng.randint(30, MOST_ATOMS))
        for market_id in rng.sample(MARKETS, rng.randint(1, 3)):
            lots = 5 * rng.randint(1, 4)
            sides = (account_id, rng.choice((RICH, *TRADERS[: account_id - 1])))
            buyer, seller = rng.sample(sides, 2)
            driver.trade(buyer, seller, lots, 100, market_id)
    return driver


def first_closes(events: list[Event]) -> list[dict[str, int]]:
    """Return what was closed in the first pass: those below zero are settled at its end."""
    first = takewhile(lambda event: event.kind not in SETTLED, events)
    return told([event for event in first if event.kind in CLOSES])


def pay_in(driver: Driver, rng: Random) -> None:
    chosen = tuple(rng.sample(TRADERS, rng.randint(1, 20)))
    amounts = tuple(rng.choice((1, rng.randint(1, MOST_ATOMS), 10**5)) for _ in chosen)
    driver.do("deposits", chosen, (1,) * len(chosen), amounts)


@pytest.mark.rule("WK-2", "WK-4", "LS-11", "LS-17")
@pytest.mark.parametrize("seed", range(30))
def test_deposits_at_every_pause_choose_nobody_and_have_nobody_pay_more(seed: int) -> None:
    rng = Random(f"paid between {seed}")
    driver = random_venue(rng)
    marks = MARKETS, tuple(rng.choice((60, 75, 90, 115, 140)) for _ in MARKETS)
    whole = driver.fork()
    whole.finishes = True
    expected = first_closes(whole.do("mark_prices", *marks))
    driver.finishes = True
    driver.risk(work_units=rng.choice((1, 2, 3, 7)))
    driver.finishes = False
    events = driver.do("mark_prices", *marks)
    pauses = 0
    while driver.engine.has_work:
        if rng.random() < 0.5:
            pay_in(driver, rng)
        events += driver.go_on()
        pauses += 1
        assert pauses < 2_000, f"seed {seed}: work is pending for ever"
    assert first_closes(events) == expected, f"seed {seed}"
    assert pauses == 0 or expected or not any(event.kind in CLOSES for event in events)


def test_random_venues_close_something() -> None:
    """In most of them: else the test above would say little."""
    closing = 0
    for seed in range(30):
        rng = Random(f"paid between {seed}")
        driver = random_venue(rng)
        driver.finishes = True
        marks = MARKETS, tuple(rng.choice((60, 75, 90, 115, 140)) for _ in MARKETS)
        closing += first_closes(driver.do("mark_prices", *marks)) != []
    assert closing >= 15


def indebted() -> Driver:
    """Return a venue in which one owes 2,000 atoms, and each of 50 has gained 100."""
    driver = Driver()
    driver.risk(spread_after_millis=1_000, gate_floor_units=10**6)
    driver.market()
    driver.mark(100)
    driver.deposit(RICH, 10**6)
    for account_id in range(1, 51):
        driver.deposit(account_id, 1_000)
        driver.trade(account_id, RICH, 1, 100)
        driver.trade(RICH, account_id, 1, 200)
    driver.deposit(999, 10)
    driver.trade(999, RICH, 1, 100)
    driver.trade(RICH, 999, 1, 100, fees=(0, 2_010))
    driver.finishes = True
    driver.risk(work_units=3)
    driver.finishes = False
    return driver


@pytest.mark.rule("WK-2", "FD-13")
@pytest.mark.parametrize("pieces", [0, 2, 5])
def test_a_deposit_while_gains_are_sought_is_no_gain(pieces: int) -> None:
    """Nor does an account that is opened meanwhile have one."""
    driver = indebted()
    driver.tick(1_000)
    for _ in range(pieces):
        assert driver.go_on() == []
    for account_id in (1, 25, 50, 2_000):
        driver.deposit(account_id, 500)
    events = [event for piece in go_on(driver.engine) for event in piece.events]
    paid = [(event.account_id, event.amount_atoms) for event in events[:50]]
    assert paid == [(account_id, 40) for account_id in range(1, 51)]
    assert driver.account(25).balance_atoms == 1_000 + 100 - 40 + 500


@pytest.mark.rule("WK-2", "FD-13")
def test_a_debt_that_is_paid_in_while_gains_are_sought_is_not_spread() -> None:
    driver = indebted()
    driver.tick(1_000)
    driver.deposit(999, 2_000)
    events = [event for piece in go_on(driver.engine) for event in piece.events]
    assert [event.kind for event in events] == [EventKind.LIQUIDATION_ENDED]
    assert driver.account(25).balance_atoms == 1_100
