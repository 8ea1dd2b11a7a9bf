"""A venue that is loaded: nothing is judged until it is live, and then all that is due."""

from collections.abc import Callable
from typing import Any

import pytest

from riskengine.commands import CommandKind
from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState, EventKind, RejectReason, Side, VenueMode
from riskengine.core.types import Rejection, WaitingAccount, WaitingAccounts
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import COLUMNS, FUND_ACCOUNT, MARKET, Driver, call, kinds, only, state_of
from tests.core.loaded import HOUR_NANOS, LAST, TERM_NANOS, loaded_world, loading_venue

LOADING = Rejection(-1, RejectReason.LOADING, "venue_mode", VenueMode.LOADING, VenueMode.LIVE)
NOT_LOADING = Rejection(
    -1, RejectReason.NOT_LOADING, "venue_mode", VenueMode.LIVE, VenueMode.LOADING
)


@pytest.fixture(scope="module")
def world() -> Driver:
    return loaded_world()


TAKEN: dict[str, Callable[[Driver], object]] = {
    "create_asset": lambda driver: driver.do("create_asset", 7, "JPY", 0),
    "create_fund": lambda driver: driver.do("create_fund", 7, 1),
    "set_market": lambda driver: driver.market(7),
    "set_risk_parameters": lambda driver: driver.risk(margin_call_ppm=10**6 + 1),
    "set_retention": lambda driver: driver.do("set_retention", 1, 2, 128, 4, 1, 6),
    "fund_deposit": lambda driver: driver.fund_deposit(1),
    "mark_prices": lambda driver: driver.mark(1),
    "note": lambda driver: driver.do("note"),
    "started": lambda driver: driver.do("started"),
    "set_log_time": lambda driver: driver.do("set_log_time", 2 * HOUR_NANOS),
    "register_client": lambda driver: driver.do("register_client", "bank"),
    "forget_client": lambda driver: driver.do("forget_client", "wallet", "bank"),
    "load_accounts": lambda driver: driver.load(8, 1),
    "load_positions": lambda driver: driver.load_position(2, 1, 1),
    "load_liquidations": lambda driver: driver.load_order(LAST, 4, Side.LONG, 1),
    "load_reservations": lambda driver: driver.do("load_reservations", (2,), (1,), (7,), (5,)),
}
REFUSED: dict[str, tuple[Any, ...]] = {
    "deposits": ((2,), (1,), (1,)),
    "withdrawals": ((2,), (1,), (1,)),
    "adjust_balances": ((2,), (1,), (1,), (2,), (3,)),
    "reserve_withdrawal": (2, 1, 1, 1),
    "confirm_withdrawal": (2, 1, 1),
    "cancel_withdrawal": (2, 1, 1),
    "close_account": (2,),
    "write_off": (2, 1, 1, 3),
    "trades": ((1,), (1,), (2,), (100,), (10,), (), (), ()),
    "position_updates": (1, (1,), (1,), (10,), (100,)),
    "liquidation_reports": ((LAST - 5,),),
    "tick": (),
    "go_on": (),
    "begin_loading": (LAST,),
}


@pytest.mark.rule("LD-1", "LD-3")
@pytest.mark.parametrize("name", TAKEN)
def test_what_a_loading_venue_takes_has_nobody_judged(world: Driver, name: str) -> None:
    driver = world.fork()
    driver.time_nanos = HOUR_NANOS
    before = driver.engine.state_hash()
    assert not TAKEN[name](driver)
    assert driver.engine.state_hash() != before
    assert driver.account(1).state == AccountState.LIQUIDATING
    assert driver.engine.next_timer_nanos == 0


@pytest.mark.rule("LD-1")
@pytest.mark.parametrize("name", REFUSED)
def test_what_only_a_live_venue_takes_is_refused_whole(world: Driver, name: str) -> None:
    assert world.refuse(name, *REFUSED[name]) == LOADING


@pytest.mark.rule("LD-1", "QS-1")
def test_orders_are_not_checked_while_loading(world: Driver) -> None:
    check = world.engine.check_order(9, 9, 9, 0, 0, False)
    assert check == (LOADING._replace(row=0), 0, 0)


@pytest.mark.rule("LD-1")
@pytest.mark.parametrize("name", [name for name in TAKEN if name.startswith("load_")])
def test_what_loads_is_refused_by_a_live_venue(name: str) -> None:
    driver = Driver()
    assert driver.refuse(name, *((1, 2) for _ in COLUMNS[name])) == NOT_LOADING
    assert driver.refuse("go_live", True) == NOT_LOADING


def test_every_command_has_its_place_among_the_modes() -> None:
    assert {kind.method.__name__ for kind in CommandKind} == {
        *TAKEN,
        *REFUSED,
        *("go_live", "take_sequence"),
    }
    assert not TAKEN.keys() & REFUSED.keys()


