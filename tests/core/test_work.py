"""Work that is cut into pieces: the result is that of one, and deposits pass (WK-1 to WK-5)."""

from collections.abc import Callable
from typing import Any

import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState, EventKind, LossPolicy, RejectReason
from riskengine.core.face.testing import memory_of
from riskengine.core.types import Event
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import MARKET, Driver, kinds

BANKRUPT, OTHER, FRIEND = 1_000, 1_001, 1_002
HOLDERS = range(1, 51)
PIECES = (1, 2, 3, 7, 50)


def venue(policy: LossPolicy = LossPolicy.PRO_RATA, **levels: int) -> Driver:
    """Return a venue in which one account is long 100 lots against 50 holders with 2 each."""
    driver = Driver()
    driver.risk(**levels)
    driver.market(loss_policy=policy)
    driver.mark(100)
    driver.deposit(BANKRUPT, 600)
    for holder in HOLDERS:
        driver.deposit(holder, 1_000 + holder)
        driver.trade(BANKRUPT, holder, 2, 100)
    return driver


def with_units(driver: Driver, work_units: int) -> Driver:
    copy = driver.fork()
    copy.risk(work_units=work_units)
    while copy.engine.has_work:
        copy.do("go_on")
    return copy


def told(event: Event) -> dict[str, int]:
    """Return what an event says, but for the command that told it."""
    names = [name for name in dir(event) if not name.startswith("_")]
    return {name: getattr(event, name) for name in names if name != "sequence"}


def finish(driver: Driver) -> tuple[list[Event], int]:
    """Go on until the work is done; return the events, and in how many pieces."""
    events: list[Event] = []
    pieces = 0
    while driver.engine.has_work:
        events += driver.do("go_on")
        pieces += 1
    return events, pieces


def at_rest(driver: Driver) -> dict[str, object]:
    """Return the state, but for how many commands made it and their units."""
    dump = driver.engine.dump()
    parameters = {**dump["parameters"], "work_units": 0}
    return {**dump, "parameters": parameters, "sequence": 0}


def assert_same_in_pieces(driver: Driver, act: Callable[[Driver], list[Event]]) -> None:
    whole = with_units(driver, 10**9)
    expected = act(whole)
    assert not whole.engine.has_work
    assert expected
    for work_units in PIECES:
        cut = with_units(driver, work_units)
        events = act(cut)
        assert work_units > 10 or cut.engine.has_work
        more, _ = finish(cut)
        assert [told(event) for event in events + more] == [told(event) for event in expected]
        assert at_rest(cut) == at_rest(whole)


@pytest.mark.rule("WK-1", "WK-2", "WK-3")
@pytest.mark.parametrize("policy", [LossPolicy.PRO_RATA, LossPolicy.QUEUE])
def test_a_close_against_fifty_holders_is_the_same_in_pieces(policy: LossPolicy) -> None:
    """The mark before the command is that of the command that began: holders pay in a Continue."""
    driver = venue(policy)
    assert_same_in_pieces(driver, lambda each: each.mark(90))
    driver.risk(work_units=3)
    finish(driver)
    first = driver.mark(90)
    assert [event.loss_atoms for event in first] == [0]
    rest, pieces = finish(driver)
    assert pieces > 50
    closes = [event for event in rest if event.kind == EventKind.AUTO_DELEVERAGE]
    assert [event.loss_atoms for event in closes] == [8] * 50
    assert driver.account(BANKRUPT).state == AccountState.NORMAL


@pytest.mark.rule("WK-1", "WK-2")
def test_hashes_are_equal_when_nothing_but_the_pieces_differed() -> None:
    """The sequence is hashed, so the undisturbed engine is given as many commands."""
    driver = venue()
    whole, cut = with_units(driver, 10**9), with_units(driver, 3)
    whole.mark(90)
    cut.mark(90)
    _, pieces = finish(cut)
    cut.risk(work_units=10**9)
    whole.risk(work_units=10**9)
    for _ in range(cut.engine.sequence - whole.engine.sequence):
        whole.do("note")
    assert pieces > 1
    assert cut.engine.state_hash() == whole.engine.state_hash()


