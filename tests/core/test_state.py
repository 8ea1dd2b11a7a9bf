"""Hash, fork and dump of the state; what they must and must not depend on."""

import json
from collections.abc import Callable

import pytest

from riskengine.core.enums import AccountState, EventKind, PositionUpdateMode
from riskengine.core.types import RiskParameters
from riskengine.units import NANOS_PER_MILLI
from tests.core.crash import crash
from tests.core.driver import MARKET, Driver, kinds, only, state_of

COMMANDS: dict[str, Callable[[Driver], object]] = {
    "create_fund": lambda driver: driver.do("create_fund", 3, 1),
    "set_market": lambda driver: driver.market(7),
    "set_market, the same": lambda driver: driver.market(2, fund_share_ppm=1),
    "set_risk_parameters": lambda driver: driver.do("set_risk_parameters", RiskParameters()),
    "set_retention": lambda driver: driver.do("set_retention", 1, 2, 128, 4, 1, 6),
    "fund_deposit": lambda driver: driver.fund_deposit(1, fund_id=2),
    "deposit": lambda driver: driver.deposit(8, 1),
    "close_account": lambda driver: driver.close(10),
    "trade": lambda driver: driver.trade(7, 8, 1, 100, market_id=2),
    "position_update": lambda driver: driver.update(8, 1, 100),
    "position_update, as held": lambda driver: driver.update(
        7, 1, 100, market_id=2, mode=PositionUpdateMode.ABSOLUTE
    ),
    "mark_price": lambda driver: driver.mark(101),
    "mark_price, the same": lambda driver: driver.mark(100),
    "tick": lambda driver: driver.tick(1_000),
}


NOTHING_NEW = {"set_market, the same", "position_update, as held", "mark_price, the same"}
"""They are applied, and take a sequence, which is no part of the books."""


def test_the_crash_has_some_of_everything() -> None:
    driver = crash()
    states = [driver.account(account_id).state for account_id in (5, 6, 7, 8, 9)]
    assert states == [
        AccountState.LIQUIDATING,
        AccountState.LIQUIDATING,
        AccountState.NORMAL,
        AccountState.NORMAL,
        AccountState.BANKRUPT,
    ]
    assert (driver.engine.open_liquidation_count, driver.engine.bad_debt_atoms) == (1, 20)


@pytest.mark.rule("CM-5")
@pytest.mark.parametrize("name", COMMANDS)
def test_any_command_that_changes_something_changes_the_hash(name: str) -> None:
    driver = crash()
    before = driver.engine.state_hash()
    sequence = driver.engine.sequence
    COMMANDS[name](driver)
    assert driver.engine.sequence == sequence + 1
    assert (driver.engine.state_hash() != before) == (name not in NOTHING_NEW)


def test_equal_commands_make_equal_states_and_events() -> None:
    a, b = crash(), crash()
    assert state_of(a.engine) == state_of(b.engine)
    for command in COMMANDS.values():
        assert command(a) == command(b)
        assert a.engine.state_hash() == b.engine.state_hash()
        assert a.engine.dump() == b.engine.dump()


def test_the_hash_has_32_hexadecimal_digits_and_asking_changes_nothing() -> None:
    engine = crash().engine
    digits = engine.state_hash()
    assert len(bytes.fromhex(digits)) == 16
    engine.dump()
    engine.markets()
    engine.accounts(0, 10, 0)
    engine.counters()
    assert engine.state_hash() == digits


@pytest.mark.parametrize("name", COMMANDS)
def test_a_fork_is_equal_and_then_independent(name: str) -> None:
    driver = crash()
    fork = driver.fork()
    assert state_of(fork.engine) == state_of(driver.engine)
    assert fork.engine.dump() == driver.engine.dump()
    assert fork.engine.counters() == driver.engine.counters()
    before, dump = state_of(driver.engine), driver.engine.dump()
    events = COMMANDS[name](fork)
    assert state_of(driver.engine) == before
    assert driver.engine.dump() == dump
    # And the other way round: the fork is not moved by its origin, which goes the same way.
    after = state_of(fork.engine)
    assert COMMANDS[name](driver) == events
    assert state_of(fork.engine) == state_of(driver.engine) == after


