"""When snapshots are taken, and what may be dropped of the journal once they are there.

A snapshot is taken between two commands: the process is cloned, which is all that the event loop
waits for. The rest is done on other threads. A snapshot has its name, and the journal is shortened,
only once the journal is durable up to it, and so are the instructions that it made: a start makes
again what came after a snapshot, and not what came before. One that fails stops nothing but itself.

The journal notes the hash of each snapshot's state: that it is due before the snapshot, and what it
was once that is known.
"""

import asyncio
from contextlib import suppress
from time import monotonic_ns
from typing import NamedTuple

import structlog

from riskengine.machine.command import STATE_HASH, STATE_HASH_DUE
from riskengine.machine.machine import Machine
from riskengine.machine.saving import FrozenMachine
from riskengine.metrics.statistics import SnapshotStatistics
from riskengine.persistence import CommandLog
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.persistence.snapshot_file import SnapshotHeader
from riskengine.persistence.snapshots import SnapshotStore, WrittenSnapshot
from riskengine.service.errors import CallError
from riskengine.service.open_views import OpenViews
from riskengine.service.sequencer import Sequencer
from riskengine.units import NANOS_PER_MICRO, NANOS_PER_MILLI, NANOS_PER_SECOND

LOOK_SECONDS = 1.0
"""How often it is asked whether a snapshot is due."""

_LOG = structlog.get_logger("riskengine.snapshots")


class Due(NamedTuple):
    """When a snapshot is due: after so long, or so much new journal; 0 stands for never."""

    seconds: int
    journal_bytes: int


class SnapshotTaker:
    """Take snapshots of a machine while it serves; used on the event loop alone."""

    def __init__(
        self,
        machine: Machine,
        sequencer: Sequencer,
        log: CommandLog,
        instructions: InstructionLog,
        store: SnapshotStore,
        views: OpenViews,
        statistics: SnapshotStatistics,
        due: Due,
    ) -> None:
        self._machine = machine
        self._sequencer = sequencer
        self._log = log
        self._instructions = instructions
        self._store = store
        self._views = views
        self._statistics = statistics
        self._due = due
        self._written_bytes = log.head.written_bytes
        self._begun_nanos = monotonic_ns()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to take snapshots when they are due."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Take no more; one that is under way is given up."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def take(self) -> bool:
        """Take a snapshot now; return whether that went well."""
        self._begun_nanos = monotonic_ns()
        self._written_bytes = self._log.head.written_bytes
        try:
            await self._take()
        except CallError:
            return False  # The server ends, and what was seen may never be told.
        except Exception as error:  # noqa: BLE001 - whatever it is, only the snapshot has failed
            self._statistics.failed += 1
            _LOG.error("snapshot.failed", error=f"{type(error).__name__}: {error}")
            return False
        return True

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._is_due():
                await self.take()

    def _is_due(self) -> bool:
        if self._machine.engine.sequence <= self._statistics.sequence + 1:
            return False  # What the last snapshot noted of itself is nothing new.
        seconds, journal_bytes = self._due
        waited = monotonic_ns() - self._begun_nanos
        written = self._log.head.written_bytes - self._written_bytes
        return 0 < seconds * NANOS_PER_SECOND <= waited or 0 < journal_bytes <= written

    async def _take(self) -> None:
        outbox = self._sequencer.outbox
        with self._views.one():
            self._sequencer.note(STATE_HASH_DUE)
            begin_nanos = monotonic_ns()
            frozen = FrozenMachine(self._machine, outbox.unpublished())
            cloned_nanos = monotonic_ns()
            written = await self._write(frozen)
        await outbox.told(frozen.sequence)
        await asyncio.to_thread(self._instructions.sync)
        path = await asyncio.to_thread(written.publish)
        oldest = await asyncio.to_thread(self._drop_old)
        if frozen.state_hash is not None:
            self._sequencer.note(STATE_HASH, frozen.state_hash.encode())
        held_up, taken = cloned_nanos - begin_nanos, monotonic_ns() - begin_nanos
        self._statistics.took(frozen.sequence, written.size_bytes, held_up, taken)
        _LOG.info(
            "snapshot.done",
            path=str(path),
            sequence=frozen.sequence,
            size_bytes=written.size_bytes,
            journal_from=oldest,
            held_up_micros=held_up // NANOS_PER_MICRO,
            duration_millis=taken // NANOS_PER_MILLI,
        )

    async def _write(self, frozen: FrozenMachine) -> WrittenSnapshot:
        """Write it on another thread; when that is given up, only once the thread has ended."""
        header = SnapshotHeader(
            self._log.log_id, frozen.sequence, self._log.head.epoch, frozen.time_nanos
        )
        writing = asyncio.create_task(
            asyncio.to_thread(self._store.write, header, frozen.sections())
        )
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            frozen.give_up()
            await asyncio.wait([writing])
            raise
        finally:
            frozen.close()

    def _drop_old(self) -> int:
        """Drop old snapshots, and the journal before the older of those that are kept.

        That one is read once more before: without it the journal is all that there is. Returns the
        oldest sequence that the journal has.
        """
        oldest = self._store.drop_old()
        if oldest is None:
            return self._log.first_sequence
        self._store.read(oldest)
        return self._log.trim(self._store.sequence_of(oldest) + 1)
