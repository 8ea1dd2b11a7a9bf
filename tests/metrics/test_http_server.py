import gzip
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event, Thread
from time import monotonic

import pytest

from riskengine.metrics import http_server
from riskengine.metrics.collector import RiskEngineCollector
from riskengine.metrics.http_server import MAX_CONNECTIONS, MAX_SCRAPES, MetricsServer
from riskengine.metrics.readiness import FAILED, READY, RECOVERING, Readiness
from riskengine.metrics.snapshot import EngineSnapshot
from riskengine.metrics.statistics import Statistics
from tests.metrics.builders import snapshot


@pytest.fixture
def readiness() -> Readiness:
    return Readiness()


@pytest.fixture
def collector() -> RiskEngineCollector:
    return RiskEngineCollector(Statistics(), snapshot, "1.2.3")


@pytest.fixture
def server(collector: RiskEngineCollector, readiness: Readiness) -> Iterator[MetricsServer]:
    serving = MetricsServer("127.0.0.1", 0, collector, readiness)
    yield serving
    serving.close()


def connected(server: MetricsServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), 10)


def asked(server: MetricsServer, request: str) -> str:
    """Send a request as it is and return all that comes back."""
    with connected(server) as client:
        client.sendall(request.encode())
        parts = []
        while part := client.recv(1 << 16):
            parts.append(part)
    return b"".join(parts).decode()


def get(server: MetricsServer, path: str, more: str = "") -> str:
    return asked(server, f"GET {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n")


def test_the_page_holds_the_engine_and_the_process(server: MetricsServer) -> None:
    page = get(server, "/metrics")
    assert page.startswith("HTTP/1.1 200 OK\r\nContent-Type: text/plain")
    for name in ("riskengine_engine_up 1.0", "process_cpu_seconds_total", "python_gc_objects"):
        assert name in page


def test_the_page_comes_as_it_is_wanted(server: MetricsServer) -> None:
    wanted = {"Accept-Encoding": "gzip", "Accept": "application/openmetrics-text; version=1.0.0"}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/metrics", headers=wanted)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        assert gzip.decompress(answer.read()).endswith(b"# EOF\n")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET / HTTP/1.1", "404 Not Found"),
        ("GET /metrics/x HTTP/1.1", "404 Not Found"),
        ("GET /healthz?x=1 HTTP/1.0", "200 OK"),
        ("POST /metrics HTTP/1.1", "405 Method Not Allowed"),
        ("nonsense", "400 Bad Request"),
        ("GET /metrics SPDY/3", "400 Bad Request"),
        (f"GET /{'x' * 20_000} HTTP/1.1", "431 Request Header Fields Too Large"),
    ],
)
def test_other_requests(server: MetricsServer, request_line: str, status: str) -> None:
    assert asked(server, f"{request_line}\r\n\r\n").startswith(f"HTTP/1.1 {status}\r\n")


def test_a_head_has_no_body(server: MetricsServer) -> None:
    answer = asked(server, "HEAD /healthz HTTP/1.1\r\n\r\n")
    assert answer.endswith("Content-Length: 5\r\nConnection: close\r\n\r\n")


def test_readiness_says_how_far_a_start_is(server: MetricsServer, readiness: Readiness) -> None:
    assert '{"ready": false, "phase": "starting"}' in get(server, "/readyz")
    readiness.enter(RECOVERING, step="replaying the journal")
    readiness.progress(5, 20)
    answer = get(server, "/readyz")
    assert answer.startswith("HTTP/1.1 503 Service Unavailable")
    assert '"step": "replaying the journal", "done_bytes": 5, "total_bytes": 20' in answer
    readiness.enter(READY)
    assert get(server, "/readyz").startswith("HTTP/1.1 200 OK")
    readiness.enter(FAILED, reason="no disk")
    answer = get(server, "/readyz")
    assert answer.startswith("HTTP/1.1 503")
    assert '"phase": "failed", "reason": "no disk"' in answer
    assert get(server, "/healthz").startswith("HTTP/1.1 200")


def test_connections_that_say_nothing_make_room(server: MetricsServer) -> None:
    with ExitStack() as stack:
        idle = [stack.enter_context(connected(server)) for _ in range(3 * MAX_CONNECTIONS + 8)]
        idle[-1].sendall(b"GET /metr")
        start = monotonic()
        assert get(server, "/metrics").startswith("HTTP/1.1 200 OK")
        assert monotonic() - start < 2
        idle[-1].sendall(b"ics HTTP/1.1\r\n\r\n")
        assert idle[-1].recv(12) == b"HTTP/1.1 200", "the newest of them is still served"
        assert len(server._connections) <= MAX_CONNECTIONS


def test_a_request_that_does_not_come_is_given_up(
    collector: RiskEngineCollector, readiness: Readiness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "REQUEST_SECONDS", 0.05)
    serving = MetricsServer("127.0.0.1", 0, collector, readiness)
    with connected(serving) as slow:
        slow.sendall(b"GET /metrics HTTP/1.1\r\n")
        assert slow.recv(1) == b""
    serving.close()


def test_few_pages_are_made_at_once(readiness: Readiness) -> None:
    go_on = Event()

    def slow_snapshot() -> EngineSnapshot | None:
        go_on.wait(10)
        return None

    collector = RiskEngineCollector(Statistics(), slow_snapshot, "1.2.3")
    serving = MetricsServer("127.0.0.1", 0, collector, readiness)
    answers: list[str] = []
    scrapes = [
        Thread(target=lambda: answers.append(get(serving, "/metrics"))) for _ in range(MAX_SCRAPES)
    ]
    for scrape in scrapes:
        scrape.start()
    while serving._scrapes < MAX_SCRAPES:
        assert get(serving, "/healthz").startswith("HTTP/1.1 200")
    assert get(serving, "/metrics").startswith("HTTP/1.1 503 Service Unavailable")
    go_on.set()
    for scrape in scrapes:
        scrape.join()
    assert all("riskengine_engine_up 0.0" in answer for answer in answers)
    serving.close()


def test_close_frees_the_port(collector: RiskEngineCollector, readiness: Readiness) -> None:
    server = MetricsServer("127.0.0.1", 0, collector, readiness)
    server.close()
    MetricsServer("127.0.0.1", server.port, collector, readiness).close()


def test_an_address_in_use_is_an_error(
    collector: RiskEngineCollector, readiness: Readiness
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            MetricsServer("127.0.0.1", taken.getsockname()[1], collector, readiness)
