"""The single writer: each command gets its time here, and goes through the machine to the log.

A command is taken in one step on the event loop: check of its key, the machine, the outbox. Its
answer and its instructions leave when its sequence is durable; so does the answer of a command that
was refused: with a key it is in the log itself (CM-8), else it tells of the state before it.

A command whose work is cut into pieces pauses: until all is done only deposits are taken beside the
pieces, and calls of Withdraw, which the core refuses meanwhile. All else waits in line, withdrawals
on a stream too: one that was refused would leave a gap before the batches behind it.
"""

from collections.abc import Callable
from functools import partial
from time import monotonic_ns
from typing import NamedTuple, NoReturn

from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.commands import CommandKind
from riskengine.core.enums import RejectReason
from riskengine.core.types import Outcome, Rejection
from riskengine.machine.command import CONTINUE, REFUSED, TICK, Command, Received
from riskengine.machine.journalled import with_caller
from riskengine.machine.machine import OF_CLIENTS, Applied, Machine
from riskengine.machine.mapping.results import command_result, not_taken_result
from riskengine.machine.request_kinds import RequestKind
from riskengine.machine.sessions import Answer, ClientName, SessionKey
from riskengine.metrics.statistics import Statistics
from riskengine.persistence import JournalError
from riskengine.service.availability import Availability
from riskengine.service.errors import CallError
from riskengine.service.log_clock import LogClock
from riskengine.service.outbox import Outbox
from riskengine.service.pending_work import PendingWork
from riskengine.service.timers import TickTimer


class Ticket(NamedTuple):
    """An answer, and the sequence that must be durable before it may leave."""

    sequence: int
    result: CommandResult


class _Record(NamedTuple):
    """What is journalled of a command, when it was received, and whose answer it waits for."""

    number: int
    raw: bytes
    received_nanos: int
    key: SessionKey | None = None
    caller: str = ""
    is_noted: bool = False
    may_wait: bool = False


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
        statistics.clients = len(machine.sessions)
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
        async with self._work.turn(_client_of(received)):
            return self._take(kind, received, may_wait)

    def tick(self) -> None:
        """Let due timers run, as a command like any other; not while work is pending."""
        is_taken = self._availability.refusal is None and self.held is None
        if is_taken and not self._engine.has_work:
            self._change(TICK, _Record(CommandKind.TICK, b"", monotonic_ns()))

    def go_on(self) -> None:
        """Do the next piece of pending work, as a command like any other."""
        self._change(CONTINUE, _Record(CommandKind.CONTINUE, b"", monotonic_ns()))

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
        self._change(
            command,
            _Record(
                command.kind,
                payload,
                monotonic_ns(),
                caller=caller,
                is_noted=bool(caller),
                may_wait=True,
            ),
        )
        return self._engine.sequence

    def _check_held(self) -> None:
        """Raise `CallError` while no command is taken."""
        if self.held is not None:
            raise self.held.fresh()

    def _passes(self, kind: RequestKind, received: Received) -> bool:
        """Return whether a request need not wait for pending work, nor for those in line.

        What was answered before passes, and deposits or a call of Withdraw unless they come behind
        another command of their client.
        """
        asked = received.asked
        key = kind.session_key(asked, received.caller)
        if key is not None and isinstance(self._machine.first_answer(key), Answer):
            return True
        if self._work.has_in_line(_client_of(received)):
            return False
        if asked.command is None:
            return False
        return asked.command.kind == CommandKind.DEPOSITS or kind.number == CommandKind.WITHDRAWALS

    def _take(self, kind: RequestKind, received: Received, may_wait: bool) -> Ticket:
        raw, asked, received_nanos, caller, is_noted = received
        command = asked.command
        key = kind.session_key(asked, caller)
        if key is not None:
            first = self._machine.first_answer(key)
            if isinstance(first, Answer):
                return self._repeat(first, command)
            if first is not None:
                return self._take_not(first, command)
        record = _Record(kind.number, raw, received_nanos, key, caller, is_noted, may_wait)
        refusal = _NO_BATCH if command is None else command.over_limit(self._max_batch_rows)
        if command is None or refusal is not None:
            assert refusal is not None
            return self._refuse(refusal, command or REFUSED, record)
        result = self._change(command, record)
        return Ticket(self._engine.sequence, result)

    def _change(self, command: Command, record: _Record) -> CommandResult:
        """Apply a command, and put it into the outbox if it took a sequence."""
        return self._put(command, record, partial(self._apply, command, record))

    def _refuse(self, refusal: Rejection, command: Command, record: _Record) -> Ticket:
        """Refuse a command that the core never sees; with a key that is in the log (CM-8)."""
        self._count_refusal(refusal, command)
        outcome = Outcome(0, 0, 0, 1, [refusal], [])
        if record.key is None:
            return Ticket(self._engine.sequence, command_result(outcome))
        result = self._put(command, record, partial(self._machine.refuse, record.key, outcome))
        return Ticket(self._engine.sequence, result)

    def _put(
        self, command: Command, record: _Record, decide: Callable[[], Applied]
    ) -> CommandResult:
        """Have the machine decide, and put what took a sequence into the outbox."""
        try:
            applied = decide()
            if applied.outcome.sequence:
                self._journal(applied, command, record)
                self._statistics.clients = len(self._machine.sessions)
                if applied.refusal is None:
                    self._timer.arm()
                    self._work.look()
        except JournalError as error:
            self.outbox.fail(error)
            raise self._availability.refusal_now() from error
        except Exception as error:  # noqa: BLE001 - the state may be half changed
            self._on_bug(error)
        return applied.result

    def _journal(self, applied: Applied, command: Command, record: _Record) -> None:
        number, raw = record.number, record.raw
        if applied.refusal is not None:
            number, raw = CommandKind.REFUSED, applied.refusal.encode()
        is_named = record.is_noted or record.key is not None or command.kind in OF_CLIENTS
        caller = record.caller if is_named else ""
        number, payload = with_caller(number, raw, caller, is_noted=record.is_noted)
        self.outbox.put(
            applied, command, number, payload, record.received_nanos, may_wait=record.may_wait
        )

    def _apply(self, command: Command, record: _Record) -> Applied:
        time_nanos = max(self._clock.now_nanos(), self._engine.time_nanos)
        start_nanos = monotonic_ns()
        applied = self._machine.apply(command, time_nanos, record.key, record.caller)
        self._clock.not_before(self._engine.time_nanos)
        nanos = monotonic_ns() - start_nanos
        self._statistics.commands.applied(command.kind, applied.outcome, nanos)
        return applied

    def _repeat(self, first: Answer, command: Command | None) -> Ticket:
        if command is not None:
            self._statistics.commands.repeated(command.kind)
        return Ticket(first.sequence, first.repeated_result())

    def _take_not(self, refusal: Rejection, command: Command | None) -> Ticket:
        """Answer a command whose number is not due: nothing is journalled."""
        self._count_refusal(refusal, command or REFUSED)
        return Ticket(self._engine.sequence, not_taken_result(refusal))

    def _count_refusal(self, refusal: Rejection, command: Command) -> None:
        if command is REFUSED:
            self._statistics.commands.rejected_rows[refusal.reason] += 1
        else:
            self._statistics.commands.refused(command.kind, refusal.reason)


_NO_BATCH = Rejection(-1, RejectReason.EMPTY_BATCH, "batch", 0, 0)


def _client_of(received: Received) -> ClientName | None:
    """Return whose request it is, None if that is not said."""
    client_id = received.asked.key.client_id
    return ClientName(received.caller, client_id) if client_id else None
