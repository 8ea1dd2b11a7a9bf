"""Margin accounts by name: how they are found, listed, closed, and kept apart by their asset."""

from itertools import permutations
from random import Random

import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState, EventKind, PositionUpdateMode, RejectReason
from riskengine.core.types import Rejection
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import FUND_ACCOUNT, MARKET, Driver, call, kinds, only

USD, EUR = 1, 2
MAX_ID = 2**62 - 1
Name = tuple[int, int, int]


def two_assets(euro_exponent: int = -2) -> Driver:
    """Return a venue with market and fund 1 of asset 1, market and fund 2 of asset 2.

    A lot at 7 ticks is 7 atoms in both. Account 8 is rich in both.
    """
    driver = Driver()
    driver.do("create_asset", EUR, "EUR", euro_exponent)
    driver.do("create_fund", 2, EUR)
    driver.market(1)
    driver.market(2, asset_id=EUR, fund_id=2, lot_exponent=euro_exponent)
    driver.marks({1: 100, 2: 100})
    for asset_id in (USD, EUR):
        driver.deposit(8, 10**6, asset_id)
    return driver


def names(
    engine: Engine, after: Name = (0, 0, 0), limit: int = 10**6, state: int = 0
) -> list[Name]:
    listed = engine.accounts(after[0], limit, state, *after[1:])
    return [(view.account_id, view.asset_id, view.isolated_market_id) for view in listed]


@pytest.mark.rule("ST-12")
@pytest.mark.parametrize("seed", range(8))
def test_names_lead_to_accounts_in_whatever_order_these_came_and_went(seed: int) -> None:
    rng, engine = Random(f"names {seed}"), Engine()
    assets = rng.sample(range(1, 40), 16)
    parties = [*rng.sample(range(1, 50), 9), MAX_ID]
    for asset_id in assets:
        call(engine, "create_asset", 0, asset_id, "A", 0)
    balances: dict[Name, int] = {}
    for _ in range(400):
        name = (rng.choice(parties), rng.choice(assets), 0)
        if name in balances and rng.random() < 0.8:
            amount = balances.pop(name)
            call(engine, "withdrawals", 0, (name[0],), (name[1],), (amount,))
            outcome = call(engine, "close_account", 0, *name)
        else:
            amount = rng.randint(1, 1_000)
            columns = ((name[0],), (name[1],), (amount,))
            outcome = call(engine, "deposits", 0, *columns)
            balances[name] = balances.get(name, 0) + amount
        assert outcome.rejections == []
        engine.check_invariants()
        assert names(engine) == sorted(balances)
        assert engine.account_count == len(balances)
        for party in parties:
            for asset_id in assets:
                view = engine.account(party, asset_id)
                assert (view and view.balance_atoms) == balances.get((party, asset_id, 0))
    for after in ((0, 0, 0), (parties[0], assets[0], 0), (parties[1], 0, 0), (-1, 99, 99)):
        wanted = [name for name in sorted(balances) if name > after]
        assert [names(engine, after, limit) for limit in (0, 3, 99)] == [
            wanted[:limit] for limit in (0, 3, 99)
        ]
    after_party = [name for name in sorted(balances) if name[0] > parties[2]]
    assert [view[:3] for view in engine.accounts(parties[2], 999, 0)] == after_party


@pytest.mark.rule("QS-9")
def test_no_asset_stands_for_the_one_that_was_made_first() -> None:
    engine = Engine()
    for asset_id, symbol in ((5, "EUR"), (2, "USD")):
        call(engine, "create_asset", 0, asset_id, symbol, 0)
        call(engine, "deposits", 0, (1,), (asset_id,), (asset_id,))
    assert engine.account(1) == engine.account(1, 5)
    assert engine.account(1) != engine.account(1, 2)
    call(engine, "withdrawals", 0, (1,), (5,), (5,))
    assert call(engine, "close_account", 0, 1).rejections == []
    assert engine.account(1) is None
    assert names(engine) == [(1, 2, 0)]
    unknown = Rejection(0, RejectReason.UNKNOWN_ACCOUNT, "account_id", 1, 0, 5)
    assert call(engine, "close_account", 0, 1).rejections == [unknown]


@pytest.mark.rule("QS-9")
@pytest.mark.parametrize("name", [(8, 1, 1), (8, 3, 0), (9, 1, 0), (8, -1, 0), (0, 0, 0)])
def test_a_name_that_is_nobodys(name: Name) -> None:
    assert two_assets().engine.account(*name) is None


