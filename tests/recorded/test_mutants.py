"""The mutants' places are still in the core; what each does is tried by hand, in an hour."""

import shutil
from pathlib import Path

import pytest

from tests.recorded.mutants import CORE, MUTANTS, ROOT, Mutant, MutantError

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / CORE, folder / CORE, ignore=shutil.ignore_patterns("*.cpp"))
    return folder


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_one_place(mutant: Mutant, tree: Path) -> None:
    """Who renames a constant or rewords a formula names it anew in `MUTANTS`."""
    before = {path: path.read_text() for path in (tree / CORE).rglob("*.p[xy][dx]")}
    mutant.apply(tree)
    changed = [path for path, text in before.items() if path.read_text() != text]
    for path in changed:
        path.write_text(before[path])
    assert len(changed) == 1


@pytest.mark.parametrize("pattern", ["no such text", "PPM"])
def test_a_place_that_is_not_one_is_refused(pattern: str, tree: Path) -> None:
    with pytest.raises(MutantError, match="times"):
        Mutant("wrong", pattern, "").apply(tree)
