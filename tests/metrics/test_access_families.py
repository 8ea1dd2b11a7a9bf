"""Who was not let in, and files that were not taken, as the page shows them."""

from riskengine.metrics.collector import RiskEngineCollector
from riskengine.metrics.statistics import Statistics
from tests.metrics.builders import snapshot
from tests.metrics.pages import scrape


def test_denied_calls_and_refused_files_are_counted() -> None:
    statistics = Statistics()
    access = statistics.access
    access.unauthenticated_calls, access.denied_calls, access.schedule_failures = 3, 2, 1
    access.limited_calls = 6
    access.tls.taken, access.credentials.refused, access.credentials.is_refused = 4, 5, True
    page = scrape(RiskEngineCollector(statistics, snapshot, "1.2.3"))
    denied, refused = "riskengine_calls_denied_total", "riskengine_access_change_refused"
    changes = "riskengine_access_changes_total"
    assert page.value(denied, status="unauthenticated") == 3
    assert page.value(denied, status="permission_denied") == 2
    assert page.value(denied, status="resource_exhausted") == 6
    assert page.value("riskengine_schedule_failures_total", schedule="access") == 1
    assert page.value(changes, file="tls", result="taken") == 4
    assert page.value(changes, file="tls", result="refused") == 0
    assert page.value(changes, file="credentials", result="refused") == 5
    assert page.value(refused, file="credentials") == 1
    assert page.value(refused, file="tls") == 0
