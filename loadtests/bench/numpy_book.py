"""The peer that recomputes the whole book at each mark, vectorised, in floating point."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from loadtests.bench.population import MULTIPLIER, Column, Floats, Population, tier_lines


class NumpyBook:
    """Equity and maintenance of every account that holds something.

    It is laid out as well as NumPy allows: accounts by falling number of positions, then all first
    positions, all second ones and so on, so that each sum over an account's positions is a few
    additions of whole slices; no allocation of the size of the book; tiers as the highest of three
    lines.
    """

    def __init__(self, population: Population) -> None:
        counts = np.bincount(population.position_accounts, minlength=len(population.account_ids))
        self.accounts = np.argsort(-counts, kind="stable")[: int(np.count_nonzero(counts))]
        place = np.empty(len(counts), dtype=np.int64)
        place[self.accounts] = np.arange(len(self.accounts))
        order, leg = _by_leg(place[population.position_accounts])
        self._market: NDArray[np.intp] = population.position_markets[order].astype(np.intp)
        self._lots: Floats = population.position_lots[order].astype(np.float64)
        self._cost = self._lots * (population.marks_ticks[self._market] * MULTIPLIER)
        ends = np.cumsum(np.bincount(leg)).tolist()
        self._legs = [slice(begin, end) for begin, end in pairwise([0, *ends])]
        self._balance = population.deposits_atoms[self.accounts].astype(np.float64)
        self._value, self._work = np.empty_like(self._lots), np.empty_like(self._lots)
        self._margin = np.empty_like(self._lots)
        self._lines = tier_lines()
        self.equity, self.maintenance = self._balance.copy(), self._balance.copy()

    def recompute(self, unit_atoms: Floats) -> int:
        """Assess every account at the values of one lot; return how many are liquidatable."""
        value, work, margin = self._value, self._work, self._margin
        np.take(unit_atoms, self._market, out=value, mode="clip")
        np.multiply(value, self._lots, out=value)
        np.subtract(value, self._cost, out=work)
        self.equity[:] = self._balance
        self._add_legs(self.equity, work)
        np.abs(value, out=value)
        (rate, _), *others = self._lines
        np.multiply(value, rate, out=margin)
        for rate, deduction in others:
            np.multiply(value, rate, out=work)
            work -= deduction
            np.maximum(margin, work, out=margin)
        self.maintenance[:] = 0.0
        self._add_legs(self.maintenance, margin)
        return int(np.count_nonzero(self.equity < self.maintenance))

    def _add_legs(self, sums: Floats, parts: Floats) -> None:
        for leg in self._legs:
            sums[: leg.stop - leg.start] += parts[leg]


def _by_leg(places: Column) -> tuple[Column, Column]:
    """Return an order of positions by leg, then place, and the leg of each in that order."""
    by_place = np.argsort(places, kind="stable")
    ordered = places[by_place]
    firsts = np.searchsorted(ordered, ordered)
    legs = np.arange(len(ordered)) - firsts
    by_leg = np.argsort(legs, kind="stable")
    return by_place[by_leg], legs[by_leg]
