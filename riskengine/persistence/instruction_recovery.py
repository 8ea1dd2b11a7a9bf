"""Opening stored instructions: hold them against what the journal makes again, and complete them.

Every instruction up to that of a snapshot is durable before the snapshot has its name; what came
later may be torn or missing after a power cut, and a start makes it again. So a start

- looks at the headers of all segments: one that is missing, shorter or bad has a hole behind it,
  and what lies before the hole is *set aside* under another name;
- passes over the frames up to the last instruction of the snapshot. What is missing there is made
  again from what the snapshot keeps of instructions; where that does not reach, the segments
  *begin anew*;
- reads what comes after, and compares it with what the replay makes: at the first flaw the files
  are cut, and the rest is *made again*.

What cannot be true beside this journal is refused: another log's segments, another version's,
instructions that the journal does not make, or makes otherwise.

A flipped bit in what is older than the snapshot is found when it is read.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

from riskengine.persistence.errors import InstructionsFailed, InstructionsRefused
from riskengine.persistence.files import Files, make_folder
from riskengine.persistence.instruction_found import FoundSegment, find_segments
from riskengine.persistence.instruction_log import SEGMENT_BYTES, InstructionLog
from riskengine.persistence.instruction_segment import (
    HEADER_BYTES,
    FlawError,
    read_frame_body,
    read_frame_header,
)
from riskengine.persistence.instruction_segments import (
    InstructionSegment,
    InstructionSegments,
    InstructionWriter,
)

ASIDE_SUFFIX = ".aside"
SET_ASIDE, MADE_AGAIN, BEGUN_ANEW = "set_aside", "made_again", "begun_anew"


class Finding(NamedTuple):
    """Tell what became of damage: what was done, where it was, from which instruction, and why."""

    done: str
    path: Path
    offset: int
    instruction_sequence: int
    reason: str


class _Reached(NamedTuple):
    """How far a segment was passed over: the number due at an offset, and what is wrong there."""

    offset: int
    due: int
    flaw: str = ""


class InstructionRecovery:
    """Compare and complete the segments of a folder, in three steps.

    Made with the numbers of the instructions that the snapshot keeps, from `oldest` to `last` (1
    and 0 without any): then `wanted` is the first instruction of which `add` must be told, in
    order: what the snapshot keeps from there on, then what the replay makes. `finish` gives the
    log. Each raises InstructionsRefused, or InstructionsFailed when the system refuses a call.
    """

    def __init__(
        self,
        folder: Path,
        log_id: bytes,
        *,
        oldest: int,
        last: int,
        files: Files | None = None,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        self.findings: list[Finding] = []
        self._files = files or Files()
        self._folder = folder
        self._log_id = log_id
        self._segment_bytes = segment_bytes
        self._segments = InstructionSegments()
        self._writer: InstructionWriter | None = None
        self._has_written = False
        self._left: list[bytes] = []
        """What of the last frame that was read is still to be compared, the next one at its end."""
        with self._telling():
            make_folder(self._files, folder)
            self._found = find_segments(self._files, folder, log_id)
            self._place = self._first_kept = self._synced = 0
            """Among those found: the one that is compared, the first kept, how many are durable."""
            self._reached = _Reached(HEADER_BYTES, oldest)
            self.wanted = self._begin(oldest, last)
        self._next = self.wanted

    def add(self, sequence: int, time_nanos: int, pieces: Sequence[bytes]) -> None:
        """Take the next instructions that were made again: those of the command of a sequence."""
        with self._telling():
            compared = self._compare(pieces) if self._writer is None else 0
            if self._writer is not None and compared < len(pieces):
                self._writer.add(sequence, time_nanos, pieces[compared:])
                self._has_written = True
                self._next += len(pieces) - compared

    def finish(self) -> InstructionLog:
        """Write what is missing, make it durable, and return the log, which goes on from there."""
        with self._telling():
            if self._writer is None and (self._next < self._reached.due or self._load()):
                raise InstructionsRefused(
                    f"{self._found[self._place].path} has instruction {self._reached.due}, and the "
                    f"journal makes {self._next - 1}: commands that were durable are missing"
                )
            assert self._writer is not None
            self._writer.flush()
        log = InstructionLog(self._files, self._folder, self._log_id, self._segments, self._writer)
        if self._has_written or self.findings:
            log.sync()
        return log

    def close(self) -> None:
        """Give up before `finish`."""
        if self._writer is not None:
            self._writer.close()

    def _begin(self, oldest: int, last: int) -> int:
        """Come to where the comparison begins, and return the number that is wanted first."""
        if not self._found:
            if oldest > 1:
                reason = "no segment is there, and what came before is not made again"
                self._note(BEGUN_ANEW, self._folder, 0, oldest, reason)
            self._begin_writing()
            return oldest
        before = [found for found in self._found if found.first_instruction <= last]
        if not before:
            self._reached = _Reached(HEADER_BYTES, self._found[0].first_instruction)
            return last + 1
        flaw = self._pass_over(len(before) - 1, last)
        if not flaw:
            self._keep_whole()
            return last + 1
        if self._reached.due < oldest:
            self._begin_anew(oldest, flaw)
            return oldest
        due = self._reached.due
        self._cut(flaw)
        return due

    def _pass_over(self, place: int, last: int) -> str:
        """Go to the instruction behind the last one; return what is wrong before it, if anything.

        A segment of which nothing can be used leaves the one before it.
        """
        reached = self._pass_frames(self._found[place], last)
        flaw = reached.flaw
        while not reached.offset and place > 0:
            flaw = f"{self._found[place].path.name}: {flaw}"
            place -= 1
            reached = self._pass_frames(self._found[place], last)
        self._reached = reached._replace(flaw=flaw)
        self._place = place
        self._synced = place
        return flaw

    def _pass_frames(self, found: FoundSegment, last: int) -> _Reached:
        offset, due = HEADER_BYTES, found.first_instruction
        if found.header is None:
            return _Reached(0, due, found.flaw)
        fd = self._files.open(found.path, os.O_RDONLY)
        try:
            while due <= last:
                header = read_frame_header(
                    self._files, fd, self._log_id, offset, found.size_bytes, due
                )
                if header.next_instruction > last + 1:
                    pieces = read_frame_body(self._files, fd, offset, header)
                    self._left = pieces[: last - due : -1]
                    return _Reached(offset + header.frame_bytes, last + 1)
                offset, due = offset + header.frame_bytes, header.next_instruction
        except FlawError as error:
            return _Reached(offset, due, str(error))
        finally:
            self._files.close(fd)
        return _Reached(offset, due)

    def _keep_whole(self) -> None:
        """Set aside what lies before a hole in the segments up to the one that is compared."""
        for place in range(self._place, self._first_kept, -1):
            before, found = self._found[place - 1], self._found[place]
            reason = before.flaw or found.follows(before)
            if reason:
                for hidden in self._found[self._first_kept : place]:
                    self._set_aside(hidden, reason)
                self._first_kept = place
                return

    def _begin_anew(self, oldest: int, flaw: str) -> None:
        """Set everything aside; only what the snapshot keeps is made again."""
        reached = self._reached
        for found in self._found:
            self._set_aside(found, flaw)
        self._note(BEGUN_ANEW, self._found[self._place].path, reached.offset, oldest, flaw)
        self._found, self._place = [], 0
        self._reached = _Reached(HEADER_BYTES, oldest)
        self._begin_writing()

    def _set_aside(self, found: FoundSegment, reason: str) -> None:
        names = set(self._files.list_names(self._folder))
        free = (
            name
            for number in count(1)
            if (name := f"{found.path.name}{ASIDE_SUFFIX}-{number}") not in names
        )
        self._files.rename(found.path, self._folder / next(free))
        self._note(SET_ASIDE, found.path, 0, found.first_instruction, reason)

    def _compare(self, pieces: Sequence[bytes]) -> int:
        """Hold pieces against what is stored; return how many of them are, or are older."""
        for compared, piece in enumerate(pieces):
            if self._next == self._reached.due:
                if not self._left and not self._load():
                    return compared
                self._check(piece)
                self._reached = self._reached._replace(due=self._next + 1)
            self._next += 1
        return len(pieces)

    def _check(self, piece: bytes) -> None:
        if self._left.pop() != piece:
            raise InstructionsRefused(
                f"instruction {self._next} in {self._found[self._place].path}, in the frame before "
                f"offset {self._reached.offset}, is not the one that the journal makes: another "
                "version wrote it, or the journal is another one"
            )

    def _load(self) -> bool:
        """Read the next frame to compare; at the end or at a flaw, begin to write there instead."""
        if self._left:
            return True
        found = self._found[self._place]
        if self._reached.offset == found.size_bytes and found.header is not None:
            if self._place + 1 == len(self._found):
                self._begin_writing()
                return False
            later = self._found[self._place + 1]
            flaw = later.follows(found)
            if not flaw and later.first_instruction != self._reached.due:
                flaw = f"{found.path.name} ends with instruction {self._reached.due - 1}"
            self._place += 1
            self._reached = _Reached(0 if flaw else HEADER_BYTES, self._reached.due, flaw)
            found = later
        flaw = self._reached.flaw or found.flaw or self._load_frame(found)
        if flaw:
            if found.header is None:
                self._reached = self._reached._replace(offset=0)
            self._cut(flaw)
        return not flaw

    def _load_frame(self, found: FoundSegment) -> str:
        offset, due, _ = self._reached
        fd = self._files.open(found.path, os.O_RDONLY)
        try:
            header = read_frame_header(self._files, fd, self._log_id, offset, found.size_bytes, due)
            self._left = read_frame_body(self._files, fd, offset, header)[::-1]
        except FlawError as error:
            return str(error)
        finally:
            self._files.close(fd)
        self._reached = _Reached(offset + header.frame_bytes, due)
        return ""

    def _cut(self, flaw: str) -> None:
        """Give up what lies at and behind the place that was reached, and write from there on."""
        offset, due, _ = self._reached
        found = self._found[self._place]
        self._note(MADE_AGAIN, found.path, offset, due, flaw)
        whole = self._place + 1 if offset else self._place
        for given_up in reversed(self._found[whole:]):
            self._files.unlink(given_up.path)
        del self._found[whole:]
        if offset:
            fd = self._files.open(found.path, os.O_RDWR)
            try:
                self._files.truncate(fd, offset)
            finally:
                self._files.close(fd)
            self._found[self._place] = found._replace(size_bytes=offset)
            self._keep_whole()
        self._begin_writing()

    def _begin_writing(self) -> None:
        for place, found in enumerate(self._found):
            if place >= self._first_kept and found.header is not None:
                self._segments.append(
                    InstructionSegment(
                        found.path, found.header, found.size_bytes, is_synced=place < self._synced
                    )
                )
        self._writer = InstructionWriter(
            self._files,
            self._folder,
            self._log_id,
            self._segments,
            next_instruction=self._reached.due,
            segment_bytes=self._segment_bytes,
        )

    def _note(self, done: str, path: Path, offset: int, instruction: int, reason: str) -> None:
        self.findings.append(Finding(done, path, offset, instruction, reason))

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InstructionsFailed(
                f"instructions in {self._folder} cannot be opened: {error}"
            ) from error
