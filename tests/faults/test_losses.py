"""Faults of other venues in who bears a loss, as small inputs.

Each was seen elsewhere, in public; the venues are those of `venue`.
"""

import pytest

from riskengine.core.enums import (
    AccountState,
    EventKind,
    LiquidationOutcome,
    LossPolicy,
    RejectReason,
)
from riskengine.core.types import Event
from tests.core.driver import Driver, kinds, only
from tests.faults.venue import (
    FUND,
    RICH,
    add_market,
    loss_of_gate,
    money,
    of_kind,
    two_markets,
    venue,
)


def any_loss_closes_the_gate(driver: Driver) -> Driver:
    """Have gains wait behind any loss."""
    driver.risk(gate_floor_units=0, gate_ppm=0)
    return driver


def test_gains_wait_behind_a_fund_below_zero() -> None:
    """A fund of -150 gated nothing, and a winner took all of 9,615 (dYdX 936, Percolator)."""
    driver = any_loss_closes_the_gate(two_markets(second=(0, 100_000, 1_000)))
    driver.fund_deposit(50)
    for account_id, atoms in ((1, 100), (2, 999), (3, 10_000)):
        driver.deposit(account_id, atoms)
    driver.trade(1, 2, 10, 100)
    driver.trade(2, 3, 50, 100, 2)
    taken = only(driver.mark(93), EventKind.TAKE_OVER)
    assert (taken.size_lots, taken.quote_atoms, taken.discount_atoms) == (10, 930, 19)
    assert money(driver, 1, FUND) == [11, 69]
    events = driver.marks({1: 70, 2: 77})
    loss = only(events, EventKind.LOSS_ALLOCATION)
    assert (loss.account_id, loss.equity_atoms, loss.size_lots) == (FUND, -161, 10)
    # E 149 of account 2, and M 4 when its 10 lots are closed.
    assert (loss.loss_atoms, loss.haircut_atoms) == (161, 145)
    assert (money(driver, FUND), loss_of_gate(driver)) == ([-16], 16)
    driver.trade(3, RICH, 50, 77, 2)
    assert money(driver, 3) == [11_150]
    rejection = driver.refuse("withdrawals", (3,), (1,), (10_001,))
    assert (rejection.reason, rejection.limit) == (RejectReason.LOSS_UNALLOCATED, 10_000)
    driver.withdraw(3, 10_000)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_winner_of_a_gap_pays_before_he_leaves(sign: int) -> None:
    """The loser waited below zero behind an order while the winner took out all (JELLY, 2025)."""
    driver = venue(liquidation_timeout_millis=3_600_000)
    driver.deposit(1, 100)
    driver.deposit(2, 1_000)
    buyer, seller = (1, 2) if sign > 0 else (2, 1)
    driver.trade(buyer, seller, 10, 100)
    assert "LIQUIDATION_ORDER" in kinds(driver.mark(100 - 6 * sign))
    events = driver.mark(100 - 50 * sign)
    ended = only(events, EventKind.LIQUIDATION_ORDER_ENDED)
    assert ended.outcome == LiquidationOutcome.REPLACED
    closed = only(events, EventKind.AUTO_DELEVERAGE)
    # E was 40 at 94 (106): of the 44 a lot that the mark moved, 40 are the holder's to pay.
    assert (closed.counterparty_account_id, closed.size_lots) == (2, 10)
    price = 100 - 10 * sign
    assert (closed.price_ticks, closed.loss_atoms) == (price, 400)
    assert closed.quote_atoms == -sign * 10 * price
    assert driver.account(1).state == AccountState.NORMAL
    assert (driver.account(2).withdrawable_atoms, loss_of_gate(driver)) == (1_100, 0)
    driver.withdraw(2, 1_100)


