"""The single writer: each command gets its time and sequence here, and goes to core and log.

A command is taken in one step on the event loop: check of its key, the core, the log's buffer, the
session table. Its answer and its instructions leave when the log's writer says that its sequence
is durable; so does the answer of a command that was refused, which tells of the state before it.
"""

from collections import deque
from collections.abc import Callable
from time import monotonic_ns
from typing import Any, NamedTuple, NoReturn, Protocol

from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.core.engine import Engine
from riskengine.core.enums import RejectReason
from riskengine.core.types import Outcome, Rejection
from riskengine.metrics.statistics import CommandKind, Statistics
from riskengine.persistence import CommandLog, JournalError, LogRecord
from riskengine.service.availability import Availability
from riskengine.service.command import Command, Received
from riskengine.service.commands import TICK_NUMBER, RequestKind
from riskengine.service.durability import Durability
from riskengine.service.flow_control import FlowControl
from riskengine.service.mapping.instructions import instruction_piece
from riskengine.service.mapping.requests import tick
from riskengine.service.mapping.results import command_result, refused_result
from riskengine.service.sessions import Answer, SessionKey, Sessions
from riskengine.service.subscriptions import InstructionRing


class LogWriter(Protocol):
    """Whoever makes the log durable."""

    def wake(self) -> None:
        """Do it at once."""

    def gather(self) -> None:
        """Do it soon, together with what is appended until then."""


class Ticket(NamedTuple):
    """An answer, and the sequence that must be durable before it may leave."""

    sequence: int
    result: CommandResult


class _Pending(NamedTuple):
    sequence: int
    received_nanos: int
    kind: CommandKind
    pieces: list[bytes]


