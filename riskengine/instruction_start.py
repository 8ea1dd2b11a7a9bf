"""What a start makes of the instructions on disk: compared, completed, and flaws are told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from riskengine.machine.instruction_ring import CHUNK, InstructionRing
from riskengine.machine.mapping.instructions import cause_of_piece
from riskengine.persistence import CommandLog
from riskengine.persistence.consumers_file import ConsumersFile, confirmed_through
from riskengine.persistence.errors import ConsumersDamaged, InstructionsFailed
from riskengine.persistence.instruction_log import InstructionLog
from riskengine.persistence.instruction_recovery import MADE_AGAIN, Finding, InstructionRecovery

INSTRUCTION_FOLDER = "instructions"

_LOG = structlog.get_logger("riskengine.recovery")


@dataclass(frozen=True, slots=True)
class StoredInstructions:
    """The instructions on disk, complete, and up to where their consumers have confirmed."""

    log: InstructionLog
    consumers_file: ConsumersFile
    confirmed: Mapping[str, int]
    consumers_lost: bool = False
    """There are instructions, and no list says who they were kept for."""


@contextmanager
def completing(data: Path, log: CommandLog, ring: InstructionRing) -> Iterator[InstructionRecovery]:
    """Complete the instructions on disk from the snapshot's, and let the body add what it replays.

    What was found is logged, also when the body fails. Raises JournalError.
    """
    oldest, last = ring.oldest_sequence or 1, ring.last_sequence
    recovery = InstructionRecovery(data / INSTRUCTION_FOLDER, log.log_id, oldest=oldest, last=last)
    try:
        for first in range(recovery.wanted, last + 1, CHUNK):
            pieces = ring.read(first, CHUNK)
            recovery.add(*cause_of_piece(pieces[-1]), pieces)
        yield recovery
    except BaseException:
        recovery.close()
        raise
    finally:
        _log_findings(recovery.findings)


def stored_instructions(
    instructions: InstructionLog, log: CommandLog, ring: InstructionRing
) -> StoredInstructions:
    """Return them with their consumers; say whose next instruction is not there any more.

    Raises JournalError.
    """
    file = ConsumersFile(instructions.folder, log.log_id)
    oldest = min(instructions.oldest_instruction, ring.oldest_sequence or 1)
    try:
        read = _read_consumers(file)
        is_lost = read is None and ring.last_sequence > 0
        if read is None:  # from now on a list that is not there was taken away
            read = {}
            file.write(read)
    except OSError as error:
        raise InstructionsFailed(f"{file.path} cannot be read or begun: {error}") from error
    for consumer_id, confirmed in read.items():
        if not oldest - 1 <= confirmed <= ring.last_sequence:
            _LOG.error(
                "consumers.gap",
                consumer_id=consumer_id,
                confirmed_instruction_sequence=confirmed,
                oldest_instruction_sequence=oldest,
                last_instruction_sequence=ring.last_sequence,
            )
    confirmed_ones = confirmed_through(read, ring.last_sequence)
    if is_lost:
        _LOG.error("consumers.lost", path=str(file.path))
    return StoredInstructions(instructions, file, confirmed_ones, is_lost)


def _read_consumers(file: ConsumersFile) -> dict[str, int] | None:
    """Return what the list says, None when there is none or none that can be read."""
    try:
        return file.read()
    except ConsumersDamaged as error:
        _LOG.error("consumers.set_aside", path=str(file.set_aside()), error=str(error))
        return None


def _log_findings(findings: list[Finding]) -> None:
    for finding in findings:
        tell = _LOG.warning if finding.done == MADE_AGAIN else _LOG.error
        tell(
            f"instructions.{finding.done}",
            path=str(finding.path),
            offset=finding.offset,
            instruction_sequence=finding.instruction_sequence,
            reason=finding.reason,
        )
