"""What the report of a venue that is being loaded foresees (LD-10)."""

import pytest

from riskengine.core.enums import EventKind, Side
from riskengine.core.types import (
    AccountRisk,
    ForeseenAccounts,
    LoadedMarket,
    WaitingAccount,
    WaitingAccounts,
)
from tests.core.driver import FUND_ACCOUNT, Driver, only
from tests.core.loaded import loading_venue


@pytest.mark.rule("LD-10")
def test_the_report_says_whom_going_live_would_call_and_liquidate() -> None:
    driver = loading_venue()
    fund = FUND_ACCOUNT + 1
    for account_id, balance in ((4, 55), (3, 60), (5, 40), (6, -40), (7, 10**6)):
        driver.load(account_id, balance)
    for account_id in (3, 4, 5, 6):
        driver.load_position(account_id, 10, 1_000)
    driver.load(fund, 5)
    driver.load_position(fund, -40, -4_000)
    report = driver.engine.load_report()
    assert report.rejection is None
    assert report.markets == [
        LoadedMarket(1, 100, 40, 40, 0, 0),
        LoadedMarket(2, 0, 0, 0, 0, 0),
    ]
    assert report.called == ForeseenAccounts(
        2, [AccountRisk(3, 1, 0, 60, 50), AccountRisk(4, 1, 0, 55, 50)]
    )
    last, healthier = AccountRisk(6, 1, 0, -40, 50), AccountRisk(5, 1, 0, 40, 50)
    assert report.liquidated.accounts == [last, AccountRisk(fund, 1, 0, 5, 200), healthier]
    assert report.bankrupt == ForeseenAccounts(1, [last])
    events = driver.go_live()
    called = [event.account_id for event in events if event.kind == EventKind.MARGIN_CALL]
    assert called == [3, 4]
    begun = [event.account_id for event in events if event.kind == EventKind.CANCEL_ORDERS]
    assert begun[:1] == [6]


@pytest.mark.rule("LD-10")
@pytest.mark.parametrize(
    ("balance", "deadline", "is_told", "is_waiting"),
    [
        pytest.param(-40, 1, True, False, id="E = -30, and no order to wait for"),
        pytest.param(-40, 6, True, False, id="E = -30 waits for no order"),
        pytest.param(40, 1, True, False, id="E = 50 < M = 51, and no order to wait for"),
        pytest.param(40, 6, False, True, id="E = 50 < M = 51 waits"),
        pytest.param(50, 6, False, False, id="E = 60 > M"),
    ],
)
def test_the_report_tells_of_orders_whose_deadline_has_passed_or_is_to_come(
    balance: int, deadline: int, is_told: bool, is_waiting: bool
) -> None:
    """Who has E < M, and waits for an order no longer, is liquidated as the venue goes live."""
    driver = loading_venue(2)
    driver.mark(1, 2)
    driver.load(1, balance)
    driver.load(2, 10**6)
    for market_id in (1, 2):
        price = 100 if market_id == 1 else 0
        driver.load_position(1, 10, 10 * price, market_id)
        driver.load_position(2, -10, -10 * price, market_id)
    driver.load_order(1, 1, Side.SHORT, 4, deadline_nanos=1)
    driver.load_order(2, 1, Side.SHORT, 4, market_id=2, deadline_nanos=deadline)
    driver.time_nanos = 5
    driver.mark(100)
    report = driver.engine.load_report()
    equity = balance + 10
    found = ForeseenAccounts(1, [AccountRisk(1, 1, 0, equity, 51)])
    assert (report.liquidated == found, report.bankrupt == found) == (is_told, equity < 0)
    assert is_told or report.liquidated.account_count == 0
    waiting = WaitingAccounts(1, 0, [WaitingAccount(1, 1, 0, equity, 51, 6)])
    assert report.waiting == (waiting if is_waiting else WaitingAccounts(0, 0, []))
    losses = [one for one in driver.go_live() if one.kind == EventKind.LOSS_ALLOCATION]
    assert (len(losses) > 0) == is_told


