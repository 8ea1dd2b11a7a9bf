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
from riskengine.machine.command import Command
from riskengine.machine.instruction_ring import InstructionRing
from riskengine.machine.mapping.instructions import instruction_piece
from riskengine.machine.mapping.results import command_result
from riskengine.machine.sessions import Answer, SessionKey, Sessions


class Seen(NamedTuple):
    """What others see of a command: its instructions, serialised, and how many are kept then."""

    pieces: list[bytes]
    kept: int


class Applied(NamedTuple):
    """What became of a command: the core's outcome, its answer, and what others see of it."""

    outcome: Outcome
    result: CommandResult
    seen: Seen


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

    def apply(self, command: Command, time_nanos: int, key: SessionKey | None) -> Applied:
        """Apply a command at the log's time, and remember its answer if it was taken.

        The key, if it has one, must be due. A command that was refused whole changes nothing.
        """
        outcome = command.apply(self.engine, time_nanos)
        result = command_result(outcome)
        if outcome.sequence:
            if command.kind is CommandKind.RETENTION:
                self._retain()
            if key is not None:
                self.sessions.remember(key, outcome.sequence, result)
        seen = self._nothing
        if outcome.events:
            seen = Seen([instruction_piece(event) for event in outcome.events], seen.kept)
        return Applied(outcome, result, seen)

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
