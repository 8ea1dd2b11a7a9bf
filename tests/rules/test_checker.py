"""The checker itself, on small texts: what it must find, and what it must let pass."""

import pytest

from tests.rules.citations import Shown, marked_tests, scenarios, shown_by, unknown_ids
from tests.rules.pages import (
    Chapter,
    Rule,
    chapters_of,
    numbering_faults,
    retired_of,
    rules_of,
    shape_faults,
    worked_blocks,
)
from tests.rules.worked import faults

PAGE = """# Sums

### ZZ-1 Sum

Two numbers make a third one, which no text says more about.

```worked
1 + 1 = 2
```

Scenario Q07.

### ZZ-2 Difference

Example: 3 less 2 is 1, see ZZ-1 and Q08; test `test_less`.
"""
SUMS = Chapter("sums.md", frozenset({"ZZ-1", "ZZ-2"}))


def named(*ids: str) -> list[Rule]:
    return [Rule(name, "Title", "") for name in ids]


def test_rules_are_read_with_their_text() -> None:
    first, second = rules_of(PAGE)
    assert (first.id, first.title, first.chapter, first.number) == ("ZZ-1", "Sum", "ZZ", 1)
    assert worked_blocks(first.text) == ["1 + 1 = 2\n"]
    assert first.named_scenarios == ["Q07"]
    assert second.named_scenarios == ["Q08"]
    assert (first.named_tests, second.named_tests) == ([], ["test_less"])
    assert shape_faults(first) == shape_faults(second) == set()


@pytest.mark.parametrize("heading", ["Sum", "ZZ-1", "ZZ1 Sum", "zz-1 Sum", "ZZ-1  Sum"])
def test_a_heading_without_an_id_is_no_rule(heading: str) -> None:
    with pytest.raises(ValueError, match="no rule"):
        list(rules_of(f"### {heading}\n\nText.\n"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("Ten words are enough to say something, more or less.", "example", id="bare"),
        pytest.param("Example: none.", "says nothing", id="short"),
        pytest.param("```text\na = b\n```\n", "example", id="a formula alone"),
    ],
)
def test_a_rule_says_something_and_has_a_number(text: str, fault: str) -> None:
    (found,) = shape_faults(Rule("ZZ-1", "Sum", text))
    assert fault in found


@pytest.mark.parametrize(
    ("ids", "retired", "found"),
    [
        pytest.param(["ZZ-1", "ZZ-2"], set(), set(), id="right"),
        pytest.param(["ZZ-2", "ZZ-1"], set(), set(), id="in any order"),
        pytest.param(["ZZ-1"], set(), {"ZZ-2 is missing"}, id="one was dropped"),
        pytest.param(["ZZ-1"], {"ZZ-2"}, set(), id="one was retired"),
        pytest.param(["ZZ-1", "ZZ-2"], {"ZZ-2"}, {"ZZ-2 was retired"}, id="given again"),
        pytest.param(
            ["ZZ-1", "ZZ-2", "ZZ-999"], set(), {"ZZ-999 is no number of sums.md"}, id="beyond"
        ),
        pytest.param(["ZZ-1", "ZZ-2", "YY-1"], set(), {"YY-1 is no number of sums.md"}, id="other"),
        pytest.param(["ZZ-1", "ZZ-2", "ZZ-2"], set(), {"ZZ-2 is defined twice"}, id="twice"),
    ],
)
def test_numbers(ids: list[str], retired: set[str], found: set[str]) -> None:
    assert numbering_faults([SUMS], {"sums.md": named(*ids)}, retired) == found


def test_every_page_is_in_the_index_and_there() -> None:
    assert numbering_faults([], {"sums.md": []}, set()) == {"sums.md is not in the index"}
    found = numbering_faults([SUMS], {}, set())
    assert found == {"sums.md is not there"}


def test_the_index_is_read() -> None:
    index = "| [Sums](sums.md) | ZZ-1 to ZZ-2 | of two numbers |\n\nRetired: ZZ-4, ZZ-6.\n"
    assert chapters_of(index) == [SUMS]
    with pytest.raises(ValueError, match="no rules: ZZ-3 on"):
        chapters_of("| [Sums](sums.md) | ZZ-1, ZZ-3 on | of two numbers |\n")
    assert retired_of(index) == {"ZZ-4", "ZZ-6"}
    assert retired_of("Retired: none.") == set()


