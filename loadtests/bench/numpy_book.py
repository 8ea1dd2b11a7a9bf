"""The peer that recomputes the whole book at each mark, vectorised, in floating point."""

import numpy as np
from numpy.typing import NDArray

from loadtests.bench.population import MULTIPLIER, Floats, Population, tier_lines


class NumpyBook:
    """Equity and maintenance of every account that holds something.

    It is laid out as well as NumPy allows: positions sorted by account, sums by `reduceat`, no
    allocation of the size of the book, tiers as the highest of three lines.
    """

    def __init__(self, population: Population) -> None:
        order = np.argsort(population.position_accounts, kind="stable")
        owner = population.position_accounts[order]
        self._market: NDArray[np.intp] = population.position_markets[order].astype(np.intp)
        self._lots: Floats = population.position_lots[order].astype(np.float64)
        self._cost = self._lots * (population.marks_ticks[self._market] * MULTIPLIER)
        self.accounts, self._starts = np.unique(owner, return_index=True)
        self._balance = population.deposits_atoms[self.accounts].astype(np.float64)
        self._value, self._work = np.empty_like(self._lots), np.empty_like(self._lots)
        self._margin = np.empty_like(self._lots)
        self._lines = tier_lines()
        self.equity, self.maintenance = self._balance.copy(), self._balance.copy()

    def recompute(self, unit_atoms: Floats) -> int:
        """Assess every account at the values of one lot; return how many are liquidatable."""
        value, work, margin = self._value, self._work, self._margin
        np.take(unit_atoms, self._market, out=value)
        np.multiply(value, self._lots, out=value)
        np.subtract(value, self._cost, out=work)
        np.add.reduceat(work, self._starts, out=self.equity)
        self.equity += self._balance
        np.abs(value, out=value)
        (rate, _), *others = self._lines
        np.multiply(value, rate, out=margin)
        for rate, deduction in others:
            np.multiply(value, rate, out=work)
            work -= deduction
            np.maximum(margin, work, out=margin)
        np.add.reduceat(margin, self._starts, out=self.maintenance)
        return int(np.count_nonzero(self.equity < self.maintenance))
