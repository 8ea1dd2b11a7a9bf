"""The instructions of a backup: segments are copied as those of the journal are.

Full segments are copied whole and never change; the last one is copied up to the last frame whose
commands are all in the backup. What the server drops stays in the backup, as long as it is followed
by what the server still has: instructions that nobody can reach from later ones are of no use to a
start. The list of consumers is written anew, and says of none more than is there.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from riskengine.persistence.consumers_file import ConsumersFile
from riskengine.persistence.errors import ConsumersDamaged, InstructionsRefused
from riskengine.persistence.files import make_folder, put_in_place
from riskengine.persistence.instruction_found import (
    FoundSegment,
    chained,
    check_segment,
    find_segments,
)
from riskengine.persistence.instruction_segment import HEADER_BYTES
from riskengine.persistence.survey import Survey
from riskengine.persistence.verification import opened
from riskengine.tools.consumers import consumers_through
from riskengine.tools.copying import SourceGone
from riskengine.tools.folder import DataFolder
from riskengine.tools.manifest import CopiedInstructions, Manifest, file_digest

TEMPORARY_NAME = "instructions.tmp"

CopyPart = Callable[[Path, Path, int], str]
"""Copy so many bytes of a file into another one, and return their SHA-256."""


class _Wanted(NamedTuple):
    """A segment of the source, up to an offset."""

    found: FoundSegment
    end: int
    is_full: bool


class InstructionCopies:
    """Bring the instructions of a backup up to what its journal has."""

    def __init__(
        self,
        source: DataFolder,
        target: DataFolder,
        journal: Survey,
        copy: CopyPart,
        put: Callable[[Manifest], None],
        notes: list[str],
    ) -> None:
        self._source = source
        self._target = target
        self._files = target.files
        self._log_id = journal.log_id
        self._last_sequence = journal.last_sequence
        self._copy = copy
        self._put_manifest = put
        self._notes = notes

    def run(self, manifest: Manifest) -> None:
        """Copy what is due; raises `SourceGone`, `ToolError`, `JournalError` and OSError."""
        self._manifest = manifest
        if not self._source.instructions.exists():
            return
        make_folder(self._files, self._target.instructions)
        try:
            wanted, last = self._wanted()
        except InstructionsRefused as error:
            self._notes.append(f"left out: {error}")
            return
        except FileNotFoundError as error:
            raise SourceGone(str(error.filename)) from error
        held = find_segments(self._files, self._target.instructions, self._log_id)
        if wanted and last >= self._last_held(held):
            self._clear(wanted, held)
            for one in wanted:
                self._bring(one, held, last)
        self._write_consumers()

    def _wanted(self) -> tuple[list[_Wanted], int]:
        """Return the segments that the backup is to have, and the last instruction in them."""
        source = self._source
        found, reason = chained(find_segments(source.files, source.instructions, self._log_id))
        if reason:
            self._notes.append(f"left out: instructions before {found[0].path.name}: {reason}")
        pruned = self._manifest.first_instruction  # and nothing before that is wanted again
        found = [one for one in found if one.first_instruction >= pruned]
        while found:
            last = check_segment(
                source.files, found[-1], self._log_id, until_sequence=self._last_sequence
            )
            if last.offset > HEADER_BYTES:
                full = [_Wanted(one, one.size_bytes, is_full=True) for one in found[:-1]]
                end = _Wanted(found[-1], last.offset, is_full=False)
                return [*full, end], last.next_instruction - 1
            found.pop()
        return [], 0

    def _last_held(self, held: list[FoundSegment]) -> int:
        """Return the last instruction of the backup: a killed server may have fewer on its disk."""
        if not held or held[-1].header is None:
            return 0
        return check_segment(self._files, held[-1], self._log_id).next_instruction - 1

    def _clear(self, wanted: list[_Wanted], held: list[FoundSegment]) -> None:
        """Remove what the segments of the source do not follow, or no longer have so."""
        first = wanted[0].found
        names = {one.found.path.name for one in wanted}
        before = [one for one in held if one.first_instruction < first.first_instruction]
        stale = [one for one in held[len(before) :] if one.path.name not in names]
        reason = first.follows(before[-1]) if before else ""
        if reason:
            self._notes.append(f"dropped: instructions before {first.path.name}: {reason}")
            self._drop(before)
        elif before:
            self._note_full(before[-1])
        self._drop(stale[::-1])

    def _drop(self, segments: list[FoundSegment]) -> None:
        """Remove segments, from the manifest first."""
        if not segments:
            return
        names = {one.path.name for one in segments}
        manifest = self._manifest
        kept = tuple(one for one in manifest.instructions if one.name not in names)
        manifest = replace(manifest, instructions=kept)
        if not manifest.open_instructions or manifest.open_instructions in names:
            last = kept[-1].last_instruction if kept else 0
            manifest = replace(manifest, open_instructions="", last_instruction=last)
        self._put(manifest)
        for one in segments:
            self._files.unlink(one.path)
        self._files.fsync_folder(self._target.instructions)

    def _note_full(self, found: FoundSegment) -> None:
        """Have the last segment before those of the source among the full ones: it was full."""
        if self._manifest.open_instructions != found.path.name:
            return
        with opened(self._files, found.path) as fd:
            digest = file_digest(self._files, fd)
        last = check_segment(self._files, found, self._log_id).next_instruction - 1
        copied = CopiedInstructions(
            found.path.name, found.size_bytes, digest, found.first_instruction, last
        )
        self._put(self._with_full(copied))

    def _with_full(self, copied: CopiedInstructions) -> Manifest:
        manifest = self._manifest
        others = [one for one in manifest.instructions if one.name != copied.name]
        full = sorted([*others, copied], key=lambda one: one.first_instruction)
        is_open = manifest.open_instructions == copied.name
        return replace(
            manifest,
            instructions=tuple(full),
            open_instructions="" if is_open else manifest.open_instructions,
            last_instruction=max(manifest.last_instruction, copied.last_instruction),
        )

    def _bring(self, wanted: _Wanted, held: list[FoundSegment], last: int) -> None:
        """Copy a segment that is not there as it is wanted, and say so in the manifest."""
        found, name = wanted.found, wanted.found.path.name
        is_there = any(
            (one.path.name, one.size_bytes, one.header) == (name, wanted.end, found.header)
            for one in held
        )
        full = {one.name for one in self._manifest.instructions}
        is_noted = name in full if wanted.is_full else self._manifest.open_instructions == name
        if is_there and is_noted:
            return
        path = self._target.instructions / name
        temporary = path.with_name(TEMPORARY_NAME)
        digest = self._copy(found.path, temporary, wanted.end)
        copy = found._replace(path=temporary, size_bytes=wanted.end)
        checked = check_segment(self._files, copy, self._log_id)
        if checked.flaw:
            self._leave_out(found, f"offset {checked.offset}: {checked.flaw}")
            return
        if name in full:  # A start of the server made it again, in other frames.
            kept = tuple(one for one in self._manifest.instructions if one.name != name)
            self._put(replace(self._manifest, instructions=kept))
        put_in_place(self._files, temporary, path)
        if wanted.is_full:
            first, end = found.first_instruction, checked.next_instruction - 1
            self._put(self._with_full(CopiedInstructions(name, wanted.end, digest, first, end)))
        else:
            self._put(replace(self._manifest, open_instructions=name, last_instruction=last))

    def _leave_out(self, found: FoundSegment, flaw: str) -> None:
        """Have a damaged segment of the source, and those before it, not in the backup."""
        self._notes.append(f"left out: instructions up to {found.path}: {flaw}")
        self._files.unlink(self._target.instructions / TEMPORARY_NAME)
        held = find_segments(self._files, self._target.instructions, self._log_id)
        self._drop([one for one in held if one.first_instruction <= found.first_instruction])

    def _write_consumers(self) -> None:
        """Write who has confirmed, as far as the backup goes, if that is known and is news."""
        source = self._consumers_of(self._source)
        cut = consumers_through(source, self._manifest.last_instruction, self._notes)
        if cut is None:
            return
        file = self._consumers_of(self._target)
        if not self._manifest.has_consumers or self._held_consumers(file) != cut:
            file.write(cut)
        if not self._manifest.has_consumers:
            self._put(replace(self._manifest, has_consumers=True))

    def _consumers_of(self, folder: DataFolder) -> ConsumersFile:
        return ConsumersFile(folder.instructions, self._log_id, folder.files)

    @staticmethod
    def _held_consumers(file: ConsumersFile) -> dict[str, int] | None:
        try:
            return file.read()
        except ConsumersDamaged:
            return None

    def _put(self, manifest: Manifest) -> None:
        self._put_manifest(manifest)
        self._manifest = manifest


def shown_instructions(first: int, last: int) -> str:
    """Return what is shown of the instructions from one number to another, 0 and 0 without any."""
    return f"{first} to {last}" if last else "none"
