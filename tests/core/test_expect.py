"""Preconditions of the core: a false one ends the process in the forms that look at them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from riskengine.core.face.testing import EXPECTING

ROOT = Path(__file__).parents[2]
EXPECT = re.compile(r"\bexpect\((.*)\)$", re.MULTILINE)
REMOVE_WHAT_IS_ABSENT = """
from riskengine.core.face.testing import IdTable
table = IdTable()
table.put(1, 0)
table.remove(2)
"""


@pytest.mark.skipif(not EXPECTING, reason="the release form looks at no precondition")
def test_a_false_precondition_ends_the_process_and_names_its_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", REMOVE_WHAT_IS_ABSENT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode < 0
    assert re.search(r"core/base/id_map\.pyx:\d+: expected .*id_map_get", done.stderr)


def test_each_precondition_is_one_comparison() -> None:
    """Cython computes the parts of anything longer before the call, in the release form too."""
    sources = [
        path
        for path in (ROOT / "ext/riskengine/core").rglob("*")
        if path.suffix in {".pyx", ".pxd"} and path.stem != "expect"
    ]
    conditions = [found for path in sources for found in EXPECT.findall(path.read_text())]
    assert conditions
    for condition in conditions:
        assert len(re.findall(r"[<>=!]=?", condition)) <= 1, condition
        assert not re.search(r"\b(and|or|not|if)\b", condition), condition