@pytest.mark.rule("ST-12", "QS-9")
def test_a_funds_account_is_of_its_asset_alone() -> None:
    driver = two_assets()
    assert [(fund.fund_id, fund.asset_id) for fund in driver.engine.funds()] == [(1, 1), (2, 2)]
    assert driver.engine.account(FUND_ACCOUNT + 2, EUR) is not None
    assert driver.engine.account(FUND_ACCOUNT + 2) is None
    assert names(driver.engine) == [(8, 1, 0), (8, 2, 0)]


@pytest.mark.rule("BD-5")
def test_the_bound_of_positions_is_that_of_each_margin_account() -> None:
    driver = two_assets()
    first = range(10, 138)
    for market_id in first:
        driver.market(market_id)
    driver.marks(dict.fromkeys(first, 100))
    ones, mode = (1,) * len(first), PositionUpdateMode.DELTA
    driver.do("position_updates", mode, (8,) * len(first), tuple(first), ones, (100,) * len(first))
    assert driver.refuse("position_updates", mode, (8,), (1,), (1,), (100,)).field == "market_id"
    driver.update(8, 1, 100, market_id=2)
    assert len(driver.account(8, USD).positions) == 128
    assert len(driver.account(8, EUR).positions) == 1


@pytest.mark.rule("ST-11", "ST-12")
def test_in_which_order_the_accounts_of_a_party_were_opened_is_not_seen() -> None:
    states = set()
    for order in permutations(((1, USD), (1, EUR), (3, EUR))):
        driver = two_assets()
        for account_id, asset_id in order:
            driver.deposit(account_id, 133, asset_id)
        driver.trade(1, 8, 10, 100, 1)
        driver.trade(1, 8, 10, 100, 2)
        driver.trade(3, 8, 10, 100, 2)
        before = driver.engine.state_hash(), repr(driver.engine.dump())
        events = driver.marks({1: 90, 2: 90})
        told = [(e.account_id, e.asset_id) for e in events if e.kind == EventKind.CANCEL_ORDERS]
        assert told == [(1, USD), (1, EUR), (3, EUR)]
        states.add((*before, driver.engine.state_hash()))
    assert len(states) == 1


@pytest.mark.rule("ST-12")
def test_whose_money_it_is_is_hashed() -> None:
    """The same amounts, with the assets of two parties exchanged."""
    hashes = set()
    for assets in ((USD, EUR), (EUR, USD)):
        driver = two_assets()
        driver.do("deposits", (3, 5), assets, (7, 7))
        hashes.add(driver.engine.state_hash())
    assert len(hashes) == 2


@pytest.mark.rule("GD-24")
def test_a_trade_is_booked_on_the_accounts_of_its_markets_asset() -> None:
    driver = two_assets()
    driver.deposit(3, 500, USD)
    driver.deposit(3, 700, EUR)
    driver.trade(3, 8, 4, 100, 2, fees=(5, 1))
    dollars, euros = driver.account(3, USD), driver.account(3, EUR)
    assert (dollars.balance_atoms, dollars.positions) == (500, ())
    assert (euros.balance_atoms, euros.positions[0].size_lots) == (695, 4)
    assert [sides.fees_atoms for sides in driver.engine.conservation()] == [0, 6]


@pytest.mark.rule("QS-1")
def test_an_order_is_checked_against_the_account_of_its_markets_asset() -> None:
    driver = two_assets()
    driver.deposit(3, 10, USD)
    driver.deposit(3, 1_000, EUR)
    assert driver.engine.check_order(3, 2, 1, 100, 100, False).rejection is None
    refused = driver.engine.check_order(3, 1, 1, 100, 100, False)
    assert (refused.equity_after_atoms, refused.initial_after_atoms) == (10, 1_000)


@pytest.mark.rule("TM-3")
def test_a_retry_of_a_closed_account_leaves_the_party_s_other_one_alone() -> None:
    """Both wait for a retry of the same instant; one recovers, leaves and is opened again."""
    driver = two_assets()
    sliced = {"liquidation_slice_lots": 2, "liquidation_cooldown_millis": 100}
    driver.market(1, **sliced)
    driver.market(2, asset_id=EUR, fund_id=2, lot_exponent=-2, **sliced)
    driver.marks({1: 200, 2: 200})
    for market_id, asset_id in ((1, USD), (2, EUR)):
        driver.deposit(1, 1_036, asset_id)
        driver.trade(1, 8, 10, 200, market_id)
    orders = driver.marks({1: 100, 2: 100})
    for order in orders:
        if order.kind == EventKind.LIQUIDATION_ORDER:
            driver.trade(8, 1, 2, 100, order.market_id, fills=order.liquidation_id)
    assert kinds(driver.deposit(1, 100, USD)) == ["LIQUIDATION_ENDED"]
    driver.trade(8, 1, 8, 100, 1)
    driver.withdraw(1, 136, USD)
    driver.close(1, USD)
    driver.deposit(1, 5, USD)
    timers = [timer for timer in driver.engine.dump()["timers"] if timer["kind"] == "retry"]
    assert [timer["time_nanos"] for timer in timers] == [100 * NANOS_PER_MILLI] * 2
    events = driver.tick(100)
    assert [(event.account_id, event.asset_id) for event in events] == [(1, EUR)]
    assert driver.account(1, USD).state == AccountState.NORMAL


