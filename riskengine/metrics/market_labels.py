"""What labels and units the samples of a market, fund or asset carry."""

from collections import Counter
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
    """Return the labels of every market by id.

    The core does not ask symbols to differ, but two series may not share their labels: a symbol
    that several markets have gets the market's id behind it.
    """
    assets = {asset.asset_id: asset for asset in snapshot.assets}
    uses = Counter(view.parameters.symbol for view in snapshot.markets)
    return {
        view.parameters.market_id: _labels(view, assets, uses[view.parameters.symbol] > 1)
        for view in snapshot.markets
    }


def _labels(view: MarketView, assets: dict[int, AssetView], shared_symbol: bool) -> MarketLabels:
    parameters = view.parameters
    asset = assets[parameters.asset_id]
    symbol = parameters.symbol
    return MarketLabels(
        view=view,
        market=f"{symbol}#{parameters.market_id}" if shared_symbol else symbol,
        asset=asset.symbol,
        fund=str(parameters.fund_id),
        policy=LossPolicy(parameters.loss_policy).name.lower(),
        lot_exponent=parameters.lot_exponent,
        tick_exponent=parameters.tick_exponent,
        asset_exponent=asset.exponent,
    )
