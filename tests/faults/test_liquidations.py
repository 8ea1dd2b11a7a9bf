"""Faults of other venues in what is closed of an account that can still pay, as small inputs.

Each was seen elsewhere, in public; the venues are those of `venue`.
"""

import pytest

from riskengine.core.enums import (
    AccountState,
    EventKind,
    LiquidationOutcome,
    RejectReason,
    Side,
)
from riskengine.core.types import Event, MarketParameters, RiskTier
from tests.core.driver import MARKET, Driver, kinds, only
from tests.faults.venue import (
    FUND,
    RICH,
    add_market,
    holder,
    money,
    of_kind,
    two_markets,
    venue,
)

DONE, EXPIRED = LiquidationOutcome.DONE, LiquidationOutcome.EXPIRED


def wait_for_end(driver: Driver) -> list[Event]:
    """Let the timeout of a second pass."""
    return driver.tick(1_000)


def discounts(events: list[Event]) -> list[int]:
    """Return what each close of an account paid to the fund."""
    found = (EventKind.TAKE_OVER, EventKind.LOSS_ALLOCATION)
    return [event.discount_atoms for event in events if event.kind in found]


def test_a_solvent_account_keeps_its_rest() -> None:
    """At 93 (E 30 of M 47) it was given to its counterparties at 90 (arXiv 2602.15182)."""
    driver = holder(10, 100)
    has = money(driver, RICH)[0]
    order = only(driver.mark(93), EventKind.LIQUIDATION_ORDER)
    assert (order.size_lots, order.price_ticks) == (4, 92)
    paid = []
    while driver.engine.open_liquidations(0, 1):
        paid += discounts(wait_for_end(driver))
    # The counterparty closes at the mark; the fund takes what its discounts can carry.
    assert paid == [8, 4, 2]
    assert (money(driver, 1), driver.lots(1)) == ([30 - sum(paid)], 3)
    assert driver.account(1).state == AccountState.MARGIN_CALL
    assert money(driver, RICH) == [has + 10 * 7]


def test_what_is_not_filled_heals_in_one_round() -> None:
    """An account of E 900 and M 925 lost all in 94 rounds, while its mark stood still."""
    driver = venue(10**6, tier=(0, 50_000, 25_000))
    driver.deposit(1, 63_900)
    driver.trade(1, RICH, 1_000, 100)
    order = only(driver.mark(37), EventKind.LIQUIDATION_ORDER)
    assert (order.size_lots, order.equity_atoms, order.maintenance_atoms) == (74, 900, 925)
    taken = only(wait_for_end(driver), EventKind.TAKE_OVER)
    # One per cent of 74 * 37.
    assert (taken.size_lots, taken.quote_atoms, taken.discount_atoms) == (74, 2_738, 28)
    view = driver.account(1)
    assert (view.equity_atoms, view.maintenance_atoms) == (872, 857)
    assert view.state == AccountState.MARGIN_CALL
    assert driver.engine.open_liquidations(0, 1) == []


