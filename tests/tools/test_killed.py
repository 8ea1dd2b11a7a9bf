"""A restore is killed at each of its steps: no start takes what is left, and it can be done again.

The process is a real one, and what it has written is what the kernel has of it.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from riskengine.cli import main
from riskengine.persistence import JournalDamaged
from riskengine.persistence.folder_lock import LOCK_NAME
from riskengine.persistence.mark import MARK_NAME
from riskengine.tools.folder import DataFolder, WrongUsageError
from riskengine.tools.moments import Moment
from riskengine.tools.progress import unseen
from riskengine.tools.restore import restore
from riskengine.tools.verify import verify
from tests.persistence.support import Unsynced
from tests.tools.support import Source, image, started, started_instructions

ROOT = Path(__file__).parents[2]
CUT = 33
TEXT = "was begun by a restore that came to no end: run that once more into the same folder"

RESTORER = """
import os, signal, sys
from itertools import count
from pathlib import Path
from riskengine.tools.folder import DataFolder
from riskengine.tools.moments import Moment
from riskengine.tools.progress import unseen
from riskengine.tools.restore import restore
from tests.persistence.support import Unsynced

class Killed(Unsynced):
    left = 0

    def _step(self):
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1

    def open(self, path, flags):
        if flags & os.O_CREAT:
            self._step()
        return super().open(path, flags)

    def pwritev(self, fd, buffers, offset):
        self._step()
        return super().pwritev(fd, buffers, offset)

    def fdatasync(self, fd):
        self._step()

    def fsync_folder(self, folder):
        self._step()

    def rename(self, source, target):
        self._step()
        super().rename(source, target)

    def unlink(self, path):
        self._step()
        super().unlink(path)

source, targets, cut = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
for step in count():
    child = os.fork()
    if not child:
        files = Killed()
        files.left = step
        restore(
            DataFolder.existing(source), DataFolder(targets / str(step), files), Moment(cut), unseen
        )
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
        break
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Return a closed folder of a few segments, a snapshot, instructions and consumers."""
    folder = tmp_path_factory.mktemp("killed") / "data"
    made = Source(folder, instruction_bytes=200).open_venue().open_called()
    made.swing(1).play(9)
    made.snapshot()
    made.swing(2).play(35)
    made.confirm(books=2)
    return made.close()


@pytest.fixture(scope="module")
def left(source: Source) -> list[Path]:
    """Return what restores left that were killed at their first step, their second, and so on."""
    targets = source.folder.parent / "targets"
    targets.mkdir()
    subprocess.run(
        [sys.executable, "-c", RESTORER, str(source.folder), str(targets), str(CUT)],
        cwd=ROOT,
        check=True,
    )
    found = sorted(targets.iterdir(), key=lambda path: int(path.name))
    assert len(found) > 40
    check_restored(source, found.pop())
    return found


def check_restored(source: Source, folder: Path) -> None:
    found = verify(DataFolder.existing(folder), unseen)
    assert found.is_whole, found.text()
    machine, _ = started(folder)
    assert machine.state_hash() == source.hashes[CUT]
    last = source.last_instructions[CUT]
    assert list(started_instructions(folder).pieces) == list(range(1, last + 1))


def unfinished(left: list[Path]) -> Iterator[Path]:
    """Yield the folders whose journal is none yet."""
    for folder in left:
        mark = folder / "journal" / MARK_NAME
        if mark.exists() and not mark.stat().st_size:
            yield folder


def test_no_start_takes_what_is_left(source: Source, left: list[Path]) -> None:
    refused = set(unfinished(left))
    assert len(refused) > 30
    for folder in left:
        before = image(folder)
        if folder in refused:
            with pytest.raises(JournalDamaged, match=TEXT):
                started(folder)
            assert image(folder) == before
        elif not (folder / "journal" / MARK_NAME).exists():
            assert {Path(name).name for name in before} <= {LOCK_NAME}, "nothing was restored yet"


def test_the_same_again_begins_anew_and_completes(source: Source, left: list[Path]) -> None:
    """And is refused where all was there already: only the check at its end was not."""
    for folder in left:
        target = DataFolder(folder, Unsynced())
        mark = folder / "journal" / MARK_NAME
        if mark.exists() and mark.stat().st_size:
            with pytest.raises(WrongUsageError, match="is not empty"):
                restore(source.data, target, Moment(CUT), unseen)
        else:
            restore(source.data, target, Moment(CUT), unseen)
        check_restored(source, folder)


def test_the_tools_say_what_it_is(source: Source, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "journal").mkdir(parents=True)
    (folder / "journal" / MARK_NAME).touch()
    for arguments in (
        ("verify", "--data-dir", str(folder)),
        ("replay", "--data-dir", str(folder)),
        ("restore", "--from", str(folder), "--to", str(tmp_path / "other")),
        ("backup", "--data-dir", str(folder), "--to", str(tmp_path / "other")),
    ):
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 1
        assert TEXT in done.output
