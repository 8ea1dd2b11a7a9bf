"""The pages of docs/rules as values: rules, worked numbers, the table of chapters.

A rule is a heading `### WF-7 Steps and dust` and what follows up to the next heading.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/rules"
INDEX = FOLDER / "README.md"

ID = re.compile(r"\b[A-Z]{2}-[0-9]+\b")
HEADING = re.compile(r"^### (.*)$", re.MULTILINE)
TITLE = re.compile(rf"({ID.pattern}) (\S.*)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLE = re.compile(r"^Example: ", re.MULTILINE)
CHAPTER = re.compile(r"^\| \[[\w ]+\]\(([\w-]+\.md)\) \| ([A-Z]{2}-[^|]+) \|", re.MULTILINE)
SPAN = re.compile(r"([A-Z]{2})-(\d+)(?: to \1-(\d+))?")
RETIRED = re.compile(r"^Retired: (.*?)\.$", re.MULTILINE)
SCENARIO = re.compile(r"\b[A-Z]\d\d\b")
TEST = re.compile(r"`(test_\w+)`")


class Rule(NamedTuple):
    id: str
    title: str
    text: str

    @property
    def chapter(self) -> str:
        return self.id.partition("-")[0]

    @property
    def number(self) -> int:
        return int(self.id.partition("-")[2])

    @property
    def named_scenarios(self) -> list[str]:
        """Return the codes of the scenarios that the rule says play it."""
        return SCENARIO.findall(BLOCK.sub("", self.text))

    @property
    def named_tests(self) -> list[str]:
        """Return the names of the tests that the rule says show it."""
        return TEST.findall(BLOCK.sub("", self.text))


class Chapter(NamedTuple):
    """A row of the index: a page, and the ids of the rules that stand in it."""

    page: str
    ids: frozenset[str]


def rules_of(page: str) -> Iterator[Rule]:
    """Yield the rules of a page; ValueError for a heading that is none."""
    headings = list(HEADING.finditer(page))
    ends = [heading.start() for heading in headings[1:]] + [len(page)]
    for heading, end in zip(headings, ends, strict=True):
        title = TITLE.fullmatch(heading[1])
        if title is None:
            raise ValueError(f"no rule: {heading[1]}")
        yield Rule(title[1], title[2], page[heading.end() : end])


def worked_blocks(page: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(page) if kind == "worked"]


def _ids(spans: str) -> frozenset[str]:
    """Return the ids of a list of spans, `WF-1 to WF-9, WF-25`; ValueError for what is none."""
    found: set[str] = set()
    for span in spans.split(", "):
        match = SPAN.fullmatch(span)
        if match is None:
            raise ValueError(f"no rules: {span}")
        letters, first, last = match.groups()
        found |= {f"{letters}-{number}" for number in range(int(first), int(last or first) + 1)}
    return frozenset(found)


def chapters_of(index: str) -> list[Chapter]:
    return [Chapter(page, _ids(spans)) for page, spans in CHAPTER.findall(index)]


def retired_of(index: str) -> set[str]:
    """Return the ids that were given once and are no rules any more."""
    (line,) = RETIRED.findall(index)
    return set() if line == "none" else set(line.split(", "))


def pages() -> dict[str, str]:
    """Return the text of each chapter by the name of its page."""
    return {path.name: path.read_text() for path in sorted(FOLDER.glob("*.md")) if path != INDEX}


def _gaps(ids: Iterable[str]) -> set[str]:
    """Say which numbers below the last one of their letters are nobody's."""
    last: dict[str, int] = {}
    given = set(ids)
    for name in given:
        letters, _, number = name.partition("-")
        last[letters] = max(last.get(letters, 0), int(number))
    every = {f"{one}-{number}" for one, most in last.items() for number in range(1, most + 1)}
    return {f"{name} is in no page of the index" for name in every - given}


def numbering_faults(
    chapters: Iterable[Chapter], rules: Mapping[str, Iterable[Rule]], retired: set[str]
) -> set[str]:
    """Say what is wrong with the numbers of the rules, which are given by page.

    A number is given once, in its chapter's page, without gaps; a retired one is no rule any more.
    A chapter may stand in several pages.
    """
    found = set()
    by_page = {chapter.page: chapter.ids for chapter in chapters}
    claimed = Counter(name for ids in by_page.values() for name in ids)
    found |= {f"{name} is in two pages" for name, count in claimed.items() if count > 1}
    found |= _gaps(claimed)
    for page, listed in rules.items():
        if page not in by_page:
            found.add(f"{page} is not in the index")
            continue
        given = by_page[page]
        counts = Counter(rule.id for rule in listed)
        found |= {f"{name} is defined twice" for name, count in counts.items() if count > 1}
        found |= {f"{name} is no number of {page}" for name in counts if name not in given}
        found |= {f"{name} was retired" for name in counts if name in retired}
        found |= {f"{name} is missing" for name in given - set(counts) - retired}
    return found | {f"{page} is not there" for page in by_page if page not in rules}


def shape_faults(rule: Rule) -> set[str]:
    """Say what a rule lacks: a sentence or a formula, and a number that is worked or told."""
    found = set()
    if not BLOCK.search(rule.text) and len(rule.text.split()) < 10:
        found.add(f"{rule.id} says nothing")
    if not worked_blocks(rule.text) and not EXAMPLE.search(rule.text):
        found.add(f"{rule.id} has no worked number and no example")
    return found
