"""What a fund pays in 8 hours: of its peak, and for one market (FD-1, FD-9 to FD-11)."""

from typing import Any

import pytest

from riskengine.core.enums import EventKind
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import FUND_ACCOUNT, Driver, call, kinds

FUND = FUND_ACCOUNT + 1
MINUTE_MILLIS = 60_000
SLOT_MILLIS = 5 * MINUTE_MILLIS
SLOT_NANOS = SLOT_MILLIS * NANOS_PER_MILLI
NO_INVENTORY = {"fund_market_notional_ppm": 1}
"""The fund takes nothing over, so that its equity is its cash."""


def venue(fund_atoms: int, *, share_ppm: int = 0, markets: int = 1, **risk: int) -> Driver:
    driver = Driver()
    for market_id in range(1, markets + 1):
        driver.market(market_id, fund_share_ppm=share_ppm if market_id == 1 else 0)
        driver.mark(100, market_id)
    driver.risk(**{**NO_INVENTORY, **risk})
    driver.fund_deposit(fund_atoms)
    driver.deposit(2, 10**9)
    return driver


def lose(driver: Driver, account_id: int, loss_atoms: int, **given: Any) -> int:
    """Have an account lose that much more than it has by a gap; return what the fund pays of it."""
    before = driver.fund().balance_atoms
    events = gap(driver, account_id, {given.get("market_id", 1): loss_atoms}, **given)
    paid: int = sum(e.amount_atoms for e in events if e.kind == EventKind.INSURANCE_PAYOUT)
    assert driver.fund().balance_atoms == before - paid
    return paid


def gap(driver: Driver, account_id: int, losses: dict[int, int], **_: Any) -> Any:
    """Buy a tenth of a lot's worth of equity in each market, and let all marks fall by a half."""
    for market_id in losses:
        driver.mark(100, market_id)
    for number, (market_id, loss_atoms) in enumerate(losses.items()):
        assert loss_atoms % 40 == 0
        lots = loss_atoms // 40
        driver.deposit(account_id + number, 10 * lots)
        driver.trade(account_id + number, 2, lots, 100, market_id)
    return driver.marks(dict.fromkeys(losses, 50))


@pytest.mark.rule("FD-1", "FD-11")
def test_of_a_peak_of_1000_and_a_cap_of_10_percent_80_are_paid_and_then_20() -> None:
    driver = venue(1_000, fund_drawdown_ppm=100_000)
    assert lose(driver, 10, 80) == 80
    assert not driver.fund().is_stopped
    assert lose(driver, 11, 80) == 20
    assert driver.fund().is_stopped
    assert lose(driver, 12, 80) == 0
    assert driver.fund()[7:] == (1_000, True, 100, 900)


@pytest.mark.rule("FD-11")
@pytest.mark.parametrize(("cap_ppm", "paid"), [(0, 360_000), (300_000, 300_000)])
def test_of_a_million_a_cap_of_30_percent_pays_300_000(cap_ppm: int, paid: int) -> None:
    driver = venue(10**6, fund_drawdown_ppm=cap_ppm)
    assert lose(driver, 10, 360_000) == paid


@pytest.mark.rule("FD-10")
def test_a_market_takes_its_share_of_the_fund_and_its_own_shorts_bear_the_rest() -> None:
    driver = venue(10**6, share_ppm=50_000, markets=2)
    events = gap(driver, 10, {1: 200_000})
    (shared,) = (e for e in events if e.kind == EventKind.LOSS_ALLOCATION)
    assert (shared.loss_atoms, shared.amount_atoms, shared.haircut_atoms) == (
        *(200_000, 50_000),
        150_000,
    )
    assert lose(driver, 11, 400) == 0
    assert lose(driver, 12, 4_000, market_id=2) == 4_000
    assert driver.fund().paid_atoms == 54_000