@pytest.mark.rule("LD-2")
def test_a_venue_is_loaded_from_the_beginning() -> None:
    """Nobody who has an account, be it empty, can have the judgement suspended."""
    driver = Driver()
    driver.market()
    driver.mark(100)
    driver.deposit(1, 1)
    driver.withdraw(1, 1)
    refusal = driver.refuse("begin_loading", 0)
    assert refusal == Rejection(0, RejectReason.NOT_EMPTY, "account_count", 1, 0)
    driver.close(1)
    driver.fund_deposit(1_000)
    driver.update(FUND_ACCOUNT + 1, 10, 100)
    refusal = driver.refuse("begin_loading", 0)
    assert refusal == Rejection(0, RejectReason.NOT_EMPTY, "position_count", 1, 0)
    driver.update(FUND_ACCOUNT + 1, -10, 100)
    driver.begin_loading()
    driver.load(1, 5)
    driver.go_live()
    assert driver.refuse("begin_loading", 0).reason == RejectReason.NOT_EMPTY


@pytest.mark.rule("LD-2", "ST-8", "WF-13")
def test_ids_go_on_above_those_that_were_given_elsewhere() -> None:
    driver = loading_venue()
    assert driver.refuse("begin_loading", 3) == LOADING
    driver.go_live()
    for value, limit in ((-1, 0), (2**61 + 1, 2**61)):
        refusal = driver.refuse("begin_loading", value)
        assert refusal[1:5] == (RejectReason.OUT_OF_RANGE, "last_liquidation_id", value, limit)
    driver.begin_loading(41)
    driver.go_live()
    assert driver.refuse("begin_loading", 40).limit == 41
    driver.begin_loading(41)
    driver.load(1, 1_045)
    driver.load(2, 10**6)
    driver.load_position(1, 10, 2_000)
    driver.load_position(2, -10, -2_000)
    assert only(driver.go_live(), EventKind.LIQUIDATION_ORDER).liquidation_id == 42
    assert driver.do("liquidation_reports", (41,)) == [], "it has ended, elsewhere"
    unknown = driver.refuse("liquidation_reports", (43,))
    assert unknown.reason == RejectReason.UNKNOWN_LIQUIDATION


@pytest.mark.rule("LD-3")
def test_nobody_is_judged_until_the_venue_is_live() -> None:
    driver = loading_venue()
    driver.load(1, 1_045)
    driver.load(2, 10**6)
    driver.load_position(1, 10, 2_000)
    driver.load_position(2, -10, -2_000)
    for price in (99, 101, 1, 10**6, 100):
        assert driver.mark(price) == []
        assert driver.account(1).state == AccountState.NORMAL
    again = Engine.read_back(driver.engine.save())
    assert again.state_hash() == driver.engine.state_hash()
    again.check_invariants()
    assert [market.long_lots for market in again.markets()] == [10, 0]
    alike = call(again, "go_live", 0, False)
    events = driver.go_live()
    assert alike.events == events
    assert kinds(events) == ["CANCEL_ORDERS", "LIQUIDATION_ORDER"]


@pytest.mark.rule("LD-5", "ST-7", "ST-10")
def test_what_of_the_deposits_is_gone_is_carried_in() -> None:
    driver = loading_venue()
    driver.load(1, 700, 1_000)
    driver.load(2, 1_250, 1_000)
    driver.load(3, 9)
    driver.load(1, -8, asset_id=3)
    usd, eur = driver.engine.conservation()
    assert (usd.net_deposits_atoms, usd.balances_atoms, usd.carried_in_atoms) == (2_009, 1_959, 50)
    assert (eur.net_deposits_atoms, eur.balances_atoms, eur.carried_in_atoms) == (-8, -8, 0)
    assert usd.missing_atoms == eur.missing_atoms == usd.fees_atoms == 0


@pytest.mark.rule("LD-5", "LD-1")
def test_money_that_nobody_paid_in_is_seen_and_cannot_leave_before_the_venue_is_live() -> None:
    driver = loading_venue()
    driver.load(1, 1_000, 0)
    (usd, _) = driver.engine.conservation()
    assert (usd.net_deposits_atoms, usd.carried_in_atoms, usd.missing_atoms) == (0, -1_000, 0)
    assert driver.refuse("withdrawals", (1,), (1,), (1_000,)) == LOADING
    again = driver.refuse("load_accounts", (1,), (1,), (1_000,), (), ())
    assert again.reason == RejectReason.ALREADY_EXISTS


