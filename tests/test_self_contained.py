"""Nothing in code, tests and tools leans on a file outside the clone (pages: `tests/docs`)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = (".ci", ".github", "deploy", "docs", "ext", "loadtests", "proto", "riskengine", "tests")
CODE_SUFFIXES = {".hpp", ".proto", ".pxd", ".py", ".pyi", ".pyx", ".sh"}
TEXT_SUFFIXES = {"", ".in", ".json", ".toml", ".txt", ".yaml", ".yml"} | CODE_SUFFIXES
"""With the empty one: Makefile, Dockerfile, LICENSE, .ci/run, .gitignore."""
OUTSIDE = {
    "a folder beside the clone": re.compile(r"\.\./shared\b|(?<![\w.])shared/\w"),
    "a path of one machine": re.compile(r"(?<![\w.])/(work|home|root)/\w"),
    "a document that is not here": re.compile(
        r"\b(DESIGN|REVIEW|CONVENTIONS|ECOSYSTEM|EXAMINATION)\b"
    ),
    "a step of a plan that is not here": re.compile(r"\b[Pp]art \d+\b|\b[Ii]ssue #?\d+\b"),
}
CLIMB = re.compile(r"__file__\)(?:\.resolve\(\))?\.parents\[(\d+)\]")


def texts_of_the_repository() -> list[Path]:
    """Return every file that is written by hand or generated into the repository, as git has it."""
    found = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    for folder in FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    return sorted(path for path in found if path.suffix in TEXT_SUFFIXES)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Every text but this one, which states what must not be found."""
    paths = [path for path in texts_of_the_repository() if path != Path(__file__)]
    return {name_of(path): path.read_text() for path in paths}


@pytest.mark.parametrize("kind", OUTSIDE)
def test_no_file_names(kind: str, texts: dict[str, str]) -> None:
    found = {
        f"{name}: {match.group()}"
        for name, text in texts.items()
        for match in OUTSIDE[kind].finditer(text)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("a folder beside the clone", 'bars = "../shared/data/bars.csv"'),
        ("a folder beside the clone", 'parents[3] / "shared/vectors"'),
        ("a path of one machine", "cd /work/main"),
        ("a document that is not here", "see DESIGN 3"),
        ("a step of a plan that is not here", "isolated margin is part 4"),
        ("a step of a plan that is not here", "mended in issue #9"),
    ],
)
def test_what_is_outside_is_seen(kind: str, text: str) -> None:
    assert OUTSIDE[kind].search(text)


def test_no_code_climbs_out_of_the_repository(texts: dict[str, str]) -> None:
    climbs = [(name, int(steps)) for name, text in texts.items() for steps in CLIMB.findall(text)]
    assert climbs
    assert [(name, steps) for name, steps in climbs if steps > name.count("/")] == []
