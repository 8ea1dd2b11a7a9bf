"""What a tool found, for people as text and for programs as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import wrap
from typing import Any, NamedTuple

MAX_COLUMNS = 80
"""What people are shown is no wider, but for a word that is: a path, or a request in one line."""


class Fault(NamedTuple):
    """One thing that is not as it was written; offset in bytes, sequence the first affected."""

    path: Path
    offset: int | None
    sequence: int | None
    reason: str

    def text(self) -> str:
        """Return a line for people."""
        places = (("offset", self.offset), ("sequence", self.sequence))
        words = [f"{name} {place}" for name, place in places if place is not None]
        return ", ".join([str(self.path), *words]) + f": {self.reason}"


@dataclass(slots=True)
class PartReport:
    """What was found of one part of a folder."""

    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_values(self) -> dict[str, Any]:
        """Return it as values of JSON."""
        faults = [fault._asdict() | {"path": str(fault.path)} for fault in self.faults]
        return {"part": self.name, **self.facts, "notes": self.notes, "faults": faults}


def json_text(values: Mapping[str, Any], *, indent: int | None = 2) -> str:
    """Return values as JSON; whole numbers stay numbers whatever their size."""
    return json.dumps(values, indent=indent, ensure_ascii=False)


def rows_text(values: Mapping[str, Any], indent: str = "") -> str:
    """Return names and values in two columns; what has more than one value stands below its name.

    A row of plain values takes a line if it fits in one.
    """
    width = max(map(len, values), default=0)
    lines = []
    for name, value in values.items():
        shown = name.replace("_", " ")
        if isinstance(value, Mapping) and not _is_plain(value):
            lines += [f"{indent}{shown}", rows_text(value, f"{indent}  ")]
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            lines.append(f"{indent}{shown}")
            lines += [_item(item, f"{indent}  ") for item in value]
        else:
            lines.append(wrapped(f"{indent}{shown.ljust(width)}  ", _cell(value)))
    return "\n".join(lines)


def wrapped(label: str, text: str) -> str:
    """Return a text behind a label, what does not fit into the line below its beginning."""
    return "\n".join(
        wrap(
            text,
            MAX_COLUMNS,
            initial_indent=label,
            subsequent_indent=" " * len(label),
            break_long_words=False,
            break_on_hyphens=False,
        )
        or [label.rstrip()]
    )


def _item(item: Any, indent: str) -> str:
    line = f"{indent}{_cell(item)}"
    if isinstance(item, Mapping) and (not _is_plain(item) or len(line) > MAX_COLUMNS):
        return rows_text(item, indent)
    return line


def _is_plain(values: Mapping[str, Any]) -> bool:
    return not any(isinstance(value, (Mapping, list)) for value in values.values())


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        return "  ".join(f"{name}={_cell(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_cell, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
