import socket
import urllib.request

import pytest

from riskengine.metrics.collector import RiskEngineCollector
from riskengine.metrics.http_server import MetricsServer
from riskengine.metrics.statistics import Statistics
from tests.metrics.builders import snapshot


@pytest.fixture
def collector() -> RiskEngineCollector:
    return RiskEngineCollector(Statistics(), snapshot, "1.2.3")


def test_the_page_holds_the_engine_and_the_process(collector: RiskEngineCollector) -> None:
    server = MetricsServer("127.0.0.1", 0, collector)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics") as answer:
            page = answer.read().decode()
    finally:
        server.close()
    for name in ("riskengine_engine_up 1.0", "process_cpu_seconds_total", "python_gc_objects"):
        assert name in page


def test_close_frees_the_port(collector: RiskEngineCollector) -> None:
    server = MetricsServer("127.0.0.1", 0, collector)
    port = server.port
    server.close()
    MetricsServer("127.0.0.1", port, collector).close()


def test_an_address_in_use_is_an_error(collector: RiskEngineCollector) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            MetricsServer("127.0.0.1", taken.getsockname()[1], collector)
