"""When snapshots are taken, and what may be dropped of the journal once they are there.

A snapshot is taken between two commands, and not while work of one is pending: the process is
cloned, which is all that the event loop waits for. The rest is done on other threads. A snapshot
has its name, and the journal is shortened, only once the journal is durable up to it, and so are
the instructions that it made: a start makes again what came after a snapshot, and not what came
before. One that fails stops nothing but itself, unless what failed is the journal or the
instructions: who cannot sync those has stopped anyhow.

The journal notes the hash of each snapshot's state: that it is due before the snapshot, and what it
was once that is known.
"""

import asyncio
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic_ns, time_ns
from typing import NamedTuple

import structlog

from riskengine.machine.command import STATE_HASH, STATE_HASH_DUE
from riskengine.machine.machine import Machine
from riskengine.machine.saving import FrozenMachine
from riskengine.machine.state_hash import StateHash
from riskengine.metrics.statistics import SnapshotStatistics
from riskengine.persistence import CommandLog, JournalError
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.persistence.snapshot_file import SnapshotForm, SnapshotHeader
from riskengine.persistence.snapshots import SnapshotStore, WrittenSnapshot
from riskengine.service.clone_turns import CloneKind
from riskengine.service.errors import CallError, CallReason
from riskengine.service.open_views import OpenView, OpenViews
from riskengine.service.schedule import Schedule
from riskengine.service.sequencer import Sequencer
from riskengine.service.shared_turns import SharedTurns
from riskengine.service.threads import on_thread
from riskengine.units import NANOS_PER_MICRO, NANOS_PER_MILLI, NANOS_PER_SECOND

LOOK_SECONDS = 1.0
"""How often it is asked whether a snapshot is due."""

_LOG = structlog.get_logger("riskengine.snapshots")


class Due(NamedTuple):
    """When a snapshot is due: after so long, or so much new journal; 0 stands for never."""

    seconds: int
    journal_bytes: int


class TakenSnapshot(NamedTuple):
    """What a snapshot came to: the state of which sequence it is, its file, how long it took.

    It held up the event loop for a part of that. `journal_from_sequence` is the first command that
    the journal still has.
    """

    sequence: int
    file_name: str
    snapshot_bytes: int
    held_up_nanos: int
    duration_nanos: int
    journal_from_sequence: int


class WorkBegunError(Exception):
    """Report that the note of a hash had timers fire, whose work is pending now."""


class _Kept(NamedTuple):
    taken: TakenSnapshot
    state_hash: StateHash | None


