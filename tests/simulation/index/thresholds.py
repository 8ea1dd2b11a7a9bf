"""Where an account's state changes, from its view alone: exact marks, found by bisection.

`surplus` is 10^6 E - share * M, by MG-6 and MG-7; a crossing is the first of the moves at which
its sign is another one than at the present marks. What a leg requires is asked of the margin model
that is compiled, so the aim is as good with another one.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

from riskengine.core.face.testing import MarketRules
from riskengine.core.types import AccountView, MarketParameters, PositionView
from tests.simulation.oracle.names import PPM
from tests.simulation.themes import OTHERS, USD

FINENESS = 2**40
EXPONENTS = {asset.asset_id: asset.exponent for asset in (USD, *OTHERS)}
"""Of the assets of all worlds in which an account's thresholds are looked for."""

Prices = dict[int, int]


def multiplier(parameters: MarketParameters) -> int:
    """Return the atoms of one tick on one lot."""
    exponent = EXPONENTS[parameters.asset_id]
    return int(10 ** (parameters.tick_exponent + parameters.lot_exponent - exponent))


@lru_cache(maxsize=1_024)
def rules_of(parameters: MarketParameters) -> MarketRules:
    """Return the market with the multiplier that it has in its asset."""
    exponent = parameters.tick_exponent + parameters.lot_exponent - EXPONENTS[parameters.asset_id]
    return MarketRules(parameters._replace(tick_exponent=exponent, lot_exponent=0), 1)


def surplus(
    view: AccountView,
    markets: Mapping[int, MarketParameters],
    prices: Mapping[int, int],
    share_ppm: int,
) -> int:
    equity, required = view.balance_atoms, 0
    for position in view.positions:
        parameters = markets[position.market_id]
        price = prices.get(position.market_id, position.mark_price_ticks)
        equity += position.size_lots * price * multiplier(parameters) - position.cost_atoms
        required += rules_of(parameters).leg_maintenance_ceil(position.size_lots, price)
    return PPM * equity - share_ppm * required


def first_crossing(is_beyond: Callable[[int], bool], last: int) -> int | None:
    """Return an n in 1..last that is beyond while n - 1 is not; None if `last` is not beyond."""
    if last < 1 or not is_beyond(last):
        return None
    near, far = 0, last
    while far - near > 1:
        middle = (near + far) // 2
        near, far = (near, middle) if is_beyond(middle) else (middle, far)
    return far


def crossing_of_one(
    view: AccountView,
    position: PositionView,
    markets: Mapping[int, MarketParameters],
    share_ppm: int,
    step: int,
) -> tuple[Prices, Prices] | None:
    """Return the marks before and at a crossing of one market, moved up (step 1) or down (-1)."""
    mark = position.mark_price_ticks
    most = mark - 1 if step < 0 else markets[position.market_id].max_price_ticks - mark
    is_safe = surplus(view, markets, {}, share_ppm) >= 0

    def prices(ticks: int) -> Prices:
        return {position.market_id: mark + step * ticks}

    def is_beyond(ticks: int) -> bool:
        return (surplus(view, markets, prices(ticks), share_ppm) >= 0) != is_safe

    found = first_crossing(is_beyond, most)
    return None if found is None else (prices(found - 1), prices(found))


def crossing_of_all(
    view: AccountView, markets: Mapping[int, MarketParameters], share_ppm: int, direction: int
) -> tuple[Prices, Prices] | None:
    """Move every leg by the same share of its mark, against the account (-1) or for it (1)."""
    is_safe = surplus(view, markets, {}, share_ppm) >= 0

    def prices(part: int) -> Prices:
        moved = {}
        for position in view.positions:
            mark = position.mark_price_ticks
            ticks = mark * part // FINENESS
            price = mark + (ticks if position.size_lots * direction > 0 else -ticks)
            highest = markets[position.market_id].max_price_ticks
            moved[position.market_id] = max(1, min(price, highest))
        return moved

    def is_beyond(part: int) -> bool:
        return (surplus(view, markets, prices(part), share_ppm) >= 0) != is_safe

    found = first_crossing(is_beyond, FINENESS)
    return None if found is None else (prices(found - 1), prices(found))
