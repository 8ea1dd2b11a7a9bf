"""The segments of instructions in a folder as they lie, and what is wrong with them.

Nothing is changed here: a check of all of them reads each frame, a start looks at the headers.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from riskengine.persistence.files import Files
from riskengine.persistence.instruction_segment import (
    HEADER_BYTES,
    FlawError,
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
            checked = _check(files, found, log_id)
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


def _check(files: Files, found: FoundSegment, log_id: bytes) -> CheckedSegment:
    offset, due, flaw = HEADER_BYTES, found.first_instruction, ""
    fd = files.open(found.path, os.O_RDONLY)
    try:
        while offset < found.size_bytes:
            header = read_frame_header(files, fd, log_id, offset, found.size_bytes, due)
            read_frame_body(files, fd, offset, header)
            offset, due = offset + header.frame_bytes, header.next_instruction
    except FlawError as error:
        flaw = str(error)
    finally:
        files.close(fd)
    return CheckedSegment(found.path, found.first_instruction, due, offset, flaw)
