"""Closing of accounts: what refuses it, what is left of the account, and who comes after it."""

from collections.abc import Callable

import pytest

from riskengine.core.enums import AccountState, EventKind, PositionUpdateMode, RejectReason
from riskengine.core.types import Rejection, RiskParameters
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import FUND_ACCOUNT, Driver, kinds, only
from tests.core.ladder import Rung, Step, steps

MAX_ID = 2**62 - 1
MOST = 2**60
OUT_OF_RANGE = RejectReason.OUT_OF_RANGE
IN_LIQUIDATION = RejectReason.ACCOUNT_IN_LIQUIDATION


@pytest.fixture(scope="module")
def world() -> Driver:
    """Everybody whom a guard may refuse, most of them for more than one reason.

    1 holds nothing. 2 has 1 atom. 3 holds two positions and money, 4 one and no money.
    5 is being liquidated, 6 is bankrupt, 7 is in margin call. 8 is the rest of the venue.
    All that is of asset 1; of asset 3 nobody has anything.
    """
    driver = Driver()
    driver.do("create_asset", 3, "EUR", -2)
    driver.market()
    driver.market(2, tiers=[(0, 100_000, 50_000)])
    driver.marks({1: 100, 2: 200})
    for account_id, amount in ((1, 1), (3, 10_000), (4, 50), (5, 1_045), (6, 30), (7, 1_055)):
        driver.deposit(account_id, amount)
    driver.deposit(8, 10**6)
    driver.withdraw(1, 1)
    driver.deposit(2, 1)
    driver.trade(3, 8, 1, 100)
    driver.trade(3, 8, 1, 200, market_id=2)
    driver.trade(4, 8, 1, 50, fees=(50, 0))
    for account_id in (5, 7):
        driver.trade(account_id, 8, 10, 200, market_id=2)
    driver.mark(100, market_id=2)
    driver.trade(6, 8, 1, 100)
    driver.trade(8, 6, 1, 100, fees=(0, 50))
    return driver


def test_the_world_is_what_it_says(world: Driver) -> None:
    states = {number: world.account(number).state for number in range(1, 9)}
    assert {number for number, state in states.items() if state == AccountState.NORMAL} == {
        *(1, 2, 3, 4, 8)
    }
    assert (states[5], states[6]) == (AccountState.LIQUIDATING, AccountState.BANKRUPT)
    assert states[7] == AccountState.MARGIN_CALL
    assert [world.account(number).balance_atoms for number in (1, 2, 4, 6)] == [0, 1, 0, -20]


RUNGS = [
    Rung({"account_id": 0}, OUT_OF_RANGE, "account_id", 0, 1),
    Rung({"account_id": -1}, OUT_OF_RANGE, "account_id", -1, 1),
    Rung({"account_id": FUND_ACCOUNT}, OUT_OF_RANGE, "account_id", FUND_ACCOUNT, MAX_ID),
    Rung({"account_id": FUND_ACCOUNT + 1}, OUT_OF_RANGE, "account_id", FUND_ACCOUNT + 1, MAX_ID),
    Rung({"account_id": 9}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 9),
    Rung({"account_id": MAX_ID}, RejectReason.UNKNOWN_ACCOUNT, "account_id", MAX_ID),
    Rung({"asset_id": 2}, RejectReason.UNKNOWN_ASSET, "asset_id", 2),
    Rung({"asset_id": -1}, RejectReason.UNKNOWN_ASSET, "asset_id", -1),
    Rung({"isolated_market_id": 1}, OUT_OF_RANGE, "isolated_market_id", 1, 0),
    Rung({"isolated_market_id": -1}, OUT_OF_RANGE, "isolated_market_id", -1, 0),
    Rung({"account_id": 1, "asset_id": 3}, RejectReason.UNKNOWN_ACCOUNT, "account_id", 1, detail=3),
    Rung({"account_id": 5}, IN_LIQUIDATION, "account_id", 5),
    Rung({"account_id": 6}, IN_LIQUIDATION, "account_id", 6),
    Rung({"account_id": 3}, RejectReason.HAS_POSITIONS, "account_id", 2),
    Rung({"account_id": 4}, RejectReason.HAS_POSITIONS, "account_id", 1),
    Rung({"account_id": 7}, RejectReason.HAS_POSITIONS, "account_id", 1),
    Rung({"account_id": 2}, RejectReason.HAS_BALANCE, "account_id", 1),
]
"""5 and 6 would be refused by each of the later guards as well, 3 and 7 by the last one."""


@pytest.mark.rule("GD-11")
@pytest.mark.parametrize(
    "step", steps({"account_id": 1, "asset_id": 0, "isolated_market_id": 0}, RUNGS)
)
def test_close_account(world: Driver, step: Step) -> None:
    assert world.refuse("close_account", *step.arguments.values()) == step.refusal


def test_the_largest_balance_is_named() -> None:
    driver = Driver()
    driver.deposit(MAX_ID, MOST)
    refusal = driver.refuse("close_account", MAX_ID)
    assert refusal == Rejection(0, RejectReason.HAS_BALANCE, "account_id", MOST, 0)
    driver.withdraw(MAX_ID, MOST)
    assert driver.close(MAX_ID) == []


