"""Time that passed without the engine: what moves, what does not, what waits (TM-6 to TM-8)."""

from typing import Any

import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState, RejectReason, Side
from riskengine.core.types import Rejection
from riskengine.units import NANOS_PER_MILLI
from tests.core.crash import kept
from tests.core.driver import Driver
from tests.core.test_fund_window import SLOT_MILLIS, lose, venue
from tests.core.test_spread import DEBTOR, gain, owe, spread
from tests.core.test_spread import venue as venue_with_debts

HOUR_MILLIS = 3_600_000
HOUR_NANOS = HOUR_MILLIS * NANOS_PER_MILLI
MAX_TIME_NANOS = 2**62


def times(driver: Driver) -> dict[str, Any]:
    """Return what the books hold of times, by what they are for."""
    dump = driver.engine.dump()
    timers = dump["timers"]
    return {
        "deadlines": [t["time_nanos"] for t in timers if t["kind"] == "deadline"],
        "retries": [t["time_nanos"] for t in timers if t["kind"] == "retry"],
        "orders": [
            order["deadline_nanos"]
            for account in dump["accounts"]
            for order in account["orders"]
            if not order["outcome"]
        ],
        "waits": [a["retry_nanos"] for a in dump["accounts"] if a["retry_nanos"]],
        "kept": [ended["end_nanos"] for ended in dump["ended_orders"]],
        "debts": [t["time_nanos"] for t in timers if t["kind"] == "debt due"],
        "debtors": [(d["since_nanos"], d["due_nanos"]) for d in dump["debtors"]],
    }


def everything() -> Driver:
    """Return a venue that has each of these times, a debt's among them."""
    driver = kept()
    driver.risk(spread_after_millis=1_000)
    return driver


STAY = ("debts", "debtors")


@pytest.mark.rule("TM-6", "TM-7")
@pytest.mark.parametrize("is_start", [True, False])
def test_deadlines_retries_and_what_is_kept_move_by_what_was_missed(is_start: bool) -> None:
    driver = everything()
    before = times(driver)
    assert all(before.values()), before
    if is_start:
        driver.start(HOUR_MILLIS)
    else:
        driver.set_log_time(HOUR_MILLIS)
    after = times(driver)
    for what, found in before.items():
        moved = found if what in STAY else [at + HOUR_NANOS for at in found]
        assert after[what] == moved, what
    assert driver.engine.time_nanos == HOUR_NANOS


@pytest.mark.rule("TM-6")
def test_a_start_without_a_gap_moves_nothing_and_has_marks_waited_for() -> None:
    driver = everything()
    before = driver.engine.dump()
    driver.start(0)
    after = driver.engine.dump()
    assert times(driver) == {**times(everything())}
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"sequence", "markets"}
    assert {market["awaits_mark"] for market in after["markets"]} == {1}
    driver.mark(100)
    assert [m["awaits_mark"] for m in driver.engine.dump()["markets"]] == [0, 1, 1, 1, 1]


@pytest.mark.rule("TM-6")
def test_a_market_that_is_made_after_the_start_waits_for_no_mark() -> None:
    driver = Driver()
    driver.start(1)
    driver.market()
    assert [market["awaits_mark"] for market in driver.engine.dump()["markets"]] == [0]


@pytest.mark.rule("TM-6", "TM-7")
def test_nothing_is_due_by_the_command_itself() -> None:
    """A debt has been due for an hour: the next command has it spread."""
    driver = venue_with_debts()
    gain(driver, 1, 300)
    owe(driver, 100)
    driver.start(HOUR_MILLIS)
    assert driver.account(DEBTOR).state == AccountState.BANKRUPT
    assert spread(driver.tick()) == {1: 100}


@pytest.mark.rule("TM-6")
def test_a_gap_is_from_the_last_command_and_starts_add_up() -> None:
    driver = everything()
    first = times(driver)["orders"]
    for _ in range(3):
        driver.start(HOUR_MILLIS)
    assert times(driver)["orders"] == [at + 3 * HOUR_NANOS for at in first]


@pytest.mark.rule("TM-6")
def test_a_loaded_venue_has_its_orders_deadlines_moved_too() -> None:
    driver = Driver()
    driver.market()
    driver.mark(100)
    driver.begin_loading(7)
    driver.load(1, 142)
    driver.load_position(1, 10, 1_000)
    driver.load_order(3, 1, Side.SHORT, 1)
    driver.start(HOUR_MILLIS)
    assert times(driver)["orders"] == [1_000 * NANOS_PER_MILLI + HOUR_NANOS]
    driver.set_log_time(HOUR_MILLIS)
    assert times(driver)["orders"] == [1_000 * NANOS_PER_MILLI + 2 * HOUR_NANOS]


@pytest.mark.rule("TM-6", "FD-9")
@pytest.mark.parametrize("slots", [0, 1, 95, 96, 300])
def test_the_window_of_the_funds_runs_on(slots: int) -> None:
    """What was paid within 8 hours of the log's time counts, whether the engine was there."""
    away, there = (venue(1_000, share_ppm=50_000) for _ in range(2))
    for driver in (away, there):
        assert lose(driver, 10, 40) == 40
    away.start(slots * SLOT_MILLIS)
    there.wait(slots * SLOT_MILLIS)
    for driver in (away, there):
        driver.mark(100)
    assert lose(away, 11, 40) == lose(there, 11, 40)
    assert away.fund() == there.fund()
    assert away.engine.fund_windows() == there.engine.fund_windows()


