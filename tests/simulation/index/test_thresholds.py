"""The aim itself: thresholds found from a view agree with what the engine answers and does."""

from collections.abc import Callable

import pytest

from riskengine.core.enums import AccountState
from riskengine.core.types import MarketParameters
from tests.core.driver import Driver, kinds
from tests.simulation.index import thresholds
from tests.simulation.index.thresholds import Prices
from tests.simulation.oracle.names import PPM


@pytest.fixture
def driver() -> Driver:
    driver = Driver(asset_exponent=-6)
    for market_id in (1, 2):
        tiers = ((0, 100_000, 50_000), (3_000, 200_000, 100_000))
        driver.market(market_id, tick_exponent=-6, tiers=tiers)
        driver.mark(100, market_id)
    driver.deposit(1, 700)
    driver.deposit(2, 10**6)
    driver.trade(1, 2, 20, 100)
    driver.trade(2, 1, 25, 100, 2)
    return driver


def markets(driver: Driver) -> dict[int, MarketParameters]:
    return {view.parameters.market_id: view.parameters for view in driver.engine.markets()}


@pytest.mark.parametrize(("leg", "step"), [(0, -1), (1, 1)])
def test_it_is_the_liquidation_price(driver: Driver, leg: int, step: int) -> None:
    view = driver.account(1)
    found = thresholds.crossing_of_one(view, view.positions[leg], markets(driver), PPM, step)
    assert found is not None
    assert list(found[1].values()) == [view.positions[leg].liquidation_price_ticks]
    assert "CANCEL_ORDERS" not in kinds(driver.marks(found[0]))
    assert "CANCEL_ORDERS" in kinds(driver.marks(found[1]))


Crossing = Callable[[Driver, int, int], tuple[Prices, Prices] | None]


def of_one(driver: Driver, share_ppm: int, direction: int) -> tuple[Prices, Prices] | None:
    view = driver.account(1)
    position = view.positions[0]
    return thresholds.crossing_of_one(view, position, markets(driver), share_ppm, direction)


def of_all(driver: Driver, share_ppm: int, direction: int) -> tuple[Prices, Prices] | None:
    return thresholds.crossing_of_all(driver.account(1), markets(driver), share_ppm, direction)


@pytest.mark.parametrize("crossing", [of_one, of_all])
def test_the_margin_call_comes_at_the_tick_of_its_level_and_goes_at_that_of_its_end(
    driver: Driver, crossing: Crossing
) -> None:
    found = crossing(driver, driver.engine.parameters.margin_call_ppm, -1)
    assert found is not None
    assert kinds(driver.marks(found[0])) == []
    assert kinds(driver.marks(found[1])) == ["MARGIN_CALL"]
    assert driver.account(1).state == AccountState.MARGIN_CALL
    assert kinds(driver.marks(found[0])) == []
    found = crossing(driver, driver.engine.parameters.margin_call_clear_ppm, 1)
    assert found is not None
    assert kinds(driver.marks(found[0])) == []
    assert kinds(driver.marks(found[1])) == ["MARGIN_CALL_CLEARED"]
    assert driver.account(1).state == AccountState.NORMAL


def test_an_account_without_danger_has_no_threshold(driver: Driver) -> None:
    view = driver.account(2)
    assert thresholds.crossing_of_one(view, view.positions[0], markets(driver), PPM, -1) is None
