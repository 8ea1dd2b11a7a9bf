"""Recovery: the journal's commands once more through the same table, to the same state."""

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import NamedTuple

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

GROUP_RECORDS = 256
GROUP_BYTES = 1 << 16
"""What is read ahead at once: at most so many records, and no more once it is so many bytes."""


class ReplayError(Exception):
    """Report that a record did not do again what it did first: the code or the log is another."""

    def __init__(self, record: LogRecord, found: str) -> None:
        super().__init__(
            f"record {record.sequence} of kind {record.kind} at {record.time_nanos} does not "
            f"replay: {found}"
        )
        self.sequence = record.sequence


class _Decoded(NamedTuple):
    record: LogRecord
    command: Command
    key: SessionKey | None


def replay(
    engine: Engine,
    records: Iterable[LogRecord],
    sessions: Sessions,
    ring: InstructionRing,
) -> int:
    """Apply the records to a fresh engine, session table and ring; return how many there were.

    Raises `ReplayError`. The limits of this server's configuration do not apply: what was
    journalled was accepted. `records` is read on a thread of its own, a little ahead.
    """
    count = 0
    with closing(_read_ahead(iter(records))) as ahead:
        for decoded in ahead:
            _apply(engine, decoded, sessions, ring)
            count += 1
    return count


def _read_ahead(records: Iterator[LogRecord]) -> Generator[_Decoded]:
    """Read and decode the next records while the core, without the GIL, applies the last ones."""
    with ThreadPoolExecutor(1, "replay-reader") as reader:
        coming = reader.submit(_next_group, records)
        while group := coming.result():
            coming = reader.submit(_next_group, records)
            yield from group


def _next_group(records: Iterator[LogRecord]) -> list[_Decoded]:
    """Read a few large records or many small ones; none at the end."""
    group: list[_Decoded] = []
    size_bytes = 0
    for record in islice(records, GROUP_RECORDS):
        group.append(_decode(record))
        size_bytes += len(record.payload)
        if size_bytes >= GROUP_BYTES:
            break
    return group


def _apply(engine: Engine, decoded: _Decoded, sessions: Sessions, ring: InstructionRing) -> None:
    record, command, key = decoded
    outcome = command.apply(engine, record.time_nanos)
    if outcome.sequence != record.sequence:
        raise ReplayError(record, f"the core gave sequence {outcome.sequence}")
    if outcome.events:
        ring.publish(map(instruction_piece, outcome.events))
    if key is not None:
        sessions.remember(key, outcome.sequence, command_result(outcome))


def _decode(record: LogRecord) -> _Decoded:
    if record.kind == TICK_NUMBER:
        return _Decoded(record, tick(), None)
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
    return _Decoded(record, asked.command, key)