@pytest.mark.rule("WK-4")
def test_deposits_pass_and_every_other_command_is_refused() -> None:
    driver = venue(work_units=3)
    driver.mark(90)
    before = driver.engine.dump()
    others: list[tuple[str, tuple[Any, ...]]] = [
        ("mark_prices", ((1,), (91,))),
        ("trades", (*((value,) for value in (1, 1, 2, 100, 1, 0, 0, 0)),)),
        ("withdrawals", ((1,), (1,), (1,))),
        ("adjust_balances", ((1,), (1,), (1,), (2,), (3,))),
        ("reserve_withdrawal", (1, 1, 1, 1)),
        ("confirm_withdrawal", (1, 1, 1)),
        ("cancel_withdrawal", (1, 1, 1)),
        ("set_risk_parameters", (driver.engine.parameters,)),
        ("set_market", (MARKET,)),
        ("create_asset", (2, "EUR", 0)),
        ("create_fund", (9, 1)),
        ("fund_deposit", (1, 5)),
        ("close_account", (1,)),
        ("liquidation_reports", ((1,),)),
        ("position_updates", (1, (1,), (1,), (1,), (90,))),
        ("write_off", (BANKRUPT, 1, 1, 3)),
        ("set_retention", (1, 1, 64, 1, 1, 1)),
        ("begin_loading", (0,)),
        ("go_live", (False,)),
        ("tick", ()),
        ("note", ()),
        ("started", ()),
        ("set_log_time", (2**62,)),
    ]
    for name, arguments in others:
        outcome = driver.try_to(name, *arguments)
        assert [(each.row, each.reason, each.field) for each in outcome.rejections] == [
            (-1, RejectReason.ALLOCATION_PENDING, "")
        ], name
        assert outcome.sequence == 0
    assert driver.engine.dump() == before
    check = driver.engine.check_order(1, 1, 1, 1, 90, False)
    assert check.rejection is not None
    assert check.rejection.reason == RejectReason.ALLOCATION_PENDING
    assert {driver.account(holder).withdrawable_atoms for holder in HOLDERS} == {0}
    sequence = driver.engine.sequence
    assert driver.deposit(1, 7) == []
    assert driver.deposit(FRIEND, 5) == []
    assert driver.engine.sequence == sequence + 2
    assert driver.engine.has_work
    finish(driver)
    assert driver.account(FRIEND).withdrawable_atoms == 5
    assert driver.account(1).net_deposits_atoms == 1_001 + 7
    assert driver.engine.check_order(1, 1, 1, 1, 90, False).rejection is None


@pytest.mark.rule("WK-4")
@pytest.mark.parametrize("pieces", [*range(1, 60, 7)])
def test_a_deposit_in_between_changes_nothing_that_is_decided(pieces: int) -> None:
    """What was to be closed is closed, and who was to pay pays; the deposit is there afterwards."""
    driver = venue(work_units=3)
    driver.mark(90)
    for _ in range(pieces):
        if driver.engine.has_work:
            driver.do("go_on")
    is_pending = driver.engine.has_work
    driver.deposit(BANKRUPT, 50)
    driver.deposit(7, 50)
    finish(driver)
    assert driver.account(7).balance_atoms == 1_007 + 20 - 8 + 50
    assert driver.account(BANKRUPT).balance_atoms == 50
    assert driver.account(BANKRUPT).state == AccountState.NORMAL
    assert is_pending == (pieces < 55) or pieces > 40


def crowd(**levels: int) -> Driver:
    """Return a venue of 50 holders whose equity is three times their maintenance."""
    driver = Driver()
    driver.risk(**levels)
    driver.market()
    driver.mark(100)
    driver.deposit(FRIEND, 10**6)
    for holder in HOLDERS:
        driver.deposit(holder, 30)
        driver.trade(FRIEND, holder, 2, 100)
    return driver


def call_early(driver: Driver) -> list[Event]:
    return driver.risk(margin_call_ppm=4_000_000, margin_call_clear_ppm=5_000_000)


