"""Recovery: the journal's commands once more through the same table, to the same state."""

from collections.abc import Iterable

from google.protobuf.message import DecodeError

from riskengine.core.engine import Engine
from riskengine.persistence import LogRecord
from riskengine.service.command import Command
from riskengine.service.commands import REQUEST_KINDS, TICK_NUMBER
from riskengine.service.mapping.instructions import instruction_piece
from riskengine.service.mapping.requests import tick
from riskengine.service.mapping.results import command_result
from riskengine.service.sessions import SessionKey, Sessions
from riskengine.service.subscriptions import InstructionRing


class ReplayError(Exception):
    """Report that a record did not do again what it did first: the code or the log is another."""

    def __init__(self, record: LogRecord, found: str) -> None:
        super().__init__(
            f"record {record.sequence} of kind {record.kind} at {record.time_nanos} does not "
            f"replay: {found}"
        )
        self.sequence = record.sequence


def replay(
    engine: Engine,
    records: Iterable[LogRecord],
    sessions: Sessions,
    ring: InstructionRing,
) -> int:
    """Apply the records to a fresh engine, session table and ring; return how many there were.

    Raises `ReplayError`. The limits of this server's
    configuration do not apply: what was journalled was accepted.
    """
    count = 0
    for record in records:
        _replay_record(engine, record, sessions, ring)
        count += 1
    return count


def _replay_record(
    engine: Engine, record: LogRecord, sessions: Sessions, ring: InstructionRing
) -> None:
    command, key = _decode(record)
    outcome = command.apply(engine, record.time_nanos)
    if outcome.sequence != record.sequence:
        raise ReplayError(record, f"the core gave sequence {outcome.sequence}")
    ring.publish(map(instruction_piece, outcome.events))
    if key is not None:
        sessions.remember(key, outcome.sequence, command_result(outcome))


def _decode(record: LogRecord) -> tuple[Command, SessionKey | None]:
    if record.kind == TICK_NUMBER:
        return tick(), None
    kind = REQUEST_KINDS.get(record.kind)
    if kind is None:
        raise ReplayError(record, "this version does not know its kind")
    try:
        asked = kind.read(record.payload)
    except DecodeError:
        name = kind.request.DESCRIPTOR.full_name
        raise ReplayError(record, f"it is not a {name}") from None
    if asked.command is None:
        raise ReplayError(record, "it holds no command")
    key = SessionKey.of_request(asked.key, kind.number, record.payload, required=False)
    return asked.command, key
