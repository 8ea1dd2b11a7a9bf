"""The oracle's guards of what a close costs: they keep a close from costing more than it frees."""

import pytest

from tests.simulation.oracle import setup_rows
from tests.simulation.oracle.names import Reason
from tests.simulation.oracle.refusal import Refused
from tests.simulation.oracle.world import RiskParameters
from tests.simulation.oracle.worlds import market, world

ONE = 1


@pytest.mark.rule("WF-9")
@pytest.mark.parametrize(
    ("changed", "field", "limit"),
    [
        pytest.param({"liquidation_fee_ppm": 100_001}, "liquidation_fee_ppm", 100_000, id="fee"),
        pytest.param({"discount_ppm": 25_000}, "discount_ppm", 24_999, id="half of 5 %"),
        pytest.param(
            {"liquidation_fee_ppm": 20_001}, "discount_ppm", 20_001, id="less than the fee"
        ),
        pytest.param({"book_attempts": 4}, "book_attempts", 3, id="attempts"),
        pytest.param({"book_attempts": -1}, "book_attempts", 0, id="attempts below 0"),
    ],
)
def test_rates_that_would_not_heal_are_refused(
    changed: dict[str, int], field: str, limit: int
) -> None:
    made = world()
    given = market(ONE, 1, 1).parameters
    setup_rows.set_market(made, given)
    with pytest.raises(Refused) as refused:
        setup_rows.set_market(made, given._replace(**changed))  # type: ignore[arg-type]
    told = refused.value
    assert (told.reason, told.field, told.limit) == (Reason.OUT_OF_RANGE, field, limit)


def test_the_take_over_level_is_a_half_at_least() -> None:
    """A close heals if and only if discount / r0 < E / M, and the discount is below r0 / 2."""
    made = world()
    setup_rows.set_risk_parameters(made, RiskParameters(take_over_ppm=500_000))
    with pytest.raises(Refused, match="take_over_ppm 499999 500000"):
        setup_rows.set_risk_parameters(made, RiskParameters(take_over_ppm=499_999))