class Sequencer:
    """Own the engine and the log's end; used on the event loop alone.

    `now_nanos` is the clock of the log's time. `writer` is told after each append, `on_timer` is
    called with the core's next timer after each command (0: none). `on_bug` is called with an
    unexpected exception while the state changes: it must end the process.
    """

    def __init__(
        self,
        engine: Engine,
        log: CommandLog,
        *,
        sessions: Sessions,
        ring: InstructionRing,
        availability: Availability,
        statistics: Statistics,
        now_nanos: Callable[[], int],
        on_bug: Callable[[BaseException], NoReturn],
        max_batch_rows: int,
        max_pending_records: int,
        max_pending_bytes: int,
    ) -> None:
        self.engine = engine
        self.durability = Durability(engine.sequence)
        self.writer: LogWriter = _NoWriter()
        self.on_timer: Callable[[int], None] = _nothing_with
        self._log = log
        self._epoch = max(1, log.head.epoch)
        self._sessions = sessions
        self._ring = ring
        self._availability = availability
        self._statistics = statistics
        self._now_nanos = now_nanos
        self._on_bug = on_bug
        self._max_batch_rows = max_batch_rows
        self._pending: deque[_Pending] = deque()
        self._flow = FlowControl(
            statistics, max_records=max_pending_records, max_bytes=max_pending_bytes
        )

    async def execute(self, kind: RequestKind, request: Any, raw: bytes) -> CommandResult:
        """Take a parsed request and return its result when it may leave; `raw` are its bytes."""
        ticket = await self.submit(kind, Received(raw, kind.asked(request), monotonic_ns()))
        await self._durable_now(ticket.sequence)
        return ticket.result

    async def submit(
        self, kind: RequestKind, received: Received, *, may_wait: bool = False
    ) -> Ticket:
        """Wait for room in the log's queue, then take what a request asks.

        `may_wait` says that nobody waits for just this answer: unless it is urgent or there are
        instructions, it may become durable a little later, together with others. Raises
        `CallError` when calls are no longer taken.
        """
        await self._flow.room()
        self._availability.check()
        return self._take(kind, received, may_wait)

    async def settled(self) -> int:
        """Return the sequence of the state as it is now, once it is durable.

        What a question was answered from this state may then be told.
        """
        sequence = self.engine.sequence
        await self._durable_now(sequence)
        return sequence

    def hurry(self) -> None:
        """Have what was taken made durable at once."""
        if self.engine.sequence > self.durability.sequence:
            self.writer.wake()

    async def _durable_now(self, sequence: int) -> None:
        if sequence > self.durability.sequence:
            self.hurry()
            await self.durability.wait(sequence)

    def tick(self) -> None:
        """Let due timers run, as a command like any other."""
        if self._availability.refusal is None:
            self._change(tick(), TICK_NUMBER, b"", monotonic_ns(), None, may_wait=False)

    def durable(self, sequence: int) -> None:
        """Publish the instructions and release the answers up to a durable sequence."""
        pending = self._pending
        now_nanos = monotonic_ns()
        statistics = self._statistics
        while pending and pending[0].sequence <= sequence:
            done = pending.popleft()
            if done.pieces:
                self._ring.publish(done.pieces)
            nanos = now_nanos - done.received_nanos
            statistics.durable_duration.observe(nanos)
            if done.kind is CommandKind.MARK_PRICES:
                statistics.decision_duration.observe(nanos)
        statistics.durable_sequence = sequence
        self.durability.reached(sequence)
        self._flow.release(len(pending), self._log.pending_bytes)

    def fail(self, cause: Exception) -> None:
        """Stop for good: what is not durable yet is never answered or published."""
        self._availability.fail(cause)
        self.durability.fail(self._availability.refusal_now())
        self._flow.open()

    def _take(self, kind: RequestKind, received: Received, may_wait: bool) -> Ticket:
        raw, asked, received_nanos = received
        command = asked.command
        required = kind.requires_key
        key = SessionKey.of_request(asked.key, kind.number, raw, required=required)
        if key is not None:
            first = self._sessions.check(key)
            if isinstance(first, Answer):
                return self._repeat(first, command)
            if first is not None:
                return self._refuse(first, command)
        if command is None:
            return self._refuse(_NO_BATCH, command)
        refusal = command.over_limit(self._max_batch_rows)
        if refusal is not None:
            return self._refuse(refusal, command)
        result = self._change(command, kind.number, raw, received_nanos, key, may_wait)
        return Ticket(self.engine.sequence, result)

    def _change(
        self,
        command: Command,
        number: int,
        raw: bytes,
        received_nanos: int,
        key: SessionKey | None,
        may_wait: bool,
    ) -> CommandResult:
        """Apply a command, and hand it to the log if it changed anything."""
        try:
            outcome = self._apply(command)
            result = command_result(outcome)
            if outcome.sequence:
                self._journal(outcome, command, number, raw, received_nanos, may_wait)
                if key is not None:
                    self._sessions.remember(key, outcome.sequence, result)
        except JournalError as error:
            self.fail(error)
            raise self._availability.refusal_now() from error
        except Exception as error:  # noqa: BLE001 - the state may be half changed
            self._on_bug(error)
        return result

    def _apply(self, command: Command) -> Outcome:
        engine = self.engine
        time_nanos = max(self._now_nanos(), engine.time_nanos)
        start_nanos = monotonic_ns()
        outcome = command.apply(engine, time_nanos)
        self._statistics.commands.applied(command.kind, outcome, monotonic_ns() - start_nanos)
        return outcome

    def _journal(
        self,
        outcome: Outcome,
        command: Command,
        number: int,
        raw: bytes,
        received_nanos: int,
        may_wait: bool,
    ) -> None:
        sequence = outcome.sequence
        record = LogRecord(sequence, self._epoch, number, outcome.time_nanos, raw)
        self._log.append(record, expected_sequence=sequence, epoch=self._epoch)
        pieces = [instruction_piece(event) for event in outcome.events]
        self._pending.append(_Pending(sequence, received_nanos, command.kind, pieces))
        self._flow.take(len(self._pending), self._log.pending_bytes)
        if may_wait and not (pieces or command.is_urgent or self._flow.is_full):
            self.writer.gather()
        else:
            self.writer.wake()
        self.on_timer(self.engine.next_timer_nanos)

    def _repeat(self, first: Answer, command: Command | None) -> Ticket:
        if command is not None:
            self._statistics.commands.repeated(command.kind)
        return Ticket(first.sequence, first.repeated_result())

    def _refuse(self, refusal: Rejection, command: Command | None) -> Ticket:
        if command is None:
            self._statistics.commands.rejected_rows[refusal.reason] += 1
        else:
            self._statistics.commands.refused(command.kind, refusal.reason)
        return Ticket(self.engine.sequence, refused_result(refusal))


_NO_BATCH = Rejection(-1, RejectReason.EMPTY_BATCH, "batch", 0, 0)


class _NoWriter:
    def wake(self) -> None:
        pass

    def gather(self) -> None:
        pass


def _nothing_with(_next_timer_nanos: int) -> None:
    pass