def test_a_fork_outlives_its_origin() -> None:
    driver = crash()
    fork = driver.fork()
    del driver
    fork.mark(150)
    assert fork.account(8).positions


@pytest.mark.rule("ST-11")
def test_the_hash_does_not_depend_on_the_order_of_rows_that_do_not_meet() -> None:
    """Same sequence, same state: accounts, markets and positions in another order of making."""

    def build(order: int) -> Driver:
        driver = Driver()
        for market_id in (1, 2, 3)[::order]:
            driver.market(market_id)
        driver.marks(dict(((1, 100), (2, 100), (3, 100))[::order]))
        ids = (11, 12, 13)[::order]
        driver.do("deposits", ids, (1,) * 3, (10**4,) * 3)
        trades = ((1, 11, 12, 100, 5), (2, 11, 13, 100, 5), (3, 11, 12, 100, 5))[::order]
        columns = list(zip(*trades, strict=True))
        driver.do("trades", *columns, (), (), ())
        driver.trade(12, 11, 5, 100, market_id=3)
        return driver

    one, other = build(1), build(-1)
    assert one.engine.state_hash() == other.engine.state_hash()
    assert one.engine.dump() == other.engine.dump()
    assert one.engine.markets() == other.engine.markets()
    assert one.mark(1) == other.mark(1)
    assert one.engine.state_hash() == other.engine.state_hash()


def test_a_freed_position_leaves_no_trace() -> None:
    def build(market_id: int) -> Driver:
        driver = Driver()
        driver.market(1)
        driver.market(2)
        driver.marks({1: 100, 2: 100})
        driver.deposit(1, 10**4)
        driver.deposit(2, 10**4)
        driver.trade(1, 2, 5, 100, market_id)
        driver.trade(2, 1, 5, 100, market_id)
        driver.trade(1, 2, 3, 100, 2)
        return driver

    assert build(1).engine.state_hash() == build(2).engine.state_hash()


def test_the_dump_is_json_and_holds_the_state() -> None:
    driver = crash()
    dump = driver.engine.dump()
    assert json.loads(json.dumps(dump)) == json.loads(json.dumps(driver.engine.dump()))
    assert dump["sequence"] == driver.engine.sequence
    (debtor,) = dump["debtors"]
    assert (debtor["account_id"], debtor["asset_id"], debtor["isolated_market_id"]) == (9, 1, 0)
    assert (debtor["since_nanos"], debtor["due_nanos"]) == (0, 0)
    assert [timer["kind"] for timer in dump["timers"]] == ["deadline", "deadline", "retry"]
    by_id = {account["account_id"]: account for account in dump["accounts"]}
    assert list(by_id) == sorted(by_id)
    assert [order["liquidation_id"] for order in by_id[5]["orders"]] == [2]
    assert by_id[6]["retry_nanos"] == 100_000_000
    assert by_id[9]["balance_atoms"] == -20
    assert [market["parameters"]["symbol"] for market in dump["markets"]] == ["M", "M"]
    assert dump["conservation"][0]["missing_atoms"] == 0


def test_an_empty_engine_has_a_state() -> None:
    engine = type(Driver().engine)()
    engine.check_invariants()
    assert (engine.sequence, engine.time_nanos, engine.next_timer_nanos) == (0, 0, 0)
    listed = (engine.assets(), engine.markets(), engine.funds(), engine.conservation())
    assert not any(listed)
    assert engine.state_hash() == engine.fork().state_hash()
    assert engine.account(1) is None
    assert json.dumps(engine.dump())