@pytest.mark.rule("LD-10", "JD-4")
def test_who_waits_is_named_riskiest_first_until_the_last_of_its_open_orders() -> None:
    driver = loading_venue(300)
    driver.mark(100, 2)
    accounts = tuple(range(1, 151))
    rows = len(accounts)
    ones = (1,) * rows
    driver.do("load_accounts", accounts, ones, tuple(99 - one // 5 for one in accounts), (), ())
    for market_id in (1, 2):
        markets = (market_id,) * rows
        driver.do("load_positions", accounts, markets, (10,) * rows, (1_000,) * rows)
    orders = [(100 + one, one, 1, Side.SHORT, 1, 0, 1, 1_000 + one, 0) for one in accounts]
    orders += [(260, 150, 2, Side.SHORT, 1, 0, 1, 2_000, 0)]
    orders += [(261, 149, 2, Side.SHORT, 1, 0, 1, 10, 0)]
    driver.do("load_liquidations", *zip(*orders, strict=True))
    report = driver.engine.load_report()
    waiting = report.waiting
    assert (waiting.account_count, waiting.bankrupt_count) == (150, 0)
    riskiest = sorted(accounts, key=lambda one: (-(one // 5), one))[:100]
    assert [one.account_id for one in waiting.accounts] == riskiest
    assert waiting.accounts[0] == WaitingAccount(150, 1, 0, 69, 100, 2_000)
    assert waiting.accounts[5] == WaitingAccount(149, 1, 0, 70, 100, 1_149)
    assert report.liquidated.account_count == report.bankrupt.account_count == 0
    assert driver.go_live(accept_imbalance=True) == []


@pytest.mark.rule("LD-10", "JD-5")
def test_who_is_listed_is_liquidated_whatever_becomes_of_others() -> None:
    """What 1 held is closed against 2, which then has enough; both began in the same pass."""
    driver = loading_venue()
    for account_id, balance, lots in ((1, -20, 10), (2, 40, -10)):
        driver.load(account_id, balance)
        driver.load_position(account_id, lots, 100 * lots)
    report = driver.engine.load_report()
    assert [one.account_id for one in report.liquidated.accounts] == [1, 2]
    events = driver.go_live()
    begun = [one.account_id for one in events if one.kind == EventKind.CANCEL_ORDERS]
    assert begun == [1, 2]
    assert only(events, EventKind.AUTO_DELEVERAGE).counterparty_account_id == 2
    ended = only(events, EventKind.LIQUIDATION_ENDED)
    assert (ended.account_id, ended.equity_atoms) == (2, 40)


@pytest.mark.rule("LD-10")
def test_the_report_names_the_first_hundred_and_counts_all() -> None:
    driver = loading_venue()
    accounts = tuple(range(1, 151))
    columns = (accounts, (1,) * 150, tuple(-one for one in accounts))
    driver.do("load_accounts", *columns, (), ())
    found = driver.engine.load_report().bankrupt
    assert found.account_count == 150
    assert [one.account_id for one in found.accounts] == list(range(150, 50, -1))


@pytest.mark.rule("LD-10")
def test_what_is_carried_in_and_the_costs_are_the_fees_of_elsewhere() -> None:
    """The venue that the rule tells of, live, and brought over."""
    live = Driver()
    live.market()
    live.mark(200)
    for account_id in (1, 2, 3):
        live.deposit(account_id, 10_000)
    live.trade(2, 1, 10, 200, fees=(10, 10))
    live.trade(1, 3, 10, 230)
    driver = Driver()
    driver.market()
    driver.mark(200)
    driver.begin_loading()
    for account_id in (1, 2, 3):
        driver.load(account_id, live.account(account_id).balance_atoms, 10_000)
    for account_id in (2, 3):
        position = live.position(account_id)
        driver.load_position(account_id, position.size_lots, position.cost_atoms)
    (market,) = driver.engine.load_report().markets
    (money,) = driver.engine.conservation()
    assert (money.carried_in_atoms, market.cost_atoms) == (320, -300)
    assert live.engine.conservation()[0].fees_atoms == 320 - 300
