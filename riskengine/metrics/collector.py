"""The collector: one scrape reads a snapshot and the recorders, and yields every family."""

from collections.abc import Iterator

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from riskengine.metrics.families import gauge, single_gauge
from riskengine.metrics.fund_metrics import fund_families
from riskengine.metrics.handover import SnapshotProvider
from riskengine.metrics.liquidation_metrics import liquidation_families
from riskengine.metrics.market_labels import market_labels
from riskengine.metrics.service_metrics import service_families
from riskengine.metrics.snapshot import EngineSnapshot
from riskengine.metrics.statistics import Statistics
from riskengine.metrics.venue_metrics import account_families, log_families, market_families


class RiskEngineCollector(Collector):
    """Yield all families of Prometheus; series grow with markets and funds, never with accounts.

    When the engine gives no snapshot in time, `riskengine_engine_up` is 0 and the engine's own
    families are absent, while those of the service go on: a page that says where to look.
    """

    def __init__(self, statistics: Statistics, provider: SnapshotProvider, version: str) -> None:
        self._statistics = statistics
        self._provider = provider
        self._version = version

    def collect(self) -> Iterator[Metric]:
        snapshot = self._provider()
        yield gauge(
            "riskengine_build_info",
            "Always 1; the label says which version runs",
            ("version",),
            [((self._version,), 1)],
        )
        yield single_gauge(
            "riskengine_engine_up",
            "1 when the engine answered the scrape in time, 0 when it is stuck or stopping",
            int(snapshot is not None),
        )
        yield from service_families(self._statistics)
        if snapshot is not None:
            yield from self._engine_families(snapshot)

    def _engine_families(self, snapshot: EngineSnapshot) -> Iterator[Metric]:
        markets = market_labels(snapshot)
        yield from log_families(snapshot)
        yield from account_families(snapshot)
        yield from market_families(snapshot, markets)
        yield from fund_families(snapshot)
        yield from liquidation_families(snapshot, markets)
