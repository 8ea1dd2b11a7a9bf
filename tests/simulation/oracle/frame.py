"""The frame of every command of the oracle: start, rows, what follows (CM-1 to CM-7)."""

from collections.abc import Callable

from tests.simulation.oracle import debts, judgement, late_fills, load_rows, means
from tests.simulation.oracle.names import (
    MAX_REJECTIONS,
    MAX_TIME_NANOS,
    Mode,
    Reason,
    VenueMode,
)
from tests.simulation.oracle.refusal import Column, Refused, require_columns
from tests.simulation.oracle.world import Outcome, World

LIVE, LOADING = VenueMode


class Frame:
    def __init__(self) -> None:
        self.world = World()

    def _single(
        self,
        time_nanos: int,
        effect: Callable[[], None],
        mode: VenueMode | None = None,
        *,
        is_quiet: bool = False,
    ) -> Outcome:
        try:
            self._require(time_nanos, mode)
        except Refused as refused:
            return self._refused(refused)
        return self._run(time_nanos, [effect], is_quiet=is_quiet)

    def _batch(
        self,
        time_nanos: int,
        columns: dict[str, Column],
        effect: Callable[..., None],
        venue_mode: VenueMode | None = None,
        mode: int = Mode.DELTA,
    ) -> Outcome:
        try:
            self._require(time_nanos, venue_mode)
            require_columns(columns)
            if mode not in list(Mode):
                raise Refused(Reason.UNKNOWN_ENUM, "mode", mode)
        except Refused as refused:
            return self._refused(refused)
        every = [[int(value) for value in row] for row in zip(*columns.values(), strict=True)]
        return self._run(time_nanos, [_bound(effect, row) for row in every])

    def _require(self, time_nanos: int, mode: VenueMode | None) -> None:
        """Refuse a time that goes back or beyond its bound (CM-1), then another mode (LD-1)."""
        if time_nanos < self.world.time_nanos:
            raise Refused(Reason.OUT_OF_RANGE, "time_nanos", time_nanos, self.world.time_nanos)
        if time_nanos > MAX_TIME_NANOS:
            raise Refused(Reason.OUT_OF_RANGE, "time_nanos", time_nanos, MAX_TIME_NANOS)
        if mode is not None:
            load_rows.require_mode(self.world, mode)

    def _refused(self, refused: Refused) -> Outcome:
        return Outcome(0, self.world.time_nanos, 0, 1, [refused.of_row(-1)], [])

    def _run(
        self, time_nanos: int, effects: list[Callable[[], None]], *, is_quiet: bool = False
    ) -> Outcome:
        """Apply row by row (CM-3); if any was applied let time pass and judge (CM-4, CM-5).

        Of what is quiet nothing follows (TM-6, TM-7).
        """
        world = self.world
        world.command_time_nanos = time_nanos
        world.events = []
        funds_before = means.equities(world)
        rejections = []
        for number, effect in enumerate(effects):
            try:
                effect()
            except Refused as refused:
                rejections.append(refused.of_row(number))
        applied = len(effects) - len(rejections)
        if applied:
            world.time_nanos = world.command_time_nanos
            if world.mode == LOADING:
                world.touched = set()
                means.forget(world)
            else:
                means.note_slot(world, funds_before)
                if not is_quiet:
                    _judge(world)
                means.note_changed(world)
            late_fills.forget_past(world)
            world.sequence += 1
        return Outcome(
            world.sequence if applied else 0,
            time_nanos if applied else world.time_nanos,
            applied,
            len(rejections),
            rejections[:MAX_REJECTIONS],
            world.events,
        )


def _judge(world: World) -> None:
    """Have all follow that the rows and the time bring about (CM-5)."""
    judgement.run_timers(world)
    judgement.judge(world)
    debts.spread(world)
    judgement.judge(world)


def _bound(effect: Callable[..., None], row: list[int]) -> Callable[[], None]:
    return lambda: effect(*row)
