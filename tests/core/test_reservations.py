"""Withdrawals in two phases, and who could use them against whom (MN-1 to MN-5)."""

from collections.abc import Callable

import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState, EventKind, RejectReason
from riskengine.core.types import AccountView, Rejection, ReservationView
from tests.core.driver import Driver, kinds, only, state_of
from tests.core.ladder import Rung, Step, steps

RICH, ATTACKER, VICTIM = 9, 1, 2
MOST_BALANCE, MOST = 2**60, 2**61
OUT_OF_RANGE = RejectReason.OUT_OF_RANGE


def venue(*, gate_floor_units: int = 0, max_reservations: int = 16) -> Driver:
    driver = Driver()
    driver.risk(
        gate_floor_units=gate_floor_units,
        gate_ppm=0,
        withdrawal_margin_ppm=0,
        max_reservations=max_reservations,
    )
    driver.market(1, reprices_trades=False)
    driver.mark(100)
    driver.deposit(RICH, 10**6)
    driver.deposit(ATTACKER, 1_000)
    return driver


def lose(driver: Driver, atoms: int, account: int = VICTIM) -> None:
    """Have an account that is new owe so much to the rich one, which closes the gate."""
    driver.deposit(account, 100)
    driver.trade(account, RICH, 1, 100)
    driver.trade(RICH, account, 1, 100, fees=(0, 100 + atoms))
    assert driver.account(account).state == AccountState.BANKRUPT