@pytest.mark.rule("GD-11")
def test_an_unallocated_loss_of_others_does_not_keep_an_account_open(world: Driver) -> None:
    driver = world.fork()
    assert driver.engine.bad_debt_atoms == 20
    driver.close(1)
    assert driver.engine.account(1) is None


@pytest.mark.rule("ST-2", "ST-3")
def test_a_bankrupt_account_is_closed_once_its_debt_is_paid(world: Driver) -> None:
    driver = world.fork()
    driver.fund_deposit(20)
    assert driver.account(6).state == AccountState.NORMAL
    assert driver.close(6) == []
    driver.deposit(6, 1)
    (reopened,) = (one for one in driver.engine.dump()["accounts"] if one["account_id"] == 6)
    assert (reopened["balance_atoms"], reopened["debt_market_id"]) == (1, 0)


REFUSED: dict[str, Callable[[Driver], Rejection]] = {
    "close_account": lambda driver: driver.refuse("close_account", 1),
    "withdrawals": lambda driver: driver.refuse("withdrawals", (1,), (1,), (1,)),
    "trade": lambda driver: driver.refuse("trades", (1,), (1,), (8,), (100,), (1,), (), (), (0,)),
    "trade, as seller": lambda driver: driver.refuse(
        "trades", (1,), (8,), (1,), (100,), (1,), (), (), (0,)
    ),
    "position_update": lambda driver: driver.refuse(
        "position_updates", PositionUpdateMode.ABSOLUTE, (1,), (1,), (1,), (100,)
    ),
}


@pytest.mark.rule("ST-2")
@pytest.mark.parametrize("name", REFUSED)
def test_a_closed_id_is_unknown(world: Driver, name: str) -> None:
    driver = world.fork()
    driver.close(1)
    refusal = REFUSED[name](driver)
    assert (refusal.reason, refusal.value) == (RejectReason.UNKNOWN_ACCOUNT, 1)
    assert driver.engine.check_order(1, 1, 1, 1, 100, False).rejection == Rejection(
        0, RejectReason.UNKNOWN_ACCOUNT, "account_id", 1, 0
    )


def test_a_closed_account_is_listed_and_counted_no_more(world: Driver) -> None:
    driver = world.fork()
    before = driver.engine.counters().accounts_by_state
    driver.close(1)
    assert driver.engine.account(1) is None
    for first in (0, -1, -(2**63)):
        listed = [view.account_id for view in driver.engine.accounts(first, 100, 0)]
        assert listed == [2, 3, 4, 5, 6, 7, 8]
    assert driver.engine.account_count == 7
    normal = AccountState.NORMAL
    after = driver.engine.counters().accounts_by_state
    assert after[normal] == before[normal] - 1
    assert [account["account_id"] for account in driver.engine.dump()["accounts"]] == [
        *(2, 3, 4, 5, 6, 7, 8),
        FUND_ACCOUNT + 1,
    ]


def test_nobody_judges_a_free_slot(world: Driver) -> None:
    """Neither a change of parameters, which touches everybody, nor a scan nor a mark."""
    driver = world.fork()
    driver.close(1)
    assert driver.engine.scan() == 0
    assert driver.do("set_risk_parameters", RiskParameters()) == []
    assert driver.mark(100) == []
    driver.deposit(9, 1)
    assert driver.do("set_risk_parameters", RiskParameters()) == []


@pytest.mark.rule("CM-5")
def test_closing_lets_time_pass_like_any_command(world: Driver) -> None:
    driver = world.fork()
    driver.wait(1_000)
    events = driver.close(1)
    ended = only(events, EventKind.LIQUIDATION_ORDER_ENDED)
    assert (ended.account_id, ended.time_nanos) == (5, 1_000 * NANOS_PER_MILLI)


@pytest.mark.rule("ST-2")
def test_an_id_opens_again_as_a_new_account(world: Driver) -> None:
    driver = world.fork()
    driver.close(1)
    driver.deposit(1, 100)
    view = driver.account(1)
    assert (view.state, view.balance_atoms, view.positions) == (AccountState.NORMAL, 100, ())
    driver.trade(1, 8, 10, 100)
    assert driver.account(1).equity_atoms == 100
    events = driver.mark(94)
    assert kinds([event for event in events if event.account_id == 1])[0] == "CANCEL_ORDERS"


def test_a_refused_deposit_does_not_take_a_free_slot(world: Driver) -> None:
    driver = world.fork()
    driver.close(1)
    driver.refuse("deposits", (9,), (1,), (0,))
    driver.deposit(9, 7)
    assert (driver.account(9).balance_atoms, driver.engine.account(1)) == (7, None)


def test_a_fund_takes_a_free_slot_as_a_fund(world: Driver) -> None:
    driver = world.fork()
    driver.close(1)
    driver.do("create_fund", 2, 1)
    driver.fund_deposit(5, fund_id=2)
    assert driver.fund(2).balance_atoms == 5
    assert driver.engine.account_count == 7


