"""Marks that move: a common part and an own part, geometric; drawn back to the start, or not."""

from dataclasses import dataclass

import numpy as np

from loadtests.bench.loading import MAX_PRICE_TICKS
from loadtests.bench.population import Column
from riskengine.units import PPM

COMMON_SHARE = 0.5
"""Of the variance of a move; what all markets do together."""

HEDGE_COMMON_SHARE = 0.95
"""For the hedged population: legs of a hedge move together."""

LOOSE_HEDGE_COMMON_SHARE = 0.8
"""The same, where they part more."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How marks move."""

    move_ppm: int
    """Standard deviation of one move."""
    common_share: float = COMMON_SHARE
    pull: float = 0.01
    """Of the way back to the start in one round. With it marks wander some seven moves around the
    start; with none they drift, and a long run is one long crash."""


class MarkWalk:
    """Moves of one standard deviation; a round gives each market one new mark."""

    def __init__(self, marks_ticks: Column, kind: Kind, seed: int) -> None:
        self._rng = np.random.default_rng([seed, 3, kind.move_ppm])
        self._start = np.log(marks_ticks.astype(np.float64))
        self._away = np.zeros(len(marks_ticks))
        self._keep = 1.0 - kind.pull
        self._common = kind.move_ppm / PPM * np.sqrt(kind.common_share)
        self._own = kind.move_ppm / PPM * np.sqrt(1.0 - kind.common_share)
        self.marks_ticks = marks_ticks.copy()

    def round(self) -> list[tuple[int, int]]:
        """Return market index and new mark of every market, in the order to be sent."""
        markets = len(self._start)
        self._away *= self._keep
        self._away += self._rng.standard_normal() * self._common
        self._away += self._rng.standard_normal(markets) * self._own
        rounded = np.rint(np.exp(self._start + self._away)).astype(np.int64)
        self.marks_ticks = np.clip(rounded, 1, MAX_PRICE_TICKS)
        order = self._rng.permutation(markets).tolist()
        prices = self.marks_ticks.tolist()
        return [(market, prices[market]) for market in order]