def gain(driver: Driver, atoms: int) -> None:
    """Have the attacker win so much of the rich one."""
    driver.trade(ATTACKER, RICH, 10, 100)
    driver.trade(RICH, ATTACKER, 10, 100 + atoms // 10)


def reserved(driver: Driver) -> int:
    (sides,) = driver.engine.conservation()
    return sides.reserved_atoms


def unreserved(view: AccountView) -> AccountView:
    """Return the account as if nothing were reserved of it."""
    return view._replace(reserved_atoms=0, reservations=())


def money(driver: Driver, account: int = ATTACKER) -> tuple[int, int, int]:
    view = driver.account(account)
    return view.balance_atoms, view.net_deposits_atoms, view.reserved_atoms


@pytest.mark.rule("MN-1")
def test_a_reservation_is_a_withdrawal_to_the_atom() -> None:
    """Positions, equity, what may leave, the gate and every later event are the same."""
    one, other = venue(), venue()
    for driver in (one, other):
        driver.trade(ATTACKER, RICH, 50, 100)
    assert one.reserve(ATTACKER, 400) == other.withdraw(ATTACKER, 400) == []
    for driver in (one, other):
        lose(driver, 30)
    assert one.engine.gates() == other.engine.gates()
    for price in (95, 89, 88, 80):
        assert one.mark(price) == other.mark(price)
        for account in (RICH, ATTACKER):
            assert unreserved(one.account(account)) == other.account(account)
    (with_it,), (without,) = one.engine.conservation(), other.engine.conservation()
    assert with_it._replace(reserved_atoms=0) == without
    assert (with_it.reserved_atoms, without.reserved_atoms) == (400, 0)
    one.confirm(ATTACKER)
    other.deposit(RICH, 1)
    one.deposit(RICH, 1)
    assert one.engine.conservation() == other.engine.conservation()


@pytest.mark.rule("MN-1", "MN-2", "QS-9")
def test_what_is_reserved_is_shown() -> None:
    driver = venue()
    for number, amount in ((7, 300), (3, 200)):
        driver.reserve(ATTACKER, amount, number)
    view = driver.account(ATTACKER)
    assert view.reservations == (ReservationView(3, 200), ReservationView(7, 300))
    assert money(driver) == (500, 500, 500)
    assert view.withdrawable_atoms == 500
    (listed, _) = driver.engine.accounts(0, 9, 0)
    assert (listed.reserved_atoms, listed.reservations) == (500, ())
    assert reserved(driver) == 500
    assert driver.cancel(ATTACKER, 3) == driver.confirm(ATTACKER, 7) == []
    assert money(driver) == (700, 700, 0)
    assert reserved(driver) == 0


RESERVE = {
    "account_id": ATTACKER,
    "asset_id": 1,
    "amount_atoms": 100,
    "reservation_id": 3,
    "isolated_market_id": 0,
}
RESERVE_RUNGS = [
    Rung({"account_id": 0}, OUT_OF_RANGE, "account_id", 0, 1),
    Rung({"account_id": 7}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 7),
    Rung({"asset_id": 5}, RejectReason.UNKNOWN_ASSET, "asset_id", 5),
    Rung({"isolated_market_id": 1}, OUT_OF_RANGE, "isolated_market_id", 1, 0),
    Rung({"reservation_id": 0}, OUT_OF_RANGE, "reservation_id", 0, 1),
    Rung({"reservation_id": 2**62}, OUT_OF_RANGE, "reservation_id", 2**62, 2**62 - 1),
    Rung({"reservation_id": 1}, RejectReason.ALREADY_EXISTS, "reservation_id", 1, detail=ATTACKER),
    Rung({"amount_atoms": 0}, OUT_OF_RANGE, "amount_atoms", 0, 1),
    Rung(
        {"amount_atoms": MOST_BALANCE + 1},
        OUT_OF_RANGE,
        "amount_atoms",
        MOST_BALANCE + 1,
        MOST_BALANCE,
    ),
    Rung({"amount_atoms": 801}, RejectReason.NOT_WITHDRAWABLE, "amount_atoms", 801, 800),
]


@pytest.mark.rule("MN-2", "GD-23")
@pytest.mark.parametrize("step", steps(RESERVE, RESERVE_RUNGS))
def test_reserve(step: Step) -> None:
    driver = venue()
    driver.reserve(ATTACKER, 200, 1)
    assert driver.refuse("reserve_withdrawal", *step.arguments.values()) == step.refusal


@pytest.mark.rule("MN-2")
def test_nothing_is_reserved_of_who_is_in_liquidation_or_behind_a_closed_gate() -> None:
    driver = venue()
    gain(driver, 200)
    lose(driver, 30)
    reason = RejectReason.LOSS_UNALLOCATED
    refusal = driver.refuse("reserve_withdrawal", ATTACKER, 1, 1_001, 1)
    assert refusal == Rejection(0, reason, "amount_atoms", 1_001, 1_000, 1)
    driver.reserve(ATTACKER, 1_000)
    assert driver.refuse("reserve_withdrawal", ATTACKER, 1, 1, 2).reason == reason
    refusal = driver.refuse("reserve_withdrawal", VICTIM, 1, 1, 1)
    assert refusal.reason == RejectReason.ACCOUNT_IN_LIQUIDATION


@pytest.mark.rule("MN-3", "MN-4")
@pytest.mark.parametrize("name", ["confirm_withdrawal", "cancel_withdrawal"])
def test_only_what_is_open_ends(name: str) -> None:
    driver = venue()
    driver.deposit(VICTIM, 50)
    driver.reserve(ATTACKER, 200, 1)
    unknown = RejectReason.UNKNOWN_RESERVATION
    for account, number in ((VICTIM, 1), (ATTACKER, 2), (ATTACKER, 0), (ATTACKER, -1)):
        refusal = driver.refuse(name, account, 1, number)
        assert refusal == Rejection(0, unknown, "reservation_id", number, 0)
    assert driver.refuse(name, 7, 1, 1).reason == RejectReason.UNKNOWN_ACCOUNT
    assert driver.refuse(name, ATTACKER, 1, 1, 1).reason == OUT_OF_RANGE
    driver.do(name, ATTACKER, 1, 1)
    assert driver.refuse(name, ATTACKER, 1, 1).reason == unknown


@pytest.mark.rule("MN-2")
def test_a_number_is_free_again_once_it_has_ended() -> None:
    driver = venue()
    for end in (driver.confirm, driver.cancel, driver.confirm):
        driver.reserve(ATTACKER, 100)
        end(ATTACKER)
    assert money(driver) == (800, 800, 0)


@pytest.mark.rule("MN-2", "MG-9")
@pytest.mark.parametrize("most", [0, 1, 16, 128])
def test_no_account_fills_the_memory(most: int) -> None:
    """An attacker reserves an atom as often as he may; another one is refused, whatever ends."""
    driver = venue(max_reservations=most)
    for number in range(1, most + 1):
        driver.reserve(ATTACKER, 1, number)
    full = Rejection(0, RejectReason.CAPACITY, "reservation_id", 999, most)
    assert driver.refuse("reserve_withdrawal", ATTACKER, 1, 1, 999) == full
    for end in (driver.cancel, driver.confirm):
        if most:
            end(ATTACKER, most)
            driver.reserve(ATTACKER, 1, most)
    assert driver.refuse("reserve_withdrawal", ATTACKER, 1, 1, 999) == full
    assert money(driver)[2] == most


@pytest.mark.rule("MN-2")
def test_what_is_open_stays_when_fewer_are_allowed() -> None:
    driver = venue()
    for number in (1, 2, 3):
        driver.reserve(ATTACKER, 10, number)
    driver.risk(max_reservations=1)
    refusal = driver.refuse("reserve_withdrawal", ATTACKER, 1, 1, 4)
    assert (refusal.reason, refusal.limit) == (RejectReason.CAPACITY, 1)
    driver.cancel(ATTACKER, 2)
    driver.confirm(ATTACKER, 1)
    driver.confirm(ATTACKER, 3)
    driver.reserve(ATTACKER, 1, 4)


@pytest.mark.rule("MN-2")
def test_what_is_reserved_in_sum_is_bounded() -> None:
    driver = venue()
    driver.deposit(VICTIM, MOST_BALANCE)
    driver.reserve(VICTIM, MOST_BALANCE, 1)
    driver.deposit(VICTIM, MOST_BALANCE)
    driver.reserve(VICTIM, MOST_BALANCE, 2)
    driver.deposit(VICTIM, 5)
    refusal = driver.refuse("reserve_withdrawal", VICTIM, 1, 1, 3)
    assert refusal == Rejection(0, RejectReason.OVERFLOW, "amount_atoms", 1, MOST)
    assert driver.account(VICTIM).reserved_atoms == MOST


@pytest.mark.rule("MN-4", "BD-6", "BD-12")
def test_a_cancellation_that_does_not_fit_leaves_the_reservation() -> None:
    driver = venue()
    driver.reserve(ATTACKER, 1_000)
    driver.deposit(ATTACKER, MOST_BALANCE - 999)
    refusal = driver.refuse("cancel_withdrawal", ATTACKER, 1, 1)
    assert refusal == Rejection(0, RejectReason.OVERFLOW, "amount_atoms", 1_000, MOST_BALANCE)
    driver.withdraw(ATTACKER, 1)
    driver.cancel(ATTACKER)
    assert money(driver) == (MOST_BALANCE, MOST_BALANCE, 0)


@pytest.mark.rule("GD-11", "MN-1")
@pytest.mark.parametrize("end", ["confirm_withdrawal", "cancel_withdrawal"])
def test_an_account_of_which_something_is_reserved_is_not_closed(end: str) -> None:
    driver = venue()
    driver.reserve(ATTACKER, 600, 1)
    driver.reserve(ATTACKER, 400, 2)
    refusal = driver.refuse("close_account", ATTACKER)
    assert refusal == Rejection(0, RejectReason.HAS_RESERVATIONS, "account_id", 2, 0)
    driver.do(end, ATTACKER, 1, 1)
    driver.confirm(ATTACKER, 2)
    if end == "cancel_withdrawal":
        driver.withdraw(ATTACKER, 600)
    driver.close(ATTACKER)
    driver.deposit(ATTACKER, 5)
    assert money(driver) == (5, 5, 0)


@pytest.mark.rule("MN-4", "MG-11")
def test_a_cancelled_gain_is_a_gain_again() -> None:
    """An attacker would have his gain be a deposit, which leaves at any time."""
    driver = venue()
    gain(driver, 200)
    driver.reserve(ATTACKER, 1_200)
    assert money(driver) == (0, -200, 1_200)
    driver.deposit(ATTACKER, 50)
    driver.cancel(ATTACKER)
    assert money(driver) == (1_250, 1_050, 0)
    lose(driver, 30)
    assert driver.account(ATTACKER).withdrawable_atoms == 1_050
    for amount in (1_051, 1_250):
        refusal = driver.refuse("withdrawals", (ATTACKER,), (1,), (amount,))
        assert (refusal.reason, refusal.limit) == (RejectReason.LOSS_UNALLOCATED, 1_050)


@pytest.mark.rule("MN-4", "MG-11")
def test_reserving_in_parts_and_in_circles_launders_nothing() -> None:
    driver = venue()
    gain(driver, 200)
    for amount in (1, 200, 1_000, 1_200):
        for number, part in enumerate((amount // 3, amount - amount // 3), 1):
            if part:
                driver.reserve(ATTACKER, part, number)
        for one in driver.account(ATTACKER).reservations:
            driver.cancel(ATTACKER, one.reservation_id)
    assert money(driver) == (1_200, 1_000, 0)


@pytest.mark.rule("MN-1", "MN-4", "FD-13")
def test_reserving_around_a_loss_is_withdrawing_around_it() -> None:
    """An attacker reserves before a loss is spread over gains, and cancels after it.

    He comes to what he had who withdrew and paid in again, to the atom: no more and no less.
    """

    def played(away: Callable[[Driver], object], back: Callable[[Driver], object]) -> Driver:
        driver = venue()
        driver.risk(spread_after_millis=1_000)
        gain(driver, 200)
        away(driver)
        lose(driver, 150)
        driver.tick(1_000)
        back(driver)
        return driver

    one = played(lambda d: d.reserve(ATTACKER, 1_100), lambda d: d.cancel(ATTACKER))
    other = played(lambda d: d.withdraw(ATTACKER, 1_100), lambda d: d.deposit(ATTACKER, 1_100))
    stayed = played(lambda _: None, lambda _: None)
    assert one.engine.state_hash() == other.engine.state_hash()
    assert money(one)[0] >= money(stayed)[0]
    assert money(one)[1] == money(stayed)[1] == 1_000


@pytest.mark.rule("MN-1", "MN-3")
def test_a_loss_does_not_reach_what_is_reserved() -> None:
    driver = venue()
    driver.reserve(ATTACKER, 400)
    driver.trade(ATTACKER, RICH, 50, 100)
    driver.trade(RICH, ATTACKER, 50, 80)
    assert driver.account(ATTACKER).state == AccountState.BANKRUPT
    debt = driver.engine.bad_debt_atoms
    assert (debt, reserved(driver)) == (400, 400)
    before = driver.account(ATTACKER)
    assert driver.confirm(ATTACKER) == []
    assert driver.account(ATTACKER) == unreserved(before)
    assert driver.engine.bad_debt_atoms == debt


@pytest.mark.rule("MN-4", "FD-7")
def test_a_cancellation_pays_a_debt_as_a_deposit_does() -> None:
    driver = venue()
    driver.reserve(ATTACKER, 400)
    driver.trade(ATTACKER, RICH, 50, 100)
    driver.trade(RICH, ATTACKER, 50, 80)
    events = driver.cancel(ATTACKER)
    assert only(events, EventKind.LIQUIDATION_ENDED).state == AccountState.NORMAL
    assert money(driver) == (0, 1_000, 0)


@pytest.mark.rule("MN-1")
def test_what_is_reserved_counts_for_no_margin() -> None:
    """An attacker would have one amount back positions and leave as well."""
    driver = venue()
    driver.reserve(ATTACKER, 600)
    check = driver.engine.check_order(ATTACKER, 1, 1, 41, 100, reduce_only=False)
    assert check.rejection is not None
    assert check.rejection.reason == RejectReason.INSUFFICIENT_MARGIN
    driver.trade(ATTACKER, RICH, 40, 100)
    assert driver.account(ATTACKER).withdrawable_atoms == 0
    assert "LIQUIDATION_ORDER" in kinds(driver.mark(94))


@pytest.mark.rule("MN-5", "LD-1")
def test_what_was_reserved_elsewhere_is_confirmed_or_cancelled_here() -> None:
    driver = Driver()
    driver.begin_loading()
    driver.load(1, 600)
    driver.load(2, 500, 700)
    rows = (1, 1, 2), (1, 1, 1), (4, 9, 4), (400, 30, 50)
    assert driver.do("load_reservations", *rows) == []
    refusal = driver.refuse("load_reservations", (1,), (1,), (9,), (5,))
    assert refusal == Rejection(0, RejectReason.ALREADY_EXISTS, "reservation_id", 9, 0, 1)
    assert driver.refuse("load_reservations", (3,), (1,), (9,), (5,)).reason == (
        RejectReason.UNKNOWN_ACCOUNT
    )
    assert (money(driver, 1), money(driver, 2)) == ((600, 600, 430), (500, 700, 50))
    driver.go_live()
    driver.cancel(1, 4)
    driver.confirm(1, 9)
    driver.cancel(2, 4)
    assert (money(driver, 1), money(driver, 2)) == ((1_000, 1_000, 0), (550, 750, 0))


@pytest.mark.rule("MN-1")
def test_reservations_are_saved_and_read_back() -> None:
    driver = venue()
    for number in (5, 2, 8):
        driver.reserve(ATTACKER, 10 * number, number)
    driver.cancel(ATTACKER, 5)
    again = Engine.read_back(driver.engine.save())
    again.check_invariants()
    assert again.state_hash() == driver.engine.state_hash()
    assert again.account(ATTACKER) == driver.account(ATTACKER)
    fork = driver.fork()
    fork.confirm(ATTACKER, 2)
    assert state_of(driver.engine)[0] == again.state_hash()
    assert driver.account(ATTACKER).reserved_atoms == 100
