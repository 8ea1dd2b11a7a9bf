"""A try of some outages that `make faults` tries more often."""

import pytest

from tests.outages.rows import ROWS, Row, tried

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.mark.parametrize("row", ROWS[:1] + ROWS[3:6], ids=lambda row: row.name)
def test_nothing_is_lost_and_nobody_waits_long(row: Row) -> None:
    summary = tried(row, 1)
    assert summary.acknowledged > 20
    assert summary.is_right, summary.line()