@pytest.mark.parametrize("mark", [1_800, 1_790])
def test_a_rest_goes_at_the_mark_and_no_lower(mark: int) -> None:
    """The rest of an order with a limit of 1,782 was resolved at 1,764."""
    driver = venue(mark_ticks=2_000, discount_ppm=10_000)
    driver.risk(liquidation_buffer_ppm=400_000)
    driver.deposit(1, 2_360)
    driver.trade(1, RICH, 10, 2_000)
    order = only(driver.mark(1_800), EventKind.LIQUIDATION_ORDER)
    assert (order.size_lots, order.price_ticks) == (8, 1_782)
    driver.trade(RICH, 1, 5, 1_782, fills=order.liquidation_id)
    # E 270 of M 450 at 1,800, and 220 of 448 at 1,790.
    if mark != 1_800:
        driver.mark(mark)
    has = money(driver, 1)[0]
    events = driver.report(order.liquidation_id)
    closed = only(events, EventKind.AUTO_DELEVERAGE)
    assert (closed.size_lots, closed.price_ticks, closed.loss_atoms) == (3, mark, 0)
    discount = -(-3 * mark // 100)
    assert discounts(events) == [discount]
    assert money(driver, 1) == [has - discount]


def parameters(fee_ppm: int, discount_ppm: int) -> MarketParameters:
    """Return a market at 0.5 % maintenance."""
    return MARKET._replace(
        tiers=(RiskTier(0, 10_000, 5_000),),
        liquidation_fee_ppm=fee_ppm,
        discount_ppm=discount_ppm,
    )


@pytest.mark.parametrize(
    ("fee_ppm", "discount_ppm", "field"),
    [
        pytest.param(6_000, 6_000, "discount_ppm", id="above the maintenance rate"),
        pytest.param(0, 2_500, "discount_ppm", id="half of it"),
        pytest.param(2_000, 1_999, "discount_ppm", id="a fee above the discount"),
    ],
)
def test_no_market_is_made_in_which_a_close_does_not_heal(
    fee_ppm: int, discount_ppm: int, field: str
) -> None:
    """A fee of 0.6 % at 0.5 % maintenance took all of 1,000,000 (Perennial 132, Percolator 90)."""
    rejection = Driver().refuse("set_market", parameters(fee_ppm, discount_ppm))
    assert (rejection.reason, rejection.field) == (RejectReason.OUT_OF_RANGE, field)


def test_a_fee_makes_no_spiral() -> None:
    driver = venue(
        mark_ticks=100_000,
        tier=(0, 10_000, 5_000),
        liquidation_fee_ppm=2_000,
        discount_ppm=2_000,
    )
    driver.deposit(1, 1_000_000)
    driver.trade(1, RICH, 1_000, 100_000)
    order = only(driver.mark(99_490), EventKind.LIQUIDATION_ORDER)
    assert order.size_lots == 100
    events = driver.trade(RICH, 1, 100, 99_490, fills=order.liquidation_id)
    assert only(events, EventKind.LIQUIDATION_FILL).fee_atoms == 19_898
    view = driver.account(1)
    assert (view.equity_atoms, view.maintenance_atoms) == (470_102, 447_705)
    assert view.state == AccountState.MARGIN_CALL


def below_an_order() -> Driver:
    """Account 3 is short 100 and 10 lots, with an order to buy 12 of the 100 at mark 105."""
    driver = two_markets()
    driver.deposit(3, 1_040)
    driver.deposit(1, 1_000)
    driver.trade(1, 3, 100, 100)
    driver.trade(RICH, 3, 10, 100, 2)
    order = only(driver.mark(105), EventKind.LIQUIDATION_ORDER)
    assert (order.account_id, order.side, order.size_lots) == (3, Side.LONG, 12)
    return driver


def test_an_order_ends_before_the_close_that_takes_its_position() -> None:
    """It stayed open, and its fill opened a long of 12 (left-curve 2143)."""
    driver = below_an_order()
    events = driver.mark(85)
    assert kinds(events).index("LIQUIDATION_ORDER_ENDED") < kinds(events).index("AUTO_DELEVERAGE")
    ended = only(events, EventKind.LIQUIDATION_ORDER_ENDED)
    assert (ended.outcome, ended.needed_lots) == (LiquidationOutcome.RECOVERED, 12)
    closed = only(events, EventKind.AUTO_DELEVERAGE)
    assert (closed.counterparty_account_id, closed.size_lots, closed.loss_atoms) == (3, 100, 500)
    assert driver.lots(3) == driver.lots(1) == 0
    assert driver.engine.open_liquidations(0, 9) == []


def still_below_maintenance() -> Driver:
    """Have the 10 lots rise, so that closing the 100 at the mark leaves E 90 of M 73 and more."""
    driver = below_an_order()
    driver.mark(145, 2)
    assert money(driver, 3) == [90]
    return driver


def test_an_order_is_cut_to_what_is_left() -> None:
    driver = still_below_maintenance()
    events = driver.trade(3, RICH, 95, 105)
    cut = only(events, EventKind.LIQUIDATION_ORDER_REDUCED)
    assert (cut.size_lots, cut.needed_lots, cut.side) == (5, 5, Side.LONG)
    (view,) = driver.engine.open_liquidations(0, 9)
    assert (view.size_lots, view.filled_lots) == (5, 0)
    row = (1, 3, RICH, 105, 6, 0, 0, view.liquidation_id)
    rejection = driver.refuse("trades", *((value,) for value in row))
    assert rejection.reason == RejectReason.LIQUIDATION_OVERFILL
    driver.trade(3, RICH, 5, 105, fills=view.liquidation_id)
    assert driver.lots(3) == 0


def test_an_order_of_a_position_that_is_gone_ends() -> None:
    driver = still_below_maintenance()
    driver.mark(150, 2)
    # E 40 of M 75 without the 100 lots: they are gone, and the account is liquidated on.
    events = driver.trade(3, RICH, 100, 105)
    ended = only(events, EventKind.LIQUIDATION_ORDER_ENDED)
    assert ended.outcome == LiquidationOutcome.POSITION_GONE
    assert (driver.lots(3), driver.account(3).state) == (0, AccountState.LIQUIDATING)


def test_the_limit_of_an_order_is_no_option_on_the_mark() -> None:
    """The rest of an order of 6 at 87 would have cost the fund 42 with the mark at 80."""
    driver = venue(10_000)
    add_market(driver, 2)
    driver.mark(100, 2)
    driver.deposit(1, 150)
    driver.trade(1, RICH, 10, 100)
    driver.trade(RICH, 1, 5, 100, 2)
    order = only(driver.mark(90), EventKind.LIQUIDATION_ORDER)
    assert (order.size_lots, order.price_ticks) == (6, 89)
    assert driver.marks({1: 80, 2: 79}) == []
    taken = only(wait_for_end(driver), EventKind.TAKE_OVER)
    assert (taken.equity_atoms, taken.maintenance_atoms) == (55, 60)
    # min(ceil(2 % of 480), floor(55 * 24 / 60)) = 10
    assert (taken.size_lots, taken.quote_atoms, taken.discount_atoms) == (6, 480, 10)
    assert money(driver, 1, FUND) == [45, 10_010]


def test_a_late_fill_after_a_recovery_is_a_trade_of_the_account() -> None:
    """Booked to the fund, the fill of 10 at 93 would have cost it 40."""
    driver = holder(50, 500, 10_000)
    order = only(driver.mark(94), EventKind.LIQUIDATION_ORDER)
    assert (order.size_lots, order.price_ticks) == (10, 93)
    # E 250 of M 235 has the buffer of 5 % again.
    ended = only(driver.deposit(1, 50), EventKind.LIQUIDATION_ORDER_ENDED)
    assert ended.outcome == LiquidationOutcome.RECOVERED
    assert "LIQUIDATION_FILL" not in kinds(driver.trade(RICH, 1, 10, 93, fills=1))
    assert (driver.lots(1), driver.lots(FUND)) == (40, 0)
    assert money(driver, 1, FUND) == [240, 10_000]


def one_wave() -> tuple[Driver, list[Event]]:
    """Have account 1 be left with E 30 and an order that has expired, and account 2 with E -100.

    In one market alone nobody falls below zero at the mark at which another one's order was issued;
    so account 1 is long 5 lots of market 2, which rise. Its order's time is over as the marks come.
    """
    driver = two_markets(second=(0, 2_000, 1_000))
    driver.mark(110)
    driver.deposit(1, 110)
    driver.deposit(2, 70)
    driver.trade(1, RICH, 10, 110)
    driver.trade(1, RICH, 5, 100, 2)
    driver.trade(2, RICH, 10, 110)
    orders = of_kind(driver.marks({1: 103, 2: 99}), EventKind.LIQUIDATION_ORDER)
    assert [(order.account_id, order.size_lots) for order in orders] == [(2, 10), (1, 4)]
    driver.wait(1_000)
    return driver, driver.marks({1: 93, 2: 118})


def test_each_account_settles_at_its_own_price() -> None:
    """Closed together at one price, the solvent account gained at the other one's cost."""
    driver, events = one_wave()
    needs = {event.account_id: event for event in of_kind(events, EventKind.LOSS_ALLOCATION)}
    assert [needs[each].equity_atoms for each in (1, 2)] == [30, -100]
    assert [needs[each].size_lots for each in (1, 2)] == [4, 10]
    # 372 less 8, and 930 with the 100 that its holders pay.
    assert [needs[each].quote_atoms for each in (1, 2)] == [372, 930]
    assert (needs[1].discount_atoms, needs[1].haircut_atoms, needs[1].loss_atoms) == (8, 0, 0)
    assert (needs[2].discount_atoms, needs[2].haircut_atoms, needs[2].loss_atoms) == (0, 100, 100)
    closed = of_kind(events, EventKind.AUTO_DELEVERAGE)
    assert {event.counterparty_account_id for event in closed} == {RICH}
    assert sum(event.loss_atoms for event in closed) == 100
    assert money(driver, 1, 2, FUND) == [30 - 8, 0, 8]


@pytest.mark.parametrize("discounts_ppm", [(1_000, 9_500), (9_500, 1_000)])
def test_the_order_of_legs_decides_nothing(discounts_ppm: tuple[int, int]) -> None:
    """Of E 10 and two legs of M 50 either 0 or 4 were left."""
    driver = venue(100_000, mark_ticks=110, discount_ppm=discounts_ppm[0])
    add_market(driver, 2, discount_ppm=discounts_ppm[1])
    driver.mark(110, 2)
    driver.deposit(1, 210)
    driver.trade(1, RICH, 10, 110)
    driver.trade(1, RICH, 10, 110, 2)
    taken = of_kind(driver.marks({1: 100, 2: 100}), EventKind.TAKE_OVER)
    assert [(event.equity_atoms, event.maintenance_atoms) for event in taken] == [(10, 100)] * 2
    # 0.1 % of 1,000, and half of the 10 instead of 0.95 %.
    assert sorted(event.discount_atoms for event in taken) == [1, 5]
    assert money(driver, 1) == [4]


def test_what_is_shown_leaves_and_while_an_account_is_liquidated_nothing_is() -> None:
    """3,875 was shown of an account that could not withdraw 1."""
    driver = venue(tier=(0, 50_000, 50_000))
    driver.risk(withdrawal_margin_ppm=0)
    driver.deposit(1, 800)
    driver.trade(1, RICH, 100, 100)
    driver.mark(96)
    driver.deposit(1, 100)
    view = driver.account(1)
    # Above both margins by 20, and without the buffer of 5 % that ends its order.
    assert (view.equity_atoms, view.initial_atoms, view.balance_atoms) == (500, 480, 900)
    assert (view.state, view.withdrawable_atoms) == (AccountState.LIQUIDATING, 0)
    rejection = driver.refuse("withdrawals", (1,), (1,), (1,))
    assert rejection.reason == RejectReason.ACCOUNT_IN_LIQUIDATION
    (order,) = driver.engine.open_liquidations(0, 9)
    driver.trade(RICH, 1, order.size_lots, 96, fills=order.liquidation_id)
    most = driver.account(1).withdrawable_atoms
    assert (driver.account(1).state, most > 0) == (AccountState.NORMAL, True)
    driver.fork().refuse("withdrawals", (1,), (1,), (most + 1,))
    driver.withdraw(1, most)
