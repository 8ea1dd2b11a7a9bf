from pathlib import Path

import pytest

from tests.persistence.support import LogFolder


@pytest.fixture
def closed_log(tmp_path: Path) -> LogFolder:
    """Return a log of several segments that was closed: its mark is exact."""
    return LogFolder.filled(tmp_path / "log")


@pytest.fixture
def unmarked_log(closed_log: LogFolder) -> LogFolder:
    """Return a log whose mark states nothing, as if each write of it had been lost."""
    closed_log.forget_mark()
    return closed_log
