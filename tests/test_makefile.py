"""What the build asks of its surroundings."""

import re
from pathlib import Path

import pytest

from riskengine.config import SETTINGS

ROOT = Path(__file__).parents[1]
BUILD_FILES = (".ci/run", ".github/workflows/ci.yml", "Dockerfile", "Makefile", "setup.py")


@pytest.mark.parametrize("name", BUILD_FILES)
def test_no_variable_of_the_build_is_taken_for_a_setting(name: str) -> None:
    """A server that is started with one of them in its environment would refuse it as unknown."""
    named = re.findall(r"\bRISKENGINE_([A-Z_]+)", (ROOT / name).read_text())
    assert {key.lower() for key in named} <= set(SETTINGS)
