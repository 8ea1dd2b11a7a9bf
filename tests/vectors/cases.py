"""The worked cases of venues, peers and papers: one JSON file a topic, read here.

Numbers with a point are read as decimals, so 0.1 is 0.1.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent
SOURCES = FOLDER / "sources.json"


class Case(NamedTuple):
    """What a source says of one rule: with these numbers given, those come out."""

    id: str
    topic: str
    rule: str
    source: str
    evidence: str
    given: dict[str, Any]
    then: dict[str, Any]


class Topic(NamedTuple):
    """One file: its rules, as the sources have them, and their cases."""

    name: str
    about: str
    rules: dict[str, list[str]]
    cases: list[Case]


def read_json(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(), parse_float=Decimal)
    return document


def read_topics() -> list[Topic]:
    """Return all topics in order of name."""
    paths = sorted(path for path in FOLDER.glob("*.json") if path != SOURCES)
    return [read_topic(path) for path in paths]


def read_topic(path: Path) -> Topic:
    document = read_json(path)
    cases = [
        Case(
            row["id"],
            path.stem,
            row["rule"],
            row["source"],
            row["evidence"],
            row["given"],
            row["then"],
        )
        for row in document["cases"]
    ]
    return Topic(path.stem, document["about"], document["rules"], cases)


def dec(value: Any) -> Decimal:
    return Decimal(value)
