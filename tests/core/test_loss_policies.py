"""Every loss policy chooses exactly; a third one, put beside them, needs nothing of the product.

The brute force below (LS-5 to LS-14) looks at all and sorts; the engine keeps rankings for QUEUE.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from random import Random
from typing import NamedTuple

import pytest

from riskengine.core.enums import EventKind, LossPolicy
from riskengine.core.face import loss_testing
from riskengine.core.face.loss_testing import LEVY
from riskengine.core.types import Outcome
from riskengine.units import PPM
from tests.core.driver import FUND_ACCOUNT, Driver, kinds, only

MOST_PART = 2**40
MARK = 1_000
FUND = FUND_ACCOUNT + 1
TABLE = [policy for policy in LossPolicy if policy]


class Holding(NamedTuple):
    """An opposite position with what decides whether and when it is chosen."""

    account_id: int
    size_lots: int
    equity_atoms: int
    maintenance_atoms: int
    score_ppm: int

    @property
    def is_fund(self) -> bool:
        return self.account_id >= FUND_ACCOUNT


class Need(NamedTuple):
    """So many lots of the account's position, for so much more than at mark."""

    account_id: int
    size_lots: int
    close_lots: int
    above_atoms: int

    def paid(self, lots: int) -> int:
        value = self.close_lots * MARK * (1 if self.size_lots > 0 else -1)
        return ceil(Fraction((value + self.above_atoms) * lots, self.close_lots))

    def bears(self, holding: Holding) -> bool:
        lots = min(abs(holding.size_lots), self.close_lots)
        value = lots * MARK * (1 if self.size_lots > 0 else -1)
        return holding.equity_atoms + value - self.paid(lots) >= 0


def crowd(rng: Random, policy: LossPolicy, accounts: int = 24) -> Driver:
    """Return a market of holders with all sorts of profit and leverage, the fund among them."""
    driver = Driver()
    driver.market(loss_policy=policy, tiers=[(0, 2, 1)])
    driver.fund_deposit(10**7)
    driver.mark(MARK)
    for account_id in range(1, accounts + 1):
        driver.deposit(account_id, 10 ** rng.randint(4, 6))
    for _ in range(3 * accounts):
        buyer, seller = rng.sample(range(1, accounts + 1), 2)
        driver.trade(buyer, seller, rng.choice((1, 2, 5, 5, 17)), rng.randint(800, 1_200))
    buyer, seller = rng.sample((FUND, rng.randint(1, accounts)), 2)
    driver.trade(buyer, seller, rng.randint(1, 9), MARK)
    return driver