@pytest.mark.rule("FD-10", "LS-5")
def test_a_share_is_taken_before_markets_are_compared_with_what_the_fund_has() -> None:
    """It has 60, 50 of them for market 1: 200 and 80 are asked, 50 and 80 compared."""
    driver = venue(60, share_ppm=833_334, markets=2)
    events = gap(driver, 10, {1: 200, 2: 80})
    paid = {e.account_id: e.amount_atoms for e in events if e.kind == EventKind.INSURANCE_PAYOUT}
    assert paid == {10: 60 * 50 // 130, 11: 60 - 60 * 50 // 130}
    payouts = {one.market_id: one.slots for one in driver.engine.market_payouts()}
    assert payouts == {1: ((0, paid[10]),), 2: ((0, paid[11]),)}


@pytest.mark.rule("FD-6", "FD-10")
@pytest.mark.parametrize(("slots", "paid"), [(95, 0), (96, 47)])
def test_what_was_paid_on_a_debt_counts_to_the_share_and_leaves_the_window(
    slots: int, paid: int
) -> None:
    """First 5 % of 1,000, then of the 950 that are left."""
    driver = venue(1_000, share_ppm=50_000)
    driver.deposit(3, 100)
    driver.trade(3, 2, 10, 100)
    events = driver.trade(2, 3, 10, 100, fees=(0, 500))
    assert [e.amount_atoms for e in events if e.kind == EventKind.INSURANCE_PAYOUT] == [50]
    assert driver.fund().paid_atoms == 50
    assert lose(driver, 10, 40) == 0
    driver.wait(slots * SLOT_MILLIS)
    events = driver.deposit(2, 1)
    assert sum(e.amount_atoms for e in events if e.kind == EventKind.INSURANCE_PAYOUT) == paid
    assert driver.fund().paid_atoms == (50 if slots < 96 else 47)


@pytest.mark.rule("FD-9", "FD-11")
@pytest.mark.parametrize(("slots", "paid"), [(0, 0), (1, 0), (12, 0), (95, 0), (96, 90), (200, 90)])
def test_the_window_moves(slots: int, paid: int) -> None:
    """Just before an hour's end and just after it 100 are paid, and in any 8 hours."""
    driver = venue(1_000, fund_drawdown_ppm=100_000, fund_resume_ppm=250_000)
    assert lose(driver, 10, 120) == 100
    driver.wait(slots * SLOT_MILLIS)
    assert lose(driver, 11, 120) == paid


@pytest.mark.rule("FD-10")
@pytest.mark.parametrize(("slots", "paid"), [(95, 0), (96, 45)])
def test_what_was_paid_for_a_market_leaves_the_window(slots: int, paid: int) -> None:
    """Then the share is that of 950, but for what floor takes: 47."""
    driver = venue(1_000, share_ppm=50_000)
    assert lose(driver, 10, 80) == 50
    driver.wait(slots * SLOT_MILLIS)
    driver.fund_deposit(1)
    assert lose(driver, 11, 40) == min(40, paid)
    assert driver.fund().paid_atoms == (50 if slots < 96 else 40)


@pytest.mark.rule("FD-11")
def test_a_fund_that_is_stopped_goes_on_above_its_level() -> None:
    driver = venue(1_000, fund_drawdown_ppm=300_000, fund_resume_ppm=250_000)
    assert lose(driver, 10, 400) == 300
    driver.fund_deposit(50)
    assert driver.fund()[7:9] == (1_000, True)
    assert lose(driver, 11, 80) == 0
    driver.fund_deposit(1)
    assert driver.fund()[7:9] == (1_000, False)
    assert lose(driver, 12, 80) == 51


@pytest.mark.rule("FD-11")
def test_limits_that_are_set_anew_decide_at_once() -> None:
    driver = venue(1_000, fund_drawdown_ppm=100_000)
    assert lose(driver, 10, 120) == 100
    assert driver.fund().is_stopped
    driver.risk(fund_drawdown_ppm=0)
    driver.risk(fund_drawdown_ppm=200_000)
    assert not driver.fund().is_stopped
    assert lose(driver, 11, 120) == 100


@pytest.mark.rule("LS-2", "FD-11")
@pytest.mark.parametrize(("limits", "is_taken"), [({}, True), ({"fund_drawdown_ppm": 1}, False)])
def test_a_fund_that_has_nothing_to_pay_takes_nothing_over(
    limits: dict[str, int], is_taken: bool
) -> None:
    driver = venue(1_000, fund_market_notional_ppm=0)
    driver.trade(FUND, 2, 1, 100)
    driver.risk(**limits)
    driver.deposit(10, 100)
    driver.trade(10, 2, 10, 100)
    driver.mark(99)
    assert ("TAKE_OVER" in kinds(driver.mark(92))) == is_taken
    assert driver.lots(FUND) == (11 if is_taken else 1)


@pytest.mark.rule("FD-9")
def test_the_peak_is_what_was_noted_or_is_now() -> None:
    driver = venue(1_000)
    driver.trade(FUND, 2, 10, 100)
    driver.update(FUND, -10, 150)
    assert driver.fund().peak_equity_atoms == 1_500
    driver.trade(2, FUND, 10, 150)
    driver.mark(140)
    driver.wait(97 * SLOT_MILLIS)
    driver.mark(170)
    # What was noted has left the window; before the first command of a slot it was 1,500.
    assert driver.fund().peak_equity_atoms == 1_500
    driver.mark(160)
    driver.wait(97 * SLOT_MILLIS)
    driver.mark(165)
    assert driver.fund().peak_equity_atoms == 1_400
    assert driver.engine.fund_windows()[0].slots == ((194 * SLOT_NANOS, 1_400),)


@pytest.mark.rule("FD-9", "FD-11")
def test_one_spike_of_a_mark_stops_no_fund() -> None:
    """The gain of 500 at 200 was noted, and at 100 the fund had lost a third of its peak."""
    driver = venue(1_000, markets=2, fund_drawdown_ppm=300_000, fund_resume_ppm=250_000)
    driver.trade(FUND, 2, 5, 100)
    driver.mark(200)
    driver.fund_deposit(1)
    assert driver.fund()[4:9] == (1_501, 50, 1_000, 1_001, False)
    driver.mark(100)
    driver.fund_deposit(1)
    assert driver.fund()[7:9] == (1_002, False)
    assert lose(driver, 10, 80, market_id=2) == 80


@pytest.mark.rule("FD-1", "FD-11")
@pytest.mark.parametrize(("mark", "paid"), [(100, 100), (150, 100)])
def test_a_fund_pays_nothing_of_what_its_inventory_has_gained(mark: int, paid: int) -> None:
    """At 150 it could lose 600 more of its cash, and was far below its drawdown at 100 again."""
    driver = venue(1_000, markets=2, fund_drawdown_ppm=100_000)
    driver.trade(FUND, 2, 10, 100)
    driver.mark(mark)
    assert lose(driver, 10, 200, market_id=2) == paid
    assert driver.fund().is_stopped


@pytest.mark.rule("FD-2", "FD-11")
def test_what_a_stopped_fund_holds_goes_to_holders_only_when_it_cannot_carry_it() -> None:
    driver = venue(100, fund_drawdown_ppm=300_000)
    driver.trade(FUND, 2, 10, 100)
    assert driver.mark(96) == []
    assert (driver.fund().is_stopped, driver.lots(FUND)) == (True, 10)
    events = driver.mark(94)
    # E is 40: MM(8) is 38.
    (closed,) = (each for each in events if each.kind == EventKind.AUTO_DELEVERAGE)
    assert (closed.size_lots, closed.price_ticks) == (2, 94)
    assert closed.counterparty_account_id == 2
    assert driver.fund()[3:6] == (88, 40, 38)
    events = driver.mark(89)
    # E would be 0 with 8 lots that cost 800: what they fell is what it has.
    assert (driver.lots(FUND), driver.fund().equity_atoms) == (0, 0)


@pytest.mark.rule("FD-9")
def test_a_command_that_is_refused_begins_no_slot() -> None:
    driver = venue(1_000)
    driver.wait(SLOT_MILLIS)
    driver.refuse("withdrawals", (99,), (1,), (1,))
    assert driver.engine.fund_windows()[0].slots == ((0, 1_000),)


@pytest.mark.rule("FD-9", "LD-12")
def test_a_fund_that_was_loaded_begins_with_what_it_has_when_the_venue_goes_live() -> None:
    driver = venue(1_000)
    loaded = Driver()
    loaded.market()
    loaded.begin_loading()
    loaded.load(FUND, 700)
    loaded.mark(100)
    loaded.risk(fund_drawdown_ppm=100_000)
    assert loaded.engine.fund_windows()[0].slots == ()
    loaded.wait(SLOT_MILLIS)
    loaded.go_live()
    assert loaded.engine.fund_windows()[0].slots == ((SLOT_NANOS, 700),)
    assert driver.engine.fund_windows()[0].slots == ((0, 1_000),)


@pytest.mark.rule("FD-9", "FD-10", "FD-11")
def test_the_window_is_saved_and_read_back() -> None:
    driver = venue(1_000, share_ppm=100_000, fund_drawdown_ppm=300_000, fund_resume_ppm=100_000)
    assert lose(driver, 10, 80) == 80
    driver.wait(3 * SLOT_MILLIS)
    assert lose(driver, 11, 80) == 20
    again = type(driver.engine).read_back(driver.engine.save())
    assert again.funds() == driver.engine.funds()
    assert again.fund_windows() == driver.engine.fund_windows()
    assert again.market_payouts() == driver.engine.market_payouts()
    assert again.state_hash() == driver.engine.state_hash()
    time_nanos = driver.time_nanos + 93 * SLOT_NANOS
    for engine in (again, driver.engine):
        call(engine, "fund_deposit", time_nanos, 1, 1)
    assert again.state_hash() == driver.engine.state_hash()
    assert again.market_payouts()[0].slots == ((3 * SLOT_NANOS, 20),)
