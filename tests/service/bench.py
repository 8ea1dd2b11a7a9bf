"""A sequencer as the server has it, without the network: real core, real journal, a set clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic_ns
from typing import NoReturn

from google.protobuf.message import Message

from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.core.engine import Engine
from riskengine.metrics.statistics import Statistics
from riskengine.persistence import SegmentLog, SegmentOptions, open_segment_log
from riskengine.persistence.files import Files
from riskengine.service.availability import Availability
from riskengine.service.command import Received
from riskengine.service.commands import RequestKind
from riskengine.service.journal_writer import JournalWriter
from riskengine.service.replay import replay
from riskengine.service.sequencer import Sequencer, Ticket
from riskengine.service.sessions import Sessions
from riskengine.service.subscriptions import InstructionRing

OPTIONS = SegmentOptions(
    segment_bytes=1 << 20, payload_limit_bytes=1 << 19, spare_in_background=False
)
START_NANOS = 1_000_000_000_000
GATHER_SECONDS = 0.003


class BugFoundError(Exception):
    """Stands for the end of the process."""


def on_bug(error: BaseException) -> NoReturn:
    raise BugFoundError from error


@dataclass
class Clock:
    now_nanos: int = START_NANOS

    def __call__(self) -> int:
        return self.now_nanos


@dataclass
class Bench:
    engine: Engine
    log: SegmentLog
    sequencer: Sequencer
    sessions: Sessions
    ring: InstructionRing
    availability: Availability
    statistics: Statistics
    clock: Clock
    writer: JournalWriter

    async def execute(self, kind: RequestKind, request: Message) -> CommandResult:
        return await self.sequencer.execute(kind, request, request.SerializeToString())

    async def submit(
        self, kind: RequestKind, request: Message, *, may_wait: bool = False
    ) -> Ticket:
        raw = request.SerializeToString()
        received = Received(raw, kind.read(raw), monotonic_ns())
        return await self.sequencer.submit(kind, received, may_wait=may_wait)


def make_sessions(*, clients: int = 10, answers: int = 4, size_bytes: int = 1 << 20) -> Sessions:
    return Sessions(max_clients=clients, answers_kept=answers, answer_bytes_kept=size_bytes)


def make_bench(
    folder: Path,
    *,
    files: Files | None = None,
    clock: Clock | None = None,
    instructions_kept: int = 1_000,
    max_batch_rows: int = 100,
    max_pending_records: int = 100,
    max_pending_bytes: int = 1 << 20,
) -> Bench:
    """Open the log in a folder and replay it; the writer is made, and not started."""
    log = open_segment_log(folder, OPTIONS, files=files)
    statistics, availability = Statistics(), Availability()
    clock = clock or Clock()
    engine, sessions = Engine(), make_sessions()
    ring = InstructionRing(instructions_kept, statistics.instructions)
    replay(engine, log.read(1), sessions, ring)
    sequencer = Sequencer(
        engine,
        log,
        sessions=sessions,
        ring=ring,
        availability=availability,
        statistics=statistics,
        now_nanos=clock,
        on_bug=on_bug,
        max_batch_rows=max_batch_rows,
        max_pending_records=max_pending_records,
        max_pending_bytes=max_pending_bytes,
    )
    writer = JournalWriter(
        log, statistics.journal, sequencer.durable, sequencer.fail, gather_seconds=GATHER_SECONDS
    )
    sequencer.writer = writer
    return Bench(engine, log, sequencer, sessions, ring, availability, statistics, clock, writer)


@asynccontextmanager
async def running_bench(
    folder: Path,
    *,
    files: Files | None = None,
    clock: Clock | None = None,
    instructions_kept: int = 1_000,
    max_batch_rows: int = 100,
) -> AsyncIterator[Bench]:
    """Run the writer while the body lasts."""
    bench = make_bench(
        folder,
        files=files,
        clock=clock,
        instructions_kept=instructions_kept,
        max_batch_rows=max_batch_rows,
    )
    bench.writer.start()
    try:
        yield bench
    finally:
        await bench.writer.stop()
        bench.log.close()
