"""Growth of the store, seen from outside: what is opened is found, what is freed is used again."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from riskengine.core.engine import Engine, bounds
from riskengine.core.face.testing import store_sizes
from riskengine.core.types import RiskTier
from tests.core.driver import MARKET

ACCOUNTS = 200_000
MOST_ROWS = bounds()["max_rows"]
MOST_ID = bounds()["max_id"]
HOLDERS = 20_000
ROUNDS = 30
FUNDS = 1
MILLION = 1_000_000
BATCH = 10_000
LEAST_LEAK_BYTES = ROUNDS * HOLDERS // 2 * 64
"""What the positions of all rounds take."""

PAGE_BYTES = 4_096
NONE = np.empty(0, dtype=np.int64)

Column = NDArray[np.int64]


def consecutive() -> Column:
    return np.arange(1, ACCOUNTS + 1, dtype=np.int64)


def scattered() -> Column:
    ids = np.unique(np.random.default_rng(5).integers(1, MOST_ID, ACCOUNTS, endpoint=True))
    assert len(ids) == ACCOUNTS
    return np.random.default_rng(6).permutation(ids)


def strided() -> Column:
    """Return ids that share all their low bits."""
    return np.arange(1, ACCOUNTS + 1, dtype=np.int64) << 40


def venue(ids: Column) -> Engine:
    """Open an account for each id, with 1,000 atoms and one more for each place in the column."""
    engine = Engine()
    engine.create_asset(1, 1, "USD", 0)
    engine.create_fund(1, 1, 1)
    engine.set_market(1, MARKET._replace(tiers=(RiskTier(0, 100_000, 50_000),)))
    engine.mark_prices(1, np.array([1]), np.array([100]))
    for start in range(0, len(ids), MOST_ROWS):
        part = ids[start : start + MOST_ROWS]
        amounts = np.arange(start, start + len(part), dtype=np.int64) + 1_000
        outcome = engine.deposits(1, part, np.ones_like(part), amounts)
        assert outcome.applied_rows == len(part)
    return engine


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


@pytest.mark.slow
@pytest.mark.parametrize("make_ids", [consecutive, scattered, strided])
def test_every_account_of_many_is_found(make_ids: Callable[[], Column]) -> None:
    ids = make_ids()
    engine = venue(ids)
    found = [engine.account(account_id) for account_id in ids.tolist()]
    balances = [view.balance_atoms if view else -1 for view in found]
    assert balances == list(range(1_000, 1_000 + ACCOUNTS))
    assert engine.account_count == ACCOUNTS
    absent = np.setdiff1d(ids + 1, ids)[:1_000].tolist()
    assert [engine.account(account_id) for account_id in absent] == [None] * len(absent)


def test_accounts_are_listed_in_order_of_id_however_they_came() -> None:
    ids = scattered()[:10_000]
    engine = venue(ids)
    listed: list[int] = []
    while page := engine.accounts(listed[-1] if listed else 0, 3_000, 0):
        listed += [view.account_id for view in page]
    assert listed == np.sort(ids).tolist()


def trade(engine: Engine, buyers: Column, sellers: Column) -> None:
    ones = np.ones_like(buyers)
    outcome = engine.trades(1, ones, buyers, sellers, ones * 100, ones, NONE, NONE, NONE)
    assert outcome.applied_rows == len(buyers)


@pytest.mark.slow
def test_accounts_that_are_closed_make_room_for_others() -> None:
    """A million accounts come and go, a batch at a time, each with an id of its own."""
    engine = venue(scattered()[:100])
    opened = 0
    for ids in np.split(np.arange(1, MILLION + 1, dtype=np.int64), MILLION // BATCH):
        ones = np.ones_like(ids)
        opened += engine.deposits(1, ids, ones, ones).applied_rows
        for account_id in ids.tolist():
            engine.withdrawals(1, *(np.array([value]) for value in (account_id, 1, 1)))
            engine.close_account(1, account_id)
    assert opened == MILLION
    assert engine.account_count == 100
    account_slots, id_slots = store_sizes(engine)
    assert account_slots == 100 + FUNDS + BATCH
    # A shard of the map has at most four slots for each id that was there at a time, or eight.
    assert id_slots < 8 * account_slots
    engine.check_invariants()


@pytest.mark.slow
@pytest.mark.release_form
def test_positions_that_are_closed_make_room_for_others() -> None:
    """The positions of half of the accounts at a time: those of the other half take their place."""
    ids = consecutive()[:HOLDERS]
    engine = venue(ids)
    halves = ids[: HOLDERS // 2], ids[HOLDERS // 2 :]
    settled = 0
    for number in range(ROUNDS):
        half = halves[number % 2]
        buyers, sellers = half[: len(half) // 2], half[len(half) // 2 :]
        trade(engine, buyers, sellers)
        assert engine.position_count == len(half)
        trade(engine, sellers, buyers)
        assert engine.position_count == 0
        settled = settled or resident_bytes()
    assert resident_bytes() - settled < LEAST_LEAK_BYTES // 4
    engine.check_invariants()


def test_freed_positions_leave_nothing_behind_in_those_that_come_after() -> None:
    """An account that takes over a freed slot is neither liquidated nor missed because of it."""
    engine = venue(consecutive()[:4])
    one, two, three, four = (np.array([number]) for number in range(1, 5))
    sizes = np.array([150])
    market, price = np.array([1]), np.array([100])
    for buyer, seller in ((one, two), (two, one), (three, four)):
        outcome = engine.trades(1, market, buyer, seller, price, sizes, NONE, NONE, NONE)
        assert outcome.events == []
    engine.check_invariants()
    events = engine.mark_prices(1, market, np.array([96])).events
    assert {event.account_id for event in events} == {3}
    engine.check_invariants()
