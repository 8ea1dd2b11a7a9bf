"""Data folders as a server makes them, without the server: commands, groups, snapshots, trims."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from google.protobuf.message import Message

from riskengine.instruction_start import INSTRUCTION_FOLDER
from riskengine.machine.command import STARTED, STATE_HASH, STATE_HASH_DUE, Command
from riskengine.machine.journalled import with_caller
from riskengine.machine.machine import Applied, Machine
from riskengine.machine.mapping.instructions import cause_of_piece
from riskengine.machine.replay import replay
from riskengine.machine.request_kinds import KIND_OF
from riskengine.machine.saving import FrozenMachine
from riskengine.machine.started import Started
from riskengine.machine.state_hash import StateHash
from riskengine.persistence import LogRecord, SegmentOptions, open_segment_log
from riskengine.persistence.consumers_file import ConsumersFile
from riskengine.persistence.files import Files
from riskengine.persistence.instruction_log import SEGMENT_BYTES, InstructionLog
from riskengine.persistence.instruction_reader import Place
from riskengine.persistence.instruction_recovery import Finding, InstructionRecovery
from riskengine.persistence.snapshot_file import SnapshotHeader
from riskengine.persistence.snapshots import SnapshotStore
from riskengine.recovery import admitting, newest_machine
from riskengine.tools.folder import DataFolder
from tests.machine.test_machine import VENUE
from tests.persistence.support import Unsynced
from tests.service import clients, requests

OPTIONS = SegmentOptions(segment_bytes=4096, payload_limit_bytes=1500, spare_in_background=False)
BEGIN_NANOS = 1_796_040_000_000_000_000
STEP_NANOS = 1_000_000
ACCOUNTS = 6
CALLED = range(10, 13)


class Source:
    """A data folder that is written to; `hashes` has the state hash behind each sequence.

    With `instruction_bytes` instructions are kept in segments of that size; `pieces` has all that
    was instructed since, by number.
    """

    def __init__(
        self,
        folder: Path,
        seed: int = 1,
        begin_nanos: int = BEGIN_NANOS,
        instruction_bytes: int = 0,
    ) -> None:
        self.folder = folder
        self.store = SnapshotStore(folder / "snapshots", Unsynced())
        self.log = open_segment_log(
            folder / "journal", OPTIONS, files=Unsynced(), admit=admitting(self.store)
        )
        self.store.open()
        self.machine, noted = newest_machine(self.store, self.log)
        self.pieces: dict[int, bytes] = {}
        records = self.log.read(self.machine.engine.sequence + 1)
        self.instructions: InstructionLog | None = None
        if instruction_bytes:
            self.instructions, _ = completed(
                folder, self.log.log_id, self.machine, records, noted, Unsynced(), instruction_bytes
            )
        else:
            replay(self.machine, records, noted)
        self.last_instructions = {self.sequence: self.machine.ring.last_sequence}
        self.hashes = {self.sequence: self.machine.state_hash()}
        self.engine_hashes = {self.sequence: self.machine.engine.state_hash()}
        self.times = {self.sequence: self.machine.engine.time_nanos}
        self.sent: dict[int, Message] = {}
        self._client_id = f"engine-{seed}"
        self._begin_nanos = begin_nanos
        self._rng = Random(seed)
        self._batches = 0

    @property
    def sequence(self) -> int:
        return self.machine.engine.sequence

    @property
    def data(self) -> DataFolder:
        return DataFolder.existing(self.folder)

    @property
    def next_nanos(self) -> int:
        return max(self._begin_nanos, self.machine.engine.time_nanos) + STEP_NANOS

    def open_venue(self) -> "Source":
        self.send(*VENUE)
        return self

    def open_called(self) -> "Source":
        """Open accounts that are called, and nothing else, whenever the mark is 9,400."""
        self.send(*(requests.deposit(account_id, 1_150) for account_id in CALLED))
        self.send(requests.trades(*((account_id, 1, 10_000, 1) for account_id in CALLED)))
        return self

    def swing(self, count: int) -> "Source":
        """Call those accounts, and clear the calls, so many times; each gives six instructions."""
        for _ in range(count):
            self.send(requests.mark(9_400))
            self.send(requests.mark(10_000))
        return self

    def play(self, count: int) -> "Source":
        """Send so many random batches, in groups of one to four; registering is one of them."""
        first = requests.submit_deposits(self._client_id, 1, (1, 1))
        for registration in clients.registrations(self.machine, first):
            self.send(registration)
            count -= 1
        while count > 0:
            size = min(count, self._rng.randint(1, 4))
            for _ in range(size):
                self.append(self._batch())
            self._sync()
            count -= size
        return self

    def send(self, *messages: Message) -> None:
        """Apply requests, each of which must be taken, and sync them as one group."""
        for message in messages:
            self.append(message)
        self._sync()

    def send_as(self, caller: str, *messages: Message) -> None:
        """Do the same under the name of who asks."""
        for message in messages:
            self.append(message, caller)
        self._sync()

    def _sync(self) -> None:
        durable = self.log.sync()
        if self.instructions is not None:
            self.instructions.write(durable)

    def confirm(self, **confirmed: int) -> None:
        """Write who has confirmed up to which instruction."""
        ConsumersFile(self.folder / INSTRUCTION_FOLDER, self.log.log_id, Unsynced()).write(
            confirmed
        )

    def append(self, message: Message, caller: str = "") -> None:
        """Apply a request; a client that is new is registered first."""
        for registration in clients.registrations(self.machine, message, caller):
            self.append(registration, caller)
        named = clients.with_incarnation(self.machine, message, caller)
        kind, raw = KIND_OF[type(named)], named.SerializeToString()
        asked = kind.read(raw)
        assert asked.command is not None
        key = kind.session_key(asked, caller)
        applied = self.machine.apply(asked.command, self.next_nanos, key, caller)
        self._keep(applied, *with_caller(kind.number, raw, caller))
        self.sent[self.sequence] = named

    def start_again(self, caller: str, gap_nanos: int) -> None:
        """Have a server start after a gap; under the name of who confirmed that, if any."""
        last_nanos = self.machine.engine.time_nanos
        applied = self.machine.apply(STARTED, last_nanos + gap_nanos, None)
        payload = Started(last_nanos + gap_nanos, last_nanos).encode()
        self._keep(applied, *with_caller(STARTED.kind, payload, caller))
        self._sync()

    def _note(self, command: Command, payload: bytes = b"") -> None:
        self._keep(self.machine.apply(command, self.next_nanos, None), command.kind, payload)
        self._sync()

    def _keep(self, applied: Applied, kind: int, payload: bytes) -> None:
        sequence = applied.outcome.sequence
        assert sequence, applied.result
        self._instruct(applied)
        record = LogRecord(sequence, 1, int(kind), applied.outcome.time_nanos, payload)
        self.log.append(record, expected_sequence=sequence, epoch=1)
        self.hashes[sequence] = self.machine.state_hash()
        self.engine_hashes[sequence] = self.machine.engine.state_hash()
        self.times[sequence] = applied.outcome.time_nanos

    def _instruct(self, applied: Applied) -> None:
        pieces = applied.seen.pieces
        self.machine.publish(applied.seen)
        last = self.machine.ring.last_sequence
        self.pieces |= zip(range(last - len(pieces) + 1, last + 1), pieces, strict=True)
        self.last_instructions[applied.outcome.sequence] = last
        if self.instructions is not None and pieces:
            self.instructions.append(applied.outcome.sequence, applied.outcome.time_nanos, pieces)

    def snapshot(self, *, trim: bool = False) -> Path:
        """Take a snapshot, noted in the journal; shorten that as a server does if asked to."""
        self._note(STATE_HASH_DUE)
        path, state_hash = self.written_snapshot(self.log.log_id)
        self._note(STATE_HASH, state_hash.encode())
        if trim:
            oldest, _ = self.store.drop_old()
            if oldest is not None:
                self.log.trim(self.store.sequence_of(oldest) + 1)
        return path

    def written_snapshot(self, log_id: bytes) -> tuple[Path, StateHash]:
        """Write a snapshot of the state as it is, of the log of an id; return its hash too."""
        if self.instructions is not None:
            self.instructions.sync()
        frozen = FrozenMachine(self.machine, ())
        header = SnapshotHeader(log_id, self.sequence, 1, frozen.time_nanos)
        try:
            path = self.store.write(header, frozen.sections()).publish()
        finally:
            frozen.close()
        assert frozen.state_hash is not None
        return path, frozen.state_hash

    def close(self) -> "Source":
        self.log.close()
        if self.instructions is not None:
            self.instructions.close()
        return self

    def _batch(self) -> Message:
        choice = self._rng.randrange(4)
        if choice == 1:
            return requests.mark(self._rng.choice((9_400, 9_700, 10_000, 10_300)))
        self._batches += 1
        if choice == 0:
            amount = self._rng.randint(1, 5_000)
            account_id = self._rng.randint(1, ACCOUNTS)
            return requests.submit_deposits(self._client_id, self._batches, (account_id, amount))
        return requests.submit_trades(self._client_id, self._batches, *self._trades())

    def _trades(self) -> Sequence[tuple[int, int, int, int]]:
        buyer, seller = self._rng.sample((1, 2), 2)
        return [(buyer, seller, 10_000, self._rng.randint(1, 5))]


def started(folder: Path, files: Files | None = None) -> tuple[Machine, int]:
    """Start on a folder as a server does; return the machine and the journal's first sequence."""
    files = files or Unsynced()
    store = SnapshotStore(folder / "snapshots", files)
    log = open_segment_log(folder / "journal", OPTIONS, files=files, admit=admitting(store))
    try:
        store.open()
        machine, noted = newest_machine(store, log)
        replay(machine, log.read(machine.engine.sequence + 1), noted)
        return machine, log.first_sequence
    finally:
        log.close()