def test_nobody_pays_for_a_price_that_two_friends_agree_on() -> None:
    """The leg that was left was closed at 99,940,000 with the mark at 60,000."""
    driver = two_markets(second=(0, 100_000, 50_000))
    driver.mark(60_000)
    for account_id, atoms in ((1, 50_000), (2, 100_000), (3, 1_000_000)):
        driver.deposit(account_id, atoms)
    driver.trade(1, 2, 1, 60_000)
    driver.trade(1, 3, 1_000, 100, 2)
    events = driver.trade(3, 1, 1_000, 1, 2)
    repriced = only(events, EventKind.TRADE_REPRICED)
    assert (repriced.counterparty_account_id, repriced.amount_atoms) == (3, 49_000)
    assert money(driver, 1, 2, 3) == [0, 100_000, 1_000_000 + 99_000 - 49_000]
    order = only(events, EventKind.LIQUIDATION_ORDER)
    closed = only(driver.report(order.liquidation_id), EventKind.AUTO_DELEVERAGE)
    assert (closed.counterparty_account_id, closed.price_ticks) == (2, 60_000)
    assert (money(driver, 1, 2), loss_of_gate(driver)) == ([0, 100_000], 0)


def test_no_fund_pays_for_a_trade() -> None:
    """The fund of the other market paid 300 of it (Percolator 148)."""
    driver = Driver()
    for market_id in (1, 2):
        add_market(driver, market_id)
    driver.marks({1: 100, 2: 100})
    driver.fund_deposit(1_000)
    driver.deposit(RICH, 10**9)
    driver.deposit(1, 200)
    driver.trade(1, RICH, 10, 100)
    driver.trade(1, RICH, 1, 100, 2)
    repriced = only(driver.trade(RICH, 1, 10, 50), EventKind.TRADE_REPRICED)
    assert (repriced.counterparty_account_id, repriced.amount_atoms) == (RICH, 300)
    assert money(driver, 1, RICH) == [0, 10**9 + 500 - 300]
    assert driver.fund().equity_atoms == 1_000


def closed_lots(driver: Driver, account_ids: tuple[int, ...], lots: int) -> list[int]:
    """Return how many of so many bankrupt lots each holder of the other side is closed by."""
    driver.deposit(1, lots * 10)
    driver.trade(1, RICH, lots, 100)
    closed = of_kind(driver.mark(80), EventKind.AUTO_DELEVERAGE)
    by_account = {event.counterparty_account_id: event.size_lots for event in closed}
    assert driver.lots(1) == 0
    return [by_account.get(account_id, 0) for account_id in account_ids]


def test_a_share_is_of_whole_steps() -> None:
    """With a step of 10 shorts of 20 and 30 were left with 16 and 24 (left-curve 1782)."""
    driver = venue(size_step_lots=10, loss_policy=LossPolicy.PRO_RATA)
    for account_id, lots in ((2, 20), (3, 30)):
        driver.deposit(account_id, 10_000)
        driver.trade(RICH, account_id, lots, 100)
    assert closed_lots(driver, (2, 3), 10) == [0, 10]
    for account_id in (2, 3):
        assert driver.lots(account_id) == -20
        driver.trade(account_id, RICH, 20, 80)
        assert driver.lots(account_id) == 0


def test_an_odd_rest_goes_to_a_holder_whole() -> None:
    """A step that was raised leaves 15 lots, of which 5 are no step."""
    driver = venue(size_step_lots=1, loss_policy=LossPolicy.PRO_RATA)
    for account_id, lots in ((2, 20), (3, 30)):
        driver.deposit(account_id, 10_000)
        driver.trade(RICH, account_id, lots, 100)
    driver.deposit(1, 150)
    driver.trade(1, RICH, 15, 100)
    add_market(driver, size_step_lots=10, loss_policy=LossPolicy.PRO_RATA)
    closed = of_kind(driver.mark(80), EventKind.AUTO_DELEVERAGE)
    assert {event.counterparty_account_id: event.size_lots for event in closed} == {2: 5, 3: 10}


