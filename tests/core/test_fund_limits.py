"""What a fund may hold after a take-over: in one market, and in all (FD-8)."""

from itertools import count, islice

import pytest

from riskengine.core.enums import EventKind
from tests.core.driver import FUND_ACCOUNT, Driver, kinds, only

FUND = FUND_ACCOUNT + 1
PPM = 10**6


def venue(fund_atoms: int, *, markets: int = 1, rate_ppm: int = 50_000, **risk: int) -> Driver:
    """Return markets at 100 with that maintenance rate; account 2 is rich."""
    driver = Driver()
    for market_id in range(1, markets + 1):
        driver.market(market_id, tiers=[(0, 2 * rate_ppm, rate_ppm)])
        driver.mark(100, market_id)
    driver.risk(**risk)
    driver.fund_deposit(fund_atoms)
    driver.deposit(2, 10**6)
    return driver


def fall(driver: Driver, accounts: int, lots: int, market_id: int = 1) -> int:
    """Have accounts fall to 1 % of equity at a mark of 96; return how many are taken over."""
    for account_id in range(10 * market_id, 10 * market_id + accounts):
        driver.deposit(account_id, 5 * lots)
        driver.trade(account_id, 2, lots, 100, market_id)
    return kinds(driver.mark(96, market_id)).count("TAKE_OVER")


@pytest.mark.rule("FD-8")
@pytest.mark.parametrize(
    ("limit_ppm", "taken"), [(0, 8), (PPM, 2), (1_439_999, 2), (1_440_000, 3), (PPM // 3, 0)]
)
def test_a_fund_holds_in_a_market_a_part_of_what_it_has(limit_ppm: int, taken: int) -> None:
    """An attacker's legs are worth 4,800 each, the fund 10,000: two with k 1, not 390,000."""
    driver = venue(10_000, rate_ppm=25_000, fund_market_notional_ppm=limit_ppm)
    assert fall(driver, 8, 50) == taken
    assert driver.fund().inventory_notional_atoms == 4_800 * taken


@pytest.mark.rule("FD-8")
@pytest.mark.parametrize(("limit_ppm", "taken"), [(0, 2), (1_920_000, 2), (1_919_999, 1)])
def test_a_fund_holds_in_all_markets_a_part_of_what_it_has(limit_ppm: int, taken: int) -> None:
    driver = venue(
        10_000,
        markets=2,
        rate_ppm=25_000,
        fund_market_notional_ppm=PPM,
        fund_notional_ppm=limit_ppm,
    )
    assert fall(driver, 1, 100) == 1
    assert fall(driver, 1, 100, 2) == taken - 1
    assert driver.fund().inventory_notional_atoms == 9_600 * taken


@pytest.mark.rule("FD-8")
@pytest.mark.parametrize(
    ("limit_ppm", "taken"), [(0, 2), (479_999, 0), (480_000, 1), (960_000, 2), (10**9, 2)]
)
def test_a_market_has_a_limit_of_its_own_beside_that_of_all(limit_ppm: int, taken: int) -> None:
    """Legs are worth 4,800 each, the fund 10,000, and of any market it holds no more than that."""
    driver = venue(10_000, rate_ppm=25_000, markets=2, fund_market_notional_ppm=PPM)
    driver.market(1, tiers=[(0, 50_000, 25_000)], inventory_ppm=limit_ppm)
    assert fall(driver, 8, 50, 2) == 2
    assert fall(driver, 8, 50, 1) == taken


@pytest.mark.rule("FD-8")
@pytest.mark.parametrize(("limit_ppm", "least_left"), [(0, 0), (50_000, 800_000)])
def test_a_junk_market_that_falls_to_nothing_leaves_the_fund(
    limit_ppm: int, least_left: int
) -> None:
    """All other limits are on: an examiner had 93,000 taken over with k 1, which fell to 8."""
    driver = Driver()
    driver.market(tiers=[(0, 50_000, 25_000)], fund_share_ppm=50_000, inventory_ppm=limit_ppm)
    driver.risk(
        fund_market_notional_ppm=PPM,
        fund_notional_ppm=3 * PPM,
        fund_drawdown_ppm=300_000,
        fund_resume_ppm=250_000,
    )
    driver.mark(100)
    driver.fund_deposit(PPM)
    driver.deposit(2, 10**9)
    mark, ids = 100, count(10)
    while mark > 1:
        for account_id in islice(ids, 30):
            driver.deposit(account_id, 2_500)
            driver.trade(account_id, 2, 50_000 // mark, mark)
        mark = mark * 96 // 100 or 1
        driver.mark(mark)
    left = driver.fund().equity_atoms
    assert left >= least_left
    assert (left < 400_000) == (limit_ppm == 0)


@pytest.mark.rule("FD-8")
def test_what_a_fund_has_is_the_least_of_balance_and_equity() -> None:
    """It bought 50 at 100 and they are worth 96: 10,000 of cash, 9,800 of equity."""
    for limit_ppm, taken in ((9_600 * PPM // 9_800, 0), (9_600 * PPM // 9_800 + 1, 1)):
        driver = venue(10_000, rate_ppm=25_000, fund_market_notional_ppm=limit_ppm)
        driver.trade(FUND, 2, 50, 100)
        assert fall(driver, 1, 50) == taken
        assert driver.lots(FUND) == 50 + 50 * taken


@pytest.mark.rule("FD-8")
@pytest.mark.parametrize(("held", "is_taken"), [(-50, True), (-26, True), (-25, False), (0, False)])
def test_what_makes_the_position_smaller_is_not_limited(held: int, is_taken: bool) -> None:
    driver = venue(10_000, rate_ppm=25_000, fund_market_notional_ppm=1, fund_notional_ppm=1)
    if held:
        driver.trade(2, FUND, -held, 100)
    assert fall(driver, 1, 50) == is_taken
    assert driver.lots(FUND) == (held + 50 if is_taken else held)


@pytest.mark.rule("FD-8", "FD-3")
def test_a_fund_below_zero_is_a_loss_that_closes_the_gate_of_gains() -> None:
    """It may hold 19 times what it has: 930 on 50, and 160 is lost on that at the next mark."""
    driver = Driver()
    driver.market(1, discount_ppm=20_000)
    driver.market(2, tiers=[(0, 2_000, 1_000)])
    driver.marks({1: 100, 2: 100})
    limit_ppm = 19 * PPM
    driver.risk(
        gate_floor_units=0,
        gate_ppm=0,
        fund_market_notional_ppm=limit_ppm,
        fund_notional_ppm=limit_ppm,
    )
    driver.fund_deposit(50)
    for account_id, amount in ((1, 100), (2, 999), (3, 10_000)):
        driver.deposit(account_id, amount)
    driver.trade(1, 2, 10, 100, 1)
    driver.trade(2, 3, 50, 100, 2)
    taken = only(driver.mark(93, 1), EventKind.TAKE_OVER)
    assert (taken.quote_atoms, taken.discount_atoms) == (930, 19)
    assert driver.account(1).balance_atoms == 11
    assert driver.fund().balance_atoms == 69
    shared = only(driver.marks({1: 70, 2: 77}), EventKind.LOSS_ALLOCATION)
    assert (shared.loss_atoms, shared.haircut_atoms) == (161, 145)
    assert driver.fund().equity_atoms == -16
    assert driver.engine.gates()[0].is_closed
    assert driver.account(3).withdrawable_atoms == 10_000
    driver.withdraw(3, 10_000)
