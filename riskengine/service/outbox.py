"""What waits for the disk: answers and instructions, until the log says that they may leave.

It stands between the machine, whose state may run ahead, and the log, which says what is kept.
Commands go in on the event loop, each with what follows from it; the log's writer says how far all
is durable, and what waited for that leaves, lines of the log too.
"""

from collections import deque
from collections.abc import Sequence
from time import monotonic_ns
from typing import NamedTuple

from riskengine.commands import CommandKind
from riskengine.machine.command import Command
from riskengine.machine.machine import Applied, Machine, Seen
from riskengine.metrics.statistics import Statistics
from riskengine.persistence import CommandLog, LogRecord
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.service.availability import Availability
from riskengine.service.business_log import Line, lines_of, tell
from riskengine.service.durability import Durability
from riskengine.service.flow_control import FlowControl
from riskengine.service.gate import Gate
from riskengine.service.sync_schedule import SyncSchedule


class _Waiting(NamedTuple):
    sequence: int
    received_nanos: int
    kind: CommandKind
    seen: Seen
    lines: Sequence[Line]


class Outbox:
    """Keep what was applied until it is durable; used on the event loop alone.

    `published` is the gate of those who wait for instructions. `max_records` and `max_bytes` bound
    what may wait; who finds it full waits for room.
    """

    def __init__(
        self,
        machine: Machine,
        log: CommandLog,
        instructions: InstructionLog,
        schedule: SyncSchedule,
        availability: Availability,
        statistics: Statistics,
        *,
        max_records: int,
        max_bytes: int,
    ) -> None:
        self.durability = Durability(machine.engine.sequence)
        self.published = Gate()
        self._machine = machine
        self._log = log
        self._instructions = instructions
        self._epoch = max(1, log.head.epoch)
        self._schedule = schedule
        self._availability = availability
        self._statistics = statistics
        self._waiting: deque[_Waiting] = deque()
        self._flow = FlowControl(statistics, max_records=max_records, max_bytes=max_bytes)
        self._note_durable(machine.engine.sequence)

    @property
    def is_full(self) -> bool:
        """Return whether who has more must wait for room."""
        return self._flow.is_full

    async def room(self) -> None:
        """Return when there is room."""
        await self._flow.room()

    def put(
        self,
        applied: Applied,
        command: Command,
        number: int,
        raw: bytes,
        received_nanos: int,
        *,
        may_wait: bool,
    ) -> None:
        """Append to the log what changed the machine, and keep what follows until it is durable.

        The record is the request's bytes under the number of their kind. `may_wait` says that
        nobody waits for just this: unless it is urgent or there are instructions, it may become
        durable a little later, together with others. Raises `JournalError`.
        """
        outcome = applied.outcome
        sequence = outcome.sequence
        if applied.seen.pieces:  # before the log has the record, which may be durable right then
            self._instructions.append(sequence, outcome.time_nanos, applied.seen.pieces)
        record = LogRecord(sequence, self._epoch, number, outcome.time_nanos, raw)
        self._log.append(record, expected_sequence=sequence, epoch=self._epoch)
        lines = lines_of(outcome.events)
        self._waiting.append(_Waiting(sequence, received_nanos, command.kind, applied.seen, lines))
        self._flow.note_queued(len(self._waiting), self._log.pending_bytes)
        if may_wait and not (applied.seen.pieces or command.is_urgent or self._flow.is_full):
            self._schedule.soon()
        else:
            self._schedule.at_once()

    def hurry(self) -> None:
        """Have what was taken made durable at once."""
        if self._waiting:
            self._schedule.at_once()

    async def told(self, sequence: int) -> None:
        """Return when what was seen at this sequence may be told, and have that hastened.

        Raises `CallError` when it never may.
        """
        if sequence > self.durability.sequence:
            self.hurry()
            await self.durability.wait(sequence)

    async def settled(self) -> int:
        """Return the sequence of the state as it is now, once it is durable.

        What a question was answered from this state may then be told.
        """
        sequence = self._machine.engine.sequence
        await self.told(sequence)
        return sequence

    def unpublished(self) -> list[Seen]:
        """Return what others have not seen yet of the commands that were applied, in order."""
        return [waiting.seen for waiting in self._waiting]

    def reached(self, sequence: int) -> None:
        """Publish the instructions and release the answers up to a durable sequence."""
        waiting, statistics, publish = self._waiting, self._statistics, self._machine.publish
        now_nanos = monotonic_ns()
        while waiting and waiting[0].sequence <= sequence:
            done = waiting.popleft()
            publish(done.seen)
            tell(done.lines)
            nanos = now_nanos - done.received_nanos
            statistics.durable_duration.observe(nanos)
            if done.kind is CommandKind.MARK_PRICES:
                statistics.decision_duration.observe(nanos)
        self._note_durable(sequence)
        self.published.look()
        self.durability.reached(sequence)
        self._flow.release(len(waiting), self._log.pending_bytes)

    def fail(self, cause: Exception) -> None:
        """Stop for good: what is not durable yet is never answered or published."""
        self._availability.fail(cause)
        self.durability.fail(self._availability.refusal_now())
        self._flow.open()

    def _note_durable(self, sequence: int) -> None:
        self._statistics.durable_sequence = sequence
        self._statistics.instructions.published_sequence = self._machine.ring.last_sequence
