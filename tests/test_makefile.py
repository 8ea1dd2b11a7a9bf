"""What the build asks of its surroundings: its variables, and what its copies of the tree hold."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from riskengine.config import SETTINGS
from tests.running import finished

ROOT = Path(__file__).parents[1]
BUILD_FILES = (".ci/run", ".github/workflows/ci.yml", "Dockerfile", "Makefile", "setup.py")


@pytest.mark.parametrize("name", BUILD_FILES)
def test_no_variable_of_the_build_is_taken_for_a_setting(name: str) -> None:
    """A server that is started with one of them in its environment would refuse it as unknown."""
    named = re.findall(r"\bRISKENGINE_([A-Z_]+)", (ROOT / name).read_text())
    assert {key.lower() for key in named} <= set(SETTINGS)


def test_a_copy_of_the_tree_holds_sources_and_no_data(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in ("ext/known.pyx", "ext/new.pyx", "riskengine-data/segment", "venue/segment"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("")
    (tree / "setup.py").write_text("")
    for name in ("Makefile", ".gitignore"):
        shutil.copy(ROOT / name, tree / name)
    (tree / ".venv/bin").mkdir(parents=True)
    (tree / ".venv/bin/python").symlink_to(sys.executable)
    run(tree, "git", "init", "--quiet")
    run(tree, "git", "add", "ext/known.pyx", "Makefile", "setup.py", ".gitignore")
    run(tree, "make", "-o", "setup", "debug")
    copied = (tree / "build/debug/files").read_text().splitlines()
    assert copied == [".gitignore", "Makefile", "ext/known.pyx", "ext/new.pyx", "setup.py"]
    assert all((tree / "build/debug" / name).exists() for name in copied)


def run(folder: Path, *command: str) -> None:
    """Run a command there; variables of an outer make or git do not reach it."""
    foreign = ("GIT_", "MAKE", "MFLAGS")
    clean = {name: text for name, text in os.environ.items() if not name.startswith(foreign)}
    finished(command, folder, environment=clean)