def test_a_chapter_may_stand_in_several_pages() -> None:
    index = "| [Sums](sums.md) | ZZ-1, ZZ-3 to ZZ-4 | |\n| [More](more.md) | ZZ-2 | |\n"
    sums, more = chapters_of(index)
    listed = {"sums.md": named("ZZ-1", "ZZ-3", "ZZ-4"), "more.md": named("ZZ-2")}
    assert numbering_faults([sums, more], listed, set()) == set()
    without = {"sums.md": listed["sums.md"]}
    assert numbering_faults([sums], without, set()) == {"ZZ-2 is in no page of the index"}
    assert "ZZ-2 is in two pages" in numbering_faults(
        [SUMS, more], {"sums.md": named("ZZ-1", "ZZ-2"), "more.md": named("ZZ-2")}, set()
    )


def test_what_looks_like_an_id_and_is_none_is_found() -> None:
    text = "ZZ-1, ZZ-1 to ZZ-9; UTF-8, SHA-256, a-1, XZZ-7, ZZ-x, (QQ-3)"
    assert unknown_ids(text, {"ZZ-1"}) == {"ZZ-9", "QQ-3"}


TEST_SOURCE = """
@pytest.mark.rule("ZZ-1", "ZZ-2")
@pytest.mark.parametrize("a", [pytest.param(1, marks=pytest.mark.rule("ZZ-3")), 2])
def test_sums(a: int) -> None:
    "A docstring cites ZZ-4, and a test that is not marked shows nothing."

async def test_more() -> None:
    pytest.mark.rule("ZZ-5")

@pytest.mark.rule("ZZ-6")
def helper() -> None: ...

@rule(amount=1)
def test_stateful() -> None: ...
"""


def test_marks_are_read_from_the_code() -> None:
    assert list(marked_tests(TEST_SOURCE)) == [
        Shown("test_sums", ("ZZ-1", "ZZ-2", "ZZ-3")),
        Shown("test_more", ()),
        Shown("test_stateful", ()),
    ]


def test_scenarios_are_read_from_their_titles() -> None:
    source = '''X = {"Q07 two of them [ZZ-1 ZZ-2]": """text""", "Q08 none": "", "fee": 1}'''
    found = list(scenarios(source))
    assert found == [Shown("Q07", ("ZZ-1", "ZZ-2")), Shown("Q08", ())]
    assert shown_by(found) == {"ZZ-1": ["Q07"], "ZZ-2": ["Q07"]}


@pytest.mark.parametrize(
    "block",
    [
        "1 + 1 = 2",
        "E = 60 + 10 * 90 - 1000 = -40  # a comment",
        "E = 3\nE < 4",
        "a' = 2\na' * 2 = 4",
        "7 / 2 = 35 / 10\nfloor(-7 / 2) = -4\nceil(-7 / 2) = -3\nabs(-2) = 2",
        "MM(k) = ceil(k * 5 / 100)\nMM(21) = 2\nMM(20) < MM(21)",
        "1 < 2 <= 2 = 2 != 3 > 1 >= 1",
        "2^62 - 1 = 4_611_686_018_427_387_903",
        "5_000 * 2^-1 = 2_500",
    ],
)
def test_numbers_that_hold(block: str) -> None:
    assert faults(block) == []


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("1 + 1 = 3", "2 = 3 does not hold"),
        ("E = 1 + 1 = 3", "2 = 3 does not hold"),
        ("E = 2\nE = 3", "2 = 3 does not hold"),
        ("2 < 2", "does not hold"),
        ("E = 2", "nothing is claimed"),
        ("", "nothing is claimed"),
        ("E", "nothing is claimed"),
        ("MM(k) = k", "nothing is claimed"),
        ("MM(k) = k = 3", "one expression"),
        ("F = 1", "nothing is claimed"),
        ("F < 1", "KeyError"),
        ("F(1) = 1 + 1", "KeyError"),
        ("1 / 0 = 1", "ZeroDivisionError"),
        ("1.5 = 3 / 2", "ValueError"),
        ("open(1) = 1", "KeyError"),
        ("(1).real = 1", "ValueError"),
        ("1 + = 1", "SyntaxError"),
        ("1,000 = 1000", "ValueError"),
    ],
)
def test_numbers_that_do_not(block: str, reason: str) -> None:
    (fault,) = faults(block)
    assert reason in fault
