"""What keeps a fund from taking a leg over: each bound, at it and one beyond."""

import pytest

from riskengine.core.enums import EventKind
from riskengine.core.types import Event
from tests.core.driver import FUND_ACCOUNT, Driver, kinds, only

FUND = FUND_ACCOUNT + 1


def crashed(driver: Driver, account_id: int = 1, market_id: int = 1) -> list[Event]:
    """Have an account lose its position of 10 at 100, with E = -40 at 90, which the fund pays."""
    driver.deposit(account_id, 60)
    driver.mark(100, market_id)
    driver.risk(margin_call_ppm=1_000_001)
    driver.trade(account_id, 2, 10, 100, market_id)
    return driver.mark(90, market_id)


def rich(fund_atoms: int = 10**6, **market: int) -> Driver:
    driver = Driver()
    driver.market(**market)
    driver.mark(100)
    driver.fund_deposit(fund_atoms)
    driver.deposit(2, 10**6)
    return driver


def is_taken_over(events: list[Event]) -> bool:
    found = kinds(events)
    assert ("TAKE_OVER" in found) != ("AUTO_DELEVERAGE" in found)
    return "TAKE_OVER" in found


@pytest.mark.rule("LS-2")
@pytest.mark.parametrize(
    ("held", "is_taken"), [(4, False), (3, True), (0, True), (-5, True), (-13, True)]
)
def test_largest_position(held: int, is_taken: bool) -> None:
    """The fund may hold 13; 10 are to be taken over."""
    driver = rich(max_position_lots=13)
    if held:
        driver.update(FUND, held, 100)
    assert is_taken_over(crashed(driver)) == is_taken
    assert driver.lots(FUND) == (held + 10 if is_taken else held)


@pytest.mark.rule("LS-2")
@pytest.mark.parametrize(("fund_atoms", "is_taken"), [(169, False), (170, True), (171, True)])
def test_requirement_is_that_of_the_position_after(fund_atoms: int, is_taken: bool) -> None:
    """It pays 40 for each of two: E = fund - 80, and with both legs M = 20 * 90 * 5 % = 90."""
    driver = rich(fund_atoms)
    driver.deposit(1, 60)
    driver.risk(margin_call_ppm=1_000_001)
    driver.trade(1, 2, 10, 100)
    events = crashed(driver, account_id=3)
    begun = ["CANCEL_ORDERS"] * 2 + ["INSURANCE_PAYOUT"] * 2 + ["TAKE_OVER"]
    assert kinds(events)[:5] == begun
    assert is_taken_over(events[5:]) == is_taken


@pytest.mark.rule("LS-2", "BD-5")
@pytest.mark.parametrize(("others", "is_taken"), [(127, True), (128, False)])
def test_number_of_positions(others: int, is_taken: bool) -> None:
    driver = rich()
    for market_id in range(2, others + 2):
        driver.market(market_id)
        driver.mark(100, market_id)
        driver.update(FUND, 1, 100, market_id)
    assert is_taken_over(crashed(driver)) == is_taken


@pytest.mark.rule("LS-2")
def test_a_fund_that_holds_the_market_needs_no_further_position() -> None:
    driver = rich()
    for market_id in range(2, 129):
        driver.market(market_id)
        driver.mark(100, market_id)
        driver.update(FUND, 1, 100, market_id)
    driver.update(FUND, 1, 100)
    assert len(driver.account(FUND).positions) == 128
    assert is_taken_over(crashed(driver))


@pytest.mark.rule("LS-2", "BD-4")
@pytest.mark.parametrize(("beyond", "is_taken"), [(0, True), (1, False)])
def test_largest_cost(beyond: int, is_taken: bool) -> None:
    """The fund bought a lot elsewhere, and dearly; it is to take 10 at 2 and pay 5 of debt."""
    driver = Driver()
    driver.market(max_price_ticks=2, max_position_lots=2**53, tiers=[(0, 2, 2)])
    driver.mark(2)
    driver.begin_loading()
    for account_id, amount in ((1, 1), (2, 2**58), (FUND, 2**55)):
        driver.load(account_id, amount)
    driver.load_position(FUND, 1, 2**54 - 20 + beyond)
    driver.load_position(2, -1, -2)
    driver.go_live()
    events = driver.trade(1, 2, 10, 2, fees=(6, 0))
    assert only(events, EventKind.INSURANCE_PAYOUT).amount_atoms == 5
    assert is_taken_over(events) == is_taken


@pytest.mark.rule("LS-2", "LS-7", "BD-6")
@pytest.mark.parametrize(("room", "is_taken"), [(59, False), (60, True)])
def test_largest_balance(room: int, is_taken: bool) -> None:
    """The fund pays 40, and is short 10 at 100; closing that at 90 makes 100."""
    driver = rich(2**60 - room)
    driver.update(FUND, -10, 100)
    events = crashed(driver)
    assert is_taken_over(events) == is_taken
    if is_taken:
        assert driver.fund().balance_atoms == 2**60
        return
    # As a holder it has no more room for its gain: it is skipped.
    assert only(events, EventKind.LOSS_ALLOCATION).skipped_accounts == 1
    assert only(events, EventKind.AUTO_DELEVERAGE).counterparty_account_id == 2


@pytest.mark.rule("WF-15")
@pytest.mark.parametrize(("room", "fee"), [(0, 0), (9, 9), (10, 10), (11, 10)])
def test_a_fund_takes_no_fee_beyond_its_largest_balance(room: int, fee: int) -> None:
    driver = rich(2**60 - room, liquidation_fee_ppm=10_000, dust_notional_atoms=10**4)
    driver.deposit(1, 40)
    # E = 40 of 50: all 10 are closed at mark, for which 10 would be the fee.
    driver.trade(1, 2, 10, 100)
    fill = only(driver.trade(2, 1, 10, 100, fills=1), EventKind.LIQUIDATION_FILL)
    assert fill.fee_atoms == fee
    assert driver.fund().balance_atoms <= 2**60
