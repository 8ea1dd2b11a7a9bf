"""The instructions of a restored log: written anew under its id, up to the command it ends with.

Frames begin from the log's id, so that no segment of one log passes for one of another. Consumers
have confirmed at most what the restored log has: what is behind that is instructed anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from riskengine.machine.instruction_ring import CHUNK, InstructionRing
from riskengine.machine.mapping.instructions import cause_of_piece
from riskengine.persistence.consumers_file import ConsumersFile
from riskengine.persistence.errors import InstructionsRefused
from riskengine.persistence.files import make_folder
from riskengine.persistence.instruction_found import (
    CheckedSegment,
    chained,
    check_segment,
    find_segments,
    read_frames,
)
from riskengine.persistence.instruction_log import SEGMENT_BYTES, InstructionLog
from riskengine.persistence.instruction_segment import FlawError
from riskengine.persistence.instruction_segments import InstructionSegments, InstructionWriter
from riskengine.persistence.survey import settled
from riskengine.tools.consumers import consumers_through
from riskengine.tools.folder import DataFolder, ToolError

Pieces = Sequence[bytes]


class RestoredInstructions(NamedTuple):
    """The numbers of the first and the last one that were written, 0 and 0 without any; notes."""

    first: int
    last: int
    notes: tuple[str, ...]


class InstructionRestore:
    """Write instructions and consumers of one folder into another one, before its journal is one.

    `until_sequence` is the last command that is restored, `ring` what the newest snapshot before it
    keeps: where the source has less than that, it is taken from there, as a start would.
    """

    def __init__(
        self,
        source: DataFolder,
        target: DataFolder,
        log_ids: tuple[bytes, bytes],
        until_sequence: int,
        ring: InstructionRing,
    ) -> None:
        self._source = source
        self._target = target
        self._source_id, self._target_id = log_ids
        self._until_sequence = until_sequence
        self._ring = ring
        self._notes: list[str] = []

    def run(self) -> RestoredInstructions:
        """Write what there is, durably; raises `JournalError` and OSError."""
        first, last = 0, 0
        if self._source.instructions.exists():
            folder = self._target.instructions
            make_folder(self._target.files, folder)
            first, last = settled(self._source.journal, lambda _is_open: self._write_all())
            self._write_consumers(max(last, self._ring.last_sequence))
        return RestoredInstructions(first, last, tuple(self._notes))

    def _write_all(self) -> tuple[int, int]:
        """Write all that can be read, from nothing on; return the first number and the last."""
        self._notes.clear()
        self._remove()
        segments = self._whole()
        pieces = self._pieces(segments)
        head = next(pieces, None)
        kept_from = self._ring.oldest_sequence or 1
        begin = kept_from if head is None else segments[0].first_instruction
        listed = InstructionSegments()
        writer = InstructionWriter(
            self._target.files,
            self._target.instructions,
            self._target_id,
            listed,
            next_instruction=begin,
            segment_bytes=SEGMENT_BYTES,
        )
        log = InstructionLog(
            self._target.files, self._target.instructions, self._target_id, listed, writer
        )
        try:
            self._write(writer, chain([head] if head else [], pieces))
            self._write(writer, self._kept_from(writer.next_instruction))
            log.sync()
        except FlawError as error:
            raise ToolError(f"instructions in {self._source.path} changed: {error}") from error
        finally:
            log.close()
        last = writer.next_instruction - 1
        return (begin, last) if last >= begin else (0, 0)

    @staticmethod
    def _write(writer: InstructionWriter, found: Iterable[Pieces]) -> None:
        for pieces in found:
            writer.add(*cause_of_piece(pieces[-1]), pieces)
        writer.flush()

    def _remove(self) -> None:
        files, folder = self._target.files, self._target.instructions
        for name in files.list_names(folder):
            files.unlink(folder / name)

    def _whole(self) -> list[CheckedSegment]:
        """Return the segments that can be read to their end, behind the last hole."""
        source = self._source
        try:
            found = find_segments(source.files, source.instructions, self._source_id)
        except InstructionsRefused as error:
            self._notes.append(f"left out: {error}")
            return []
        found, reason = chained(found)
        if reason:
            self._notes.append(f"left out: instructions before {found[0].path.name}: {reason}")
        whole: list[CheckedSegment] = []
        for one in found:
            checked = check_segment(source.files, one, self._source_id)
            whole.append(checked)
            if checked.flaw and one is not found[-1]:
                place = f"{one.path}, offset {checked.offset}"
                self._notes.append(f"left out: instructions up to {place}: {checked.flaw}")
                whole.clear()
        return whole

    def _pieces(self, segments: list[CheckedSegment]) -> Iterator[Pieces]:
        """Yield the instructions of commands up to the last one that is restored."""
        for segment in segments:
            for header, pieces in read_frames(self._source.files, segment, self._source_id):
                if header.sequence <= self._until_sequence:
                    yield pieces
                    continue
                before = [
                    piece for piece in pieces if cause_of_piece(piece)[0] <= self._until_sequence
                ]
                if before:
                    yield before
                return

    def _kept_from(self, next_instruction: int) -> Iterator[Pieces]:
        """Yield what the snapshot keeps from a number on, if it reaches back so far."""
        ring = self._ring
        if ring.oldest_sequence <= next_instruction:
            for first in range(next_instruction, ring.last_sequence + 1, CHUNK):
                yield ring.read(first, CHUNK)

    def _write_consumers(self, last: int) -> None:
        source, target = self._source, self._target
        file = ConsumersFile(source.instructions, self._source_id, source.files)
        cut = consumers_through(file, last, self._notes)
        if cut is not None:
            ConsumersFile(target.instructions, self._target_id, target.files).write(cut)