def test_accounts_are_listed_by_id_and_state() -> None:
    driver = crash()
    ids = [view.account_id for view in driver.engine.accounts(0, 10, 0)]
    assert ids == [5, 6, 7, 8, 9, 10]
    assert [view.account_id for view in driver.engine.accounts(6, 2, 0)] == [7, 8]
    liquidating = driver.engine.accounts(0, 10, AccountState.LIQUIDATING)
    assert [view.account_id for view in liquidating] == [5, 6]
    assert driver.engine.accounts(10, 10, 0) == driver.engine.accounts(0, 0, 0) == []
    assert driver.engine.accounts(0, 1, 0)[0] == driver.account(5)._replace(positions=())


def test_counters_count() -> None:
    driver = crash()
    counters = driver.engine.counters()
    assert counters.accounts_by_state == [0, 3, 0, 2, 1]
    assert (counters.liquidations_started, counters.liquidations_ended) == (3, 0)
    assert (counters.bad_debts, counters.insurance_payouts) == (1, 0)
    totals = counters.markets[0]
    assert (totals.market_id, totals.trades, totals.traded_lots) == (1, 3, 22)
    assert totals.liquidation_orders == 2
    closed = [entry for entry in counters.closed if entry.lots]
    assert [(e.market_id, e.side, e.stage, e.lots, e.notional_atoms) for e in closed] == [
        (1, 1, 0, 2, 200)
    ]


@pytest.mark.rule("ST-8")
def test_commands_and_events_are_counted_without_gaps() -> None:
    """A mark that liquidates one account takes one sequence and two instruction sequences."""
    driver = Driver()
    driver.market()
    driver.mark(100)
    driver.deposit(1, 140)
    driver.deposit(2, 10**4)
    driver.trade(1, 2, 10, 100)
    driver.wait(7)
    engine = driver.engine
    sequence, events = engine.sequence, engine.instruction_sequence
    told = driver.mark(90)
    assert kinds(told) == ["CANCEL_ORDERS", "LIQUIDATION_ORDER"]
    assert engine.sequence == sequence + 1
    assert [event.instruction_sequence for event in told] == [events + 1, events + 2]
    assert {(event.sequence, event.time_nanos) for event in told} == {
        (sequence + 1, 7 * NANOS_PER_MILLI)
    }
    assert told[1].liquidation_id == 1
    driver.refuse("mark_prices", (1,), (0,))
    outcome = driver.try_to("mark_prices", (1, 1), (89, 0))
    assert (outcome.sequence, outcome.rejected_rows) == (sequence + 2, 1)
    assert engine.instruction_sequence == events + 2


@pytest.mark.rule("GD-4", "GD-7")
def test_changes_of_parameters_judge_everybody_whom_they_may_concern() -> None:
    driver = Driver()
    driver.market()
    driver.mark(100)
    driver.deposit(1, 100)
    driver.deposit(2, 10**5)
    driver.trade(1, 2, 10, 100)
    assert driver.account(1).state == AccountState.NORMAL
    event = only(
        driver.risk(margin_call_ppm=2_000_001, margin_call_clear_ppm=3_000_000),
        EventKind.MARGIN_CALL,
    )
    assert event.account_id == 1
    # Maintenance 11 %: E = 100 < 110.
    events = driver.do(
        "set_market",
        MARKET._replace(
            tiers=(
                MARKET.tiers[0]._replace(initial_rate_ppm=110_000, maintenance_rate_ppm=110_000),
            )
        ),
    )
    assert kinds(events) == ["CANCEL_ORDERS", "LIQUIDATION_ORDER"]


def test_sums_since_the_log_began_pass_64_bits() -> None:
    driver = Driver()
    driver.market(max_price_ticks=1, max_position_lots=2**54)
    driver.mark(1)
    for account in (1, 2):
        driver.deposit(account, 2**58)
    for _ in range(300):
        driver.trade(1, 2, 2**54, 1)
        driver.trade(2, 1, 2**54, 1)
    assert driver.engine.counters().markets[0].traded_lots == 600 * 2**54 > 2**63
