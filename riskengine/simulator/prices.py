"""Price paths: what the venue's index shows at each step, in ticks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.simulator.markets import MarketSpec
from riskengine.units import PPM

DAY_START_SECONDS = 1_760_129_400
"""10 October 2025, 20:50:00 UTC."""
DAY_MINUTES = 60
LOW_MINUTE = 40
"""When Bitcoin is lowest; the worst minute is in the middle of the way there."""

Knots = tuple[tuple[float, float], ...]
"""Minute, share of the whole fall (in logarithms) that has happened by then."""

FIRST_KNOTS: Knots = (
    *((0, 0.0), (8, 0.06), (15, 0.2), (19.5, 0.36), (20.5, 0.66), (24, 0.8), (32, 0.93)),
    *((LOW_MINUTE, 1.0), (46, 0.74), (53, 0.6), (60, 0.55)),
)
OTHER_KNOTS: Knots = (
    *((0, 0.0), (8, 0.05), (15, 0.15), (19.5, 0.33), (20.5, 0.62), (22.5, 0.88), (26, 1.0)),
    *((31, 0.74), (40, 0.66), (48, 0.54), (60, 0.5)),
)
STEP_NOISE_PPM = 600.0
"""Standard deviation of the noise of one minute in calm; it rises with the slope of the path."""


@dataclass(frozen=True, slots=True)
class PricePath:
    """Index prices of all markets, step by step."""

    title: str
    times_seconds: tuple[int, ...]
    """Simulated time of each step, seconds since the Unix epoch, rising."""
    index_ticks: tuple[tuple[int, ...], ...]
    """One row a step, one price a market."""
    activity_ppm: tuple[int, ...]
    """Background trading of each step against the average, in ppm."""

    def __len__(self) -> int:
        return len(self.times_seconds)


def built_in_path(markets: Sequence[MarketSpec], seed: int, step_seconds: int) -> PricePath:
    """Return a path with the shape of 10 October 2025, the same for the same seed.

    The first market falls to its low in 40 minutes with the worst minute in the middle and recovers
    part of it in 20 more; the others fall further, hit their lows earlier, and recover more.
    """
    minutes = np.arange(0, DAY_MINUTES * 60 + 1, step_seconds) / 60.0
    columns = []
    for position, market in enumerate(markets):
        rng = np.random.default_rng([seed, 1, market.market_id])
        knots = FIRST_KNOTS if position == 0 else OTHER_KNOTS
        columns.append(_market_ticks(market, minutes, knots, rng))
    activity = 700_000 + 1_600_000 * np.exp(-(((minutes - 21.0) / 6.0) ** 2))
    return PricePath(
        title="10 October 2025, built-in path",
        times_seconds=tuple(int(DAY_START_SECONDS + second) for second in minutes * 60.0),
        index_ticks=tuple(zip(*columns, strict=True)),
        activity_ppm=tuple(int(value) for value in activity),
    )


def _market_ticks(
    market: MarketSpec, minutes: NDArray[np.float64], knots: Knots, rng: np.random.Generator
) -> list[int]:
    """Return one market's prices: the knots' curve and noise that never undercuts the low."""
    fall = np.log1p(-market.fall_ppm / PPM)
    share = _monotone(minutes, knots)
    slope = np.abs(np.gradient(share, minutes)) * abs(fall)
    scale = STEP_NOISE_PPM / PPM * np.sqrt(minutes[1]) * (1.0 + 25.0 * slope)
    pinned = [0.0, max(knots, key=lambda knot: knot[1])[0]]
    noise = _bridge(minutes, np.cumsum(rng.standard_normal(len(minutes)) * scale), pinned)
    price = market.start_price * np.exp(fall * share + noise)
    low = market.start_price * (1.0 - market.fall_ppm / PPM)
    # A path that dips under its low is folded back over it.
    return [market.ticks(max(value, 2 * low - value)) for value in price.tolist()]


def _monotone(minutes: NDArray[np.float64], knots: Knots) -> NDArray[np.float64]:
    """Interpolate by cubic Hermite pieces that never overshoot a knot (Fritsch and Carlson)."""
    x = np.array([knot[0] for knot in knots])
    y = np.array([knot[1] for knot in knots])
    width = np.diff(x)
    secant = np.diff(y) / width
    product = secant[:-1] * secant[1:]
    weight = 3.0 * (width[:-1] + width[1:])
    with np.errstate(divide="ignore", invalid="ignore"):
        harmonic = weight / (
            (2 * width[1:] + width[:-1]) / secant[:-1] + (width[1:] + 2 * width[:-1]) / secant[1:]
        )
    slopes = np.concatenate(([secant[0]], np.where(product > 0, harmonic, 0.0), [secant[-1]]))
    piece = np.clip(np.searchsorted(x, minutes, side="right") - 1, 0, len(width) - 1)
    t = (minutes - x[piece]) / width[piece]
    left, right = y[piece], y[piece + 1]
    result: NDArray[np.float64] = (
        left * (1 + 2 * t) * (1 - t) ** 2
        + right * t**2 * (3 - 2 * t)
        + width[piece] * t * (1 - t) * (slopes[piece] * (1 - t) - slopes[piece + 1] * t)
    )
    return result


def _bridge(
    minutes: NDArray[np.float64], walk: NDArray[np.float64], pinned: Sequence[float]
) -> NDArray[np.float64]:
    """Bend a random walk so that it is zero at the pinned minutes."""
    at = np.interp(pinned, minutes, walk)
    result: NDArray[np.float64] = walk - np.interp(minutes, pinned, at)
    return result


def correlated_ticks(
    markets: Sequence[MarketSpec], first_prices: Sequence[float], minutes: float, seed: int
) -> list[list[int]]:
    """Return prices of the other markets that follow the first one's by their betas, with noise.

    `first_prices` are the first market's prices at each step; `minutes` is the time of one step.
    """
    moves = np.diff(np.log(np.asarray(first_prices, dtype=np.float64)), prepend=np.nan)
    moves[0] = 0.0
    columns = []
    for market in markets:
        rng = np.random.default_rng([seed, 2, market.market_id])
        own = rng.standard_normal(len(moves)) * (STEP_NOISE_PPM / PPM) * np.sqrt(minutes)
        own[0] = 0.0
        # Own noise fades, so that a long file does not carry a market away from the first one.
        drift = np.zeros(len(moves))
        for step in range(1, len(moves)):
            drift[step] = 0.995 * drift[step - 1] + own[step]
        price = market.start_price * np.exp(market.beta * np.cumsum(moves) + drift)
        columns.append([market.ticks(value) for value in price.tolist()])
    return columns
