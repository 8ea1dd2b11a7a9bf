"""The segments of instructions that are in place, for all threads, and how they are appended to."""

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from riskengine.persistence.files import Files, write_all
from riskengine.persistence.instruction_segment import (
    FRAME_INSTRUCTIONS,
    HEADER_BYTES,
    InstructionSegmentHeader,
    encode_frame,
    segment_name,
)

WRITE_BYTES = 1 << 20
"""What is gathered of many frames before it is written."""


def not_in_place(path: Path) -> OSError:
    """Make the error of a segment that is not where it was written."""
    text = "the segment of instructions is no longer in its place"
    return OSError(errno.ENOENT, text, str(path))


@dataclass(frozen=True, slots=True)
class InstructionSegment:
    """A segment in place; `size_bytes` is the end of its frames."""

    path: Path
    header: InstructionSegmentHeader
    size_bytes: int
    is_synced: bool = False

    @property
    def first_instruction(self) -> int:
        """Return the number of its first instruction."""
        return self.header.first_instruction


class InstructionSegments:
    """The list of segments, the oldest first; any thread may ask, one appends, one drops."""

    def __init__(self, segments: Sequence[InstructionSegment] = ()) -> None:
        self._segments = tuple(segments)
        self._lock = Lock()

    def all(self) -> tuple[InstructionSegment, ...]:
        """Return them as they are now."""
        return self._segments

    def append(self, segment: InstructionSegment) -> None:
        """Add a new last one."""
        with self._lock:
            self._segments = (*self._segments, segment)

    def grow(self, size_bytes: int) -> None:
        """Note that the last one ends there now."""
        with self._lock:
            last = replace(self._segments[-1], size_bytes=size_bytes)
            self._segments = (*self._segments[:-1], last)

    def drop_oldest(self) -> None:
        """Forget the first one."""
        with self._lock:
            self._segments = self._segments[1:]

    def put_back(self, segment: InstructionSegment) -> None:
        """Have one be the first that was it before."""
        with self._lock:
            self._segments = (segment, *self._segments)

    def synced(self, paths: set[Path]) -> None:
        """Note that these are durable, and that nothing is added to them any more."""
        with self._lock:
            self._segments = tuple(
                replace(segment, is_synced=True) if segment.path in paths else segment
                for segment in self._segments
            )


class InstructionWriter:
    """Append instructions to the last segment, and go on in a new one when that is full.

    For one thread. What is added is in the files after `flush`; nothing is synced.
    """

    def __init__(
        self,
        files: Files,
        folder: Path,
        log_id: bytes,
        segments: InstructionSegments,
        *,
        next_instruction: int,
        segment_bytes: int,
    ) -> None:
        self.next_instruction = next_instruction
        self._files = files
        self._folder = folder
        self._log_id = log_id
        self._segments = segments
        self._segment_bytes = segment_bytes
        self._fd = -1
        self._offset = 0
        self._buffers: list[bytes] = []
        self._buffered_bytes = 0
        self._gathered: list[bytes] = []
        self._first_time_nanos = 0
        self._cause = (0, 0)

    def add(self, sequence: int, time_nanos: int, pieces: Sequence[bytes]) -> None:
        """Add the next instructions, those of the command of a sequence; raises OSError."""
        for start in range(0, len(pieces), FRAME_INSTRUCTIONS):
            part = pieces[start : start + FRAME_INSTRUCTIONS]
            if len(self._gathered) + len(part) > FRAME_INSTRUCTIONS:
                self._end_frame()
            if not self._gathered:
                self._first_time_nanos = time_nanos
            self._gathered += part
            self._cause = (sequence, time_nanos)

    def flush(self) -> None:
        """Write what was added; raises OSError."""
        if self._gathered:
            self._end_frame()
        self._write_out()

    def close(self) -> None:
        """Close the file; what was not flushed is given up."""
        if self._fd >= 0:
            self._files.close(self._fd)
            self._fd = -1

    def _end_frame(self) -> None:
        pieces, self._gathered = self._gathered, []
        frame = encode_frame(self._log_id, self.next_instruction, *self._cause, pieces)
        frame_bytes = sum(map(len, frame))
        if self._fd < 0:
            self._open_last()
        end = self._offset + self._buffered_bytes
        if self._fd < 0 or (end > HEADER_BYTES and end + frame_bytes > self._segment_bytes):
            self._write_out()
            self._roll()
        self._buffers += frame
        self._buffered_bytes += frame_bytes
        self.next_instruction += len(pieces)
        if self._buffered_bytes >= WRITE_BYTES:
            self._write_out()

    def _write_out(self) -> None:
        if self._buffers:
            buffers, self._buffers, self._buffered_bytes = self._buffers, [], 0
            self._offset = write_all(self._files, self._fd, buffers, self._offset)
            self._check_in_place()
            self._segments.grow(self._offset)

    def _check_in_place(self) -> None:
        """Raise OSError when the segment was removed or moved: nobody would find it."""
        path = self._segments.all()[-1].path
        if not self._files.is_at(path, self._fd):
            raise not_in_place(path)

    def _open_last(self) -> None:
        segments = self._segments.all()
        if segments:
            self._fd = self._files.open(segments[-1].path, os.O_RDWR)
            self._offset = segments[-1].size_bytes

    def _roll(self) -> None:
        last = self._segments.all()[-1:]
        header = InstructionSegmentHeader(
            self._log_id,
            self.next_instruction,
            last[0].first_instruction if last else 0,
            last[0].size_bytes if last else 0,
            self._first_time_nanos,
        )
        path = self._folder / segment_name(self.next_instruction)
        self.close()
        self._fd = self._files.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        self._offset = write_all(self._files, self._fd, [header.encode()], 0)
        self._segments.append(InstructionSegment(path, header, self._offset))
