"""What tests of snapshots share: a store that fails or waits, files that cannot be synced."""

import errno
from pathlib import Path
from threading import Event

from riskengine.persistence.snapshots import Dropped, SnapshotStore, WrittenSnapshot
from riskengine.service.snapshots import Due, SnapshotTaker
from tests.persistence.support import Unsynced
from tests.service.bench import NEVER, Bench


class Store(SnapshotStore):
    """Fails when it is told to, and can be held up before it reads what it is given."""

    failure: Exception | None = None

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.entered, self.may_go_on = Event(), Event()
        self.may_go_on.set()
        self.dropping, self.may_drop = Event(), Event()
        self.may_drop.set()
        self.open()

    def drop_old(self) -> Dropped:
        self.dropping.set()
        assert self.may_drop.wait(10)
        return super().drop_old()

    def write(self, *arguments: object) -> WrittenSnapshot:
        self.entered.set()
        assert self.may_go_on.wait(10)
        if self.failure is not None:
            raise self.failure
        return super().write(*arguments)  # type: ignore[arg-type]


class Unsyncable(Unsynced):
    """Fails to sync, once it is told to."""

    fails = False

    def fsync_folder(self, folder: Path) -> None:
        if self.fails:
            raise OSError(errno.EIO, "Input/output error", str(folder))


def taker(bench: Bench, store: Store, due: Due = NEVER) -> SnapshotTaker:
    return bench.snapshot_taker(store, due)
