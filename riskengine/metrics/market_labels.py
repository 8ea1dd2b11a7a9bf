"""What labels and units the samples of a market, fund or asset carry."""

from collections import Counter
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
    """Return the labels of every market by id."""
    assets = {asset.asset_id: asset for asset in snapshot.assets}
    symbols = asset_labels(snapshot)
    markets = _distinct(
        (view.parameters.market_id, view.parameters.symbol) for view in snapshot.markets
    )
    return {
        market_id: _labels(view, market, symbols, assets)
        for view, (market_id, market) in zip(snapshot.markets, markets.items(), strict=True)
    }


def asset_labels(snapshot: EngineSnapshot) -> dict[int, str]:
    """Return the label of every asset by id, in the order of the snapshot."""
    return _distinct((asset.asset_id, asset.symbol) for asset in snapshot.assets)


def _distinct(symbols: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Put the id behind each symbol that several ids have.

    The core does not ask symbols to differ, but two series may not share their labels.
    """
    known = list(symbols)
    uses = Counter(symbol for _, symbol in known)
    return {one: symbol if uses[symbol] == 1 else f"{symbol}#{one}" for one, symbol in known}


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
