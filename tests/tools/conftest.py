from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.support import Source


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    """Return a folder that is open, with some segments and two snapshots, not shortened."""
    made = Source(tmp_path / "data").open_venue().play(40)
    made.snapshot()
    made.play(40)
    made.snapshot()
    made.play(25)
    assert made.machine.engine.instruction_sequence > 3
    yield made
    made.close()
