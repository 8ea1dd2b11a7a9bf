"""Commands straight into the core with the Continues that end their work, each timed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter_ns

from loadtests.bench.loading import require_applied
from riskengine.core.engine import Engine
from riskengine.core.types import Event, Outcome
from riskengine.units import NANOS_PER_MILLI


@dataclass(slots=True)
class Pieces:
    """What each piece of a command said, and the nanoseconds of its call."""

    outcomes: list[Outcome] = field(default_factory=list)
    nanos: list[int] = field(default_factory=list)

    @property
    def events(self) -> Iterable[Event]:
        """Return the events of all pieces, in order."""
        return (event for outcome in self.outcomes for event in outcome.events)

    @property
    def longest_ms(self) -> float:
        """Return the milliseconds of the longest piece: for so long nothing else is done."""
        return max(self.nanos) / NANOS_PER_MILLI


def go_on(engine: Engine) -> Iterator[Outcome]:
    """Yield what each Continue says until no work is pending."""
    while engine.has_work:
        outcome = engine.go_on(engine.time_nanos)
        require_applied(outcome)
        yield outcome


def timed_pieces(engine: Engine, command: Callable[[], Outcome]) -> Pieces:
    """Time a command, and each Continue at its time until no work of it is pending."""
    pieces = Pieces()
    _time(pieces, command)
    while engine.has_work:
        _time(pieces, lambda: engine.go_on(engine.time_nanos))
    return pieces


def _time(pieces: Pieces, command: Callable[[], Outcome]) -> None:
    began = perf_counter_ns()
    outcome = command()
    pieces.nanos.append(perf_counter_ns() - began)
    require_applied(outcome)
    pieces.outcomes.append(outcome)