@pytest.mark.rule("GD-10", "MG-11", "ST-13")
@pytest.mark.parametrize("asset_id", [USD, EUR])
def test_a_loss_keeps_the_gains_of_its_asset_alone(asset_id: int) -> None:
    """Nobody is left to bear the loss of account 1: it waits, and so do gains."""
    driver = two_assets()
    driver.risk(gate_floor_units=0, gate_ppm=0)
    other = USD + EUR - asset_id
    for one in (USD, EUR):
        driver.update(8, 1, 90, market_id=one)
        driver.update(8, -1, 100, market_id=one)
    paid_in = driver.account(8, asset_id).net_deposits_atoms
    driver.deposit(1, 100, asset_id)
    driver.update(1, 10, 100, market_id=asset_id)
    assert "LOSS_ALLOCATION" in kinds(driver.mark(80, asset_id))
    refusal = driver.refuse("withdrawals", (8,), (asset_id,), (paid_in + 1,))
    assert refusal.reason == RejectReason.LOSS_UNALLOCATED
    driver.withdraw(8, driver.account(8, other).net_deposits_atoms + 10, other)
    # The fund pays it, as soon as it can.
    driver.fund_deposit(100, asset_id)
    driver.mark(80, asset_id)
    assert not any(gate.is_closed for gate in driver.engine.gates())


@pytest.mark.rule("GD-7", "JD-3")
def test_levels_are_those_of_all_assets() -> None:
    driver = two_assets()
    for market_id, asset_id in ((1, USD), (2, EUR)):
        driver.deposit(1, 120, asset_id)
        driver.trade(1, 8, 10, 100, market_id)
    called = driver.risk(margin_call_ppm=2_500_000, margin_call_clear_ppm=2_600_000)
    assert kinds(called) == ["MARGIN_CALL"] * 2
    assert [event.asset_id for event in called] == [USD, EUR]


@pytest.mark.rule("MG-1")
@pytest.mark.parametrize("exponent", [-18, -8, -2, 0])
def test_a_multiplier_follows_from_the_exponent_of_the_markets_asset(exponent: int) -> None:
    """Ticks of 0.01 and lots of 0.001 of a unit: 10^-5 units of money a tick on a lot."""
    driver = Driver(asset_exponent=-6)
    driver.do("create_asset", EUR, "EUR", exponent)
    driver.do("create_fund", 2, EUR)
    parameters = MARKET._replace(
        asset_id=EUR, fund_id=2, tick_exponent=-2, lot_exponent=-3, max_position_lots=10
    )
    outcome = driver.try_to("set_market", parameters)
    if exponent > -5:
        least = exponent + 2
        assert outcome.rejections == [
            Rejection(0, RejectReason.OUT_OF_RANGE, "lot_exponent", -3, least)
        ]
        return
    if exponent == -18:
        parameters = parameters._replace(max_price_ticks=100)
        driver.do("set_market", parameters)
    driver.mark(100)
    driver.deposit(8, 10**17, EUR)
    driver.update(8, 1, 100)
    assert driver.account(8, EUR).positions[0].notional_atoms == 100 * 10 ** (-5 - exponent)


@pytest.mark.rule("LS-4", "ST-13")
def test_an_event_names_the_account_and_its_counterparty_is_of_the_same_asset() -> None:
    driver = two_assets()
    driver.fund_deposit(10**5)
    driver.deposit(1, 100, EUR)
    driver.deposit(1, 10**6, USD)
    driver.trade(1, 8, 10, 100, 2)
    events = driver.mark(80, 2)
    assert {(event.account_id, event.asset_id, event.isolated_market_id) for event in events} == {
        (1, EUR, 0)
    }
    closed = only(events, EventKind.AUTO_DELEVERAGE)
    assert (closed.counterparty_account_id, closed.equity_atoms) == (8, 10**6 + 200)
    assert driver.account(8, USD).balance_atoms == 10**6
    assert driver.fund(1).balance_atoms == 10**5