@pytest.mark.rule("LD-7", "ST-6")
def test_costs_are_exact_and_the_outside_takes_the_other_side() -> None:
    driver = loading_venue()
    driver.load(1, 100)
    driver.load(2, 100)
    driver.load_position(1, 7, 711)
    outside = driver.engine.dump()["markets"][0]
    assert (outside["outside_lots"], outside["outside_cost_atoms"]) == (-7, -711)
    driver.load_position(2, -7, -715)
    outside = driver.engine.dump()["markets"][0]
    assert (outside["outside_lots"], outside["outside_cost_atoms"]) == (0, 4)
    assert driver.account(1).unrealised_pnl_atoms == 700 - 711
    assert driver.account(2).unrealised_pnl_atoms == 715 - 700
    assert driver.engine.counters().position_mismatches == 0


@pytest.mark.rule("LD-7", "ST-3")
@pytest.mark.parametrize(("stated", "found"), [(0, 2), (1, 1), (3, 3)])
def test_the_debt_of_a_loaded_account_counts_to_the_stated_market_or_its_first_positions(
    stated: int, found: int
) -> None:
    driver = Driver()
    for market_id in (1, 2, 3):
        driver.market(market_id)
    driver.marks({1: 100, 2: 100})
    driver.begin_loading()
    driver.load(1, 50, debt_market_id=stated)
    driver.load_position(1, 1, 100, market_id=2)
    driver.load_position(1, 1, 100, market_id=1)
    (account,) = (one for one in driver.engine.dump()["accounts"] if one["account_id"] == 1)
    assert account["debt_market_id"] == found


def half_filled() -> Driver:
    """Return a venue with order 40 for 10 lots of account 1, of which 4 were filled."""
    driver = loading_venue(41)
    driver.load(1, 425)
    driver.load(2, 10**6)
    driver.load_position(1, 6, 1_000)
    driver.load_position(2, -6, -600)
    driver.load_order(40, 1, Side.SHORT, 10, 4)
    return driver


@pytest.mark.rule("LD-9", "LD-12")
def test_an_open_order_goes_on_where_it_was() -> None:
    driver = half_filled()
    assert driver.account(1).state == AccountState.LIQUIDATING
    assert driver.go_live() == []
    assert driver.engine.next_timer_nanos == 1_000 * NANOS_PER_MILLI
    events = driver.do("trades", (1,), (2,), (1,), (100,), (6,), (), (), (40,))
    assert kinds(events) == ["LIQUIDATION_FILL", "LIQUIDATION_ORDER_ENDED", "LIQUIDATION_ENDED"]
    assert (events[1].size_lots, events[1].needed_lots) == (10, 0)


@pytest.mark.rule("LD-9", "LD-12", "TM-1")
@pytest.mark.parametrize(("late_nanos", "expires"), [(-1, False), (0, True)])
def test_a_deadline_that_passed_meanwhile_fires_when_the_venue_goes_live(
    late_nanos: int, expires: bool
) -> None:
    driver = half_filled()
    driver.time_nanos = 1_000 * NANOS_PER_MILLI + late_nanos
    driver.mark(100)
    events = driver.go_live()
    assert (kinds(events)[:1] == ["LIQUIDATION_ORDER_ENDED"]) == expires
    assert (driver.engine.open_liquidation_count == 0) == expires


@pytest.mark.rule("LD-8", "WF-14")
@pytest.mark.parametrize(
    ("side", "size_lots", "filled_lots"),
    [(Side.LONG, 10, 0), (Side.SHORT, 11, 0), (Side.SHORT, 10**6, 3)],
)
def test_a_loaded_order_never_makes_its_position_grow_or_turn(
    side: Side, size_lots: int, filled_lots: int
) -> None:
    """A fill of as much as is open can close the position, and no more."""
    driver = loading_venue(41)
    driver.load(1, 445)
    driver.load(2, 10**6)
    driver.load_position(1, 10, 1_000)
    driver.load_position(2, -10, -1_000)
    row = (40, 1, 1, side, size_lots, filled_lots, 1, TERM_NANOS, 0)
    refusal = driver.refuse("load_liquidations", *((value,) for value in row))
    assert refusal.reason == RejectReason.NOT_REDUCING
    driver.load_order(40, 1, Side.SHORT, 10 + filled_lots, filled_lots)
    driver.go_live()
    driver.trade(2, 1, 10, 100, fills=40)
    assert driver.account(1).positions == ()


