"""Several folders on one disk in memory that counts its steps, fails at any, and loses its power.

The folders themselves, and locks, are real; all else that goes through `Files` is not.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from riskengine.persistence.files import Files
from tests.persistence.disk import Disk, Keep, PowerCut, no_fault


class Shelf(Files):
    """Hold a disk for each folder; `fault` sees each step of any of them first and may raise."""

    def __init__(self, fault: Callable[[int, str], None] = no_fault) -> None:
        self.fault = fault
        self.steps: list[str] = []
        self.disks: dict[Path, Disk] = {}
        self._open: dict[int, tuple[Disk, int]] = {}
        self._is_dead = False

    @property
    def open_files(self) -> int:
        return len(self._open)

    def open(self, path: Path, flags: int) -> int:
        disk = self._disk(path.parent)
        place = (disk, disk.open(path, flags))
        fd = max(self._open, default=1_000) + 1
        self._open[fd] = place
        return fd

    def close(self, fd: int) -> None:
        disk, its_fd = self._open.pop(fd)
        disk.close(its_fd)

    def size(self, fd: int) -> int:
        disk, its_fd = self._open[fd]
        return disk.size(its_fd)

    def pread(self, fd: int, length: int, offset: int) -> bytes:
        disk, its_fd = self._open[fd]
        return disk.pread(its_fd, length, offset)

    def pwritev(self, fd: int, buffers: Sequence[bytes], offset: int) -> int:
        disk, its_fd = self._open[fd]
        return disk.pwritev(its_fd, buffers, offset)

    def lock(self, fd: int) -> None:
        """Nobody else has it."""

    def truncate(self, fd: int, length: int) -> None:
        disk, its_fd = self._open[fd]
        disk.truncate(its_fd, length)

    def fdatasync(self, fd: int) -> None:
        disk, its_fd = self._open[fd]
        disk.fdatasync(its_fd)

    def drop_cached(self, fd: int) -> None:
        disk, its_fd = self._open[fd]
        disk.drop_cached(its_fd)

    def fsync_folder(self, folder: Path) -> None:
        disk = self._disk(folder)
        disk._folder = folder
        disk.fsync_folder(folder)

    def rename(self, source: Path, target: Path) -> None:
        assert source.parent == target.parent
        self._disk(source.parent).rename(source, target)

    def unlink(self, path: Path) -> None:
        disk = self._disk(path.parent)
        if path.name not in disk.names:
            raise FileNotFoundError(2, "no such file", str(path))
        disk.unlink(path)

    def list_names(self, folder: Path) -> list[str]:
        return self._disk(folder).list_names(folder)

    def is_at(self, path: Path, fd: int) -> bool:
        disk, its_fd = self._open[fd]
        return disk is self._disk(path.parent) and disk.is_at(path, its_fd)

    def after_power_cut(self, keep: Keep) -> "Shelf":
        """Return the folders as the next start finds them."""
        shelf = Shelf()
        for folder, disk in self.disks.items():
            shelf.disks[folder] = disk.after_power_cut(keep)
            shelf.disks[folder].fault = shelf._step
        return shelf

    def _disk(self, folder: Path) -> Disk:
        if folder not in self.disks:
            self.disks[folder] = Disk(self._step)
        return self.disks[folder]

    def _step(self, _its_step: int, call: str) -> None:
        if self._is_dead:
            raise PowerCut
        try:
            self.fault(len(self.steps), call)
        except PowerCut:
            self._is_dead = True
            raise
        self.steps.append(call)