@pytest.mark.rule("WK-1", "WK-2")
def test_new_parameters_are_the_same_in_pieces() -> None:
    assert_same_in_pieces(crowd(), call_early)
    driver = with_units(crowd(), 7)
    assert call_early(driver) == []
    events, pieces = finish(driver)
    assert [event.account_id for event in events] == [*HOLDERS]
    # All are looked at, those who are to be called are put in order, and called.
    assert pieces == -(-(52 + 50 // 16 + 50) // 7) - 1


@pytest.mark.rule("WK-4")
@pytest.mark.parametrize("account_id", [1, 25, 50])
def test_a_pass_sees_an_account_as_it_stood_before_a_deposit(account_id: int) -> None:
    """Wherever it is on the list of those at whom the pass has still to look."""
    driver = with_units(crowd(), 7)
    call_early(driver)
    driver.do("go_on")
    driver.deposit(account_id, 100)
    driver.deposit(account_id, 100)
    events, _ = finish(driver)
    assert [event.equity_atoms for event in events if event.account_id == account_id] == [30, 230]
    assert kinds(events) == ["MARGIN_CALL"] * 50 + ["MARGIN_CALL_CLEARED"]


def liquidated() -> Driver:
    """Return a venue in which an order is out for each holder, all with one deadline."""
    driver = crowd()
    events = driver.mark(111)
    assert kinds(events) == ["CANCEL_ORDERS"] * 50 + ["LIQUIDATION_ORDER"] * 50
    return driver


@pytest.mark.rule("WK-1", "WK-2")
def test_timers_fire_the_same_in_pieces() -> None:
    assert_same_in_pieces(liquidated(), lambda each: each.tick(1_000))


@pytest.mark.rule("WK-3")
def test_timers_that_come_due_meanwhile_fire_behind_the_work() -> None:
    """Here those of the orders that the work itself has sent, whose deadlines pass by its end."""
    driver = with_units(crowd(), 3)
    driver.mark(111)
    for _ in range(40):
        driver.do("go_on")
    driver.wait(10**6)
    events, _ = finish(driver)
    assert "LIQUIDATION_ORDER_ENDED" not in kinds(events)
    assert 0 < driver.engine.next_timer_nanos <= driver.time_nanos
    assert kinds(driver.tick())[0] == "LIQUIDATION_ORDER_ENDED"


def indebted(debtors: int) -> Driver:
    """Return a venue in which each debtor owes 100 atoms, and 50 accounts have gained."""
    driver = Driver()
    driver.risk(spread_after_millis=1_000, gate_floor_units=10**6)
    driver.market()
    driver.mark(100)
    driver.deposit(FRIEND, 10**6)
    for holder in HOLDERS:
        driver.deposit(holder, 1_000)
        driver.trade(holder, FRIEND, 1, 100)
        driver.trade(FRIEND, holder, 1, 100 + holder)
    for debtor in range(BANKRUPT - debtors, BANKRUPT):
        driver.deposit(debtor, 10)
        driver.trade(debtor, FRIEND, 1, 100)
        driver.trade(FRIEND, debtor, 1, 100, fees=(0, 110))
    return driver


@pytest.mark.rule("WK-1", "WK-2")
@pytest.mark.parametrize("debtors", [1, 20])
def test_a_debt_is_spread_the_same_in_pieces(debtors: int) -> None:
    assert_same_in_pieces(indebted(debtors), lambda each: each.tick(1_000))


@pytest.mark.rule("WK-4")
def test_a_deposit_while_a_debt_is_spread_stays_with_the_debtor() -> None:
    driver = with_units(indebted(1), 3)
    driver.tick(1_000)
    events: list[Event] = []
    while not events:  # the gains are sought, then somebody pays
        events = driver.do("go_on")
    driver.deposit(BANKRUPT - 1, 1_000)
    events, _ = finish(driver)
    assert driver.account(BANKRUPT - 1).balance_atoms == 1_000
    assert kinds(events)[-1] == "LIQUIDATION_ENDED"
    assert driver.engine.bad_debt_atoms == 0


@pytest.mark.rule("WK-1", "FD-13")
def test_debtors_are_struck_off_the_list_at_once_and_the_others_stay_in_order() -> None:
    """One by one the list was moved up for each: 60,000 of them took more than two seconds."""
    driver = with_units(indebted(20), 1)
    debtors = range(BANKRUPT - 20, BANKRUPT)
    healed = tuple(debtors[::2])
    driver.do("deposits", healed, (1,) * len(healed), (1_000,) * len(healed))
    lengths = []
    while driver.engine.has_work:
        lengths.append(len(memory_of(driver.engine, "debtors")))
        driver.do("go_on")
    lengths.append(len(memory_of(driver.engine, "debtors")))
    assert list(dict.fromkeys(lengths)) == [20, 10]
    left = [each["account_id"] for each in driver.engine.dump()["debtors"]]
    assert left == list(debtors[1::2])


@pytest.mark.rule("WK-1", "WK-2")
def test_a_fund_pays_debts_the_same_in_pieces() -> None:
    assert_same_in_pieces(indebted(20), lambda each: each.fund_deposit(1_500))


@pytest.mark.rule("BD-6", "WK-4")
def test_a_deposit_leaves_room_for_what_is_still_to_be_closed() -> None:
    """A holder whose close is decided gains 20 by it, and the largest balance is 2^60."""
    driver = venue(work_units=3)
    driver.deposit(7, 2**60 - 1_007 - 30)
    driver.mark(90)
    (refused,) = driver.try_to("deposits", (7,), (1,), (11,)).rejections
    assert (refused.reason, refused.field, refused.value, refused.limit) == (
        RejectReason.OVERFLOW,
        "amount_atoms",
        11,
        2**60,
    )
    driver.deposit(7, 10)
    finish(driver)
    assert driver.account(7).balance_atoms == 2**60 - 8


@pytest.mark.rule("WK-3")
def test_without_work_there_is_nothing_to_go_on_with() -> None:
    driver = venue()
    refused = driver.refuse("go_on")
    assert (refused.row, refused.reason) == (0, RejectReason.NOTHING_DUE)
    assert (refused.field, refused.value, refused.limit) == ("time_nanos", driver.time_nanos + 1, 0)
    assert not driver.engine.has_work


@pytest.mark.rule("WK-5")
@pytest.mark.parametrize("pieces", [1, 5, 20, 40])
def test_a_fork_in_the_middle_tells_the_same(pieces: int) -> None:
    driver = venue(work_units=3)
    driver.mark(90)
    for _ in range(pieces):
        driver.do("go_on")
    assert driver.engine.has_work
    copy = driver.fork()
    assert finish(copy) == finish(driver)
    assert copy.engine.state_hash() == driver.engine.state_hash()


@pytest.mark.rule("WK-4")
def test_books_in_the_middle_are_neither_saved_nor_hashed() -> None:
    driver = venue(work_units=3)
    driver.mark(90)
    engine: Engine = driver.engine
    for ask in (
        engine.save,
        engine.state_hash,
        lambda: engine.begin_view(0),
        lambda: engine.begin_state_stream(0),
    ):
        with pytest.raises(RuntimeError, match="work is pending"):
            ask()


@pytest.mark.rule("WK-1")
def test_index_and_full_scan_pause_at_the_same_places() -> None:
    """A full scan looks at everybody whom a mark may have moved, and spends nothing for it."""
    scans = []
    for full_scan in (False, True):
        driver = Driver()
        driver.engine = Engine(full_scan=full_scan)
        driver.do("create_asset", 1, "USD", 0)
        driver.do("create_fund", 1, 1)
        driver.risk(work_units=3)
        driver.market(loss_policy=LossPolicy.PRO_RATA)
        driver.mark(100)
        driver.deposit(BANKRUPT, 600)
        driver.deposit(OTHER, 10**6)
        for holder in HOLDERS:
            driver.deposit(holder, 1_000)
            driver.trade(BANKRUPT, holder, 2, 100)
            driver.trade(OTHER, holder, 2, 100)
        pieces = [driver.mark(90)]
        while driver.engine.has_work:
            pieces.append(driver.do("go_on"))
        scans.append((pieces, driver.engine.state_hash()))
    assert scans[0] == scans[1]
    assert len(scans[0][0]) > 50


@pytest.mark.rule("WK-3")
def test_a_continue_in_a_later_slot_begins_it() -> None:
    driver = venue(work_units=3)
    driver.mark(90)
    driver.wait(600_000)
    finish(driver)
    assert driver.engine.time_nanos == 600_000 * NANOS_PER_MILLI
    assert driver.mark(90) == []
