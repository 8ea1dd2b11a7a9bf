"""Scrape a collector and read the page."""

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from riskengine.metrics.collector import RiskEngineCollector

Sample = tuple[str, tuple[tuple[str, str], ...]]


class Page:
    """Hold the families of one scrape, and the samples by name and labels."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families: list[Metric] = list(text_string_to_metric_families(text))
        self.samples: dict[Sample, float] = {}
        for family in self.families:
            for sample in family.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                assert key not in self.samples, f"{key} is there twice"
                self.samples[key] = sample.value

    def value(self, name: str, **labels: str) -> float:
        """Return one sample; KeyError when it is not there."""
        return self.samples[name, tuple(sorted(labels.items()))]

    def names(self) -> set[str]:
        return {name for name, _ in self.samples}


def scrape(collector: RiskEngineCollector) -> Page:
    registry = CollectorRegistry()
    registry.register(collector)
    return Page(generate_latest(registry).decode())
