"""What labels and units the samples of a market, fund or asset carry."""

from collections.abc import Iterable
from typing import NamedTuple

from riskengine.core.enums import LossPolicy
from riskengine.core.types import AssetView, MarketView
from riskengine.metrics.snapshot import EngineSnapshot


class MarketLabels(NamedTuple):
    """Labels of a market, and the exponents that turn its integers into base units."""

    view: MarketView
    market: str
    asset: str
    fund: str
    policy: str
    lot_exponent: int
    tick_exponent: int
    asset_exponent: int


def market_labels(snapshot: EngineSnapshot) -> dict[int, MarketLabels]:
    """Return the labels of every market by id, in the order of the snapshot."""
    assets = {asset.asset_id: asset for asset in snapshot.assets}
    symbols = asset_labels(snapshot)
    names = {view.parameters.market_id: view.parameters.symbol for view in snapshot.markets}
    markets = _distinct((row.market_id, names[row.market_id]) for row in snapshot.counters.markets)
    return {
        view.parameters.market_id: _labels(
            view, markets[view.parameters.market_id], symbols, assets
        )
        for view in snapshot.markets
    }


def asset_labels(snapshot: EngineSnapshot) -> dict[int, str]:
    """Return the label of every asset by id, in the order of the snapshot."""
    return _distinct((asset.asset_id, asset.symbol) for asset in snapshot.assets)


def _distinct(symbols: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Label ids by their symbols, in the order in which they were made.

    The core does not ask symbols to differ, but two series may not share their labels. A symbol is
    the label of who has it first; where it is taken the id is put behind it. So a label hangs on
    those before it alone, and does not change when more are made.
    """
    labels: dict[int, str] = {}
    taken: set[str] = set()
    for one, symbol in symbols:
        label = symbol
        while label in taken:
            label = f"{label}#{one}"
        labels[one] = label
        taken.add(label)
    return labels


def _labels(
    view: MarketView, market: str, symbols: dict[int, str], assets: dict[int, AssetView]
) -> MarketLabels:
    parameters = view.parameters
    asset = assets[parameters.asset_id]
    return MarketLabels(
        view=view,
        market=market,
        asset=symbols[parameters.asset_id],
        fund=str(parameters.fund_id),
        policy=LossPolicy(parameters.loss_policy).name.lower(),
        lot_exponent=parameters.lot_exponent,
        tick_exponent=parameters.tick_exponent,
        asset_exponent=asset.exponent,
    )
