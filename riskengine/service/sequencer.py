"""The single writer: each command gets its time here, and goes through the machine to the log.

A command is taken in one step on the event loop: check of its key, the machine, the outbox. Its
answer and its instructions leave when its sequence is durable; so does the answer of a command that
was refused, which tells of the state before it.

A command whose work is cut into pieces pauses: until all is done only deposits are taken beside the
pieces, and withdrawals, which the core refuses meanwhile. All else waits in line.
"""

from collections.abc import Callable
from time import monotonic_ns
from typing import NamedTuple, NoReturn

from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.commands import CommandKind
from riskengine.core.enums import RejectReason
from riskengine.core.types import Rejection
from riskengine.machine.command import CONTINUE, TICK, Command, Received
from riskengine.machine.journalled import with_caller
from riskengine.machine.machine import Applied, Machine
from riskengine.machine.mapping.results import refused_result
from riskengine.machine.request_kinds import RequestKind
from riskengine.machine.sessions import Answer, SessionKey
from riskengine.metrics.statistics import Statistics
from riskengine.persistence import JournalError
from riskengine.service.availability import Availability
from riskengine.service.errors import CallError
from riskengine.service.log_clock import LogClock
from riskengine.service.outbox import Outbox
from riskengine.service.pending_work import PendingWork
from riskengine.service.timers import TickTimer

PASSING = frozenset((CommandKind.DEPOSITS, CommandKind.WITHDRAWAL))
"""What does not wait for pending work: the core books it, or refuses it with a reason."""


class Ticket(NamedTuple):
    """An answer, and the sequence that must be durable before it may leave."""

    sequence: int
    result: CommandResult