def losing_elsewhere() -> tuple[Driver, Event]:
    """Have account 2, short 10 against account 1, lose nearly all that it gains in market 2."""
    driver = any_loss_closes_the_gate(two_markets(second=(0, 1_000, 1_000)))
    driver.deposit(1, 100)
    driver.deposit(2, 1_002)
    driver.trade(1, 2, 10, 100)
    driver.trade(2, RICH, 25, 100, 2)
    # E of account 1 is -100: 10 a lot, and the mark gave its holder 20.
    loss = only(driver.marks({1: 80, 2: 55}), EventKind.LOSS_ALLOCATION)
    return driver, loss


def test_a_holder_who_cannot_pay_all_is_closed_all_the_same() -> None:
    """Of 10 lots none was closed, since the only short had 75 of the 100 (arXiv 2512.01112)."""
    driver, loss = losing_elsewhere()
    assert (loss.needed_lots, loss.size_lots, loss.skipped_accounts) == (10, 10, 0)
    assert (loss.loss_atoms, loss.haircut_atoms) == (100, 75)
    view = driver.account(2)
    assert (view.equity_atoms, view.maintenance_atoms) == (2, 2)
    assert (money(driver, 1), driver.account(1).state) == ([-25], AccountState.BANKRUPT)
    assert loss_of_gate(driver) == 25


def test_a_loss_that_holders_cannot_bear_has_gains_wait_alone() -> None:
    """One atom stopped every withdrawal of the venue for good (dYdX 878)."""
    driver, _ = losing_elsewhere()
    driver.deposit(3, 500)
    driver.wait(30 * 86_400_000)
    driver.withdraw(3, 500)
    gained = money(driver, RICH)[0] - 10**9
    assert gained == 25 * 45
    assert driver.account(RICH).withdrawable_atoms <= 10**9


def test_one_atom_of_a_trade_is_its_other_sides() -> None:
    driver = any_loss_closes_the_gate(venue(mark_ticks=10))
    driver.deposit(1, 1)
    driver.deposit(2, 10)
    driver.trade(1, 2, 1, 10)
    repriced = only(driver.trade(2, 1, 1, 8), EventKind.TRADE_REPRICED)
    assert (repriced.amount_atoms, loss_of_gate(driver)) == (1, 0)
    assert money(driver, 1, 2) == [0, 11]
    driver.withdraw(2, 11)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_leg_that_did_not_move_pays_nothing(sign: int) -> None:
    """Shared by maintenance, holders of BTC paid 13,875 of what junk had lost."""
    driver = two_markets(second=(0, 10_000, 5_000))
    driver.mark(60_000, 2)
    for account_id, atoms in ((1, 13_000), (2, 10_000), (3, 3_000)):
        driver.deposit(account_id, atoms)
    buyer, seller = (1, 2) if sign > 0 else (2, 1)
    driver.trade(buyer, seller, 1_000, 100)
    driver.trade(1, 3, 5, 60_000, 2)
    losses = of_kind(driver.mark(100 - 50 * sign), EventKind.LOSS_ALLOCATION)
    assert [(loss.market_id, loss.loss_atoms, loss.haircut_atoms) for loss in losses] == [
        (1, 37_000, 37_000),
        (2, 0, 0),
    ]
    assert money(driver, 1, 2, 3) == [0, 10_000 + 50_000 - 37_000, 3_000]


def test_a_loss_of_lots_without_a_counterparty_is_counted() -> None:
    """A loss that nobody could be asked for counted for nothing, and the winner left with all."""
    driver = any_loss_closes_the_gate(venue())
    driver.deposit(1, 100)
    driver.update(1, 10, 100)
    assert only(driver.mark(50), EventKind.BAD_DEBT).amount_atoms == 400
    assert (driver.lots(1), driver.account(1).state) == (10, AccountState.BANKRUPT)
    assert loss_of_gate(driver) == 400
    # It is asked again at each mark; a short that opens now gains nothing of what was lost before.
    driver.deposit(2, 1_000)
    driver.trade(RICH, 2, 10, 50)
    closed = only(driver.mark(51), EventKind.AUTO_DELEVERAGE)
    assert (closed.counterparty_account_id, closed.price_ticks, closed.loss_atoms) == (2, 51, 0)
    assert (money(driver, 1, 2), loss_of_gate(driver)) == ([-390, 990], 390)
