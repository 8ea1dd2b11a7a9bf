"""House rules of the pages: their width, what they lean on, their links, their decisions."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("deploy", "docs", "ext", "loadtests", "proto", "riskengine", "tests")
MAX_COLUMNS = 100

FOREIGN = re.compile(r"\bDESIGN\b|\b(?:part|issue) \d|\.\./shared|(?:^|[\s`(])/(?:work|home|tmp)/")
"""What a reader of a clone has never seen: other documents, plans, paths of one machine."""

DECISION_PARAGRAPHS = ["Context", "Decision", "Price"]


def _pages() -> list[str]:
    found = list(ROOT.glob("*.md"))
    for folder in FOLDERS:
        found += (ROOT / folder).rglob("*.md")
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


PAGES = _pages()


def _text(page: str) -> str:
    return (ROOT / page).read_text()


def _anchors(text: str) -> set[str]:
    """Return the anchors that GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_pages_are_found() -> None:
    assert {"README.md", "docs/OPERATIONS.md", "docs/decisions/README.md"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_no_line_is_wider_than_100_columns(page: str) -> None:
    wide = [line for line in _text(page).splitlines() if len(line) > MAX_COLUMNS]
    assert wide == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_leans_on_nothing_outside(page: str) -> None:
    assert FOREIGN.findall(_text(page)) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_is_named_exists(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:`|^)make ([a-z][a-z-]+)", _text(page), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", _text(page)):
        if link.startswith("http"):
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target.read_text()), link


def test_the_code_map_names_what_exists() -> None:
    text = _text("ARCHITECTURE.md")
    core = ROOT / "ext/riskengine/core"
    rooms = {f"{path.name}/" for path in core.iterdir() if path.is_dir()} - {"__pycache__/"}
    mapped = set(re.findall(r"^- `([\w/.]+)`:", text, re.MULTILINE))
    assert rooms <= mapped
    for package in (ROOT / "riskengine").glob("*/__init__.py"):
        assert f"riskengine/{package.parent.name}/" in mapped
    assert {
        name for name in mapped if not (core / name).exists() and not (ROOT / name).exists()
    } == set()


DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    numbers = [path.name[:3] for path in DECISIONS]
    assert numbers == [f"{number:03d}" for number in range(1, len(DECISIONS) + 1)]
    listed = re.findall(r"^- \[(\d+)\]\((.+)\) (.+)$", _text("docs/decisions/README.md"), re.M)
    titles = [path.read_text().partition("\n")[0] for path in DECISIONS]
    assert [f"# {number}. {title}" for number, _, title in listed] == titles
    assert [name for _, name, _ in listed] == [path.name for path in DECISIONS]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_context_decision_and_price(path: Path) -> None:
    begun = re.findall(r"^\*\*(\w+)\.\*\* ", path.read_text(), re.MULTILINE)
    assert begun[:3] == DECISION_PARAGRAPHS
