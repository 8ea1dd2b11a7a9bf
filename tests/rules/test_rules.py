"""Every rule of docs/rules is shown by a test, and every rule that is cited exists."""

import re

import pytest

from tests.rules.citations import (
    marked_tests,
    scenarios,
    shown_by,
    texts,
    unknown_ids,
)
from tests.rules.pages import (
    INDEX,
    ROOT,
    chapters_of,
    numbering_faults,
    pages,
    retired_of,
    rules_of,
    shape_faults,
    worked_blocks,
)
from tests.rules.worked import faults

PAGE = re.compile(r"\bdocs/[\w/-]+\.md\b")
TEST = re.compile(r"`(tests/[^`]+)`")
PAGES = pages()
PROOFS = {path.name: path.read_text() for path in sorted((ROOT / "docs/proofs").glob("*.md"))}
RULES = [rule for page in PAGES.values() for rule in rules_of(page)]
KNOWN = {rule.id for rule in RULES}
TESTS = [
    one
    for path in sorted((ROOT / "tests").rglob("test_*.py"))
    for one in marked_tests(path.read_text())
]
SCENARIOS = [
    one
    for path in sorted((ROOT / "tests/scenarios").glob("test_*.py"))
    for one in scenarios(path.read_text())
]


def test_rules_are_numbered_without_gaps_in_the_pages_of_the_index() -> None:
    index = INDEX.read_text()
    listed = {name: list(rules_of(page)) for name, page in PAGES.items()}
    assert numbering_faults(chapters_of(index), listed, retired_of(index)) == set()


def test_every_rule_says_something_and_has_a_number_worked() -> None:
    assert set().union(*map(shape_faults, RULES)) == set()


def test_every_rule_is_shown_by_a_scenario_or_a_marked_test() -> None:
    shown = shown_by(TESTS + SCENARIOS)
    assert [rule.id for rule in RULES if rule.id not in shown] == []


def test_every_scenario_shows_a_rule() -> None:
    assert [one.name for one in SCENARIOS if not one.rules] == []
    assert len({one.name for one in SCENARIOS}) == len(SCENARIOS)


def test_every_rule_that_is_cited_exists() -> None:
    """Of a rule that was retired only the index and the CHANGELOG may speak."""
    retired = retired_of(INDEX.read_text())
    cited = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in texts()
        for name in unknown_ids(path.read_text(), KNOWN)
        if name not in retired or path not in (INDEX, ROOT / "CHANGELOG.md")
    }
    assert cited == set()


def test_a_scenario_that_a_rule_names_shows_that_rule() -> None:
    shows = {one.name: one.rules for one in SCENARIOS}
    wrong = {
        f"{rule.id} names {code}"
        for rule in RULES
        for code in rule.named_scenarios
        if rule.id not in shows.get(code, ())
    }
    assert wrong == set()


def test_a_test_that_a_rule_names_is_marked_with_that_rule() -> None:
    shows: dict[str, set[str]] = {}
    for one in TESTS:
        shows.setdefault(one.name, set()).update(one.rules)
    wrong = {
        f"{rule.id} names {name}"
        for rule in RULES
        for name in rule.named_tests
        if rule.id not in shows.get(name, ())
    }
    assert wrong == set()


@pytest.mark.parametrize("page", PAGES | PROOFS)
def test_worked_numbers_are_right(page: str) -> None:
    blocks = worked_blocks((PAGES | PROOFS)[page])
    assert blocks
    assert [fault for block in blocks for fault in faults(block)] == []


def test_pages_and_tests_that_a_text_names_are_there() -> None:
    """A page of the repository is named by its path, in code as in pages; proofs name tests."""
    named = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in texts()
        for name in PAGE.findall(path.read_text())
        if not (ROOT / name).exists()
    }
    assert named == set()
    tests = {name for page in PROOFS.values() for name in TEST.findall(page)}
    assert tests
    assert {name for name in tests if not (ROOT / name).exists()} == set()
