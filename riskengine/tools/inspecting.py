"""Looking into a data folder: records, one command, the state after one, the snapshots."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from google.protobuf.text_format import MessageToString

from riskengine.api.v1.common_pb2 import RejectReason
from riskengine.api.v1.instructions_pb2 import Instruction
from riskengine.commands import SUBMIT_NUMBER, CommandKind
from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState
from riskengine.machine.journalled import CallerNameError, journalled
from riskengine.machine.machine import Applied
from riskengine.machine.mapping.instructions import instruction
from riskengine.machine.refusals import Refusal
from riskengine.machine.replay import replay_one
from riskengine.machine.request_kinds import REQUEST_KINDS
from riskengine.machine.saving import (
    INSTRUCTIONS,
    SESSIONS,
    STATE,
    STATE_HASH,
    SavedMachineError,
    saved_hash,
)
from riskengine.machine.started import Started
from riskengine.machine.state_hash import StateHash
from riskengine.persistence import LogRecord
from riskengine.persistence.snapshot_file import SnapshotDamaged, SnapshotForm
from riskengine.persistence.survey import Survey, survey
from riskengine.tools.folder import DataFolder, ToolError
from riskengine.tools.history import History
from riskengine.tools.moments import Moment, sequence_at, shown_time
from riskengine.tools.progress import Steps
from riskengine.tools.replay import pending_notes, state_hash_of, state_values

KIND_NAMES = {int(kind): kind.label for kind in CommandKind}
SECTION_NAMES = {
    STATE: "state",
    SESSIONS: "sessions",
    INSTRUCTIONS: "instructions",
    STATE_HASH: "state_hash",
}


class ShownRecord:
    """A record of the journal, decoded as far as this version knows it."""

    def __init__(self, record: LogRecord) -> None:
        try:
            self.record, self.caller, self.is_noted = journalled(record)
        except CallerNameError:
            self.record, self.caller, self.is_noted = record, "", True
        self.message = _message(self.record)
        self.kind = _kind_name(self.record, self.message)

    def as_values(self) -> dict[str, Any]:
        """Return it as values of JSON; the request in the JSON form of protobuf."""
        record = self.record
        values: dict[str, Any] = {
            "sequence": record.sequence,
            "epoch": record.epoch,
            "kind": self.kind,
            "time_nanos": record.time_nanos,
            "time": shown_time(record.time_nanos),
            "payload_bytes": len(record.payload),
        }
        if self.caller:
            values["caller"] = self.caller
        if self.message is not None:
            return values | {"request": _dict(self.message)}
        noted = _noted(record)
        return values | (noted or {"payload_hex": record.payload.hex()})

    def line(self) -> str:
        """Return it on one line."""
        record = self.record
        time = shown_time(record.time_nanos)
        caller = f" caller={self.caller}" if self.caller else ""
        return f"{record.sequence} {time} {self.kind}{caller} {self.text}".rstrip()

    @property
    def text(self) -> str:
        """Return what it asks or notes, on one line."""
        if self.message is not None:
            return _one_line(self.message)
        noted = _noted(self.record)
        pairs = (f"{name}={value}" for name, value in noted.items())
        return " ".join(pairs) if noted else self.record.payload.hex()


def _message(record: LogRecord) -> Message | None:
    """Return the request of a record, None when it is none that this version can read."""
    kind = REQUEST_KINDS.get(record.kind)
    if kind is None:
        return None
    try:
        return kind.request.FromString(record.payload)
    except DecodeError:
        return None


def _noted(record: LogRecord) -> dict[str, Any]:
    """Return what a start, a note of a state hash or of a refusal says; nothing of any other."""
    try:
        if record.kind == CommandKind.STARTED:
            return _started(record)
        if record.kind == CommandKind.STATE_HASH:
            return _noted_hash(StateHash.decode(record.payload))
        if record.kind == CommandKind.REFUSED:
            return _noted_refusal(Refusal.decode(record.payload, ""))
    except ValueError:
        return {}
    return {}


def _noted_hash(noted: StateHash) -> dict[str, Any]:
    return {
        "noted_sequence": noted.sequence,
        "state_form": noted.form,
        "state_hash": noted.digest.hex(),
    }


def _started(record: LogRecord) -> dict[str, Any]:
    started = Started.decode(record.payload)
    return {
        "wall_time": shown_time(started.wall_nanos),
        "last_time": shown_time(started.last_nanos),
        "gap_nanos": record.time_nanos - started.last_nanos,
    }


def _noted_refusal(refusal: Refusal) -> dict[str, Any]:
    """Return whose command was refused, and the first reason why."""
    key, result = refusal
    first = result.rejections[0]
    return {
        "client_id": key.client.client_id,
        "batch_sequence": key.batch_sequence,
        "rejected_rows": result.rejected_rows,
        "reason": RejectReason.Name(first.reason),
        "message": first.message,
    }


def _kind_name(record: LogRecord, message: Message | None) -> str:
    """Return what a record asks: a batch of `Submit` has the name of its command."""
    if record.kind == SUBMIT_NUMBER:
        batch = message.WhichOneof("batch") if message is not None else None
        return batch or "submit"
    return KIND_NAMES.get(record.kind, f"kind_{record.kind}")


def kind_names() -> list[str]:
    """Return every name that a known kind of record can have."""
    return sorted(KIND_NAMES.values())


def shown_records(
    folder: DataFolder, begin: Moment | None, end: Moment | None, kinds: frozenset[str]
) -> Iterator[ShownRecord]:
    """Yield the records from one moment to another, both inclusive; of some kinds, or of all.

    Of a damaged journal what lies before its damage, which then is raised. Raises `ToolError`,
    `JournalError` and OSError.
    """
    found = survey(folder.files, folder.journal, is_damage_told=True)
    begun = found.first_sequence
    first = begun if begin is None else _from(folder, found, begin)
    last = found.last_sequence if end is None else sequence_at(folder.files, found, end)
    if first < begun:
        raise ToolError(f"sequence {first} is gone; the journal begins with {begun}")
    if first > last and found.damage is None and not (begin is None and end is None):
        raise ToolError(f"there are no records from {first} to {last}")
    for record in found.read(folder.files, first, until_sequence=last):
        shown = ShownRecord(record)
        if not kinds or shown.kind in kinds:
            yield shown
    is_cut_short = end is None or last > found.last_sequence
    if is_cut_short and found.damage is not None:
        raise found.damage


def _from(folder: DataFolder, found: Survey, moment: Moment) -> int:
    """Return the first sequence at or behind a moment."""
    if moment.sequence is not None:
        return moment.sequence
    assert moment.time_nanos is not None
    before = Moment(time_nanos=moment.time_nanos - 1)
    return sequence_at(folder.files, found, before) + 1


def command_values(folder: DataFolder, sequence: int, steps: Steps) -> dict[str, Any]:
    """Return a command with its request, what the machine answered, and what it instructed.

    It is replayed to. Raises `ToolError`, `ReplayError` and `JournalError`.
    """
    history = History.of(folder)
    first, last = history.survey.first_sequence, history.survey.last_sequence
    if not first <= sequence <= last:
        raise ToolError(f"sequence {sequence} is not in the journal, which holds {first} to {last}")
    machine, notes = history.machine_at(sequence - 1, steps)
    (record,) = history.read(sequence, sequence)
    applied = replay_one(machine, record)
    return {
        **ShownRecord(record).as_values(),
        "result": _dict(applied.result),
        "instructions": [_dict(one) for one in instructions(applied)],
        "state_hash": state_hash_of(machine.engine),
        "notes": [*notes, *pending_notes(machine.engine)],
    }


def instructions(applied: Applied) -> list[Instruction]:
    """Return what a command instructed."""
    return [instruction(event) for event in applied.outcome.events]


def state_of(
    folder: DataFolder,
    moment: Moment | None,
    account_id: int | None,
    market_id: int | None,
    steps: Steps,
) -> dict[str, Any]:
    """Return the state at a moment; of one party or market, or of the whole in short.

    Raises `ToolError`, `ReplayError` and `JournalError`.
    """
    history = History.of(folder)
    machine, notes = history.machine_at(history.sequence_at(moment), steps)
    engine = machine.engine
    values = state_values(engine)
    if account_id is None and market_id is None:
        values["clients"] = len(machine.sessions)
        values["funds"] = [fund._asdict() for fund in engine.funds()]
    if account_id is not None:
        values["account"] = _accounts(engine, account_id)
    if market_id is not None:
        values["market"] = _market(engine, market_id)
    return values | {"notes": [*notes, *pending_notes(engine)]}


def _accounts(engine: Engine, account_id: int) -> list[dict[str, Any]]:
    """Return all margin accounts of a party; raises `ToolError` when it has none."""
    views = [engine.account(account_id, asset.asset_id) for asset in engine.assets()]
    found = [view for view in views if view is not None]
    if not found:
        raise ToolError(f"there is no account {account_id} at sequence {engine.sequence}")
    return [
        view._asdict()
        | {
            "state": AccountState(view.state).name.lower(),
            "positions": [position._asdict() for position in view.positions],
            "reservations": [one._asdict() for one in view.reservations],
        }
        for view in found
    ]


def _market(engine: Engine, market_id: int) -> dict[str, Any]:
    for view in engine.markets():
        if view.parameters.market_id == market_id:
            parameters = view.parameters._asdict()
            parameters["tiers"] = [tier._asdict() for tier in view.parameters.tiers]
            return view._asdict() | {"parameters": parameters}
    raise ToolError(f"there is no market {market_id} at sequence {engine.sequence}")


def snapshot_values(folder: DataFolder) -> Iterator[dict[str, Any]]:
    """Yield what each snapshot says of itself, the oldest first; a bad one, what is wrong."""
    for path in folder.snapshot_paths():
        values: dict[str, Any] = {"name": path.name}
        try:
            snapshot = folder.snapshots.read(path)
            noted = saved_hash(snapshot.sections)
        except (SnapshotDamaged, SnapshotForm, SavedMachineError, OSError) as error:
            yield values | {"fault": str(error)}
            continue
        header = snapshot.header
        yield values | {
            "bytes": path.stat().st_size,
            "log_id": header.log_id.hex(),
            "sequence": header.sequence,
            "epoch": header.epoch,
            "time_nanos": header.time_nanos,
            "time": shown_time(header.time_nanos),
            "state_form": noted.form,
            "state_hash": noted.digest.hex(),
            "sections": {
                SECTION_NAMES.get(number, str(number)): len(data)
                for number, data in snapshot.sections.items()
            },
        }


def segment_values(folder: DataFolder) -> list[dict[str, Any]]:
    """Return what is shown of each segment of the journal; raises `JournalError` and OSError."""
    found = survey(folder.files, folder.journal, is_damage_told=True)
    return [
        {
            "name": span.path.name,
            "from": span.header.first_sequence,
            "to": span.last_sequence,
            "rules": span.header.rules,
        }
        for span in found.spans
    ]


def _dict(message: Message) -> dict[str, Any]:
    values: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    return values


def _one_line(message: Message) -> str:
    return str(MessageToString(message, as_one_line=True))
