import subprocess
import sys
from pathlib import Path

import pytest

from riskengine.persistence import JournalLocked, open_segment_log
from riskengine.persistence.folder_lock import LOCK_NAME, is_locked
from tests.persistence.support import SMALL, fill, opened

OPENER = """
import sys
from pathlib import Path
from riskengine.persistence import JournalLocked, open_segment_log
try:
    log = open_segment_log(Path(sys.argv[1]))
except JournalLocked as error:
    print("locked:", error)
else:
    print("last:", log.head.sequence)
    log.close()
"""


def open_elsewhere(folder: Path) -> str:
    result = subprocess.run(
        [sys.executable, "-c", OPENER, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    return result.stdout.strip()


def test_second_opener_is_refused_until_the_first_closes(tmp_path: Path) -> None:
    log = opened(tmp_path)
    fill(log, [2])
    with pytest.raises(JournalLocked, match=str(tmp_path)):
        open_segment_log(tmp_path, SMALL)
    assert open_elsewhere(tmp_path).startswith(f"locked: {tmp_path} is open")
    (tmp_path / LOCK_NAME).unlink()
    assert open_elsewhere(tmp_path).startswith(f"locked: {tmp_path} is open"), "a new lock file"
    assert is_locked(tmp_path)
    fill(log, [1])
    log.close()
    assert not is_locked(tmp_path)
    assert open_elsewhere(tmp_path) == "last: 3"