def completed(
    folder: Path,
    log_id: bytes,
    machine: Machine,
    records: Iterable[LogRecord],
    noted: StateHash | None,
    files: Files,
    segment_bytes: int = SEGMENT_BYTES,
) -> tuple[InstructionLog, list[Finding]]:
    """Replay records and complete the instructions of a folder, as a start does."""
    ring = machine.ring
    recovery = InstructionRecovery(
        folder / INSTRUCTION_FOLDER,
        log_id,
        oldest=ring.oldest_sequence or 1,
        last=ring.last_sequence,
        files=files,
        segment_bytes=segment_bytes,
    )
    for number in range(recovery.wanted, ring.last_sequence + 1):
        (piece,) = ring.read(number, 1)
        recovery.add(*cause_of_piece(piece), [piece])
    replay(machine, records, noted, instructed=recovery.add)
    return recovery.finish(), recovery.findings


class Instructed(NamedTuple):
    """The instructions of a folder after a start, by number, and what that said of them."""

    pieces: dict[int, bytes]
    findings: list[Finding]


def started_instructions(folder: Path, files: Files | None = None) -> Instructed:
    """Start on a folder, and read all that it has of instructions."""
    files = files or Unsynced()
    log = open_segment_log(folder / "journal", OPTIONS, files=files)
    try:
        machine, noted = newest_machine(SnapshotStore(folder / "snapshots", files), log)
        records = log.read(machine.engine.sequence + 1)
        stored, findings = completed(folder, log.log_id, machine, records, noted, files)
        stored.close()
        pieces: dict[int, bytes] = {}
        place = Place(stored.oldest_instruction)
        while place.instruction <= machine.ring.last_sequence:
            found, place = stored.read(place, 1_000)
            pieces |= enumerate(found, place.instruction - len(found))
        return Instructed(pieces, findings)
    finally:
        log.close()


def image(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder by its name in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
