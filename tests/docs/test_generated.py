"""What `make pages` writes is what is committed."""

from pathlib import Path

import pytest

from docs.generate.operations import operations
from docs.generate.pages import pages

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", pages(ROOT), ids=lambda path: path.name)
def test_a_generated_page_is_up_to_date(path: Path) -> None:
    assert path.read_text() == pages(ROOT)[path], "run `make pages`"


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no marks around its settings"):
        operations("# Running the server\n")
