"""What a market can change, and what follows from it."""

import pytest

from riskengine.core.engine import bounds
from riskengine.core.enums import RejectReason
from riskengine.core.types import MarketParameters, Rejection, RiskTier
from tests.core.driver import MARKET, Driver, call, kinds

VALID = MARKET._replace(tick_exponent=-2, lot_exponent=-3)._asdict()


@pytest.mark.rule("GD-6")
def test_everything_else_of_a_market_can_be_changed() -> None:
    driver = Driver(asset_exponent=-6)
    driver.do("set_market", MarketParameters(**VALID))
    driver.mark(500)
    changed = MarketParameters(**VALID)._replace(
        symbol="NEW",
        price_step_ticks=5,
        size_step_lots=2,
        tiers=(RiskTier(0, 200_000, 100_000), RiskTier(5, 200_000, 150_000)),
        liquidation_fee_ppm=1,
        discount_ppm=7,
        book_attempts=2,
        liquidation_timeout_millis=2,
        liquidation_slice_lots=3,
        liquidation_cooldown_millis=4,
        dust_notional_atoms=5,
        loss_policy=2,
        order_band_ppm=6,
        max_price_ticks=10**6 + 1,
    )
    driver.do("set_market", changed)
    (view,) = driver.engine.markets()
    assert view.parameters == changed
    assert view.mark_price_ticks == 500


@pytest.mark.rule("GD-6", "BD-3")
def test_a_highest_price_can_be_raised_as_far_as_bounds_allow() -> None:
    driver = Driver()
    highest = 2**54 // MARKET.max_position_lots
    driver.market()
    driver.market(max_price_ticks=highest)
    spoilt = MARKET._replace(max_price_ticks=highest + 1)
    refusal = driver.refuse("set_market", spoilt)
    assert refusal == Rejection(0, RejectReason.OVERFLOW, "max_position_lots", 10**6, 2**54)
    lowered = MARKET._replace(max_price_ticks=highest - 1)
    refusal = driver.refuse("set_market", lowered)
    assert refusal == Rejection(0, RejectReason.IMMUTABLE, "max_price_ticks", highest - 1, highest)
    driver.mark(highest)


@pytest.mark.rule("GD-6", "JD-1")
def test_a_mark_above_the_old_highest_price_finds_whom_it_liquidates() -> None:
    """Before, no price could have harmed the short, so nothing of it was watched."""
    driver = Driver()
    driver.market(max_price_ticks=100)
    driver.mark(100)
    for account_id, atoms in ((1, 1_000), (2, 10**6)):
        driver.deposit(account_id, atoms)
    driver.trade(2, 1, 10, 100)
    driver.market(max_price_ticks=10**6)
    assert driver.mark(170) == []
    assert kinds(driver.mark(191))[0] == "CANCEL_ORDERS"


@pytest.mark.rule("GD-4", "BD-10")
def test_capacity_of_markets() -> None:
    driver = Driver()
    most = bounds()["max_markets"]
    for market_id in range(1, most + 1):
        call(driver.engine, "set_market", 0, MARKET._replace(market_id=market_id))
    assert len(driver.engine.markets()) == most
    spoilt = MARKET._replace(market_id=most + 1, lot_exponent=-1)
    refusal = driver.refuse("set_market", spoilt)
    assert refusal == Rejection(0, RejectReason.CAPACITY, "market_id", most + 1, most)
    assert driver.refuse("set_market", spoilt._replace(fund_id=2)).field == "fund_id"
    driver.do("create_fund", 2, 1)
    scope = Rejection(0, RejectReason.FUND_SCOPE, "fund_id", 2, 1)
    assert driver.refuse("set_market", spoilt._replace(fund_id=2)) == scope
    driver.market(most, dust_notional_atoms=1)
