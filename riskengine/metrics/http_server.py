"""Serve the metrics page over HTTP, on a thread of its own."""

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, start_http_server

from riskengine.metrics.collector import RiskEngineCollector


class MetricsServer:
    """Serve `/metrics` from construction to `close`; port 0 takes a free one.

    Raises OSError when the address cannot be bound. The page also holds Prometheus' usual
    `process_*` and `python_gc_*` families.
    """

    def __init__(self, address: str, port: int, collector: RiskEngineCollector) -> None:
        registry = CollectorRegistry()
        registry.register(collector)
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        try:
            self._server, self._thread = start_http_server(port, address, registry)
        except OSError as error:
            text = f"metrics_listen: cannot bind {address}:{port}: {error.strerror}"
            raise OSError(text) from error

    @property
    def port(self) -> int:
        """Return the port that is bound."""
        return int(self._server.server_port)

    def close(self) -> None:
        """Stop serving and free the port; a scrape that is under way may be cut off."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
