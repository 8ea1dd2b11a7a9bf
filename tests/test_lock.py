"""The lock of the tools: a release for all that pyproject.toml asks for, from the usual index."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([\w.-]+)==([\w.]+)$")
LINES = [
    line
    for line in (ROOT / "requirements-dev.lock").read_text().splitlines()
    if not line.startswith("#")
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ASKED = [
    *PROJECT["dependencies"],
    *(text for extra in PROJECT["optional-dependencies"].values() for text in extra),
]


def test_every_line_pins_one_release_and_nothing_else() -> None:
    assert [line for line in LINES if not PINNED.match(line)] == []


@pytest.mark.parametrize("text", ASKED)
def test_what_is_asked_for_is_pinned_to_a_release_that_is_allowed(text: str) -> None:
    pins = {canonicalize_name(name): version for name, version in map(_pin, LINES)}
    asked = Requirement(text)
    assert asked.specifier.contains(pins[canonicalize_name(asked.name)]), "run `make lock`"


def _pin(line: str) -> tuple[str, str]:
    found = PINNED.match(line)
    assert found is not None, line
    return found[1], found[2]
