"""Second terms and late fills (WF-26 to WF-28), worked by hand on the oracle alone."""

import pytest

from tests.simulation.oracle import late_fills, orders, rows
from tests.simulation.oracle.names import NANOS_PER_MILLI, Ended, Kind, Reason, Side
from tests.simulation.oracle.refusal import Refused
from tests.simulation.oracle.world import KeptOrder, Order, RiskParameters, World
from tests.simulation.oracle.worlds import (
    FUND_ACCOUNT,
    USD,
    hold,
    judge,
    market,
    of_kind,
    ordered,
    size,
    world,
)

TAKER = 9
LIMIT = 92


def made(fund_atoms: int = 10_000, **terms: int) -> tuple[World, Order]:
    """Return a world in which account 1, long 50 at 94 with E 200 of M 235, sells 10 by order."""
    one = world(market(1, 94, 94, discount_ppm=0), fund_atoms=fund_atoms)
    one.risk = RiskParameters(**({"late_fill_millis": 1_000} | terms))
    hold(one, TAKER, 10**6, {1: -50})
    held = hold(one, 1, 200, {1: 50})
    order = ordered(one, held, Order(1, held.name, 1, Side.SHORT, 10, LIMIT, sliced=False))
    return one, order


def fill(one: World, lots: int, price_ticks: int = 94) -> None:
    rows.trade(one, 1, TAKER, 1, price_ticks, lots, 0, 0, 1)


@pytest.mark.rule("WF-26")
def test_a_deadline_gives_a_second_one_once() -> None:
    one, order = made(second_term_millis=7)
    one.command_time_nanos = 5
    orders.reach_deadline(one, order)
    assert (order.cancelling, order.ended) == (True, False)
    (told,) = one.events
    assert (told["kind"], told["needed_lots"]) == (Kind.CANCEL_LIQUIDATION_ORDER, 10)
    assert told["deadline_nanos"] == 5 + 7 * NANOS_PER_MILLI
    orders.reach_deadline(one, order)
    assert order.outcome == Ended.EXPIRED


@pytest.mark.rule("WF-27")
def test_what_the_fund_took_is_moved_and_what_is_ordered_again_is_not() -> None:
    one, order = made()
    orders.end(one, order, Ended.EXPIRED)
    assert of_kind(judge(one), Kind.TAKE_OVER)[0]["size_lots"] == 10
    assert [(kept.order, kept.moved_lots) for kept in one.kept] == [(order, 10)]
    again, first = made()
    again.markets[1].parameters = again.markets[1].parameters._replace(book_attempts=2)
    orders.end(again, first, Ended.EXPIRED)
    assert of_kind(judge(again), Kind.TAKE_OVER) == []
    assert [kept.moved_lots for kept in again.kept] == [0]


@pytest.mark.rule("WF-28")
@pytest.mark.parametrize(
    ("moved", "held", "lots", "of_fund"),
    [
        (10, 40, 10, 10),
        (0, 50, 10, 0),
        (0, 0, 10, 10),
        (4, 50, 10, 4),
        (4, 3, 10, 7),
        (4, 3, 2, 2),
        (0, 50, 1, 0),
    ],
)
def test_moved_lots_come_first_then_those_that_the_account_holds(
    moved: int, held: int, lots: int, of_fund: int
) -> None:
    one, order = made()
    hold(one, 1, 0, {1: held} if held else {})
    kept = KeptOrder(order, 0, moved)
    assert late_fills.part_of_fund(one, kept, lots).lots == of_fund
    late_fills.take(one, kept, lots)
    assert (order.unfilled_lots, kept.moved_lots) == (10 - lots, max(0, moved - lots))


@pytest.mark.rule("WF-28")
def test_a_late_fill_makes_the_fund_flat_in_what_it_took() -> None:
    one, order = made()
    orders.end(one, order, Ended.EXPIRED)
    judge(one)
    assert (size(one, 1), size(one, FUND_ACCOUNT)) == (40, 10)
    fill(one, 10)
    assert (size(one, 1), size(one, FUND_ACCOUNT), size(one, TAKER)) == (40, 0, -40)
    (told,) = of_kind(one.events, Kind.LATE_FILL)
    assert (told["account_id"], told["asset_id"], told["size_lots"]) == (1, USD, 10)


@pytest.mark.rule("WF-28")
def test_what_is_not_kept_is_unknown() -> None:
    one, order = made()
    orders.end(one, order, Ended.EXPIRED)
    judge(one)
    one.command_time_nanos = 1_000 * NANOS_PER_MILLI - 1
    assert late_fills.find(one, 1) is not None
    one.command_time_nanos += 1
    with pytest.raises(Refused) as refused:
        fill(one, 10)
    assert refused.value.of_row(0).reason == Reason.UNKNOWN_LIQUIDATION
