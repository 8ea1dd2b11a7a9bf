"""The clock beside the log's time, and the gap before the start, as the page shows them."""

from riskengine.metrics.collector import RiskEngineCollector
from riskengine.metrics.statistics import Statistics
from tests.metrics.builders import snapshot
from tests.metrics.pages import scrape


def test_the_offset_is_told_with_its_sign_and_the_gap_of_the_start() -> None:
    statistics = Statistics()
    clock = statistics.clock
    clock.offset_nanos, clock.start_gap_nanos = -1_500_000_000, 6_500_000_000
    clock.is_start_held, clock.schedule_failures = True, 2
    page = scrape(RiskEngineCollector(statistics, snapshot, "1.2.3"))
    assert page.value("riskengine_clock_offset_seconds") == -1.5
    assert page.value("riskengine_start_gap_seconds") == 6.5
    assert page.value("riskengine_start_held") == 1
    assert page.value("riskengine_schedule_failures_total", schedule="clock") == 2
