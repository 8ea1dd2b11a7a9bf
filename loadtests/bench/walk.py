"""Marks that move: a common part and an own part, geometric."""

import numpy as np

from loadtests.bench.loading import MAX_PRICE_TICKS
from loadtests.bench.population import PPM, Column

COMMON_SHARE = 0.5
"""Of the variance of a move; what all markets do together."""

HEDGE_COMMON_SHARE = 0.95
"""For the hedged population: legs of a hedge move together."""


class MarkWalk:
    """Moves of one standard deviation; a round gives each market one new mark."""

    def __init__(
        self, marks_ticks: Column, move_ppm: int, seed: int, common_share: float = COMMON_SHARE
    ) -> None:
        self._rng = np.random.default_rng([seed, 3, move_ppm])
        self._prices = marks_ticks.astype(np.float64)
        self._common = move_ppm / PPM * np.sqrt(common_share)
        self._own = move_ppm / PPM * np.sqrt(1.0 - common_share)
        self.marks_ticks = marks_ticks.copy()

    def round(self) -> list[tuple[int, int]]:
        """Return market index and new mark of every market, in the order to be sent."""
        markets = len(self._prices)
        own = self._rng.standard_normal(markets) * self._own
        self._prices *= np.exp(self._rng.standard_normal() * self._common + own)
        rounded = np.rint(self._prices).astype(np.int64)
        self.marks_ticks = np.clip(rounded, 1, MAX_PRICE_TICKS)
        order = self._rng.permutation(markets).tolist()
        prices = self.marks_ticks.tolist()
        return [(market, prices[market]) for market in order]