def score(equity_atoms: int, size_lots: int, cost_atoms: int) -> int:
    """Return profit times leverage; of losers, profit over leverage."""
    value = size_lots * MARK
    profit = min(MOST_PART, abs(value - cost_atoms) * PPM // max(1, abs(cost_atoms)))
    leverage = min(MOST_PART, abs(value) * PPM // equity_atoms) if equity_atoms > 0 else MOST_PART
    return profit * leverage // PPM if value > cost_atoms else -(profit * PPM // max(1, leverage))


def holdings(driver: Driver) -> Iterator[Holding]:
    """Yield every position, in order of funds, then account id."""
    for account_id in (FUND, *range(1, 25)):
        view = driver.account(account_id)
        for position in view.positions:
            yield Holding(
                account_id,
                position.size_lots,
                view.equity_atoms,
                view.maintenance_atoms,
                score(view.equity_atoms, position.size_lots, position.cost_atoms),
            )


def draw_need(rng: Random, driver: Driver) -> Need:
    holder = rng.choice(list(holdings(driver)))
    lots = rng.randint(1, abs(holder.size_lots))
    above = rng.choice((0, 1, 7, rng.randint(-50, 50) * lots, rng.randint(0, 10**5)))
    return Need(holder.account_id, holder.size_lots, lots, above)


def opposite(driver: Driver, need: Need) -> list[Holding]:
    return [
        holding
        for holding in holdings(driver)
        if holding.account_id != need.account_id and (holding.size_lots > 0) != (need.size_lots > 0)
    ]


def greedy(ranked: list[Holding], lots: int) -> dict[int, int]:
    taken = {}
    for holding in ranked:
        taken[holding.account_id] = min(abs(holding.size_lots), lots)
        lots -= taken[holding.account_id]
    return taken


def queue(traders: list[Holding], lots: int) -> dict[int, int]:
    return greedy(sorted(traders, key=lambda one: (-one.score_ppm, one.account_id)), lots)


def pro_rata(traders: list[Holding], lots: int) -> dict[int, int]:
    total = sum(abs(one.size_lots) for one in traders)
    if total <= lots:
        return {one.account_id: abs(one.size_lots) for one in traders}
    exact = {one.account_id: Fraction(lots * abs(one.size_lots), total) for one in traders}
    taken = {account_id: floor(part) for account_id, part in exact.items()}
    by_remainder = sorted(taken, key=lambda account_id: taken[account_id] - exact[account_id])
    for account_id in by_remainder[: lots - sum(taken.values())]:
        taken[account_id] += 1
    return taken


RULES = {LossPolicy.QUEUE: queue, LossPolicy.PRO_RATA: pro_rata}


def brute_force(driver: Driver, policy: LossPolicy, need: Need) -> list[tuple[int, ...]]:
    """Return the shares of those who can bear them, the funds first."""
    able = {one.account_id: one for one in opposite(driver, need) if need.bears(one)}
    taken = greedy([one for one in able.values() if one.is_fund], need.close_lots)
    rest = need.close_lots - sum(taken.values())
    taken |= RULES[policy]([one for one in able.values() if not one.is_fund], rest)
    return [
        (account_id, lots, need.paid(lots), able[account_id].score_ppm, *able[account_id][2:4])
        for account_id, lots in taken.items()
        if lots > 0
    ]


def choose(
    driver: Driver, policy: int, need: Need
) -> tuple[list[tuple[int, int, int, int, int, int]], int]:
    """Return what the policy chooses; on a fork, for whatever is chosen must be applied."""
    return loss_testing.choose(
        driver.engine.fork(), policy, need.account_id, 1, need.close_lots, need.above_atoms
    )


def allocate(driver: Driver, policy: int, need: Need) -> Outcome:
    """Apply an allocation and audit the engine."""
    outcome = loss_testing.allocate(
        driver.engine,
        driver.time_nanos,
        policy,
        need.account_id,
        1,
        need.close_lots,
        need.above_atoms,
    )
    driver.engine.check_invariants()
    assert [sides.missing_atoms for sides in driver.engine.conservation()] == [0]
    return outcome


def test_the_table_has_every_policy_of_the_contract_and_no_other() -> None:
    numbers = range(-1, max(LossPolicy) + 100)
    assert [number for number in numbers if loss_testing.is_policy(number)] == TABLE
    assert not loss_testing.is_policy(LEVY)


@pytest.mark.parametrize("policy", RULES)
@pytest.mark.parametrize("seed", range(6))
def test_shares_are_those_of_the_brute_force(policy: LossPolicy, seed: int) -> None:
    rng = Random(f"{policy.name} {seed}")
    driver = crowd(rng, policy)
    for _ in range(40):
        need = draw_need(rng, driver)
        shares, _ = choose(driver, policy, need)
        assert shares == brute_force(driver, policy, need), need


@pytest.mark.parametrize("policy", TABLE)
@pytest.mark.parametrize("seed", range(6))
def test_shares_are_what_is_needed_or_all_there_is(policy: LossPolicy, seed: int) -> None:
    rng = Random(f"{policy.name} {seed}")
    driver = crowd(rng, policy)
    chosen = 0
    for _ in range(40):
        need = draw_need(rng, driver)
        shares, skipped = choose(driver, policy, need)
        held = {one.account_id: abs(one.size_lots) for one in opposite(driver, need)}
        able = {one.account_id for one in opposite(driver, need) if need.bears(one)}
        there = sum(lots for account_id, lots in held.items() if account_id in able)
        assert sum(lots for _, lots, *_ in shares) == min(need.close_lots, there)
        assert all(0 < lots <= held[account_id] for account_id, lots, *_ in shares)
        assert skipped <= len(held) - len(able)
        chosen += len(shares)
    assert chosen > 0


@pytest.mark.parametrize("policy", TABLE)
@pytest.mark.parametrize("seed", range(6))
def test_what_counterparties_pay_is_what_the_account_gets_and_rounding(
    policy: LossPolicy, seed: int
) -> None:
    rng = Random(f"{policy.name} {seed}")
    driver = crowd(rng, policy)
    for _ in range(10):
        need = draw_need(rng, driver)
        shares, skipped = choose(driver, policy, need)
        before = {one.account_id: one for one in holdings(driver)}
        fund_atoms = driver.fund().equity_atoms
        # The fund is not judged here: what it has more than before came by rounding alone.
        events = allocate(driver, policy, need).events
        loss = next(event for event in events if event.kind == EventKind.LOSS_ALLOCATION)
        closed = events[: events.index(loss)]
        assert kinds(closed) == ["AUTO_DELEVERAGE"] * len(shares)
        assert [
            (
                event.counterparty_account_id,
                event.size_lots,
                -event.quote_atoms,
                event.score_ppm,
                event.equity_atoms,
                event.maintenance_atoms,
            )
            for event in closed
        ] == shares
        assert [event.rank for event in closed] == list(range(1, len(shares) + 1))
        lots = sum(event.size_lots for event in closed)
        paid = -sum(event.quote_atoms for event in closed)
        assert (loss.size_lots, loss.touched_accounts) == (lots, len(shares))
        assert (loss.skipped_accounts, loss.policy) == (skipped, policy)
        rounding = paid - loss.quote_atoms
        assert 0 <= rounding <= len(shares) + 1
        touches_fund = FUND in {need.account_id, *(account_id for account_id, *_ in shares)}
        if not touches_fund:
            assert driver.fund().equity_atoms == fund_atoms + rounding
        if len(events) == len(closed) + 1:
            sign = 1 if need.size_lots > 0 else -1
            assert driver.lots(need.account_id) == before[need.account_id].size_lots - sign * lots


@pytest.mark.parametrize("seed", range(6))
def test_a_policy_that_takes_money_and_closes_nothing(seed: int) -> None:
    rng = Random(f"levy {seed}")
    driver = crowd(rng, LossPolicy.QUEUE)
    for _ in range(10):
        need = draw_need(rng, driver)._replace(above_atoms=rng.randint(1, 500))
        payers = [one for one in opposite(driver, need) if need.bears(one)]
        before = {one.account_id: one for one in holdings(driver)}
        balance = driver.account(need.account_id).balance_atoms
        shares, _ = choose(driver, LEVY, need)
        total = sum(abs(one.size_lots) for one in payers)
        for account_id, lots, atoms, *_ in shares:
            exact = Fraction(need.above_atoms * abs(before[account_id].size_lots), total)
            assert lots == 0
            assert abs(atoms - exact) < 1
        assert sum(atoms for _, _, atoms, *_ in shares) == need.above_atoms
        events = allocate(driver, LEVY, need).events
        loss = only(events, EventKind.LOSS_ALLOCATION)
        assert kinds(events) == ["AUTO_DELEVERAGE"] * len(shares) + ["LOSS_ALLOCATION"]
        assert (loss.size_lots, loss.needed_lots) == (0, need.close_lots)
        assert loss.quote_atoms == loss.haircut_atoms == need.above_atoms
        assert {event.price_ticks for event in events} == {0}
        # The account has the money to the atom and keeps its position; so does everybody else.
        assert driver.account(need.account_id).balance_atoms == balance + need.above_atoms
        paid = {account_id: atoms for account_id, _, atoms, *_ in shares}
        paid[need.account_id] = -need.above_atoms
        for one in holdings(driver):
            assert one.size_lots == before[one.account_id].size_lots
            assert one.equity_atoms == before[one.account_id].equity_atoms - paid.get(
                one.account_id, 0
            )


def test_equal_parts_of_money_go_by_account_id() -> None:
    driver = Driver()
    driver.market(tiers=[(0, 2, 1)])
    driver.mark(MARK)
    for account_id in (1, 9, 4, 7):
        driver.deposit(account_id, 10**6)
    for seller in (9, 4, 7):
        driver.trade(1, seller, 10, MARK)
    shares, skipped = choose(driver, LEVY, Need(1, 30, 30, 11))
    assert [(account_id, atoms) for account_id, _, atoms, *_ in shares] == [(4, 4), (7, 4), (9, 3)]
    assert skipped == 0


def test_who_cannot_pay_for_what_he_would_close_is_passed_over() -> None:
    driver = Driver()
    driver.market(tiers=[(0, 2, 1)])
    driver.mark(MARK)
    for account_id, atoms in ((1, 10**6), (2, 10), (3, 10**6)):
        driver.deposit(account_id, atoms)
    driver.trade(1, 2, 1, MARK)
    driver.trade(1, 3, 1, MARK)
    # 2 lots for 22 more than at mark: 11 a lot, of which account 2 has 10.
    for policy in (*TABLE, LEVY):
        shares, skipped = choose(driver, policy, Need(1, 2, 2, 22))
        assert [account_id for account_id, *_ in shares] == [3]
        assert skipped == 1
