"""The oracle's waterfall by hand: discounts, limits, who is asked, and open orders."""

from typing import NamedTuple

import pytest

from tests.simulation.oracle import closes, orders, views
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.judged import Judged
from tests.simulation.oracle.names import Ended, Kind, Side, State
from tests.simulation.oracle.world import (
    Account,
    AccountName,
    EventFields,
    MarketParameters,
    Order,
    RiskParameters,
    RiskTier,
    World,
)
from tests.simulation.oracle.worlds import (
    FUND,
    FUND_ACCOUNT,
    USD,
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
RICH = 10**6
Row = tuple[list[int], ...]


def selling(account: Account, lots: int, market_id: int = ONE, number: int = 1) -> Order:
    return Order(number, account.name, market_id, Side.SHORT, lots, 1, False)


def expire(made: World, account: Account) -> list[EventFields]:
    """End the account's orders as their deadlines would, and judge in a new command."""
    made.events = []
    made.sequence += 1
    for order in account.open_orders:
        orders.end(made, order, Ended.EXPIRED)
    return judge(made)


@pytest.mark.rule("LS-3", "LS-19")
def test_below_the_level_a_leg_is_taken_over_at_the_mark_less_the_discount() -> None:
    """E 590, M 900, 10 lots at 1,799, discount 1 %: fund 180, the account keeps 410."""
    made = world(market(ONE, 1_800, 1_799, 10_000), fund_atoms=RICH)
    hold(made, A, 590, {ONE: 10})
    hold(made, B, 10_000, {ONE: -10})

    events = judge(made)

    taken = of_kind(events, Kind.TAKE_OVER)[0]
    assert (taken["quote_atoms"], taken["discount_atoms"]) == (17_990, 180)
    assert (equity(made, A), equity(made, FUND_ACCOUNT), equity(made, B)) == (
        410,
        RICH + 180,
        10_000,
    )


@pytest.mark.rule("LS-19")
@pytest.mark.parametrize("first", [ONE, TWO])
def test_a_discount_is_the_same_whatever_the_order_of_legs(first: int) -> None:
    """E 10, two legs of MM 50, discounts of 1 and of 9.5: 4 are left, for 5 is a leg's share."""
    cheap, dear = (ONE, TWO) if first == ONE else (TWO, ONE)
    made = world(
        market(cheap, 1_000, 1_000, 1_000), market(dear, 1_000, 1_000, 9_500), fund_atoms=RICH
    )
    hold(made, A, 10, {ONE: 1, TWO: 1})

    events = judge(made)

    paid = {e["market_id"]: e["discount_atoms"] for e in of_kind(events, Kind.TAKE_OVER)}
    assert paid == {cheap: 1, dear: 5}
    assert equity(made, A) == 4


@pytest.mark.rule("LS-2", "LS-3")
def test_a_fund_can_take_what_it_carries_with_the_discount() -> None:
    """10 lots at 100 require 50: the fund needs 50 less the discount of 20."""
    for fund_atoms, taken in ((30, 1), (29, 0)):
        made = world(market(ONE, 100, 100), fund_atoms=fund_atoms)
        hold(made, A, 33, {ONE: 10})
        assert len(of_kind(judge(made), Kind.TAKE_OVER)) == taken


@pytest.mark.rule("WF-11", "WF-12")
@pytest.mark.parametrize(
    ("lots", "mark", "equity_atoms", "limits"),
    [
        pytest.param(10, 1_800, 360, (1_782, 1_764, 1_764), id="selling: Q/q is 1,764"),
        pytest.param(10, 1_800, 900, (1_782, 1_764, 1_710), id="selling: Q/q is 1,710"),
        pytest.param(10, 1_800, 90, (1_791, 1_791, 1_791), id="selling: Q/q is better"),
        pytest.param(-10, 1_800, 900, (1_818, 1_836, 1_890), id="buying"),
        pytest.param(-10, 1_800, 90, (1_809, 1_809, 1_809), id="buying: Q/q is better"),
    ],
)
def test_limits_of_the_attempts(
    lots: int, mark: int, equity_atoms: int, limits: tuple[int, ...]
) -> None:
    made = world(market(ONE, mark, mark, 10_000))
    held = hold(made, A, equity_atoms, {ONE: lots})
    judged = Judged(held, equity_atoms, 900)
    close = closes.Close(ONE, 10)

    found = tuple(closes.limit_price(made, judged, close, attempt) for attempt in (1, 2, 3))

    assert found == limits


@pytest.mark.rule("WF-11", "WF-12")
def test_limits_are_on_the_price_step() -> None:
    made = world(market(ONE, 1_803, 1_803, 10_000, price_step_ticks=5))
    long, short = hold(made, A, 900, {ONE: 10}), hold(made, B, 900, {ONE: -10})
    close = closes.Close(ONE, 10)

    # 1,784.97 and 1,821.03
    assert closes.limit_price(made, Judged(long, 900, 902), close, 1) == 1_785
    assert closes.limit_price(made, Judged(short, 900, 902), close, 1) == 1_820


@pytest.mark.rule("WF-18", "LS-19")
def test_a_solvent_account_that_nobody_fills_keeps_its_rest() -> None:
    """Long 10 at 93 with 30 of 47: an order of 4 at 92; its rests go at the mark less 8, 4, 2."""
    made = world(market(ONE, 100, 93))
    held = hold(made, A, 30, {ONE: 10})
    hold(made, B, 1_000, {ONE: -10})

    events = judge(made)
    order = of_kind(events, Kind.LIQUIDATION_ORDER)[0]
    assert (order["size_lots"], order["price_ticks"], order["attempt"]) == (4, 92, 1)
    discounts = []
    for _ in range(10):
        if not held.open_orders:
            break
        events = expire(made, held)
        discounts += [e["discount_atoms"] for e in events if "discount_atoms" in e]

    assert discounts == [8, 4, 2]
    assert (equity(made, A), size(made, A), held.state) == (16, 3, State.MARGIN_CALL)
    assert equity(made, B) == 1_000


@pytest.mark.rule("WF-18", "LS-19")
def test_one_round_heals() -> None:
    """MM 2.5 %, E 900 of M 925: 74 of 1,000 lots taken over at the mark for 28: 872 of 857."""
    tiers = (RiskTier(0, 50_000, 25_000),)
    made = world(market(ONE, 37, 37, 10_000, tiers=tiers), fund_atoms=RICH)
    held = hold(made, A, 900, {ONE: 1_000})

    judge(made)
    events = expire(made, held)

    taken = of_kind(events, Kind.TAKE_OVER)
    assert [(e["size_lots"], e["discount_atoms"]) for e in taken] == [(74, 28)]
    assert (equity(made, A), size(made, A), held.orders) == (872, 926, [])
    assert held.state == State.MARGIN_CALL


@pytest.mark.rule("WF-18", "LS-19")
def test_a_limit_is_no_put_on_the_fund() -> None:
    """Long 10 A, short 5 B: at A 90 an order of 6 at 89; at A 80, B 79 its rest goes at 80."""
    made = world(market(ONE, 100, 90), market(TWO, 100, 100), fund_atoms=10_000)
    held = hold(made, A, 50, {ONE: 10, TWO: -5})
    order = of_kind(judge(made), Kind.LIQUIDATION_ORDER)[0]
    assert (order["size_lots"], order["price_ticks"]) == (6, 89)

    made.sequence += 1
    made.set_mark(made.markets[ONE], 80)
    made.set_mark(made.markets[TWO], 79)
    assert equity(made, A) == 55
    made.sequence -= 1
    events = expire(made, held)

    taken = of_kind(events, Kind.TAKE_OVER)[0]
    assert (taken["size_lots"], taken["quote_atoms"], taken["discount_atoms"]) == (6, 480, 10)
    assert equity(made, FUND_ACCOUNT) == 10_010


@pytest.mark.rule("WF-18")
def test_the_book_is_asked_so_often() -> None:
    made = world(market(ONE, 100, 93, book_attempts=3), fund_atoms=0)
    held = hold(made, A, 40, {ONE: 10})
    hold(made, B, 1_000, {ONE: -10})

    found = of_kind(judge(made), Kind.LIQUIDATION_ORDER)
    for _ in range(2):
        found += of_kind(expire(made, held), Kind.LIQUIDATION_ORDER)
    rest = of_kind(expire(made, held), Kind.LOSS_ALLOCATION)

    assert [e["attempt"] for e in found] == [1, 2, 3]
    assert [e["price_ticks"] for e in found] == [92, 90, 90]
    assert [e["size_lots"] for e in found] == [e["needed_lots"] for e in rest] * 3


@pytest.mark.rule("WF-25")
def test_the_fund_is_asked_once_until_an_order_ends() -> None:
    """Below two thirds it cannot take the leg, nor is it asked again when it has become rich."""
    made = world(market(ONE, 100, 93))
    held = hold(made, A, 30, {ONE: 10})
    hold(made, B, 1_000, {ONE: -10})
    judge(made)
    assert held.asked
    hold(made, FUND_ACCOUNT, RICH, {}).is_fund = True
    made.events = []
    made.touch(held)
    assert judge(made) == []

    events = expire(made, held)

    assert [e["size_lots"] for e in of_kind(events, Kind.TAKE_OVER)] == [10]


@pytest.mark.rule("WF-23", "WF-25")
def test_a_fund_that_can_replaces_the_orders_of_its_legs_alone() -> None:
    """Both legs have orders; the fund can carry the larger only, and its order ends before."""
    made = world(market(ONE, 100, 93), market(TWO, 100, 93), fund_atoms=40)
    held = hold(made, A, 30, {ONE: 10, TWO: 8})
    ordered(made, held, selling(held, 5, ONE, 1))
    kept = ordered(made, held, selling(held, 4, TWO, 2))

    events = judge(made)

    kinds = [e["kind"] for e in events]
    assert kinds[:2] == [Kind.LIQUIDATION_ORDER_ENDED, Kind.TAKE_OVER]
    assert (events[0]["outcome"], events[0]["liquidation_id"]) == (Ended.REPLACED, 1)
    assert held.open_orders == [kept]
    assert size(made, FUND_ACCOUNT, ONE) == 10


@pytest.mark.rule("WF-23", "WF-24")
@pytest.mark.parametrize(
    ("held_lots", "equity_atoms", "outcome", "cut_to"),
    [
        pytest.param(10, -1, Ended.REPLACED, 0, id="below zero"),
        pytest.param(10, 53, Ended.RECOVERED, 0, id="recovered: 52.5 is the level"),
        pytest.param(10, 52, 0, 0, id="not yet"),
        pytest.param(0, 5, Ended.RECOVERED, 0, id="flat"),
        pytest.param(5, 20, 0, 7, id="cut: 2 of 12 are filled, 5 are left"),
        pytest.param(-5, 20, Ended.POSITION_GONE, 0, id="on the other side"),
    ],
)
def test_open_orders_at_each_judgement(
    held_lots: int, equity_atoms: int, outcome: int, cut_to: int
) -> None:
    made = world(market(ONE, 100, 100))
    held = hold(made, A, equity_atoms, {ONE: held_lots} if held_lots else {})
    order = ordered(made, held, selling(held, 12))
    order.filled_lots = 2

    events = judge(made)

    ended = of_kind(events, Kind.LIQUIDATION_ORDER_ENDED)
    if held_lots == 10 and outcome == 0:
        assert not ended
    assert [e["outcome"] for e in ended] == ([outcome] if outcome else [])
    told = of_kind(events, Kind.LIQUIDATION_ORDER_REDUCED)
    assert [(e["size_lots"], e["needed_lots"]) for e in told] == ([(7, 5)] if cut_to else [])


class Case(NamedTuple):
    alice_margin: int
    alice_lots: int
    mark: int


DOLLAR, CENT_TICKS, ETH_LOTS = 1_000_000, 100, 10_000
LONG = Case(2_180, 10 * ETH_LOTS, 1_800)
SHORT = Case(2_220, -10 * ETH_LOTS, 2_200)


def trade(oracle: Oracle, buyer: int, seller: int, price: int, lots: int, order: int = 0) -> None:
    row: Row = ([ONE], [buyer], [seller], [price * CENT_TICKS], [lots], [], [], [order])
    assert oracle.trades(oracle.world.time_nanos, *row).rejections == []


def liquidate(case: Case, deposit: int = 10**6) -> tuple[Oracle, EventFields]:
    """Open ten at 2,000, move the mark; return the liquidation order, without a buffer."""
    oracle = Oracle()
    oracle.create_asset(0, USD, "USD", -6)
    oracle.create_fund(0, FUND, USD)
    tiers = (RiskTier(0, 100_000, 50_000),)
    units = (-2, -4, 1, 1, 10**7, 10**9)
    oracle.set_market(
        0,
        MarketParameters(
            ONE, "ETH", USD, FUND, *units, tiers, 0, 1_000, 0, 0, 0, 1, discount_ppm=10_000
        ),
    )
    oracle.set_risk_parameters(0, RiskParameters(1_250_000, 0, 500_000))
    oracle.mark_prices(0, [ONE], [2_000 * CENT_TICKS])
    for account, dollars in ((A, case.alice_margin), (B, 10_000), (C, deposit)):
        oracle.deposits(0, [account], [USD], [dollars * DOLLAR])
    buyer, seller = (A, B) if case.alice_lots > 0 else (B, A)
    trade(oracle, buyer, seller, 2_000, abs(case.alice_lots))
    outcome = oracle.mark_prices(0, [ONE], [case.mark * CENT_TICKS])
    issued = of_kind(outcome.events, Kind.LIQUIDATION_ORDER)
    assert len(issued) == 1
    return oracle, issued[0]


def dollars(oracle: Oracle, account_id: int) -> float:
    return oracle.world.accounts[AccountName(account_id, USD)].balance_atoms / DOLLAR


@pytest.mark.parametrize(
    ("case", "side", "limit", "margin", "left"),
    [
        # deficit 900 - 180 = 720; close 720 / (1800 * 5 %) = 8
        pytest.param(LONG, Side.SHORT, 1_782, 580, 2, id="peer-139"),
        # deficit 1100 - 220 = 880; close 880 / 110 = 8
        pytest.param(SHORT, Side.LONG, 2_222, 620, -2, id="peer-145"),
    ],
)
def test_book_fills_the_order(case: Case, side: Side, limit: int, margin: float, left: int) -> None:
    oracle, order = liquidate(case)
    assert (order["side"], order["size_lots"]) == (side, 8 * ETH_LOTS)
    assert order["price_ticks"] == limit * CENT_TICKS

    buyer, seller = (A, C) if side == Side.LONG else (C, A)
    trade(oracle, buyer, seller, case.mark, 8 * ETH_LOTS, order["liquidation_id"])

    assert dollars(oracle, A) == margin
    assert size(oracle.world, A) == left * ETH_LOTS
    assert (dollars(oracle, B), size(oracle.world, B)) == (10_000, -case.alice_lots)
    assert oracle.world.fund_account(FUND).balance_atoms == 0
    views.check_invariants(oracle.world)


@pytest.mark.parametrize(
    ("case", "left"),
    [
        # 180 less a discount of 144, 220 less one of 176: 1 % is all that 8 lots' share is.
        pytest.param(LONG, 36, id="peer-141"),
        pytest.param(SHORT, 44, id="peer-147"),
    ],
)
def test_a_counterparty_takes_the_rest_at_the_mark(case: Case, left: int) -> None:
    """Bob has 8 closed at the mark: he gains 8 * 200, and nothing of what Alice has."""
    oracle, order = liquidate(case)

    outcome = oracle.liquidation_reports(0, [order["liquidation_id"]])

    closed = of_kind(outcome.events, Kind.AUTO_DELEVERAGE)
    assert [(e["size_lots"], e["price_ticks"]) for e in closed] == [
        (8 * ETH_LOTS, case.mark * CENT_TICKS)
    ]
    assert dollars(oracle, B) == 11_600
    assert equity(oracle.world, A) == left * DOLLAR
    # What is missing is 144 (176), and a whole one frees 90 (110): an order of 1.6.
    again = of_kind(outcome.events, Kind.LIQUIDATION_ORDER)
    assert [e["size_lots"] for e in again] == [16_000]
    views.check_invariants(oracle.world)


@pytest.mark.rule("WF-6", "WF-15")
def test_one_order_heals_with_its_fee() -> None:
    """MM 0.5 %, fee and discount 0.2 %: 100 of 1,000 lots are closed, fee 19,898, E 470,102."""
    oracle = Oracle()
    oracle.create_asset(0, USD, "USD", 0)
    oracle.create_fund(0, FUND, USD)
    tiers = (RiskTier(0, 10_000, 5_000),)
    units = (0, 0, 1, 1, 10**6, 10**6)
    fees = (2_000, 1_000, 0, 0, 0)
    given = MarketParameters(ONE, "M", USD, FUND, *units, tiers, *fees, 1, discount_ppm=2_000)
    oracle.set_market(0, given)
    oracle.mark_prices(0, [ONE], [100_000])
    oracle.deposits(0, [A, B], [USD, USD], [10**6, 10**9])
    oracle.trades(0, [ONE], [A], [B], [100_000], [1_000], [], [], [0])
    order = of_kind(oracle.mark_prices(0, [ONE], [99_490]).events, Kind.LIQUIDATION_ORDER)[0]
    assert order["size_lots"] == 100

    row: Row = ([ONE], [B], [A], [99_490], [100], [], [], [order["liquidation_id"]])
    events = oracle.trades(0, *row).events

    assert of_kind(events, Kind.LIQUIDATION_FILL)[0]["fee_atoms"] == 19_898
    ended = of_kind(events, Kind.LIQUIDATION_ENDED)[0]
    assert (ended["equity_atoms"], ended["maintenance_atoms"]) == (470_102, 447_705)
