"""A sequencer as the server has it, without the network: real core, real journal, a set clock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic_ns
from typing import NoReturn

from google.protobuf.message import Message

from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.config import Config
from riskengine.core.engine import Engine
from riskengine.limits import group_limits
from riskengine.machine.command import Received
from riskengine.machine.instruction_ring import InstructionRing
from riskengine.machine.machine import Machine
from riskengine.machine.replay import replay
from riskengine.machine.request_kinds import KIND_OF, RequestKind
from riskengine.metrics.statistics import AccessStatistics, Statistics
from riskengine.persistence import SegmentLog, SegmentOptions, open_segment_log
from riskengine.persistence.consumers_file import ConsumersFile
from riskengine.persistence.files import Files
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.persistence.instruction_recovery import InstructionRecovery
from riskengine.persistence.snapshots import SnapshotStore
from riskengine.service.access import AccessControl
from riskengine.service.availability import Availability
from riskengine.service.call_places import CallPlaces
from riskengine.service.consumers import Consumers
from riskengine.service.handlers import Handlers
from riskengine.service.identity import Identity
from riskengine.service.journal_writer import JournalWriter
from riskengine.service.kept_instructions import KeptInstructions
from riskengine.service.log_clock import LogClock
from riskengine.service.log_start import LogStart
from riskengine.service.open_views import OpenViews
from riskengine.service.outbox import Outbox
from riskengine.service.parts import Parts
from riskengine.service.questions import QUESTIONS
from riskengine.service.sequencer import Sequencer, Ticket
from riskengine.service.snapshots import Due, SnapshotTaker
from riskengine.service.state_streams import StateStreamLimits, StateStreams
from riskengine.service.subscriptions import Subscriptions
from riskengine.service.sync_schedule import SyncSchedule
from tests.service import clients

OPTIONS = SegmentOptions(
    segment_bytes=1 << 20, payload_limit_bytes=1 << 19, spare_in_background=False
)
START_NANOS = 1_000_000_000_000
GATHER_SECONDS = 0.003
MAX_GAP_SECONDS = 3_600
NEVER = Due(0, 0)


class BugFoundError(Exception):
    """Stands for the end of the process."""


def on_bug(error: BaseException) -> NoReturn:
    raise BugFoundError from error


@dataclass
class Clock:
    """A monotonic clock that is set, and how far the wall clock is ahead of it."""

    now_nanos: int = START_NANOS
    wall_ahead_nanos: int = 0

    def __call__(self) -> int:
        return self.now_nanos

    def wall_nanos(self) -> int:
        return self.now_nanos + self.wall_ahead_nanos


class Told(SyncSchedule):
    """Keeps what the schedule was told, and syncs nothing by itself."""

    def __init__(self, log: SegmentLog) -> None:
        super().__init__(log, gather_seconds=GATHER_SECONDS)
        self.all: list[str] = []
        self.appended = asyncio.Semaphore(0)

    def at_once(self) -> None:
        self.all.append("at once")
        self.appended.release()

    def soon(self) -> None:
        self.all.append("soon")
        self.appended.release()

    @property
    def last(self) -> str:
        return self.all[-1]


@dataclass
class Bench:
    folder: Path
    machine: Machine
    log: SegmentLog
    schedule: SyncSchedule
    outbox: Outbox
    sequencer: Sequencer
    availability: Availability
    statistics: Statistics
    clock: Clock
    writer: JournalWriter
    views: OpenViews
    instructions: InstructionLog
    kept: KeptInstructions
    consumers: Consumers
    start: LogStart

    @property
    def engine(self) -> Engine:
        return self.machine.engine

    @property
    def log_id(self) -> str:
        return self.log.log_id.hex()

    @property
    def ring(self) -> InstructionRing:
        return self.machine.ring

    async def execute(self, request: Message, caller: str = "") -> CommandResult:
        """Take a request, and return its result when it may leave; a new client is registered."""
        return await self.sequencer.execute(*await self._named(request, caller))

    async def submit(self, request: Message, *, may_wait: bool = False, caller: str = "") -> Ticket:
        """Do the same, and return the ticket."""
        return await self.sequencer.submit(*await self._named(request, caller), may_wait=may_wait)

    async def register(self, *client_ids: str) -> None:
        """Register clients, so that what they send takes no other sequence."""
        for client_id in client_ids:
            await self.sequencer.submit(*received(clients.register(client_id)))

    async def _named(self, request: Message, caller: str) -> tuple[RequestKind, Received]:
        for registration in clients.registrations(self.machine, request, caller):
            await self.sequencer.submit(*received(registration, caller))
        return received(clients.with_incarnation(self.machine, request, caller), caller)

    def ask(self, rpc: str, request: Message) -> Message:
        """Answer a question from the state as it is, durable or not."""
        answer = QUESTIONS[rpc].answer(self.parts, request)
        assert isinstance(answer, Message), "it reads the whole state: use `asked`"
        return answer

    async def asked(self, rpc: str, request: Message) -> Message:
        """Answer any question, from the state as it is when it is asked."""
        answer = QUESTIONS[rpc].answer(self.parts, request)
        return answer if isinstance(answer, Message) else await answer

    def sync(self) -> None:
        """Make durable what was taken; for benches whose writer is not started."""
        sequence = self.log.sync()
        self.instructions.write(sequence)
        self.outbox.reached(sequence)

    def close(self) -> None:
        """Close what is on disk."""
        self.consumers.close()
        self.kept.close()
        self.instructions.close()
        self.log.close()

    @property
    def parts(self) -> Parts:
        return Parts(
            self.machine,
            self.outbox,
            self.statistics,
            self.views,
            self.kept,
            self.consumers,
            Identity("1.2.3", START_NANOS, self.log_id),
            self.clock,
            self.start,
        )

    def places(self) -> CallPlaces:
        """Make places for calls, as many as a server has by default."""
        return CallPlaces(group_limits(Config()), self.statistics.calls, request_seconds=10)

    def handlers(
        self, *, per_message: int = 10, in_flight: int = 10, access: AccessControl | None = None
    ) -> Handlers:
        subscriptions = Subscriptions(
            self.kept,
            self.outbox.published,
            self.availability,
            self.statistics.instructions,
            max_instructions_per_message=per_message,
        )
        return Handlers(
            self.sequencer,
            self.parts,
            subscriptions,
            self.state_streams(),
            self.snapshot_taker(SnapshotStore(self.folder / "snapshots")),
            self.availability,
            access or everybody_may(),
            in_flight,
        )

    def state_streams(self, *, streams: int = 2, seconds: float = 10) -> StateStreams:
        return StateStreams(
            self.engine,
            self.outbox,
            self.views,
            self.availability,
            self.statistics.state_streams,
            self.log_id,
            StateStreamLimits(streams, seconds),
        )

    def snapshot_taker(
        self,
        store: SnapshotStore,
        due: Due = NEVER,
        *,
        replayed_bytes: int = 0,
        is_hash_noted: bool = False,
    ) -> SnapshotTaker:
        return SnapshotTaker(
            self.machine,
            self.sequencer,
            self.log,
            self.instructions,
            store,
            self.views,
            self.statistics.snapshots,
            due,
            replayed_bytes=replayed_bytes,
            is_hash_noted=is_hash_noted,
            now_nanos=self.clock,
        )


def everybody_may() -> AccessControl:
    """Return the control of a server without credentials."""
    return AccessControl(None, AccessStatistics())


def received(request: Message, caller: str = "") -> tuple[RequestKind, Received]:
    """Return a request as it comes from the network."""
    kind, raw = KIND_OF[type(request)], request.SerializeToString()
    return kind, Received(raw, kind.read(raw), monotonic_ns(), caller)


def make_bench(
    folder: Path,
    *,
    files: Files | None = None,
    instruction_files: Files | None = None,
    instruction_folder: Path | None = None,
    clock: Clock | None = None,
    make_schedule: Callable[[SegmentLog], SyncSchedule] | None = None,
    max_batch_rows: int = 100,
    max_pending_records: int = 100,
    max_pending_bytes: int = 1 << 20,
) -> Bench:
    """Open the log in a folder and replay it; the writer is made, and not started."""
    log = open_segment_log(folder, OPTIONS, files=files)
    statistics, availability = Statistics(), Availability()
    clock = clock or Clock()
    machine = Machine()
    completing = InstructionRecovery(
        instruction_folder or folder / "instructions",
        log.log_id,
        oldest=1,
        last=0,
        files=instruction_files,
    )
    replay(machine, log.read(1), instructed=completing.add)
    instructions = completing.finish()
    kept = KeptInstructions(machine.ring, instructions)
    consumers_file = ConsumersFile(instructions.folder, log.log_id)
    consumers = Consumers(machine.ring, consumers_file, consumers_file.read() or {})
    schedule = (make_schedule or soon_gathered)(log)
    outbox = Outbox(
        machine,
        log,
        instructions,
        schedule,
        availability,
        statistics,
        max_records=max_pending_records,
        max_bytes=max_pending_bytes,
    )
    log_clock = LogClock(clock(), wall_nanos=clock.wall_nanos, monotonic_nanos=clock)
    sequencer = Sequencer(
        machine,
        outbox,
        availability,
        statistics,
        clock=log_clock,
        on_bug=on_bug,
        max_batch_rows=max_batch_rows,
    )
    writer = JournalWriter(log, instructions, schedule, outbox, statistics.journal)
    return Bench(
        folder,
        machine,
        log,
        schedule,
        outbox,
        sequencer,
        availability,
        statistics,
        clock,
        writer,
        OpenViews(machine.engine, sequencer.at_rest),
        instructions,
        kept,
        consumers,
        log_start(machine.engine, sequencer, log_clock, statistics),
    )


async def _nothing() -> None:
    """Stands for a server that opens."""


def log_start(
    engine: Engine, sequencer: Sequencer, clock: LogClock, statistics: Statistics
) -> LogStart:
    return LogStart(
        engine,
        sequencer,
        clock,
        statistics.clock,
        max_gap_seconds=MAX_GAP_SECONDS,
        on_confirmed=_nothing,
    )


def soon_gathered(log: SegmentLog) -> SyncSchedule:
    return SyncSchedule(log, gather_seconds=GATHER_SECONDS)


def make_bench_told(folder: Path, *, max_pending_records: int = 100) -> tuple[Bench, Told]:
    """Make a bench that tells what its schedule was told; the test syncs."""
    made: list[Told] = []

    def make_schedule(log: SegmentLog) -> Told:
        made.append(Told(log))
        return made[0]

    bench = make_bench(folder, make_schedule=make_schedule, max_pending_records=max_pending_records)
    return bench, made[0]


@asynccontextmanager
async def running_bench(
    folder: Path,
    *,
    files: Files | None = None,
    instruction_files: Files | None = None,
    clock: Clock | None = None,
    max_batch_rows: int = 100,
) -> AsyncIterator[Bench]:
    """Run the writer and the timer while the body lasts; then hold the machine against its log."""
    bench = make_bench(
        folder,
        files=files,
        instruction_files=instruction_files,
        clock=clock,
        max_batch_rows=max_batch_rows,
    )
    bench.writer.start()
    bench.sequencer.start()
    try:
        yield bench
        bench.sequencer.stop()
        await bench.writer.stop()
        hold_against_log(bench)
    finally:
        bench.sequencer.stop()
        await bench.views.stop()
        await bench.writer.stop()
        bench.close()


def hold_against_log(bench: Bench) -> None:
    """Check a machine at the end of a test: it is sound, and what its log makes."""
    bench.machine.check_invariants()
    if not bench.availability.has_failed:
        again = Machine()
        replay(again, bench.log.read(1))
        assert again.state_hash() == bench.machine.state_hash()
