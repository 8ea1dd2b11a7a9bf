"""The judge sees what no rule must allow, when the effect of a command is changed to it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from riskengine.core.enums import EventKind
from riskengine.core.types import AccountView, Event
from tests.attack.attacker import BYSTANDER, HOLDERS, JUNK, Attacker
from tests.attack.judge import of_effect
from tests.attack.venue import FUND, Effect, Venue

DISCOUNTS_PPM = {1: 20_000, 2: 2_000}
LONG, SHORT, OTHER = HOLDERS[:3]


def gap() -> Effect:
    """Have a holder be closed against another one by a gap that the fund cannot pay."""
    venue = quiet_venue()
    mark = venue.marks[JUNK]
    has = venue.accounts()[LONG].equity_atoms
    venue.trade(LONG, SHORT, JUNK, has * 8 // mark, mark)
    effect = venue.mark({JUNK: mark * 4 // 5})
    assert found(effect) == []
    assert [event.loss_atoms > 0 for event in of_kind(effect, EventKind.AUTO_DELEVERAGE)] == [True]
    return effect


def quiet_venue() -> Venue:
    """Return a venue whose fund is empty and whose holders are rich."""
    for seed in range(100):
        venue = Attacker(seed).venue
        views = venue.accounts()
        if not views[FUND].equity_atoms and all(
            views[each].equity_atoms > 2_000 for each in HOLDERS
        ):
            return venue
    raise AssertionError


def of_kind(effect: Effect, kind: EventKind) -> list[Event]:
    return [event for event in effect.events if event.kind == kind]


def found(effect: Effect) -> list[str]:
    return [kind for kind, _ in of_effect(effect, DISCOUNTS_PPM)]


def with_view(effect: Effect, account_id: int, **changes: Any) -> Effect:
    view: AccountView = effect.after[account_id]
    return replace(effect, after={**effect.after, account_id: view._replace(**changes)})


def with_loss(effect: Effect, account_id: int, atoms: int) -> Effect:
    beyond = {**effect.beyond, account_id: effect.beyond.get(account_id, 0) - atoms}
    return replace(effect, beyond=beyond)


def still(effect: Effect) -> Effect:
    """Return the same as the effect of a command that moves no mark."""
    return replace(effect, what="trade", moved={})


@pytest.mark.parametrize("account_id", [SHORT, OTHER])
def test_a_loss_that_no_event_tells(account_id: int) -> None:
    assert found(with_loss(gap(), account_id, 1)) == ["a mark costs a holder"]


def test_a_loss_of_the_fund_that_no_event_tells() -> None:
    assert found(with_loss(gap(), FUND, 1)) == ["a mark costs the fund"]


def test_a_holder_pays_where_his_market_did_not_move() -> None:
    kinds = found(still(gap()))
    assert "a holder pays more than a trade gave his lots" in kinds
    assert found(replace(gap(), moved={2: 5}))[0].startswith("a holder pays more than a mark")


def test_a_holder_is_left_below_his_maintenance() -> None:
    assert "a holder pays of his maintenance" in found(
        with_view(gap(), SHORT, maintenance_atoms=10**9)
    )


@pytest.mark.parametrize("kind", [EventKind.TAKE_OVER, EventKind.LOSS_ALLOCATION])
@pytest.mark.parametrize(("equity_atoms", "most"), [(50, 6), (5, 5)])
def test_a_close_costs_more_than_its_discount(
    kind: EventKind, equity_atoms: int, most: int
) -> None:
    """Of 3 lots at 100 it is 2 %, and no more than the equity."""
    effect = gap()
    closed = {"kind": kind, "size_lots": 3, "mark_price_ticks": 100, "equity_atoms": equity_atoms}
    (allocation,) = of_kind(effect, EventKind.LOSS_ALLOCATION)
    for atoms in (most, most + 1):
        event = Event(**allocation._asdict() | closed | {"discount_atoms": atoms})
        kinds = found(replace(effect, events=[*effect.events, event]))
        assert kinds == ["a close costs more than its discount"] * (atoms - most)


def test_a_loss_is_left_by_a_trade() -> None:
    effect = with_view(gap(), LONG, equity_atoms=-5)
    assert found(effect) == []
    assert "a trade leaves a loss" in found(still(effect))


def test_one_below_zero_keeps_his_legs() -> None:
    effect = gap()
    legs: Sequence[Any] = effect.before[LONG].positions
    assert found(with_view(effect, LONG, equity_atoms=-5, positions=legs)) == [
        "one below zero keeps legs"
    ]


def test_what_was_paid_in_has_to_stay() -> None:
    effect = gap()
    paid_in = effect.after[BYSTANDER].withdrawable_atoms
    changed = with_view(effect, BYSTANDER, withdrawable_atoms=paid_in - 1)
    assert found(changed) == ["what was paid in has to stay"]
