"""Needs and holders are paired in order: as many pairs as both, less one (LS-6, LS-16)."""

from random import Random

import pytest

from riskengine.core.enums import EventKind, LossPolicy, PositionUpdateMode
from riskengine.core.types import Event
from tests.core.driver import Driver

POLICIES = [policy for policy in LossPolicy if policy]


def hold(driver: Driver, sizes: dict[int, int], paid_in: int, price: int = 100) -> None:
    """Have accounts pay in so much a lot and hold so many lots at that price."""
    ids = tuple(sizes)
    rows = len(ids)
    amounts = tuple(abs(size) * paid_in for size in sizes.values())
    driver.do("deposits", ids, (1,) * rows, amounts)
    columns = (ids, (1,) * rows, tuple(sizes.values()), (price,) * rows)
    driver.do("position_updates", PositionUpdateMode.DELTA, *columns)


def of_kind(events: list[Event], kind: EventKind) -> list[Event]:
    return [event for event in events if event.kind == kind]


def crashed(longs: list[int], shorts: list[int], policy: LossPolicy) -> tuple[Driver, list[Event]]:
    """Have every long owe 10 a lot by a fall from 100 to 80; shorts are rich."""
    driver = Driver()
    driver.market(loss_policy=policy)
    driver.mark(100)
    hold(driver, dict(enumerate(longs, 1)), 10)
    hold(driver, {10_000 + i: -lots for i, lots in enumerate(shorts)}, 1_000)
    return driver, driver.mark(80)


@pytest.mark.rule("LS-16")
@pytest.mark.parametrize("policy", POLICIES)
def test_hundreds_of_bankrupt_accounts_against_thousands_of_holders(policy: LossPolicy) -> None:
    """300 needs and 5,000 shares whose lots never end together: 5,299 pairs, not 1,500,000."""
    # Shares end at multiples of 3 lots; needs, the largest one first, do so with the last alone.
    longs = [649, *[48] * 298, 47]
    driver, events = crashed(longs, [3] * 5_000, policy)
    closed = of_kind(events, EventKind.AUTO_DELEVERAGE)
    assert len(closed) == 300 + 5_000 - 1
    losses = of_kind(events, EventKind.LOSS_ALLOCATION)
    assert sum(loss.touched_accounts for loss in losses) == len(closed)
    assert [loss.size_lots for loss in losses] == [loss.needed_lots for loss in losses]
    assert {event.rank for event in closed} == set(range(1, 5_001))
    # Each holder gave back 10 of the 20 a lot that it gained, and every need was met whole.
    assert sum(event.loss_atoms for event in closed) == 10 * 15_000
    assert [loss.haircut_atoms for loss in losses] == [loss.loss_atoms for loss in losses]
    (totals,) = driver.engine.counters().markets
    assert (totals.allocations, totals.deleveraged_accounts) == (300, 5_000)
    assert totals.haircut_atoms == 150_000


@pytest.mark.rule("LS-16", "LS-17", "LS-18")
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("seed", range(20))
def test_pairs_and_what_is_paid_sum_to_both_sides(policy: LossPolicy, seed: int) -> None:
    rng = Random(f"{policy.name} {seed}")
    longs = [rng.randint(1, 40) for _ in range(rng.randint(1, 12))]
    shorts = [rng.randint(1, 40) for _ in range(rng.randint(1, 12))]
    driver, events = crashed(longs, shorts, policy)
    closed = of_kind(events, EventKind.AUTO_DELEVERAGE)
    losses = of_kind(events, EventKind.LOSS_ALLOCATION)
    shares = {event.counterparty_account_id for event in closed}
    assert sum(event.size_lots for event in closed) == min(sum(longs), sum(shorts))
    needs = sum(loss.size_lots > 0 for loss in losses)
    assert max(needs, len(shares)) <= len(closed) <= needs + len(shares) - 1
    for loss in losses:
        mine = [event for event in closed if event.account_id == loss.account_id]
        assert loss.size_lots == sum(event.size_lots for event in mine)
        assert loss.touched_accounts == len(mine)
        assert loss.quote_atoms == 80 * loss.size_lots
    # 10 a lot are lacking; what is closed is rich enough, and gained 20 a lot.
    owed = 10 * sum(longs)
    paid = min(owed, 20 * min(sum(longs), sum(shorts)))
    assert sum(event.loss_atoms for event in closed) == paid
    assert sum(loss.haircut_atoms for loss in losses) == paid
    left = sum(min(0, driver.account(one).equity_atoms) for one in range(1, len(longs) + 1))
    assert left == paid - owed


@pytest.mark.rule("LS-6")
@pytest.mark.parametrize("seed", range(20))
def test_needs_of_both_sides_are_paired_first(seed: int) -> None:
    """Longs and shorts that another market ruins close each other; one side's rest has holders."""
    rng = Random(seed)
    driver = Driver()
    for market_id in (1, 2):
        driver.market(market_id)
        driver.mark(100, market_id)
    sizes = [rng.randint(1, 40) for _ in range(rng.randint(1, 8))]
    others = [rng.randint(1, 40) for _ in range(rng.randint(1, 8))]
    ruined = dict(enumerate([*sizes, *(-size for size in others)], 1))
    hold(driver, ruined, 20)
    hold(driver, {100 + i: size for i, size in enumerate((500, -500))}, 1_000)
    ids = tuple(ruined)
    columns = (ids, (2,) * len(ids), tuple(abs(one) for one in ruined.values()), (100,) * len(ids))
    driver.do("position_updates", PositionUpdateMode.DELTA, *columns)
    events = driver.mark(50, 2)
    met = [one for one in of_kind(events, EventKind.AUTO_DELEVERAGE) if one.market_id == 1]
    netted = [one for one in met if one.counterparty_account_id < 100]
    rest = met[len(netted) :]
    assert met[: len(netted)] == netted
    lots = min(sum(sizes), sum(others))
    assert sum(one.size_lots for one in netted) == lots
    assert len(netted) <= len(sizes) + len(others) - 1
    assert {(one.rank, one.price_ticks, one.loss_atoms) for one in netted} == {(0, 100, 0)}
    assert all(ruined[one.account_id] > 0 for one in netted)
    assert sum(one.size_lots for one in rest) == abs(sum(sizes) - sum(others))
    assert {one.counterparty_account_id for one in rest} <= {100, 101}
    assert not any(driver.lots(one) for one in ruined)
