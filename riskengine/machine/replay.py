"""Recovery: the journal's commands once more through the same table, to the same state."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import NamedTuple

from google.protobuf.message import DecodeError

from riskengine.commands import CommandKind
from riskengine.machine.command import (
    CONTINUE,
    REFUSED,
    STARTED,
    STATE_HASH,
    STATE_HASH_DUE,
    TICK,
    Command,
)
from riskengine.machine.journalled import CallerNameError, journalled
from riskengine.machine.machine import Applied, Machine
from riskengine.machine.mapping.known import UnknownFieldError
from riskengine.machine.refusals import Refusal, RefusalError
from riskengine.machine.request_kinds import REQUEST_KINDS
from riskengine.machine.sessions import SessionKey
from riskengine.machine.started import Started
from riskengine.machine.state_hash import HashCheck, StateHash
from riskengine.persistence import LogRecord

GROUP_RECORDS = 256
GROUP_BYTES = 1 << 16
"""What is read ahead at once: at most so many records, and no more once it is so many bytes."""


Instructed = Callable[[int, int, Sequence[bytes]], None]
"""Hears of a command's sequence, its time, and the instructions that it gave, serialised."""


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
    caller: str = ""
    refusal: Refusal | None = None


def replay(
    machine: Machine,
    records: Iterable[LogRecord],
    known: StateHash | None = None,
    instructed: Instructed | None = None,
    *,
    check: HashCheck | None = None,
) -> int:
    """Apply the records to a machine; return how many there were.

    Raises `ReplayError`, also when the state is not what the log notes of it; `known` is the hash
    of the state at which it begins, `check` what a replay in several parts knows so far.
    `instructed` hears of all that is instructed, in order, and may raise. The limits of this
    server's configuration do not apply: what was journalled was accepted. `records` is read on a
    thread of its own, a little ahead.
    """
    count = 0
    check = check or HashCheck(known)
    with closing(_read_ahead(iter(records))) as ahead:
        for decoded in ahead:
            _apply(machine, decoded, instructed)
            _compare(machine, check, decoded.record)
            count += 1
    return count


def replay_one(machine: Machine, record: LogRecord) -> Applied:
    """Apply the next record and return what became of it; raises `ReplayError`."""
    return _apply(machine, _decode(record))


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


def _apply(machine: Machine, decoded: _Decoded, instructed: Instructed | None = None) -> Applied:
    record = decoded.record
    if decoded.command is STARTED:
        _check_gap(machine, record)
    try:
        applied = _once_more(machine, decoded)
    except AssertionError as error:  # The state is another than the one that took it.
        raise ReplayError(record, f"the machine refuses it: {error}") from error
    sequence = applied.outcome.sequence
    if sequence != record.sequence:
        raise ReplayError(record, f"the core gave sequence {sequence}")
    if applied.refusal is not decoded.refusal:
        raise ReplayError(record, "the core refuses it")
    if instructed is not None and applied.seen.pieces:
        instructed(sequence, record.time_nanos, applied.seen.pieces)
    machine.publish(applied.seen)
    return applied


def _check_gap(machine: Machine, record: LogRecord) -> None:
    """Raise `ReplayError` unless a start goes on from where the log had come to."""
    try:
        started = Started.decode(record.payload)
    except ValueError as error:
        raise ReplayError(record, str(error)) from None
    if started.last_nanos != machine.engine.time_nanos:
        raise ReplayError(
            record, f"it goes on from {started.last_nanos}, not from {machine.engine.time_nanos}"
        )


def _once_more(machine: Machine, decoded: _Decoded) -> Applied:
    record, command, key, caller, refusal = decoded
    if refusal is not None:
        return machine.refuse_again(refusal, record.time_nanos)
    return machine.apply(command, record.time_nanos, key, caller)


def _compare(machine: Machine, check: HashCheck, record: LogRecord) -> None:
    if record.kind == CommandKind.STATE_HASH_DUE:
        if not machine.engine.has_work:  # else it was noted once more, when the work was done
            check.due(record.sequence, bytes.fromhex(machine.engine.state_hash()))
    elif record.kind == CommandKind.STATE_HASH:
        try:
            difference = check.difference(StateHash.decode(record.payload))
        except ValueError as error:
            difference = str(error)
        if difference:
            raise ReplayError(record, difference)


_OWN: dict[int, Command] = {
    command.kind: command for command in (TICK, CONTINUE, STATE_HASH_DUE, STATE_HASH, STARTED)
}
"""What the engine journals of its own accord; an operator's name may stand with a start."""


def _decode(record: LogRecord) -> _Decoded:
    try:
        record, caller, _ = journalled(record)
    except CallerNameError as error:
        raise ReplayError(record, str(error)) from error
    own = _OWN.get(record.kind)
    if own is not None:
        return _Decoded(record, own, None)
    if record.kind == CommandKind.REFUSED:
        return _decode_refusal(record, caller)
    kind = REQUEST_KINDS.get(record.kind)
    if kind is None:
        raise ReplayError(record, "this version does not know its kind")
    try:
        asked = kind.read(record.payload)
    except DecodeError:
        name = kind.request.DESCRIPTOR.full_name
        raise ReplayError(record, f"it is not a {name}") from None
    except UnknownFieldError as unknown:
        raise ReplayError(record, f"{unknown}: a newer version wrote it") from None
    if asked.command is None:
        raise ReplayError(record, "it holds no command")
    return _Decoded(record, asked.command, kind.session_key(asked, caller), caller)


def _decode_refusal(record: LogRecord, caller: str) -> _Decoded:
    try:
        refusal = Refusal.decode(record.payload, caller)
    except RefusalError as error:
        raise ReplayError(record, str(error)) from error
    if refusal.result.sequence != record.sequence:
        found = f"it is the refusal of sequence {refusal.result.sequence}"
        raise ReplayError(record, found)
    return _Decoded(record, REFUSED, refusal.key, caller, refusal)
