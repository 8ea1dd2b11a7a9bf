import math

import pytest

from deploy.check.expressions import Expression
from deploy.check.report import Finding, table

EXPRESSION = Expression("Open interest", "sum(riskengine_open_interest_asset_units)")


@pytest.mark.parametrize(
    ("series", "largest", "has_data"),
    [(0, math.nan, False), (1, math.nan, False), (1, 0.0, True), (3, -2.5, True)],
)
def test_only_numbers_are_data(series: int, largest: float, has_data: bool) -> None:
    assert Finding(EXPRESSION, series, largest).has_data is has_data


def test_the_table_has_a_line_an_expression() -> None:
    lines = table([Finding(EXPRESSION, 2, 1_500.0), Finding(EXPRESSION, 0, math.nan)]).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["2", "1500", "Open", "interest:", EXPRESSION.expr],
        ["0", "nan", "Open", "interest:", EXPRESSION.expr],
    ]
