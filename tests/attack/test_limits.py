"""The judge sees a limit that is passed, when the effect of a command is changed to it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import islice

import pytest

from riskengine.core.enums import EventKind
from riskengine.core.types import Event
from tests.attack.attacker import INVENTORIES_PPM, SHARES_PPM, Attacker
from tests.attack.limits import (
    BELOW_BY_A_LATE_FILL,
    LEVELS,
    agreed_costs,
    late_cost,
    of_limits,
    of_spread,
    paid_by_fund,
)
from tests.attack.venue import FUND, Effect
from tests.core.driver import Driver, only

SEEDS, MOVES = 60, 120


@cache
def played() -> list[Effect]:
    """Return what commands did in venues with limits."""
    effects: list[Effect] = []
    for seed in range(SEEDS):
        attacker = Attacker(seed, is_limited=True)
        attacker.play(MOVES)
        effects += attacker.venue.effects
    return effects


def first(wanted: Callable[[Effect], bool]) -> Effect:
    return next(effect for effect in played() if wanted(effect))


def has(kind: EventKind) -> Callable[[Effect], bool]:
    return lambda effect: any(event.kind == kind for event in effect.events)


def changed(effect: Effect, kind: EventKind, **changes: int) -> Effect:
    """Return the effect with the first event of a kind changed."""

    def events() -> Iterator[Event]:
        left = 1
        for event in effect.events:
            is_it = event.kind == kind and left > 0
            left -= is_it
            yield Event(**event._asdict() | changes) if is_it else event

    return replace(effect, events=list(events()))


def kinds(effect: Effect) -> list[str]:
    beyond = of_limits(effect, SHARES_PPM, INVENTORIES_PPM)
    return [kind for kind, _ in (*beyond, *of_spread(effect))]


def test_a_fund_that_pays_more_than_its_share() -> None:
    effect = first(lambda each: bool(each.paid))
    assert kinds(effect) == []
    assert effect.fund is not None
    peak = effect.fund.peak_equity_atoms
    for market_id, share_ppm in SHARES_PPM.items():
        most = peak * share_ppm // 10**6
        for atoms in (most, most + 1):
            found = kinds(replace(effect, paid={market_id: (0, atoms)}))
            assert found == ["the fund pays more for a market than its share"] * (atoms - most)


def test_a_fund_that_pays_below_its_drawdown() -> None:
    effect = first(lambda each: paid_by_fund(each) > 0)
    fund = effect.fund
    assert fund is not None
    least = -(-fund.peak_equity_atoms * 7 // 10)
    for atoms in (least, least - 1):
        found = kinds(replace(effect, fund=fund._replace(equity_atoms=atoms)))
        assert found == ["the fund pays below its drawdown"] * (least - atoms)


def test_a_fund_that_holds_more_than_its_parts() -> None:
    effect = first(has(EventKind.TAKE_OVER))
    assert kinds(effect) == []
    assert set(kinds(changed(effect, EventKind.TAKE_OVER, size_lots=10**9))) == {
        "the fund holds too much in a market",
        "the fund holds too much of this market",
        "the fund holds too much in all",
    }


def test_a_gain_that_pays_more_than_it_is() -> None:
    effect = first(has(EventKind.LOSS_SPREAD))
    assert kinds(effect) == []
    assert kinds(changed(effect, EventKind.LOSS_SPREAD, amount_atoms=10**9)) == [
        "a gain pays more of a debt than it is",
        "gains pay what no debtor gets",
    ]
    assert "a gain pays more of a debt than it is" in kinds(
        changed(effect, EventKind.LOSS_SPREAD, maintenance_atoms=10**9)
    )
    payer = next(e.account_id for e in effect.events if e.kind == EventKind.LOSS_SPREAD)
    poor = effect.after[payer]._replace(maintenance_atoms=10**9)
    assert kinds(replace(effect, after={**effect.after, payer: poor})) == [
        "a gain pays of its maintenance"
    ]


def test_a_late_fill_costs_its_sides_what_its_price_is_off_the_mark() -> None:
    """What it costs one it gives the other, and the fund has its part."""
    late = [effect for effect in played() if has(EventKind.LATE_FILL)(effect)]
    assert len(late) > 10
    assert any(late_cost(effect) > 0 for effect in late)
    assert any(late_cost(effect) < 0 for effect in late)
    for effect in late:
        assert sum(agreed_costs(effect).values()) == 0
    costly = (effect for effect in late if late_cost(effect) > 0)
    for effect in islice(costly, 5):
        assert effect.fund is not None
        gone = replace(effect, fund=effect.fund._replace(noted_equity_atoms=-1))
        assert BELOW_BY_A_LATE_FILL in kinds(gone)


@pytest.mark.rule("BK-6", "WF-28", "FD-11")
def test_a_late_fill_takes_no_more_of_the_fund_than_its_drawdown() -> None:
    """The friend's 10 were closed with holders at 89; now the fund sells them to it, at 94.

    At a mark of 200 that costs 1,060, and the fund has 95, of which 70 stay.
    """
    driver = told_late(friend_atoms=10_000, mark_ticks=200)
    assert driver.fund().equity_atoms == 70
    assert driver.account(3).equity_atoms == 10_000 + 25


@pytest.mark.rule("BK-6", "WF-28")
def test_what_the_fund_gains_by_a_late_fill_pays_for_whom_it_leaves_below_zero() -> None:
    """At a mark of 50 the friend, who has 10, loses 440 on its 10 lots, and the fund gains them.

    The fund paid 160 of the friend's 430, was stopped, and kept the rest: 270 of account 2's gain
    bore what was left an hour later.
    """
    driver = told_late(friend_atoms=10, mark_ticks=50)
    assert driver.account(3).equity_atoms == 0
    assert driver.fund().equity_atoms == 95 + 10
    gain = driver.account(2).equity_atoms
    driver.tick(3_600_000)
    assert driver.account(2).equity_atoms == gain


def told_late(friend_atoms: int, mark_ticks: int) -> Driver:
    """Have a friend take 10 of the order of account 1, long 50, at 94, of which is told later.

    At 89 holders close the leg whole, since the fund of 100 can pay 5; then the mark moves.
    """
    driver = Driver()
    driver.market(1, fund_share_ppm=50_000)
    driver.risk(**LEVELS)
    driver.mark(100)
    driver.fund_deposit(100)
    for account_id, atoms in ((1, 500), (2, 10_000), (3, friend_atoms)):
        driver.deposit(account_id, atoms)
    driver.trade(1, 2, 50, 100)
    order = only(driver.mark(94), EventKind.LIQUIDATION_ORDER)
    assert (order.size_lots, order.price_ticks) == (10, 94)
    driver.mark(89)
    driver.mark(mark_ticks)
    assert driver.fund().equity_atoms == 95
    assert not driver.account(FUND).positions
    assert only(driver.trade(3, 1, 10, 94, fills=1), EventKind.LATE_FILL).size_lots == 10
    return driver
