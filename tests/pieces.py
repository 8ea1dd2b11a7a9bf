"""A command and the Continues that end its work (WK-1, WK-3), one after the other or as one."""

from collections.abc import Mapping, Sequence
from typing import Any

from riskengine.core.engine import Engine
from riskengine.core.types import Event, Outcome


def go_on(engine: Engine) -> list[Outcome]:
    """Go on, at the time that it is, until no work is pending; return what each piece said."""
    pieces = []
    while engine.has_work:
        sequence = engine.sequence
        piece = engine.go_on(engine.time_nanos)
        assert (piece.sequence, piece.rejections) == (sequence + 1, []), piece
        pieces.append(piece)
    return pieces


def finish(engine: Engine, first: Outcome) -> list[Outcome]:
    """Return what a command said, and each Continue after it until its work is done."""
    pieces = [first, *go_on(engine)]
    for piece in pieces:
        assert all(event.sequence == piece.sequence for event in piece.events), piece
    return pieces


def whole(pieces: Sequence[Outcome]) -> Outcome:
    """Return what the command would have said if it had not paused: all events are its own."""
    first = pieces[0]
    if len(pieces) == 1:
        return first
    own = {"sequence": first.sequence, "time_nanos": first.time_nanos}
    events = [Event(**(event._asdict() | own)) for piece in pieces for event in piece.events]
    return first._replace(events=events)


def without(value: Any, *, times: bool = False) -> Any:
    """Return plain values without what counts commands or cuts their work, and times if asked."""
    if isinstance(value, list | tuple):
        return [without(one, times=times) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: without(one, times=times)
        for name, one in value.items()
        if name not in ("sequence", "work_units") and not (times and name.endswith("_nanos"))
    }


def told(events: Sequence[Event], *, times: bool = False) -> list[dict[str, int]]:
    """Return what events say wherever the work was cut, their own number among all included."""
    return [without(event._asdict(), times=times) for event in events]