@pytest.mark.rule("LD-8", "LD-10", "WF-13")
def test_a_loaded_order_keeps_nobody_out_of_judgement_for_longer_than_one_issued_here() -> None:
    """Nor unseen: the report names who waits, and until when."""
    driver = loading_venue(41)
    driver.load(1, 40)
    driver.load(2, 10**6)
    driver.load_position(1, 10, 1_000)
    driver.load_position(2, -10, -1_000)
    row = (41, 1, 1, Side.SHORT, 1, 0, 10**6, HOUR_NANOS, 0)
    refusal = driver.refuse("load_liquidations", *((value,) for value in row))
    latest = Rejection(
        0, RejectReason.OUT_OF_RANGE, "deadline_nanos", HOUR_NANOS, 1 + TERM_NANOS, 0
    )
    assert refusal == latest
    driver.load_order(41, 1, Side.SHORT, 1, limit_price_ticks=10**6, deadline_nanos=TERM_NANOS)
    waiting = driver.engine.load_report().waiting
    assert waiting == WaitingAccounts(1, 0, [WaitingAccount(1, 1, 0, 40, 50, TERM_NANOS)])
    at_its_deadline = driver.engine.load_report(TERM_NANOS)
    assert at_its_deadline.waiting == WaitingAccounts(0, 0, [])
    assert [one.account_id for one in at_its_deadline.liquidated.accounts] == [1]
    assert driver.go_live() == []
    assert driver.engine.next_timer_nanos == TERM_NANOS
    driver.time_nanos = TERM_NANOS
    assert "LOSS_ALLOCATION" in kinds(driver.tick())


@pytest.mark.rule("LD-9", "WF-19")
@pytest.mark.parametrize("sliced", [0, 1])
def test_a_cooldown_follows_a_loaded_slice(sliced: int) -> None:
    driver = Driver()
    driver.market(liquidation_cooldown_millis=500)
    driver.mark(100)
    driver.begin_loading(1)
    driver.load(1, 1_045)
    driver.load(2, 10**6)
    driver.load_position(1, 10, 2_000)
    driver.load_position(2, -10, -2_000)
    driver.load_order(1, 1, Side.SHORT, 1, sliced=sliced)
    driver.go_live()
    events = driver.trade(2, 1, 1, 99, fills=1)
    assert ("LIQUIDATION_ORDER" in kinds(events)) == (not sliced)
    assert driver.engine.next_timer_nanos == (500 if sliced else 1_000) * NANOS_PER_MILLI


@pytest.mark.rule("LD-11")
def test_an_imbalance_is_to_be_accepted() -> None:
    driver = loading_venue()
    driver.market(3)
    driver.mark(100, 3)
    driver.load(1, 10**6)
    driver.load(2, 10**6)
    driver.load_position(1, 10, 1_000, market_id=3)
    driver.load_position(1, -10, -1_000)
    driver.load_position(2, 4, 400)
    expected = Rejection(0, RejectReason.IMBALANCED, "imbalance_lots", -6, 0, 1)
    assert driver.engine.load_report().rejection == expected
    assert driver.refuse("go_live", False) == expected
    driver.load(3, 10**6)
    driver.load_position(3, 6, 600)
    assert driver.refuse("go_live", False) == expected._replace(value=10, detail=3)
    assert driver.go_live(accept_imbalance=True) == []
    assert driver.engine.venue_mode == VenueMode.LIVE


@pytest.mark.rule("LD-12", "WF-22", "ST-3")
@pytest.mark.parametrize("debt_market_id", [0, 1])
def test_a_debt_is_found_again(debt_market_id: int) -> None:
    """Its market's fund pays what it can; without one it waits for the account's own money."""
    driver = loading_venue()
    driver.load(FUND_ACCOUNT + 1, 15)
    driver.load(1, -20, debt_market_id=debt_market_id)
    events = driver.go_live()
    left = 5 if debt_market_id else 20
    assert only(events, EventKind.BAD_DEBT).amount_atoms == left
    assert driver.account(1).state == AccountState.BANKRUPT
    driver.fund_deposit(1)
    assert kinds(driver.deposit(1, left - (1 if debt_market_id else 0))) == ["LIQUIDATION_ENDED"]


@pytest.mark.rule("LD-12")
def test_everybody_is_watched_once_the_venue_is_live() -> None:
    driver = loading_venue()
    driver.load(1, 200)
    driver.load(2, 10**6)
    driver.load_position(1, 10, 1_000)
    driver.load_position(2, -10, -1_000)
    assert driver.go_live() == []
    assert driver.engine.recomputed_accounts == 0
    assert kinds(driver.mark(85)) == ["MARGIN_CALL"]
    assert driver.engine.recomputed_accounts == 1


def test_a_loading_venue_forks_alone() -> None:
    driver = half_filled()
    fork = driver.fork()
    fork.go_live()
    assert driver.engine.venue_mode == VenueMode.LOADING
    before = state_of(driver.engine)
    fork.mark(50)
    assert state_of(driver.engine) == before


def test_a_market_of_a_loading_venue_keeps_what_it_cannot_change() -> None:
    driver = half_filled()
    refusal = driver.refuse("set_market", MARKET._replace(max_price_ticks=5))
    assert refusal.reason == RejectReason.IMMUTABLE
