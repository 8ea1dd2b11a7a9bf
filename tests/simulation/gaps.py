"""Gaps of a walk: the engine was away, or its time is put forward (TM-6, TM-7)."""

from collections.abc import Sequence
from random import Random

from tests.simulation.commands import Command
from tests.simulation.oracle.names import NANOS_PER_MILLI
from tests.simulation.oracle.world import World

SHARE = 0.01
MISSED_NANOS = (0, 1, 200 * NANOS_PER_MILLI, 2_000 * NANOS_PER_MILLI)


class Gaps:
    """Says now and then that time was missed, by a chance of its own.

    Longer ones are among `long_nanos`; without any there are no gaps at all.
    """

    def __init__(self, seed: int, world: World, long_nanos: Sequence[int]) -> None:
        self._rng = Random(f"gaps {seed}")
        self._world = world
        self._missed = (*MISSED_NANOS, *long_nanos)
        self._share = SHARE if long_nanos else 0

    def is_due(self) -> bool:
        return self._rng.random() < self._share

    def command(self) -> Command:
        """Return a start, or a time that is set, now and then one that was before."""
        now, rng = self._world.time_nanos, self._rng
        missed = rng.choice(self._missed)
        if rng.random() < 0.5:
            return Command("started", now + missed, ())
        asked = now + rng.choice((0, NANOS_PER_MILLI))
        wanted = rng.choice((asked - 1, 0, *8 * (asked + missed,)))
        return Command("set_log_time", asked, (wanted,))
