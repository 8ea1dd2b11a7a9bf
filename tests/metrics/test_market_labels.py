"""Labels are distinct whatever the symbols, and stay when more markets and assets are made."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.counters import MarketCounters
from riskengine.core.types import AssetView
from riskengine.metrics.market_labels import asset_labels, market_labels
from riskengine.metrics.snapshot import EngineSnapshot
from tests.metrics.builders import market, snapshot

LabelsOf = Callable[[list[tuple[int, str]]], dict[int, str]]

SYMBOLS = st.text("A#12", min_size=1, max_size=5)
"""Many that are alike, and many that look like the label of another."""

MADE = st.dictionaries(st.integers(1, 22), SYMBOLS, max_size=8).flatmap(
    lambda made: st.permutations(list(made.items()))
)
"""Ids and symbols, in the order in which they were made."""


def venue(made: list[tuple[int, str]]) -> EngineSnapshot:
    """Return a snapshot with a market of each; the engine gives them in order of id."""
    some = snapshot([market(one, symbol) for one, symbol in sorted(made)])
    rows = [MarketCounters(market_id=one) for one, _ in made]
    return some._replace(counters=some.counters._replace(markets=rows))


def of_markets(made: list[tuple[int, str]]) -> dict[int, str]:
    return {one: labels.market for one, labels in market_labels(venue(made)).items()}


def of_assets(made: list[tuple[int, str]]) -> dict[int, str]:
    assets = [AssetView(one, symbol, -6) for one, symbol in made]
    return asset_labels(snapshot([])._replace(assets=assets))


@pytest.mark.parametrize("labels_of", [of_markets, of_assets])
@given(made=MADE)
def test_labels_are_distinct_and_stay(labels_of: LabelsOf, made: list[tuple[int, str]]) -> None:
    labels = labels_of(made)
    assert set(labels) == {one for one, _ in made}
    assert len(set(labels.values())) == len(made)
    for count in range(len(made)):
        assert labels_of(made[:count]).items() <= labels.items()
    for one, symbol in made:
        assert labels[one].startswith(symbol)
        assert labels[one] == symbol or symbol in {labels[other] for other, _ in made}


@pytest.mark.parametrize("labels_of", [of_markets, of_assets])
def test_a_symbol_that_looks_like_a_label_takes_none(labels_of: LabelsOf) -> None:
    assert labels_of([(1, "ETH-USD"), (3, "ETH-USD"), (5, "ETH-USD#1"), (6, "ETH-USD#3")]) == {
        1: "ETH-USD",
        3: "ETH-USD#3",
        5: "ETH-USD#1",
        6: "ETH-USD#3#6",
    }


def test_a_market_that_was_made_first_keeps_its_symbol_whatever_its_id() -> None:
    assert of_markets([(3, "ETH-USD"), (1, "ETH-USD")]) == {3: "ETH-USD", 1: "ETH-USD#1"}
