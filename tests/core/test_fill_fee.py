"""The fee of a fill: of what it closes, and never at the cost of health (WF-15)."""

import pytest

from riskengine.core.enums import EventKind
from tests.core.driver import only
from tests.core.test_levels import holder


@pytest.mark.rule("WF-15")
@pytest.mark.parametrize(
    ("sold", "price", "fee"),
    [
        # E0 = 40, M0 = 50; M1 = 35 after 3 lots, of which 28 atoms must be left.
        pytest.param(3, 100, 6, id="at mark: 6 of 12"),
        pytest.param(3, 98, 6, id="34 - 28 = 6 is just enough"),
        pytest.param(3, 97, 3, id="31 - 28 = 3 is what health leaves"),
        pytest.param(3, 96, 0, id="28 - 28"),
        pytest.param(1, 100, 2, id="one lot: 40 - 36 = 4"),
        pytest.param(1, 97, 1, id="37 - 36 = 1"),
    ],
)
def test_a_fee_never_lowers_health(sold: int, price: int, fee: int) -> None:
    """The third order may be filled down to the bankruptcy price, 96."""
    driver = holder(40, liquidation_fee_ppm=20_000, book_attempts=3)
    driver.mark(100)
    driver.report(1)
    driver.report(2)
    fill = only(driver.trade(2, 1, sold, price, fills=3), EventKind.LIQUIDATION_FILL)
    assert fill.fee_atoms == fee
    assert driver.fund().balance_atoms == fee


@pytest.mark.rule("WF-15")
@pytest.mark.parametrize("sold", [1, 2])
def test_lots_that_a_fill_opens_pay_no_fee(sold: int) -> None:
    """The position is gone by a trade of the same batch, before the fill of its order comes."""
    driver = holder(40, liquidation_fee_ppm=20_000)
    driver.mark(100)
    sizes, orders, none = (10, sold), (0, 1), (0, 0)
    rows = ((1, 1), (2, 2), (1, 1), (100, 100), sizes, none, none, orders)
    fill = only(driver.do("trades", *rows), EventKind.LIQUIDATION_FILL)
    assert (fill.position_lots, fill.fee_atoms) == (-sold, 0)