@pytest.mark.rule("TM-7")
@pytest.mark.parametrize(
    ("wanted", "limit"), [(-1, HOUR_NANOS + 1), (HOUR_NANOS, HOUR_NANOS + 1), (2**62 + 1, 2**62)]
)
def test_log_time_goes_neither_back_nor_beyond_its_bound(wanted: int, limit: int) -> None:
    driver = everything()
    driver.start(HOUR_MILLIS)
    refusal = driver.refuse("set_log_time", wanted)
    assert refusal == Rejection(0, RejectReason.OUT_OF_RANGE, "log_time_nanos", wanted, limit)


@pytest.mark.rule("TM-7", "CM-1")
def test_the_time_that_is_set_is_not_that_at_which_it_was_asked() -> None:
    driver = everything()
    driver.wait(5)
    outcome = driver.try_to("set_log_time", MAX_TIME_NANOS)
    assert (outcome.time_nanos, driver.engine.time_nanos) == (5 * NANOS_PER_MILLI, MAX_TIME_NANOS)
    driver.time_nanos = MAX_TIME_NANOS - 1
    assert driver.try_to("note").rejections[0].limit == MAX_TIME_NANOS
    driver.time_nanos = MAX_TIME_NANOS
    driver.deposit(1, 1)


@pytest.mark.rule("TM-6", "TM-7")
def test_a_state_that_is_read_back_after_a_gap_goes_on_the_same() -> None:
    driver = everything()
    driver.start(HOUR_MILLIS)
    again = driver.fork()
    again.engine = Engine.read_back(driver.engine.save())
    assert again.engine.state_hash() == driver.engine.state_hash()
    for each in (driver, again):
        each.mark(100)
        each.tick(2 * HOUR_MILLIS)
    assert again.engine.state_hash() == driver.engine.state_hash()


@pytest.mark.rule("TM-8", "FD-12", "FD-13")
def test_nobody_pays_for_a_debt_at_a_mark_from_before_the_start() -> None:
    """Who gained by that mark may have nothing at the next: his gain is no one's claim yet."""
    driver = venue_with_debts()
    driver.deposit(1, 1_000)
    driver.trade(1, 9, 10, 100)
    driver.mark(130)
    owe(driver, 100)
    driver.start(HOUR_MILLIS)
    assert driver.tick() == []
    driver.mark(100)
    assert spread(driver.tick(1_000)) == {}


@pytest.mark.rule("FD-11")
@pytest.mark.parametrize("slots", [1, 96, 1_000])
def test_a_fund_does_not_go_on_because_its_loss_has_left_the_window(slots: int) -> None:
    """Else who waits has three tenths of what is left, again and again."""
    driver = venue(1_000, fund_drawdown_ppm=300_000, fund_resume_ppm=250_000)
    assert lose(driver, 10, 400) == 300
    driver.wait(slots * SLOT_MILLIS)
    assert lose(driver, 11, 400) == 0
    assert driver.fund().is_stopped
    driver.fund_deposit(50)
    assert lose(driver, 12, 80) == 0
    driver.fund_deposit(1)
    assert lose(driver, 13, 80) > 0


@pytest.mark.rule("FD-11")
def test_the_peak_at_which_a_fund_was_stopped_is_forgotten_with_the_stop() -> None:
    driver = venue(1_000, fund_drawdown_ppm=300_000, fund_resume_ppm=250_000)
    assert lose(driver, 10, 400) == 300

    def peaks() -> list[int]:
        accounts = driver.engine.dump()["accounts"]
        return [a["window"]["stop_peak_atoms"] for a in accounts if a["window"]]

    assert peaks() == [1_000]
    driver.fund_deposit(51)
    assert peaks() == [0]
    driver.risk(fund_drawdown_ppm=0)
    assert peaks() == [0]


@pytest.mark.rule("TM-8", "FD-11")
def test_a_fund_goes_on_by_no_mark_from_before_the_start() -> None:
    driver = venue(1_000, fund_drawdown_ppm=300_000, fund_resume_ppm=250_000)
    assert lose(driver, 10, 400) == 300
    driver.deposit(3, 10**6)
    driver.trade(3, 2, 1, 50)
    driver.start(1)
    driver.fund_deposit(51)
    assert driver.fund().is_stopped
    assert lose_after_start(driver) == 0
    driver.mark(50)
    assert driver.fund().paid_atoms == 300 + 51


def lose_after_start(driver: Driver) -> int:
    """Have an account owe 80 by a fee, of which the fund pays what it may."""
    before = driver.fund().balance_atoms
    driver.deposit(20, 100)
    driver.trade(20, 2, 1, 50)
    driver.trade(2, 20, 1, 50, fees=(0, 180))
    return before - driver.fund().balance_atoms


@pytest.mark.rule("TM-8", "FD-11")
def test_an_operator_ends_a_stop_whatever_the_marks() -> None:
    driver = venue(1_000, fund_drawdown_ppm=300_000, fund_resume_ppm=250_000)
    assert lose(driver, 10, 400) == 300
    driver.deposit(3, 10**6)
    driver.trade(3, 2, 1, 50)
    driver.start(1)
    driver.risk(fund_drawdown_ppm=0)
    assert not driver.fund().is_stopped