class SnapshotTaker:
    """Take snapshots of a machine while it serves, one at a time; on the event loop alone.

    `replayed_bytes` is what of the journal came after the newest snapshot at the start, and
    `is_hash_noted` says that it begins with the hash of that; `now_nanos` is the server's clock.
    """

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
        *,
        replayed_bytes: int = 0,
        is_hash_noted: bool = False,
        now_nanos: Callable[[], int] = time_ns,
    ) -> None:
        self._machine = machine
        self._sequencer = sequencer
        self._log = log
        self._instructions = instructions
        self._store = store
        self._views = views
        self._statistics = statistics
        self._due = due
        self._now_nanos = now_nanos
        self._written_bytes = log.head.written_bytes - replayed_bytes
        self._begun_nanos = monotonic_ns()
        self._seen_sequence = statistics.sequence
        """Up to here there is nothing that a snapshot would add: its state, and what it noted."""
        if is_hash_noted:
            self._seen_sequence += 1
        self._turns: SharedTurns[TakenSnapshot] = SharedTurns()
        self._schedule = Schedule("snapshots", self._take_if_due, statistics)

    def start(self) -> None:
        """Begin to take snapshots when they are due."""
        self._schedule.start(LOOK_SECONDS)

    async def stop(self) -> None:
        """Take no more; one that is under way is given up."""
        await self._schedule.stop()
        await self._turns.stop()

    async def take(self) -> TakenSnapshot:
        """Take a snapshot of the state as it is now, or once the one under way is done.

        Who waits for that shares the next; who gives up waiting leaves one that has begun to go on.
        Raises `CallError` when it fails, and when the server ends.
        """
        return await self._turns.take(self._attempt)

    async def take_at_end(self, seconds: float) -> None:
        """Take one within so much time unless the newest is of the last command; those have ended.

        So nothing is left behind it, not even what it noted of itself: a release of other rules can
        go on from there. Call it after `stop`, and after the journal was synced for the last time:
        nothing is noted in it. One that fails, or takes longer, costs the next start a longer
        replay and nothing else; so does work that is pending, in the middle of which none is taken.
        Instructions that cannot be synced fail the outbox.
        """
        if not seconds or self._machine.engine.sequence == self._statistics.sequence:
            return
        if self._machine.engine.has_work:
            _LOG.info("snapshot.work_pending", sequence=self._machine.engine.sequence)
            return
        try:
            async with asyncio.timeout(seconds):
                await self._keep(self._freeze)
        except TimeoutError:
            self._tell_failure(TimeoutError(f"not written within {seconds:g} seconds"))
        except JournalError as error:
            self._tell_failure(error)
            self._sequencer.outbox.fail(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the server ends all the same
            self._tell_failure(error)

    async def _attempt(self) -> TakenSnapshot:
        self._begun_nanos = monotonic_ns()
        self._written_bytes = self._log.head.written_bytes
        try:
            return await self._take()
        except CallError:
            raise  # The server ends, and what was seen may never be told.
        except JournalError as error:  # A failed sync is for good, whoever asked for it.
            self._tell_failure(error)
            self._sequencer.outbox.fail(error)
            raise CallError(CallReason.JOURNAL_FAILED, cause=str(error)) from error
        except Exception as error:
            failure = self._tell_failure(error)
            raise CallError(CallReason.SNAPSHOT_FAILED, cause=failure) from error

    async def _take_if_due(self) -> None:
        if self._is_due():
            with suppress(CallError):  # it is told where it fails
                await self.take()

    def _is_anything_new(self) -> bool:
        """Return whether there is more than what the last snapshot noted of itself."""
        return self._machine.engine.sequence > self._seen_sequence

    def _is_due(self) -> bool:
        if not self._is_anything_new():
            return False
        seconds, journal_bytes = self._due
        waited = monotonic_ns() - self._begun_nanos
        written = self._log.head.written_bytes - self._written_bytes
        return 0 < seconds * NANOS_PER_SECOND <= waited or 0 < journal_bytes <= written

    async def _take(self) -> TakenSnapshot:
        await on_thread(self._store.check_room)  # what fails after the note costs replays a hash
        kept = await self._keep(self._freeze_noted)
        if kept.state_hash is not None:
            noted = await self._sequencer.note(STATE_HASH, kept.state_hash.encode())
            if noted == self._seen_sequence + 1:
                self._seen_sequence = noted
        return kept.taken

    async def _keep(self, freeze: Callable[[], FrozenMachine]) -> _Kept:
        """Write the state as it is now, give it its name, and drop what is not needed any more."""
        outbox = self._sequencer.outbox
        opened = await self._frozen(freeze)
        held_up_nanos = round(opened.held_up_seconds * NANOS_PER_SECOND)
        begin_nanos = monotonic_ns() - held_up_nanos
        with closing(opened):
            frozen = opened.view
            written = await self._write(frozen)
        await outbox.told(frozen.sequence)
        await on_thread(self._instructions.sync)
        path = await on_thread(written.publish)
        oldest = await on_thread(self._drop_old)
        taken = TakenSnapshot(
            frozen.sequence,
            path.name,
            written.size_bytes,
            held_up_nanos,
            monotonic_ns() - begin_nanos,
            oldest,
        )
        self._tell(taken, path, frozen.time_nanos)
        self._seen_sequence = frozen.sequence
        return _Kept(taken, frozen.state_hash)

    async def _frozen(self, freeze: Callable[[], FrozenMachine]) -> OpenView[FrozenMachine]:
        """Freeze the machine in its turn; once more when the note itself had timers begin work."""
        while True:
            with suppress(WorkBegunError):
                return await self._views.begin(freeze, CloneKind.SNAPSHOT)

    def _freeze_noted(self) -> FrozenMachine:
        """Freeze the machine as it is now, with the note that its hash is due."""
        self._sequencer.note_at_rest(STATE_HASH_DUE)
        if self._machine.engine.has_work:
            raise WorkBegunError
        return self._freeze()

    def _freeze(self) -> FrozenMachine:
        return FrozenMachine(self._machine, self._sequencer.outbox.unpublished())

    def _tell_failure(self, error: Exception) -> str:
        failure = f"{type(error).__name__}: {error}"
        self._statistics.did_fail(failure, self._now_nanos())
        _LOG.error("snapshot.failed", error=failure)
        return failure

    def _tell(self, taken: TakenSnapshot, path: Path, time_nanos: int) -> None:
        self._statistics.took(
            taken.sequence,
            time_nanos,
            taken.snapshot_bytes,
            taken.held_up_nanos,
            taken.duration_nanos,
        )
        _LOG.info(
            "snapshot.done",
            path=str(path),
            sequence=taken.sequence,
            size_bytes=taken.snapshot_bytes,
            journal_from=taken.journal_from_sequence,
            held_up_micros=taken.held_up_nanos // NANOS_PER_MICRO,
            duration_millis=taken.duration_nanos // NANOS_PER_MILLI,
        )

    async def _write(self, frozen: FrozenMachine) -> WrittenSnapshot:
        """Write it on another thread."""
        header = SnapshotHeader(
            self._log.log_id, frozen.sequence, self._log.head.epoch, frozen.time_nanos
        )
        return await on_thread(lambda: self._store.write(header, frozen.sections()), frozen.give_up)

    def _drop_old(self) -> int:
        """Drop old snapshots, and the journal before the older of those that are kept.

        That one is read once more before: without it the journal is all that there is. Returns the
        oldest sequence that the journal has. What cannot be dropped stays, and is told: the
        snapshot was taken.
        """
        try:
            oldest, damaged = self._store.drop_old()
        except (SnapshotForm, OSError) as error:
            _LOG.error("snapshot.old_not_dropped", error=str(error))
            return self._log.first_sequence
        for damage in damaged:
            _LOG.error("snapshot.damaged", error=str(damage), dropped=oldest is not None)
        if oldest is None:
            return self._log.first_sequence
        return self._log.trim(self._store.sequence_of(oldest) + 1)
