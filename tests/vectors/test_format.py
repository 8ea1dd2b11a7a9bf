"""The files of worked cases: one layout, known sources, nothing personal, 100 columns."""

import re
from typing import Any

import pytest

from tests.vectors.cases import FOLDER, SOURCES, read_json, read_topics

TOPICS = read_topics()
PATHS = sorted(FOLDER.glob("*.json"))
REQUIRED = ["id", "rule", "source", "evidence", "given", "then"]
OPTIONAL = ["tolerance", "note"]
EVIDENCE = {"printed", "recomputed", "derived", "corrected"}
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_. -]*")
PERSONAL = re.compile(r"0x[0-9a-fA-F]{8,}|\w@\w+\.\w")


def keys_of(value: Any) -> set[str]:
    """Return the keys of all objects in a value."""
    if isinstance(value, dict):
        return set(value).union(*(keys_of(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(keys_of(inner) for inner in value))
    return set()


@pytest.mark.parametrize("path", [path for path in PATHS if path != SOURCES], ids=lambda p: p.stem)
def test_a_file_has_its_fields(path: Any) -> None:
    document = read_json(path)
    assert list(document) == [
        "about",
        "rules",
        *(["parameters"] if "parameters" in document else []),
        "cases",
    ]
    for row in document["cases"]:
        optional = [name for name in OPTIONAL if name in row]
        assert list(row) == [*REQUIRED, *optional], row["id"]
        assert row["evidence"] in EVIDENCE
        assert all(NAME.fullmatch(key) for key in keys_of([row["given"], row["then"]]))
    assert [row["rule"] for row in document["cases"]] == sorted(
        (row["rule"] for row in document["cases"]), key=list(document["rules"]).index
    )


def test_every_rule_has_a_formula_and_a_case() -> None:
    rules = [rule for topic in TOPICS for rule in topic.rules]
    assert len(set(rules)) == len(rules)
    for topic in TOPICS:
        assert {case.rule for case in topic.cases} == set(topic.rules)
        assert all(all(lines) and lines for lines in topic.rules.values())


def test_ids_are_unique() -> None:
    ids = [case.id for topic in TOPICS for case in topic.cases]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"(anchor|peer|venue)-\d{3}", case_id) for case_id in ids)


def test_every_source_has_its_place() -> None:
    places = read_json(SOURCES)
    used = {case.source.split(": ")[0] for topic in TOPICS for case in topic.cases}
    assert used == set(places)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_file_is_narrow_and_names_nobody(path: Any) -> None:
    text = path.read_text()
    assert max(map(len, text.splitlines())) <= 100
    assert PERSONAL.findall(text) == []


def test_scans_name_parameters_that_are_there() -> None:
    document = read_json(FOLDER / "portfolio_margin.json")
    default = document["parameters"]["default"]
    shocks = sum(len(spots) for spots in default["regular_spot_shocks"].values())
    for row in document["cases"]:
        changed = row["given"].get("changed", {})
        assert row["given"].get("parameters", "default") in document["parameters"]
        assert keys_of(changed) <= keys_of(default)
        assert all(type(changed[name]) is type(default[name]) for name in changed)
        if row["rule"] == "parameters_of_the_scan":
            count = shocks + len(default["tails"]) + len(default["skew"])
            assert count == row["then"]["scenarios"]
