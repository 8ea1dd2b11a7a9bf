"""The shared file of worked cases: venues' pages, peers' tests, papers."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

PATH = Path(__file__).parents[3] / "shared/vectors/vectors.json"


class Case(NamedTuple):
    id: str
    kind: str
    inputs: dict[str, Any]
    expected: dict[str, Any]


def read_cases() -> list[Case]:
    rows = json.loads(PATH.read_text(), parse_float=Decimal)
    return [Case(row["id"], row["kind"], row["inputs"], row["expected"]) for row in rows]


def dec(value: Any) -> Decimal:
    """Return a number that stands there as a number, as text, or as a percentage."""
    text = str(value)
    if text.endswith("%"):
        return Decimal(text[:-1]) / 100
    return Decimal(text)
