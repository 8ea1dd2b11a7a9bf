"""The picture of the core's rooms in docs/TOUR.md, from what its modules cimport."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from docs.generate.block import replaced

CIMPORT = re.compile(r"\briskengine\.core\.(\w+)(?:\.[\w.]+)? cimport\b")
STYLE = '{"flowchart": {"rankSpacing": 24, "nodeSpacing": 30, "wrappingWidth": 460}}'
WORDS = {
    "engine": "the class that Python calls",
    "face": "questions, views, audit",
    "commands": "guards, rows, judgement",
    "waterfall": "closes, orders, fund, steps",
    "losses": "policies, shares, the queue",
    "index": "weights, bands, watches",
    "margin": "equity, requirements, quotes",
    "books": "the state; booking, timers, hash",
    "events": "what is said",
    "base": "numbers, ids, arrays, columns",
}


def tour_page(page: str, core: Path) -> str:
    """Return the tour with the picture as it should be."""
    return replaced(page, "rooms", rooms(core))


def rooms(core: Path) -> str:
    """Return the picture as a block of Mermaid; an arrow that others imply is left out."""
    below = _below(core)
    lines = ["```mermaid", f"%%{{init: {STYLE}}}%%", "flowchart TD"]
    lines += [f'  {room}["<b>{room}</b><br>{WORDS[room]}"]' for room in WORDS]
    for room in WORDS:
        lines += [f"  {room} --> {other}" for other in WORDS if other in _nearest(below, room)]
    return "\n".join([*lines, "```", ""])


def _below(core: Path) -> dict[str, set[str]]:
    """Return which rooms each room cimports; raises KeyError for a room without words."""
    below: dict[str, set[str]] = {room: set() for room in WORDS}
    for path in core.rglob("*"):
        if path.suffix in {".pyx", ".pxd"}:
            room = path.relative_to(core).with_suffix("").parts[0]
            if room != "__init__":
                below[room].update(set(CIMPORT.findall(path.read_text())) - {room})
    return below


def _nearest(below: Mapping[str, set[str]], room: str) -> set[str]:
    implied = {farther for other in below[room] for farther in _reached(below, other)}
    return below[room] - implied


def _reached(below: Mapping[str, set[str]], room: str) -> Iterator[str]:
    for other in below[room]:
        yield other
        yield from _reached(below, other)
