"""The oracle's passes by hand: all is decided on what a pass began with, and who comes again."""

import pytest

from tests.simulation.oracle.names import Ended, Kind, Side, State
from tests.simulation.oracle.world import Order
from tests.simulation.oracle.worlds import (
    FUND_ACCOUNT,
    equity,
    hold,
    judge,
    market,
    of_kind,
    ordered,
    size,
    world,
)

A, B, C = 1, 2, 3
ONE, TWO = 1, 2


@pytest.mark.rule("JD-1", "JD-4")
def test_nobody_is_assessed_anew_within_a_pass() -> None:
    """The fund has 41: it carries C's 4 lots for 20, and not A's 8 for 40 besides."""
    made = world(market(ONE, 100, 100, 0), fund_atoms=41)
    hold(made, A, 20, {ONE: 8})
    hold(made, C, 5, {ONE: 4})

    events = judge(made)

    assert [e["kind"] for e in events] == [
        *[Kind.CANCEL_ORDERS] * 2,
        Kind.TAKE_OVER,
        Kind.LIQUIDATION_ORDER,
        Kind.LIQUIDATION_ENDED,
    ]
    assert [e["account_id"] for e in events] == [C, A, C, A, C]


@pytest.mark.rule("JD-1", "LS-17")
def test_a_holder_that_pays_is_judged_in_the_next_pass() -> None:
    """It pays down to its maintenance and no further: 5 lots of market 2 require 25."""
    made = world(market(ONE, 120, 100), market(TWO, 100, 100))
    hold(made, A, -150, {ONE: 10})
    hold(made, B, 100, {ONE: -10, TWO: 5})

    events = judge(made)

    assert equity(made, B) == 25
    assert of_kind(events, Kind.BAD_DEBT)[0]["amount_atoms"] == 75
    called = of_kind(events, Kind.MARGIN_CALL)
    assert [e["account_id"] for e in called] == [B]


@pytest.mark.rule("WF-23")
def test_ends_are_decided_before_closes_in_order_of_ids() -> None:
    """The position of the first is closed by the second's gap only after its order was cut."""
    made = world(market(ONE, 110, 100))
    first = hold(made, A, 26, {ONE: -5})
    order = ordered(made, first, Order(2, first.name, ONE, Side.LONG, 12, 101, False))
    second = hold(made, B, -40, {ONE: 5})
    ordered(made, second, Order(1, second.name, ONE, Side.SHORT, 5, 99, False))

    events = judge(made)

    ended = of_kind(events, Kind.LIQUIDATION_ORDER_ENDED)
    assert [(e["liquidation_id"], e["outcome"]) for e in ended] == [
        (1, Ended.REPLACED),
        (2, Ended.RECOVERED),
    ]
    # At 26 of 25 it lacks the buffer of 26.25; it holds 5 of 12, so it is cut, then closed whole.
    assert order.size_lots == 5
    assert (first.state, first.orders, size(made, A)) == (State.NORMAL, [], 0)
    assert (equity(made, A), equity(made, B)) == (0, -14)


@pytest.mark.rule("WF-18")
def test_a_rest_is_void_once_the_account_has_its_maintenance() -> None:
    made = world(market(ONE, 100, 100), fund_atoms=10**6)
    held = hold(made, A, 50, {ONE: 10})
    order = ordered(made, held, Order(1, held.name, ONE, Side.SHORT, 4, 99, False))
    order.outcome = Ended.DONE

    events = judge(made)

    assert [e["kind"] for e in events] == [Kind.LIQUIDATION_ENDED]
    assert size(made, A) == 10


@pytest.mark.rule("WF-12", "WF-18")
def test_what_has_no_limit_is_taken_over_at_once() -> None:
    """A short at 3 where prices go in steps of 5: no price to buy at is low enough."""
    made = world(market(ONE, 3, 3, price_step_ticks=5), fund_atoms=1_000)
    held = hold(made, A, 12, {ONE: -100})

    events = judge(made)

    # 12 cover 11 and the buffer, the maintenance of 73 lots; then it has 10, for a discount of 2.
    taken = of_kind(events, Kind.TAKE_OVER)
    assert (taken[0]["size_lots"], taken[0]["discount_atoms"]) == (27, 2)
    assert not of_kind(events, Kind.LIQUIDATION_ORDER)
    assert sum(e["size_lots"] for e in taken) == 100 + size(made, A)
    assert equity(made, FUND_ACCOUNT) == 1_000 + sum(e["discount_atoms"] for e in taken)
    assert held.state == State.MARGIN_CALL


@pytest.mark.rule("WF-19", "LS-9")
def test_an_order_of_a_holder_that_was_closed_ends_in_the_next_pass() -> None:
    """B orders in the pass in which A's need takes its whole leg: the order is told to be off."""
    made = world(market(ONE, 100, 100))
    hold(made, A, -20, {ONE: 10})
    hold(made, B, 40, {ONE: -10})

    events = judge(made)

    kinds = [e["kind"] for e in events if e["account_id"] == B]
    assert kinds == [
        Kind.CANCEL_ORDERS,
        Kind.LIQUIDATION_ORDER,
        Kind.LIQUIDATION_ORDER_ENDED,
        Kind.LIQUIDATION_ENDED,
    ]
    ended = of_kind(events, Kind.LIQUIDATION_ORDER_ENDED)
    assert [e["outcome"] for e in ended] == [Ended.RECOVERED]
    assert equity(made, B) == 40


@pytest.mark.rule("WF-20")
def test_a_rest_without_anybody_waits_for_a_retry() -> None:
    made = world(market(ONE, 100, 93, liquidation_timeout_millis=7))
    held = hold(made, A, 35, {ONE: 10})
    order = ordered(made, held, Order(1, held.name, ONE, Side.SHORT, 4, 92, False))
    order.outcome = Ended.EXPIRED

    events = judge(made)

    allocation = of_kind(events, Kind.LOSS_ALLOCATION)[0]
    assert (allocation["needed_lots"], allocation.get("size_lots", 0)) == (4, 0)
    assert held.retry_nanos == 7_000_000
    assert held.orders == []


@pytest.mark.rule("WF-19")
def test_a_cooldown_follows_a_slice() -> None:
    made = world(market(ONE, 100, 93, liquidation_cooldown_millis=9), fund_atoms=10**6)
    held = hold(made, A, 35, {ONE: 10})
    order = ordered(made, held, Order(1, held.name, ONE, Side.SHORT, 1, 92, True))
    order.outcome = Ended.DONE

    events = judge(made)

    assert [e["size_lots"] for e in of_kind(events, Kind.TAKE_OVER)] == [1]
    assert held.retry_nanos == 9_000_000


@pytest.mark.rule("FD-2")
def test_a_fund_below_its_maintenance_is_closed_at_the_mark() -> None:
    """E 40 of M 50: 8 lots may stay, and the short that takes 2 gains nothing."""
    made = world(market(ONE, 120, 100))
    hold(made, FUND_ACCOUNT, 40, {ONE: 10}).is_fund = True
    hold(made, B, 500, {ONE: -10})

    events = judge(made)

    pair = of_kind(events, Kind.AUTO_DELEVERAGE)[0]
    assert (pair["size_lots"], pair["price_ticks"], pair.get("loss_atoms", 0)) == (2, 100, 0)
    assert (equity(made, FUND_ACCOUNT), equity(made, B), size(made, FUND_ACCOUNT)) == (40, 500, 8)