class Sequencer:
    """Change the machine, alone; used on the event loop alone.

    `on_bug` is called with an unexpected exception while the state changes: it must end the
    process. `held` is why no command is taken, None while they are.
    """

    def __init__(
        self,
        machine: Machine,
        outbox: Outbox,
        availability: Availability,
        statistics: Statistics,
        *,
        clock: LogClock,
        on_bug: Callable[[BaseException], NoReturn],
        max_batch_rows: int,
    ) -> None:
        self.outbox = outbox
        self.held: CallError | None = None
        self._machine = machine
        self._engine = machine.engine
        self._availability = availability
        self._statistics = statistics
        self._clock = clock
        self._on_bug = on_bug
        self._max_batch_rows = max_batch_rows
        self._timer = TickTimer(machine.engine, clock.now_nanos, self.tick)
        self._work = PendingWork(machine.engine, outbox, availability, statistics, self.go_on)

    def start(self) -> None:
        """Begin to wait for the core's timers; go on with work that the log left pending."""
        self._timer.arm()
        self._work.look()

    def stop(self) -> None:
        """Wait for no timer any more, and leave what work is pending to the next start."""
        self._timer.disarm()
        self._work.stop()

    def hold(self, refusal: CallError) -> None:
        """Take no command until `release`: this is why."""
        self.held = refusal

    def release(self) -> None:
        """Take commands again."""
        self.held = None

    async def execute(self, kind: RequestKind, received: Received) -> CommandResult:
        """Take a request and return its result when it may leave."""
        ticket = await self.submit(kind, received)
        await self.outbox.told(ticket.sequence)
        return ticket.result

    async def submit(
        self, kind: RequestKind, received: Received, *, may_wait: bool = False
    ) -> Ticket:
        """Wait for pending work and for room in the outbox, then take what a request asks.

        `may_wait` says that nobody waits for just this answer. Raises `CallError` when calls are
        no longer taken.
        """
        self._check_held()
        while self._work.is_clear or self._passes(kind, received):
            if not self.outbox.is_full:
                self._availability.check()
                return self._take(kind, received, may_wait)
            await self.outbox.room()
        async with self._work.turn(received.asked.key.client_id):
            return self._take(kind, received, may_wait)

    def tick(self) -> None:
        """Let due timers run, as a command like any other; not while work is pending."""
        is_taken = self._availability.refusal is None and self.held is None
        if is_taken and not self._engine.has_work:
            self._change(TICK, CommandKind.TICK, b"", monotonic_ns(), None, may_wait=False)

    def go_on(self) -> None:
        """Do the next piece of pending work, as a command like any other."""
        self._change(CONTINUE, CommandKind.CONTINUE, b"", monotonic_ns(), None, may_wait=False)

    async def at_rest(self) -> None:
        """Return when no work is pending; raises `CallError` when calls are no longer taken."""
        if self._engine.has_work:
            self._check_held()
        await self._work.done()

    async def note(self, command: Command, payload: bytes) -> int:
        """Journal in its turn what the engine notes of its own accord; return its sequence.

        Raises `CallError` when calls are no longer taken.
        """
        return await self.note_in_turn(command, lambda: payload)

    async def note_in_turn(
        self, command: Command, payload: Callable[[], bytes], caller: str = ""
    ) -> int:
        """Do the same with what there is to note by then, and the name of who asked for it."""
        async with self._work.turn():
            return self.note_at_rest(command, payload(), caller)

    def note_at_rest(self, command: Command, payload: bytes = b"", caller: str = "") -> int:
        """Do the same at once: no work may be pending. It may begin some, if timers are due."""
        self._check_held()
        self._availability.check()
        number, framed = with_caller(command.kind, payload, caller)
        self._change(command, number, framed, monotonic_ns(), None, may_wait=True)
        return self._engine.sequence

    def _check_held(self) -> None:
        """Raise `CallError` while no command is taken."""
        if self.held is not None:
            raise self.held.fresh()

    def _passes(self, kind: RequestKind, received: Received) -> bool:
        """Return whether a request need not wait for pending work, nor for those in line.

        What was answered before passes, and a deposit or withdrawal unless it comes behind another
        command of its client.
        """
        asked = received.asked
        key = kind.session_key(asked, received.raw)
        if key is not None and isinstance(self._machine.first_answer(key), Answer):
            return True
        if self._work.has_in_line(asked.key.client_id):
            return False
        return asked.command is not None and asked.command.kind in PASSING

    def _take(self, kind: RequestKind, received: Received, may_wait: bool) -> Ticket:
        raw, asked, received_nanos, caller = received
        command = asked.command
        key = kind.session_key(asked, raw)
        if key is not None:
            first = self._machine.first_answer(key)
            if isinstance(first, Answer):
                return self._repeat(first, command)
            if first is not None:
                return self._refuse(first, command)
        if command is None:
            return self._refuse(_NO_BATCH, command)
        refusal = command.over_limit(self._max_batch_rows)
        if refusal is not None:
            return self._refuse(refusal, command)
        number, payload = with_caller(kind.number, raw, caller)
        result = self._change(command, number, payload, received_nanos, key, may_wait)
        return Ticket(self._engine.sequence, result)

    def _change(
        self,
        command: Command,
        number: int,
        raw: bytes,
        received_nanos: int,
        key: SessionKey | None,
        may_wait: bool,
    ) -> CommandResult:
        """Apply a command, and put it into the outbox if it changed anything."""
        try:
            applied = self._apply(command, key)
            if applied.outcome.sequence:
                self.outbox.put(applied, command, number, raw, received_nanos, may_wait=may_wait)
                self._timer.arm()
                self._work.look()
        except JournalError as error:
            self.outbox.fail(error)
            raise self._availability.refusal_now() from error
        except Exception as error:  # noqa: BLE001 - the state may be half changed
            self._on_bug(error)
        return applied.result

    def _apply(self, command: Command, key: SessionKey | None) -> Applied:
        time_nanos = max(self._clock.now_nanos(), self._engine.time_nanos)
        start_nanos = monotonic_ns()
        applied = self._machine.apply(command, time_nanos, key)
        self._clock.not_before(self._engine.time_nanos)
        nanos = monotonic_ns() - start_nanos
        self._statistics.commands.applied(command.kind, applied.outcome, nanos)
        return applied

    def _repeat(self, first: Answer, command: Command | None) -> Ticket:
        if command is not None:
            self._statistics.commands.repeated(command.kind)
        return Ticket(first.sequence, first.repeated_result())

    def _refuse(self, refusal: Rejection, command: Command | None) -> Ticket:
        if command is None:
            self._statistics.commands.rejected_rows[refusal.reason] += 1
        else:
            self._statistics.commands.refused(command.kind, refusal.reason)
        return Ticket(self._engine.sequence, refused_result(refusal))


_NO_BATCH = Rejection(-1, RejectReason.EMPTY_BATCH, "batch", 0, 0)
