"""What one recomputation of an account costs."""

import numpy as np

from loadtests.bench.marks import MarkBench, MarkRun
from loadtests.bench.profiles import USUAL_PPM, WILD_PPM, Profile
from loadtests.bench.walk import Kind, MarkWalk
from riskengine.units import NANOS_PER_MICRO

ENOUGH_RECOMPUTES = 500


def recompute_micros(profile: Profile, warmed: MarkBench) -> float:
    """Return what one recomputation adds to a mark, beyond a mark that has none; 0 without any.

    Of marks that make no event, for what follows from a recomputation is not its cost. At usual
    moves, and at wild ones too where those recompute too few accounts to tell.
    """
    spent, recomputed = 0.0, 0
    for move_ppm in (USUAL_PPM, WILD_PPM):
        if recomputed < ENOUGH_RECOMPUTES:
            nanos, counts = _samples(profile, warmed, move_ppm)
            spent += nanos
            recomputed += counts
    return spent / recomputed / NANOS_PER_MICRO if recomputed else 0.0


def _samples(profile: Profile, warmed: MarkBench, move_ppm: int) -> tuple[float, int]:
    """Return the time spent on recomputations beyond idle marks, and how many there were.

    The same marks are played on copies of the warmed engine: once to count, then to time, of which
    each mark's median is taken.
    """

    def copy() -> MarkBench:
        walk = MarkWalk(warmed.walk.marks_ticks, Kind(move_ppm), profile.seed)
        return MarkBench(warmed.engine.fork(), walk, MarkRun())

    counts = copy().count(profile.counted_rounds)
    runs = []
    for _ in range(profile.counted_passes):
        bench = copy()
        bench.repeat(profile.counted_rounds)
        runs.append(bench.run)
    nanos = np.median([run.nanos for run in runs], axis=0)
    idle, busy = runs[0].quiet & (counts == 0), runs[0].quiet & (counts > 0)
    if not idle.any() or not busy.any():
        return 0.0, 0
    return float((nanos[busy] - nanos[idle].mean()).sum()), int(counts[busy].sum())
