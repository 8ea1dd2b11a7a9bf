"""The commands of CONTRIBUTING.md that choose tests choose some."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.running import finished

ROOT = Path(__file__).parents[2]
COMMANDS = re.findall(
    r"`([^`]*(?:-m pytest|make soak)[^`]*)`", (ROOT / "CONTRIBUTING.md").read_text()
)


def chosen_by(command: str) -> list[str]:
    """Return pytest's arguments in a command of the page."""
    words = shlex.split(command)
    if "pytest" in words:
        return words[words.index("pytest") + 1 :]
    given = [word.removeprefix("PYTEST_ARGS=") for word in words if word.startswith("PYTEST_ARGS=")]
    return ["-m", "soak", *(one for text in given for one in shlex.split(text))]


def test_the_page_has_commands_for_a_file_a_seed_and_a_long_run() -> None:
    arguments = [chosen_by(command) for command in COMMANDS]
    assert sum("-k" in one for one in arguments) >= 2
    assert any(one and one[0].endswith(".py") for one in arguments)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_chooses_tests(command: str) -> None:
    finished([sys.executable, "-m", "pytest", "--collect-only", "-q", *chosen_by(command)], ROOT)