@pytest.mark.rule("ST-11")
def test_the_state_does_not_tell_who_had_which_slot() -> None:
    """1 and 3 in either order of opening, 2 in between: same commands in all, same state."""

    def build(first: int, second: int) -> Driver:
        driver = Driver()
        driver.market()
        driver.mark(100)
        driver.deposit(first, 100)
        driver.deposit(2, 5)
        driver.withdraw(2, 5)
        driver.close(2)
        driver.deposit(second, 100)
        driver.deposit(4, 10**5)
        driver.trade(1, 4, 1, 100)
        driver.trade(3, 4, 2, 100)
        return driver

    one, other = build(1, 3), build(3, 1)
    assert one.engine.state_hash() == other.engine.state_hash()
    assert one.engine.dump() == other.engine.dump()
    assert one.mark(1) == other.mark(1)
    assert one.engine.state_hash() == other.engine.state_hash()


def test_a_fork_takes_the_free_slots_along(world: Driver) -> None:
    driver = world.fork()
    driver.close(1)
    fork = driver.fork()
    before = driver.engine.state_hash()
    for account_id in (9, 10, 1):
        fork.deposit(account_id, account_id)
    assert driver.engine.state_hash() == before
    for account_id in (9, 10, 1):
        driver.deposit(account_id, account_id)
    assert driver.engine.state_hash() == fork.engine.state_hash()


def liquidated(driver: Driver, account_id: int) -> None:
    """Have the account wait for a retry in 100 ms, after a slice of its liquidation."""
    driver.deposit(account_id, 1_036)
    order = only(driver.trade(account_id, 8, 10, 200), EventKind.LIQUIDATION_ORDER)
    driver.trade(8, account_id, 2, 100, fills=order.liquidation_id)
    assert driver.account(account_id).state == AccountState.LIQUIDATING


def recover_and_leave(driver: Driver, account_id: int) -> None:
    """End its liquidation by a deposit: the retry's timer stays behind, and so it does now."""
    assert kinds(driver.deposit(account_id, 100)) == ["LIQUIDATION_ENDED"]
    driver.trade(8, account_id, 8, 100)
    driver.withdraw(account_id, 136)
    driver.close(account_id)


@pytest.fixture
def left() -> Driver:
    """Account 1 is closed; liquidation 1 was its, and a timer for a retry at 100 ms."""
    driver = Driver()
    driver.market(liquidation_slice_lots=2, liquidation_cooldown_millis=100)
    driver.mark(100)
    driver.deposit(8, 10**6)
    liquidated(driver, 1)
    recover_and_leave(driver, 1)
    return driver


def retries(driver: Driver) -> list[tuple[int, int]]:
    """Return account and milliseconds of each timer for a retry."""
    timers = driver.engine.dump()["timers"]
    found = [timer for timer in timers if timer["kind"] == "retry"]
    return [(timer["subject"], timer["time_nanos"] // NANOS_PER_MILLI) for timer in found]


@pytest.mark.rule("TM-4")
@pytest.mark.parametrize("tenant", [1, 2])
def test_a_timer_of_a_closed_account_leaves_the_next_one_alone(left: Driver, tenant: int) -> None:
    """The next one is another account in the same slot, or the same id once more."""
    left.wait(50)
    liquidated(left, tenant)
    assert retries(left) == [(1, 100), (tenant, 150)]
    assert left.tick(50) == []
    assert retries(left) == [(tenant, 150)]
    assert left.account(tenant).state == AccountState.LIQUIDATING
    assert kinds(left.tick(50)) == ["LIQUIDATION_ORDER"]


@pytest.mark.rule("TM-3")
@pytest.mark.parametrize("tenant", [1, 2])
def test_two_timers_of_one_instant_are_one_retry(left: Driver, tenant: int) -> None:
    liquidated(left, tenant)
    assert retries(left) == [(1, 100), (tenant, 100)]
    assert kinds(left.tick(100)) == ["LIQUIDATION_ORDER"]
    assert retries(left) == []


@pytest.mark.rule("TM-4")
def test_a_timer_of_an_id_that_is_nobodys_is_dropped(left: Driver) -> None:
    assert left.tick(100) == []
    assert retries(left) == []


def test_the_hash_holds_the_timer_of_a_closed_account_by_its_id(left: Driver) -> None:
    """Whoever has its slot: 2 here, 3 there, and then the other way round."""
    hashes = set()
    for ids in ((2, 3), (3, 2)):
        driver = left.fork()
        for account_id in ids:
            driver.deposit(account_id, 5)
        hashes.add(driver.engine.state_hash())
    assert len(hashes) == 1


@pytest.mark.rule("GD-19", "WF-17")
def test_a_liquidation_of_a_closed_account_stays_ended(left: Driver) -> None:
    assert left.do("liquidation_reports", (1,)) == []
    left.deposit(2, 10**4)
    assert left.do("liquidation_reports", (1,)) == []
    # A trade that names an ended order is an ordinary trade.
    assert left.trade(8, 2, 1, 100, fills=1) == []
    assert left.lots(2) == -1
    # Its deadline is dropped when it is due.
    assert left.tick(1_000) == []
    assert left.engine.next_timer_nanos == 0
