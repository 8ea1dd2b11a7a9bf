"""A disk in memory, which counts its steps, fails at any of them, and can lose its power.

What is written stays pending until it is synced, and so do names. `after_power_cut` gives a disk
with what was synced, and with such pending parts as a seed keeps: a write in any of its sectors.
A sync that fails takes what was pending for written, as Linux does: it is seen, but never durable.
"""

import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from riskengine.persistence.files import Files

SECTOR_BYTES = 512


class PowerCut(BaseException):
    """Stop everything at once; no handler of errors may take it for one."""


class ShortWriteError(Exception):
    """Ask the disk to write half of what it is given and to say so."""


@dataclass
class Inode:
    durable: bytearray = field(default_factory=bytearray)
    current: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    """What was written at an offset; None: the file was cut there."""


def patch(image: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del image[offset:]
        return
    if offset > len(image):
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(data)] = data


def no_fault(step: int, call: str) -> None:
    """Let every call through."""


class Disk(Files):
    """Hold one folder's files by name; `fault` sees each step first and may raise."""

    def __init__(self, fault: Callable[[int, str], None] = no_fault) -> None:
        self.fault = fault
        self.steps: list[str] = []
        self.names: dict[str, Inode] = {}
        self._name_states: list[dict[str, Inode]] = [{}]
        self._open: dict[int, Inode] = {}
        self._folder: Path | None = None
        self._dead = False

    @property
    def open_files(self) -> int:
        return len(self._open)

    def count(self, call: str) -> int:
        return self.steps.count(call)

    def open(self, path: Path, flags: int) -> int:
        self._step("open")
        self._folder = path.parent
        if path.name not in self.names:
            if not flags & os.O_CREAT:
                raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
            self.names[path.name] = Inode()
        inode = self.names[path.name]
        if flags & os.O_TRUNC:
            self.names[path.name] = inode = Inode()
        if flags & os.O_CREAT:
            self._note_names()
        fd = max(self._open, default=100) + 1
        self._open[fd] = inode
        return fd

    def close(self, fd: int) -> None:
        del self._open[fd]

    def size(self, fd: int) -> int:
        return len(self._open[fd].current)

    def pread(self, fd: int, length: int, offset: int) -> bytes:
        self._step("pread")
        return bytes(self._open[fd].current[offset : offset + length])

    def pwritev(self, fd: int, buffers: Sequence[bytes], offset: int) -> int:
        data = b"".join(buffers)
        try:
            self._step("pwritev")
        except ShortWriteError:
            data = data[: len(data) // 2]
        inode = self._open[fd]
        inode.pending.append((offset, data))
        patch(inode.current, offset, data)
        return len(data)

    def lock(self, fd: int) -> None:
        """Nobody else has a disk in memory."""

    def truncate(self, fd: int, length: int) -> None:
        self._step("truncate")
        inode = self._open[fd]
        inode.pending.append((length, None))
        patch(inode.current, length, None)

    def fdatasync(self, fd: int) -> None:
        inode = self._open[fd]
        pending, inode.pending = inode.pending, []
        try:
            self._step("fdatasync")
        except PowerCut:
            inode.pending = pending
            raise
        for offset, data in pending:
            patch(inode.durable, offset, data)

    def drop_cached(self, fd: int) -> None:
        assert not self._open[fd].pending

    def fsync_folder(self, folder: Path) -> None:
        self._step("fsync_folder")
        if folder == self._folder:
            del self._name_states[:-1]

    def rename(self, source: Path, target: Path) -> None:
        self._step("rename")
        self.names[target.name] = self.names.pop(source.name)
        self._note_names()

    def unlink(self, path: Path) -> None:
        self._step("unlink")
        if path.name not in self.names:
            raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
        del self.names[path.name]
        self._note_names()

    def list_names(self, folder: Path) -> list[str]:
        return sorted(self.names)

    def is_at(self, path: Path, fd: int) -> bool:
        return self.names.get(path.name) is self._open[fd]

    def after_power_cut(self, keep: "Keep") -> "Disk":
        """Return the disk as the next start finds it."""
        disk = Disk()
        for name, inode in keep.choice(self._name_states).items():
            image = keep.image(inode)
            disk.names[name] = Inode(image, image.copy())
        disk._name_states = [dict(disk.names)]
        return disk

    def after_kill(self) -> "Disk":
        """Return the disk as a start finds it after a kill: all is seen, not all is durable."""
        disk = Disk()
        copies: dict[int, Inode] = {}
        for names in (*self._name_states, self.names):
            for inode in names.values():
                copies.setdefault(
                    id(inode),
                    Inode(inode.durable.copy(), inode.current.copy(), inode.pending.copy()),
                )
        disk._name_states = [
            {name: copies[id(inode)] for name, inode in names.items()}
            for names in self._name_states
        ]
        disk.names = {name: copies[id(inode)] for name, inode in self.names.items()}
        return disk

    def _note_names(self) -> None:
        self._name_states.append(dict(self.names))

    def _step(self, call: str) -> None:
        if self._dead:
            raise PowerCut
        try:
            self.fault(len(self.steps), call)
        except PowerCut:
            self._dead = True
            raise
        self.steps.append(call)


class Keep:
    """Choose what of the pending writes and names survives: nothing, all, or as a seed says."""

    def __init__(self, what: str, seed: int = 0) -> None:
        self._what = what
        self._random = Random(seed)

    def choice(self, states: list[dict[str, Inode]]) -> dict[str, Inode]:
        if self._what == "some":
            return self._random.choice(states)
        return states[-1 if self._what == "all" else 0]

    def image(self, inode: Inode) -> bytearray:
        if self._what == "all":
            return inode.current.copy()
        image = inode.durable.copy()
        if self._what == "some":
            for offset, data in inode.pending:
                for start, sector in sectors(offset, data):
                    if self._random.random() < 0.5:
                        patch(image, start, sector)
        return image


def sectors(offset: int, data: bytes | None) -> list[tuple[int, bytes | None]]:
    """Split a write at the boundaries of sectors; a cut is one."""
    if data is None:
        return [(offset, None)]
    end = offset + len(data)
    starts = [offset, *range((offset // SECTOR_BYTES + 1) * SECTOR_BYTES, end, SECTOR_BYTES)]
    return [
        (start, data[start - offset : stop - offset])
        for start, stop in zip(starts, [*starts[1:], end], strict=True)
    ]


def cut_at(step: int) -> Callable[[int, str], None]:
    """Cut the power before a step."""

    def fault(now: int, _: str) -> None:
        if now == step:
            raise PowerCut

    return fault
