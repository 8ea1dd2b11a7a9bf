"""Every loss policy chooses exactly; a third one, put beside them, needs nothing of the product.

The brute force below (LS-7 to LS-15) looks at all and sorts; the engine keeps rankings for QUEUE.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import floor
from random import Random
from typing import NamedTuple

import pytest

from riskengine.core.enums import LossPolicy
from riskengine.core.face import loss_testing
from riskengine.core.face.loss_testing import LAST_FIRST
from riskengine.units import PPM
from tests.core.driver import FUND_ACCOUNT, Driver

MOST_PART = 2**40
MARK = 1_000
FUNDS = (FUND_ACCOUNT + 1, FUND_ACCOUNT + 2)
TABLE = [policy for policy in LossPolicy if policy]
MOST_BALANCE = 2**60


class Holding(NamedTuple):
    """A position with what decides when it is chosen, and the evidence of that."""

    account_id: int
    size_lots: int
    equity_atoms: int
    maintenance_atoms: int
    score_ppm: int

    @property
    def is_fund(self) -> bool:
        return self.account_id >= FUND_ACCOUNT

    @property
    def held_lots(self) -> int:
        return abs(self.size_lots)


class Pool(NamedTuple):
    """So many lots of one side, to be closed against the other one."""

    closes_long: bool
    lots: int


def crowd(rng: Random, policy: LossPolicy, step_lots: int = 1, accounts: int = 24) -> Driver:
    """Return a market of holders with all sorts of profit and leverage, two funds among them.

    They traded when the step was a lot: of a larger one, positions are whole steps and rests.
    """
    driver = Driver(funds=2)
    driver.market(loss_policy=policy, tiers=[(0, 2, 1)])
    driver.mark(MARK)
    for fund_id in (1, 2):
        driver.fund_deposit(10**7, fund_id)
    for account_id in range(1, accounts + 1):
        driver.deposit(account_id, 10 ** rng.randint(4, 6))
    for _ in range(3 * accounts):
        buyer, seller = rng.sample(range(1, accounts + 1), 2)
        driver.trade(buyer, seller, rng.choice((1, 2, 5, 5, 17)), rng.randint(800, 1_200))
    for fund in FUNDS:
        buyer, seller = rng.sample((fund, rng.randint(1, accounts)), 2)
        driver.trade(buyer, seller, rng.randint(1, 9), MARK)
    driver.market(loss_policy=policy, tiers=[(0, 2, 1)], size_step_lots=step_lots)
    return driver


def score(equity_atoms: int, size_lots: int, cost_atoms: int) -> int:
    """Return profit times leverage; of losers, profit over leverage."""
    value = size_lots * MARK
    profit = min(MOST_PART, abs(value - cost_atoms) * PPM // max(1, abs(cost_atoms)))
    leverage = min(MOST_PART, abs(value) * PPM // equity_atoms) if equity_atoms > 0 else MOST_PART
    return profit * leverage // PPM if value > cost_atoms else -(profit * PPM // max(1, leverage))


def holdings(driver: Driver) -> Iterator[Holding]:
    """Yield every position, in order of funds, then account id."""
    for account_id in (*FUNDS, *range(1, 25)):
        view = driver.account(account_id)
        for position in view.positions:
            yield Holding(
                account_id,
                position.size_lots,
                view.equity_atoms,
                view.maintenance_atoms,
                score(view.equity_atoms, position.size_lots, position.cost_atoms),
            )


def holders(driver: Driver, pool: Pool) -> list[Holding]:
    """Return who holds the other side."""
    return [one for one in holdings(driver) if (one.size_lots < 0) == pool.closes_long]


def draw_pool(rng: Random, driver: Driver) -> Pool:
    """Return a pool of any size, of all that there is, or of more than that."""
    pool = Pool(rng.random() < 0.5, 1)
    there = sum(one.held_lots for one in holders(driver, pool))
    return pool._replace(lots=rng.choice((1, 2, 7, rng.randint(1, 2 * there), there, there + 3)))


def ranked(ones: list[Holding]) -> list[Holding]:
    return sorted(ones, key=lambda one: (not one.is_fund, -one.score_ppm, one.account_id))


def numbered(ones: list[Holding]) -> list[Holding]:
    return sorted(ones, key=lambda one: (not one.is_fund, one.account_id))


def last_first(ones: list[Holding]) -> list[Holding]:
    return numbered(ones)[::-1]


ORDERS = {LossPolicy.QUEUE: ranked, LossPolicy.PRO_RATA: numbered, LAST_FIRST: last_first}


def greedy(held: list[int], most: int) -> list[int]:
    """Return what each gives of so much, one after the other."""
    given: list[int] = []
    for one in held:
        given.append(min(one, most - sum(given)))
    return given


def by_size(held: list[int], most: int) -> list[int]:
    """Return what each gives in proportion to what it holds, or all of it."""
    if sum(held) <= most:
        return held
    exact = [Fraction(most * one, sum(held)) for one in held]
    parts = [floor(part) for part in exact]
    by_remainder = sorted(range(len(held)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: most - sum(parts)]:
        parts[i] += 1
    return parts


def brute_force(driver: Driver, policy: int, pool: Pool, step: int) -> list[tuple[int, ...]]:
    """Return the shares: whole steps, then in order what these do not cover."""
    ones = ORDERS[policy](holders(driver, pool))
    held = [one.held_lots // step for one in ones]
    steps = pool.lots // step
    if policy == LossPolicy.PRO_RATA:
        funds = sum(one.is_fund for one in ones)
        given = greedy(held[:funds], steps)
        given += by_size(held[funds:], steps - sum(given))
    else:
        given = greedy(held, steps)
    lots = [one * step for one in given]
    odd = [one.held_lots - lot for one, lot in zip(ones, lots, strict=True)]
    more = greedy(odd, pool.lots - sum(lots))
    return [
        (one.account_id, lot + extra, one.score_ppm, one.equity_atoms, one.maintenance_atoms)
        for one, lot, extra in zip(ones, lots, more, strict=True)
        if lot + extra
    ]


def choose(
    driver: Driver, policy: int, pool: Pool
) -> tuple[list[tuple[int, int, int, int, int]], int]:
    """Return what the policy chooses; on a fork, for the queue counts on it being booked."""
    return loss_testing.choose(driver.engine.fork(), policy, 1, pool.closes_long, pool.lots)


def test_the_table_has_every_policy_of_the_contract_and_no_other() -> None:
    numbers = range(-1, max(LossPolicy) + 100)
    assert [number for number in numbers if loss_testing.is_policy(number)] == TABLE
    assert not loss_testing.is_policy(LAST_FIRST)


@pytest.mark.rule("LS-9", "LS-10", "LS-14")
@pytest.mark.parametrize("step_lots", [1, 2, 5, 100])
@pytest.mark.parametrize("policy", TABLE)
@pytest.mark.parametrize("seed", range(3))
def test_shares_are_those_of_the_brute_force(policy: LossPolicy, step_lots: int, seed: int) -> None:
    rng = Random(f"{policy.name} {step_lots} {seed}")
    driver = crowd(rng, policy, step_lots)
    for _ in range(40):
        pool = draw_pool(rng, driver)
        shares, skipped = choose(driver, policy, pool)
        assert shares == brute_force(driver, policy, pool, step_lots), pool
        assert skipped == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_policy_of_another_order_needs_nothing_but_a_function(seed: int) -> None:
    rng = Random(f"last first {seed}")
    driver = crowd(rng, LossPolicy.QUEUE)
    for _ in range(40):
        pool = draw_pool(rng, driver)
        shares, skipped = choose(driver, LAST_FIRST, pool)
        assert shares == brute_force(driver, LAST_FIRST, pool, 1), pool
        assert skipped == 0


@pytest.mark.parametrize("policy", [*TABLE, LAST_FIRST])
@pytest.mark.parametrize("step_lots", [1, 5])
@pytest.mark.parametrize("seed", range(3))
def test_shares_are_what_is_needed_or_all_there_is(policy: int, step_lots: int, seed: int) -> None:
    rng = Random(f"{policy} {step_lots} {seed}")
    driver = crowd(rng, LossPolicy.QUEUE, step_lots)
    for _ in range(40):
        pool = draw_pool(rng, driver)
        shares, _ = choose(driver, policy, pool)
        held = {one.account_id: one.held_lots for one in holders(driver, pool)}
        assert sum(lots for _, lots, *_ in shares) == min(pool.lots, sum(held.values()))
        assert all(0 < lots <= held[account_id] for account_id, lots, *_ in shares)
        assert len({account_id for account_id, *_ in shares}) == len(shares)


def three_shorts(step_lots: int = 1, **lots: int) -> Driver:
    """Return a market where account 1 is long against accounts 9, 4 and 7, at the mark."""
    driver = Driver()
    driver.market(tiers=[(0, 2, 1)])
    driver.mark(MARK)
    for account_id in (1, 9, 4, 7):
        driver.deposit(account_id, 10**6)
    for seller in (9, 4, 7):
        driver.trade(1, seller, lots.get(f"of_{seller}", 10), MARK)
    driver.market(tiers=[(0, 2, 1)], size_step_lots=step_lots)
    return driver


@pytest.mark.rule("LS-10", "LS-14")
@pytest.mark.parametrize(
    ("policy", "shares"),
    [
        pytest.param(LossPolicy.QUEUE, [(4, 10), (7, 1)], id="equal scores"),
        pytest.param(LossPolicy.PRO_RATA, [(4, 4), (7, 4), (9, 3)], id="equal remainders"),
        pytest.param(LAST_FIRST, [(9, 10), (7, 1)], id="the last first"),
    ],
)
def test_ties_go_by_account_id(policy: int, shares: list[tuple[int, int]]) -> None:
    chosen, _ = choose(three_shorts(), policy, Pool(True, 11))
    assert [share[:2] for share in chosen] == shares


@pytest.mark.rule("LS-10", "LS-14")
@pytest.mark.parametrize(
    ("policy", "lots", "shares"),
    [
        pytest.param(LossPolicy.QUEUE, 5, [(7, 5)], id="the first that has a whole step"),
        pytest.param(LossPolicy.QUEUE, 6, [(4, 1), (7, 5)], id="an odd lot: the first of all"),
        pytest.param(LossPolicy.QUEUE, 3, [(4, 3)], id="less than a step"),
        pytest.param(LossPolicy.QUEUE, 20, [(4, 4), (7, 7), (9, 9)], id="all there is"),
        pytest.param(LossPolicy.QUEUE, 15, [(4, 4), (7, 6), (9, 5)], id="5 of no whole step"),
        pytest.param(LossPolicy.PRO_RATA, 5, [(7, 5)], id="equal weights: the lower id"),
        pytest.param(LossPolicy.PRO_RATA, 11, [(4, 1), (7, 5), (9, 5)], id="a step of each"),
        pytest.param(LossPolicy.PRO_RATA, 17, [(4, 4), (7, 7), (9, 6)], id="in order of ids"),
    ],
)
def test_whole_steps_go_first(policy: LossPolicy, lots: int, shares: list[tuple[int, int]]) -> None:
    """Account 4 has 4 lots, 7 has 7, 9 has 9; a step is 5."""
    driver = three_shorts(5, of_4=4, of_7=7, of_9=9)
    chosen, _ = choose(driver, policy, Pool(True, lots))
    assert [share[:2] for share in chosen] == shares


@pytest.mark.rule("LS-7")
@pytest.mark.parametrize("policy", [*TABLE, LAST_FIRST])
def test_nobody_is_passed_over_for_what_he_has(policy: LossPolicy) -> None:
    """Account 2 has but the atom that it must hold: it closes at the mark."""
    driver = Driver()
    driver.market(tiers=[(0, 2, 1)])
    driver.mark(MARK)
    driver.deposit(1, 10**6)
    driver.deposit(2, 1)
    driver.trade(1, 2, 10, MARK)
    shares, skipped = choose(driver, policy, Pool(True, 3))
    assert [share[:2] for share in shares] == [(2, 3)]
    assert skipped == 0


@pytest.mark.rule("LS-7", "LS-13", "BD-6")
@pytest.mark.parametrize("policy", [*TABLE, LAST_FIRST])
@pytest.mark.parametrize(
    ("room", "lots", "fits"),
    [
        pytest.param(1_000, 10, True, id="10 lots gain 1,000"),
        pytest.param(999, 10, False, id="one atom too much"),
        pytest.param(999, 9, True, id="of which it is asked for 9 only"),
    ],
)
def test_who_cannot_book_his_gain_is_passed_over(
    policy: int, room: int, lots: int, fits: bool
) -> None:
    """He sold 10 at 1,100, and comes first; account 3 has neither gained nor lost."""
    full = 4 if policy == LAST_FIRST else 2
    driver = Driver()
    driver.market(tiers=[(0, 2, 1)])
    driver.mark(1_100)
    for account_id, amount in ((1, 10**6), (3, 10**9), (full, MOST_BALANCE - room)):
        driver.deposit(account_id, amount)
    driver.trade(1, full, 10, 1_100)
    driver.mark(MARK)
    driver.trade(1, 3, 10, MARK)
    shares, skipped = choose(driver, policy, Pool(True, lots))
    assert (full in [account_id for account_id, *_ in shares]) == fits
    assert skipped == (not fits)
    assert sum(share[1] for share in shares) == lots
