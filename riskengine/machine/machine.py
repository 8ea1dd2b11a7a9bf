"""The replayed machine: all that a log makes, and the one way in which a command changes it.

A server, a start from the journal and the tests apply commands here; none of them has another way.
Nothing in here knows a clock, a disk or a network.
"""

from typing import NamedTuple

from xxhash import xxh3_128

from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.commands import CommandKind
from riskengine.core.engine import Engine
from riskengine.core.types import Outcome, Rejection
from riskengine.machine.command import REFUSED, Command
from riskengine.machine.instruction_ring import InstructionRing
from riskengine.machine.mapping.instructions import instruction_piece
from riskengine.machine.mapping.results import command_result, is_taken
from riskengine.machine.refusals import Refusal
from riskengine.machine.sessions import Answer, ClientName, SessionKey, Sessions

OF_CLIENTS = frozenset((CommandKind.CLIENT, CommandKind.CLIENT_FORGETTING))
"""Commands that change who is known, and nothing of the books."""


class Seen(NamedTuple):
    """What others see of a command: its instructions, serialised, and how many are kept then."""

    pieces: list[bytes]
    kept: int


class Applied(NamedTuple):
    """What became of a command: the core's outcome, its answer, and what others see of it.

    `refusal` is what is journalled in place of a keyed command that was refused whole; its sequence
    is that of the outcome.
    """

    outcome: Outcome
    result: CommandResult
    seen: Seen
    refusal: Refusal | None = None


class Machine:
    """Hold engine, sessions and instructions; what each is after a log follows from it alone.

    `apply` decides, `publish` lets be seen: a server publishes what was applied once it is durable,
    a replay at once.
    """

    def __init__(
        self,
        engine: Engine | None = None,
        sessions: Sessions | None = None,
        ring: InstructionRing | None = None,
    ) -> None:
        """Begin with nothing, or with the parts of a machine that was saved."""
        self.engine = Engine() if engine is None else engine
        retention = self.engine.retention
        self.sessions = Sessions(retention) if sessions is None else sessions
        self.ring = InstructionRing(retention.instruction_count) if ring is None else ring
        self._nothing = Seen([], retention.instruction_count)

    def first_answer(self, key: SessionKey) -> Answer | Rejection | None:
        """Return what a repeated request was answered, why one is refused, or None if it is due."""
        return self.sessions.check(key)

    def apply(
        self, command: Command, time_nanos: int, key: SessionKey | None, caller: str = ""
    ) -> Applied:
        """Apply a command at the log's time, and remember its answer if it was taken.

        The key, if it has one, must be due. A command that was refused whole changes nothing of the
        books; with a key the refusal takes a sequence, unless it was not the time for it. `caller`
        is whose client is registered.
        """
        if command.kind in OF_CLIENTS:
            return self._apply_to_clients(command, time_nanos, caller)
        last_nanos = self.engine.time_nanos
        outcome = command.apply(self.engine, time_nanos)
        if not outcome.sequence and key is not None and is_taken(outcome):
            return self.refuse(key, outcome)
        result = command_result(outcome)
        if outcome.sequence:
            if command.kind is CommandKind.RETENTION:
                self._retain()
            elif command.kind is CommandKind.STARTED:
                self.sessions.put_forward(outcome.time_nanos - last_nanos)
            elif command.kind is CommandKind.LOG_TIME:
                self.sessions.put_forward(self.engine.time_nanos - time_nanos)
            if key is not None:
                self.sessions.remember(key, outcome.sequence, self.engine.time_nanos, result)
        return Applied(outcome, result, self._seen(outcome))

    def _apply_to_clients(self, command: Command, time_nanos: int, caller: str) -> Applied:
        """Register a client, or forget one; the core lets time go on, and timers fire."""
        is_new = command.kind is CommandKind.CLIENT
        client = ClientName(*((caller, *command.arguments) if is_new else command.arguments))
        refusal = (
            self.sessions.why_not_registered(client, time_nanos)
            if is_new
            else self.sessions.why_not_forgotten(client)
        )
        if refusal is not None:
            outcome = Outcome(0, time_nanos, 0, 1, [refusal], [])
            return Applied(outcome, command_result(outcome), self._nothing)
        outcome = command.apply(self.engine, time_nanos)
        result = command_result(outcome)
        if outcome.sequence and is_new:
            result.incarnation = self.sessions.register(client, outcome.sequence, time_nanos)
        elif outcome.sequence:
            self.sessions.forget(client)
        return Applied(outcome, result, self._seen(outcome))

    def _seen(self, outcome: Outcome) -> Seen:
        if not outcome.events:
            return self._nothing
        return Seen([instruction_piece(event) for event in outcome.events], self._nothing.kept)

    def refuse(self, key: SessionKey, outcome: Outcome) -> Applied:
        """Note that the command of a key that is due was refused whole, which is its answer."""
        engine = self.engine
        sequence = REFUSED.apply(engine, engine.time_nanos).sequence
        noted = outcome._replace(sequence=sequence, time_nanos=engine.time_nanos)
        result = command_result(noted)
        self.sessions.remember(key, sequence, noted.time_nanos, result)
        return Applied(noted, result, self._nothing, Refusal(key, result))

    def refuse_again(self, refusal: Refusal, time_nanos: int) -> Applied:
        """Do what `refuse` did, from its record."""
        outcome = REFUSED.apply(self.engine, time_nanos)
        self.sessions.remember(refusal.key, outcome.sequence, time_nanos, refusal.result)
        return Applied(outcome, refusal.result, self._nothing, refusal)

    def publish(self, seen: Seen) -> None:
        """Let a command be seen; commands in the order of their sequences."""
        pieces, kept = seen
        if pieces or kept != self.ring.kept:
            self.ring.publish(pieces, kept)

    def _retain(self) -> None:
        retention = self.engine.retention
        self.sessions.retain(retention)
        self._nothing = Seen([], retention.instruction_count)

    def state_hash(self) -> str:
        """Return 32 hexadecimal digits over all that is held and seen; O(all of it)."""
        digest = xxh3_128(self.engine.state_hash().encode())
        for part in (self.sessions, self.ring):
            for piece in part.canonical():
                digest.update(b"%d," % len(piece) + piece)
        return digest.hexdigest()

    def check_invariants(self) -> None:
        """Raise AssertionError that names the first broken invariant; for tests."""
        self.engine.check_invariants()
        self.sessions.check_invariants(self.engine.sequence)
        self.ring.check_invariants(self.engine.instruction_sequence)
