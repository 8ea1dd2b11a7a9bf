"""What the tests of stored instructions share: a journal that instructs, and starts upon it."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from riskengine.persistence.files import Files
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.persistence.instruction_reader import Place
from riskengine.persistence.instruction_recovery import InstructionRecovery

LOG_ID = b"8 bytes."
SEGMENT_BYTES = 700


@cache
def piece(number: int) -> bytes:
    """Return the instruction of a number; 0 to 60 bytes that follow from it."""
    random = Random(number)
    return b"%d:" % number + random.randbytes(random.randint(0, 60))


class Instructed(NamedTuple):
    """A command of the journal, and the numbers of its instructions."""

    sequence: int
    first: int
    last: int

    @property
    def time_nanos(self) -> int:
        return self.sequence * 1_000

    @property
    def pieces(self) -> list[bytes]:
        return [piece(number) for number in range(self.first, self.last + 1)]


def journal(counts: Sequence[int]) -> list[Instructed]:
    """Return commands that instruct so much each."""
    commands: list[Instructed] = []
    last = 0
    for sequence, count in enumerate(counts, start=1):
        commands.append(Instructed(sequence, last + 1, last + count))
        last += count
    return commands


def write(log: InstructionLog, commands: Sequence[Instructed]) -> None:
    """Write the instructions of commands, as one group that became durable."""
    for command in commands:
        if command.pieces:
            log.append(command.sequence, command.time_nanos, command.pieces)
    log.write(commands[-1].sequence)


class Snapshot(NamedTuple):
    """What a snapshot says: its sequence, and which instructions it keeps."""

    sequence: int = 0
    oldest: int = 1
    last: int = 0


NO_SNAPSHOT = Snapshot()


def snapshot_of(commands: Sequence[Instructed], kept: int) -> Snapshot:
    """Return the snapshot after some commands, which keeps the last instructions."""
    last = commands[-1].last
    return Snapshot(commands[-1].sequence, max(1, last - kept + 1), last)


def recovery(
    folder: Path,
    snapshot: Snapshot = NO_SNAPSHOT,
    files: Files | None = None,
    segment_bytes: int = SEGMENT_BYTES,
    log_id: bytes = LOG_ID,
) -> InstructionRecovery:
    return InstructionRecovery(
        folder,
        log_id,
        oldest=snapshot.oldest,
        last=snapshot.last,
        files=files,
        segment_bytes=segment_bytes,
    )


def replay(
    completing: InstructionRecovery, snapshot: Snapshot, commands: Sequence[Instructed]
) -> InstructionLog:
    """Complete instructions from a snapshot and the commands behind it, as a start does."""
    kept = range(completing.wanted, snapshot.last + 1)
    if kept:
        completing.add(snapshot.sequence, 1_000 * snapshot.sequence, [piece(n) for n in kept])
    for command in commands:
        if command.sequence > snapshot.sequence and command.pieces:
            completing.add(command.sequence, command.time_nanos, command.pieces)
    return completing.finish()


def started(
    folder: Path,
    commands: Sequence[Instructed],
    snapshot: Snapshot = NO_SNAPSHOT,
    files: Files | None = None,
) -> InstructionLog:
    """Return the log as a start upon these commands has it."""
    return replay(recovery(folder, snapshot, files), snapshot, commands)


def contents(log: InstructionLog, first: int, last: int, limit: int = 7) -> list[bytes]:
    """Read from one number to another, in bounded pieces."""
    place, found = Place(first), list[bytes]()
    while place.instruction <= last:
        pieces, place = log.read(place, min(limit, last - place.instruction + 1))
        assert pieces
        found += pieces
        assert place.instruction == first + len(found)
    return found


def pieces(first: int, last: int) -> list[bytes]:
    return [piece(number) for number in range(first, last + 1)]


def is_whole(log: InstructionLog, last: int) -> bool:
    """Return whether all from the oldest stored to the last is there, and right."""
    oldest = log.oldest_instruction
    return oldest > last or contents(log, oldest, last) == pieces(oldest, last)
