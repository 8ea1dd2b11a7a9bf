"""Reading stored instructions by their numbers, verified, while more are written and dropped."""

import os
from bisect import bisect_right
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

from riskengine.persistence.errors import InstructionsDamaged, InstructionsTrimmed
from riskengine.persistence.files import Files
from riskengine.persistence.instruction_segment import (
    HEADER_BYTES,
    FlawError,
    read_frame_body,
    read_frame_header,
)
from riskengine.persistence.instruction_segments import InstructionSegment, InstructionSegments

WAYMARK_BYTES = 64 << 10
"""Whoever passes over a segment leaves a mark so often, from which the next one goes on."""


class Place(NamedTuple):
    """Where a reader goes on: at an instruction, which is in the frame there if that is known.

    `frame_first` is the number of the first instruction of the frame at `offset` of the segment
    that begins with `segment_first`.
    """

    instruction: int
    segment_first: int = 0
    offset: int = 0
    frame_first: int = 0


@dataclass(slots=True)
class _Reading:
    place: Place
    limit: int
    pieces: list[bytes]


class _Waymarks:
    """Where frames begin, now and then, in the segments that were passed over; for all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._marks: dict[int, list[tuple[int, int]]] = {}
        """By the first number of a segment: first number and offset of frames, rising."""

    def note(self, segment_first: int, frame_first: int, offset: int) -> None:
        """Remember a frame, unless one is remembered behind it or close before it."""
        with self._lock:
            marks = self._marks.setdefault(segment_first, [(segment_first, HEADER_BYTES)])
            if offset >= marks[-1][1] + WAYMARK_BYTES:
                marks.append((frame_first, offset))

    def before(self, segment_first: int, instruction: int) -> Place:
        """Return the last place known from which an instruction is reached."""
        with self._lock:
            marks = self._marks.get(segment_first, [(segment_first, HEADER_BYTES)])
            frame_first, offset = marks[bisect_right(marks, instruction, key=lambda at: at[0]) - 1]
        return Place(instruction, segment_first, offset, frame_first)

    def forget(self, before_first: int) -> None:
        """Forget the segments that begin before a number."""
        with self._lock:
            for segment_first in [first for first in self._marks if first < before_first]:
                del self._marks[segment_first]


class InstructionReader:
    """Read from segments, from any thread; a reader keeps nothing but its place, and no file."""

    def __init__(self, files: Files, log_id: bytes, segments: InstructionSegments) -> None:
        self._files = files
        self._log_id = log_id
        self._segments = segments
        self._waymarks = _Waymarks()

    def forget(self, before_first: int) -> None:
        """Forget what is known of segments that begin before a number: they are gone."""
        self._waymarks.forget(before_first)

    def read(self, place: Place, limit: int) -> tuple[list[bytes], Place]:
        """Return up to `limit` instructions, at least one, from one that is stored, and what next.

        They are of one segment. Raises InstructionsTrimmed when it is not stored any more,
        InstructionsDamaged, also when it cannot be read.
        """
        segment = self._segment_of(place.instruction)
        if place.segment_first != segment.first_instruction:
            place = self._waymarks.before(segment.first_instruction, place.instruction)
        reading = _Reading(place, limit, [])
        try:
            self._read_segment(segment, reading)
        except (FlawError, OSError) as error:
            if self._is_dropped(segment):
                raise InstructionsTrimmed(place.instruction) from error
            at = reading.place
            raise InstructionsDamaged(
                segment.path, at.offset, at.frame_first, str(error)
            ) from error
        return reading.pieces, reading.place

    def _segment_of(self, instruction: int) -> InstructionSegment:
        segments = self._segments.all()
        place = bisect_right(segments, instruction, key=lambda each: each.first_instruction)
        if not place:
            raise InstructionsTrimmed(instruction)
        return segments[place - 1]

    def _is_dropped(self, segment: InstructionSegment) -> bool:
        segments = self._segments.all()
        return not segments or segments[0].first_instruction > segment.first_instruction

    def _read_segment(self, segment: InstructionSegment, reading: _Reading) -> None:
        fd = self._files.open(segment.path, os.O_RDONLY)
        try:
            while len(reading.pieces) < reading.limit:
                at = reading.place
                if at.offset == segment.size_bytes and reading.pieces:
                    return
                self._read_frame(fd, segment, reading)
        finally:
            self._files.close(fd)

    def _read_frame(self, fd: int, segment: InstructionSegment, reading: _Reading) -> None:
        """Pass over a frame that is not wanted, or take of it what is; raises FlawError."""
        at = reading.place
        header = read_frame_header(
            self._files, fd, self._log_id, at.offset, segment.size_bytes, at.frame_first
        )
        behind = Place(at.instruction, at.segment_first, at.offset + header.frame_bytes)
        behind = behind._replace(frame_first=header.next_instruction)
        self._waymarks.note(at.segment_first, at.frame_first, at.offset)
        if at.instruction >= header.next_instruction:
            reading.place = behind
            return
        pieces = read_frame_body(self._files, fd, at.offset, header)
        skipped = at.instruction - at.frame_first
        taken = pieces[skipped : skipped + reading.limit - len(reading.pieces)]
        reading.pieces += taken
        next_instruction = at.instruction + len(taken)
        if next_instruction == header.next_instruction:
            at = behind
        reading.place = at._replace(instruction=next_instruction)
