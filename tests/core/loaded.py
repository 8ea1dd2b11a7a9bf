"""Venues that are being loaded."""

from riskengine.core.enums import Side
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import MARKET, Driver

HOUR_NANOS = 3_600_000 * NANOS_PER_MILLI
TERM_NANOS = MARKET.liquidation_timeout_millis * NANOS_PER_MILLI
LAST = 2**24 + 50


def loading_venue(last_liquidation_id: int = 0) -> Driver:
    """Return a venue that is loading, with a fund in each of two assets; market 2 has no mark."""
    driver = Driver()
    driver.do("create_asset", 3, "EUR", -2)
    driver.do("create_fund", 3, 3)
    driver.market(size_step_lots=10)
    driver.market(2)
    driver.mark(100)
    driver.begin_loading(last_liquidation_id)
    return driver


def loaded_world() -> Driver:
    """1 is long 7 and being liquidated by order LAST - 5, 4 is short 7, 2 holds money alone."""
    driver = loading_venue(LAST)
    driver.load(1, 1_000)
    driver.load(2, 5_000)
    driver.load(4, 5_000)
    driver.load_position(1, 7, 711)
    driver.load_position(4, -7, -715)
    driver.load_order(LAST - 5, 1, Side.SHORT, 5)
    return driver
