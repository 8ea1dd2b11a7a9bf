"""The segments of instructions in a folder as they lie, and what is wrong with them.

Nothing is changed here: a check of all of them reads each frame, a start looks at the headers.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from riskengine.persistence.files import Files
from riskengine.persistence.instruction_segment import (
    HEADER_BYTES,
    FlawError,
    FrameHeader,
    InstructionSegmentHeader,
    read_frame_body,
    read_frame_header,
    read_segment_header,
)

_NAME = re.compile(r"\d{20}\.ins")


class FoundSegment(NamedTuple):
    """A file with the name of a segment; its header, or why it has none."""

    path: Path
    first_instruction: int
    size_bytes: int
    header: InstructionSegmentHeader | None
    flaw: str

    def follows(self, before: "FoundSegment") -> str:
        """Return why this segment does not follow that one, empty if it may."""
        if self.header is None:
            return self.flaw
        if self.header.previous_first != before.first_instruction:
            return f"the segment of instruction {self.header.previous_first} is missing"
        if self.header.previous_bytes != before.size_bytes:
            return (
                f"{before.path.name} has {before.size_bytes} bytes, not "
                f"{self.header.previous_bytes}"
            )
        return ""


class CheckedSegment(NamedTuple):
    """A segment of which all was read: whole up to an offset, where the next number is due.

    `flaw` says what is wrong there, empty for a segment that is whole. In the last one that may be
    what a crash left unfinished: a start makes that again, or says that it cannot.
    """

    path: Path
    first_instruction: int
    next_instruction: int
    offset: int
    flaw: str


def find_segments(files: Files, folder: Path, log_id: bytes) -> list[FoundSegment]:
    """Return the segments of a folder, the oldest first.

    Raises InstructionsRefused for one of another log or version, OSError.
    """
    names = [name for name in files.list_names(folder) if _NAME.fullmatch(name)]
    return [_look_at(files, folder / name, log_id) for name in names]


def check_segments(
    folder: Path, log_id: bytes, files: Files | None = None
) -> Iterator[CheckedSegment]:
    """Read all segments of a folder, and say of each how far it is whole.

    Raises InstructionsRefused for one of another log or version, OSError.
    """
    files = files or Files()
    before: FoundSegment | None = None
    due = 0
    for found in find_segments(files, folder, log_id):
        flaw = found.follows(before) if before is not None else found.flaw
        if flaw:
            yield CheckedSegment(found.path, found.first_instruction, due, 0, flaw)
        else:
            checked = check_segment(files, found, log_id)
            due = checked.next_instruction
            yield checked
        before = found


def _look_at(files: Files, path: Path, log_id: bytes) -> FoundSegment:
    fd = files.open(path, os.O_RDONLY)
    header, flaw = None, ""
    try:
        size_bytes = files.size(fd)
        header = read_segment_header(files, fd, path, log_id)
    except FlawError as error:
        flaw = str(error)
    finally:
        files.close(fd)
    return FoundSegment(path, int(path.stem), size_bytes, header, flaw)


def check_segment(
    files: Files, found: FoundSegment, log_id: bytes, *, until_sequence: int | None = None
) -> CheckedSegment:
    """Read the frames of a segment up to the first flaw; raises OSError.

    With `until_sequence` it ends before the first frame that has instructions of a later command.
    """
    offset, due, flaw = HEADER_BYTES, found.first_instruction, ""
    fd = files.open(found.path, os.O_RDONLY)
    try:
        while offset < found.size_bytes:
            header = read_frame_header(files, fd, log_id, offset, found.size_bytes, due)
            if until_sequence is not None and header.sequence > until_sequence:
                break
            read_frame_body(files, fd, offset, header)
            offset, due = offset + header.frame_bytes, header.next_instruction
    except FlawError as error:
        flaw = str(error)
    finally:
        files.close(fd)
    return CheckedSegment(found.path, found.first_instruction, due, offset, flaw)


def chained(segments: Sequence[FoundSegment]) -> tuple[list[FoundSegment], str]:
    """Return the last of them that follow one another, and why those before do not, if any.

    A last one that never got its header is none of them.
    """
    whole = list(segments)
    if whole and whole[-1].header is None:
        whole.pop()
    for place in range(len(whole) - 1, 0, -1):
        reason = whole[place - 1].flaw or whole[place].follows(whole[place - 1])
        if reason:
            return whole[place:], f"{whole[place - 1].path}: {reason}"
    return whole, ""


def read_frames(
    files: Files, segment: CheckedSegment, log_id: bytes
) -> Iterator[tuple[FrameHeader, list[bytes]]]:
    """Yield the frames of a segment that was checked; raises FlawError or OSError."""
    offset, due = HEADER_BYTES, segment.first_instruction
    fd = files.open(segment.path, os.O_RDONLY)
    try:
        while offset < segment.offset:
            header = read_frame_header(files, fd, log_id, offset, segment.offset, due)
            yield header, read_frame_body(files, fd, offset, header)
            offset, due = offset + header.frame_bytes, header.next_instruction
    finally:
        files.close(fd)
