"""Instructions on disk: what the journal makes, kept so that streams of it can be resumed.

Threads: one appends what was instructed, one writes it once the commands are durable, and any may
read, sync or drop. Nothing is synced but by `sync`: what a power cut takes, a replay makes again.
"""

import os
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import accumulate, pairwise
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from riskengine.persistence.errors import InstructionsFailed, told
from riskengine.persistence.files import Files
from riskengine.persistence.instruction_reader import InstructionReader, Place
from riskengine.persistence.instruction_segments import (
    InstructionSegment,
    InstructionSegments,
    InstructionWriter,
    not_in_place,
)

SEGMENT_BYTES = 16 << 20
"""Size at which a segment is full: they are dropped whole."""


class _Instructed(NamedTuple):
    sequence: int
    time_nanos: int
    pieces: Sequence[bytes]


class InstructionLog:
    """Keep instructions in segments of one folder; made by `InstructionRecovery.finish`.

    After a failed write or sync it refuses to write: what lies on the disk is then unknown, and
    what was to be written would be missing in the middle.
    """

    def __init__(
        self,
        files: Files,
        folder: Path,
        log_id: bytes,
        segments: InstructionSegments,
        writer: InstructionWriter,
    ) -> None:
        self.folder = folder
        self._files = files
        self._segments = segments
        self._writer = writer
        self._reader = InstructionReader(files, log_id, segments)
        self._pending: deque[_Instructed] = deque()
        self._failure: BaseException | None = None
        self._upkeep_lock = Lock()

    @property
    def oldest_instruction(self) -> int:
        """Return the oldest number that is stored, or the next one if there is none."""
        segments = self._segments.all()
        return segments[0].first_instruction if segments else self._writer.next_instruction

    @property
    def size_bytes(self) -> int:
        """Return the size of all segments."""
        return sum(segment.size_bytes for segment in self._segments.all())

    def bytes_behind(self, instructions: Sequence[int]) -> list[int]:
        """Return for each number the size of the segments that hold what comes after it.

        It costs a step for each segment, once, and few for each number.
        """
        segments = self._segments.all()
        firsts = [segment.first_instruction for segment in segments[1:]]
        firsts.append(self._writer.next_instruction)
        sizes = (segment.size_bytes for segment in reversed(segments))
        behind = list(accumulate(sizes, initial=0))[::-1]
        return [behind[min(bisect_right(firsts, each + 1), len(segments))] for each in instructions]

    def append(self, sequence: int, time_nanos: int, pieces: Sequence[bytes]) -> None:
        """Have the instructions of a command written as soon as the command is durable.

        Call it before the command is appended to the journal, in the order of sequences.
        """
        self._pending.append(_Instructed(sequence, time_nanos, pieces))

    def write(self, sequence: int) -> None:
        """Write what commands up to a durable sequence instructed; raises InstructionsFailed."""
        pending = self._pending
        if not pending or pending[0].sequence > sequence:
            return
        with self._failing_for_good():
            while pending and pending[0].sequence <= sequence:
                self._writer.add(*pending.popleft())
            self._writer.flush()

    def read(self, place: Place, limit: int) -> tuple[list[bytes], Place]:
        """Return up to `limit` instructions from one that is stored, at least one, and what next.

        Raises InstructionsTrimmed or InstructionsDamaged.
        """
        return self._reader.read(place, limit)

    def sync(self) -> None:
        """Make durable all that was written before; raises InstructionsFailed."""
        with self._upkeep_lock, self._failing_for_good():
            segments = self._segments.all()
            for segment in segments:
                if not segment.is_synced:
                    self._sync_segment(segment)
            self._files.fsync_folder(self.folder)
            self._segments.synced({segment.path for segment in segments[:-1]})

    def drop(self, through_instruction: int, before_nanos: int) -> int:
        """Remove the segments of which every number is reached and every time is before.

        The last one always stays. Returns how many were removed; raises OSError at the first that
        cannot be, which stays with all behind it, so that there is no hole: it is tried again by
        the next call.
        """
        with self._upkeep_lock:
            count = 0
            for segment, later in pairwise(self._segments.all()):
                last = later.first_instruction - 1
                if last > through_instruction or later.header.time_nanos >= before_nanos:
                    break
                self._drop_oldest(segment)
                self._reader.forget(later.first_instruction)
                count += 1
            return count

    def close(self) -> None:
        """Close the file that is written; what is not written is made again by a start."""
        self._writer.close()

    def _drop_oldest(self, segment: InstructionSegment) -> None:
        """Remove a segment that nobody is to find any more, or have it found as before."""
        self._segments.drop_oldest()
        try:
            with suppress(FileNotFoundError):
                self._files.unlink(segment.path)
        except OSError:
            self._segments.put_back(segment)
            raise

    def _sync_segment(self, segment: InstructionSegment) -> None:
        try:
            fd = self._files.open(segment.path, os.O_RDWR)
        except FileNotFoundError as error:
            raise not_in_place(segment.path) from error
        try:
            self._files.fdatasync(fd)
        finally:
            self._files.close(fd)

    @contextmanager
    def _failing_for_good(self) -> Iterator[None]:
        if self._failure is not None:
            raise InstructionsFailed(
                f"instructions in {self.folder} failed before: {self._failure}"
            ) from self._failure
        try:
            yield
        except OSError as error:
            self._failure = error
            text = f"instructions in {self.folder} failed: {told(error)}"
            raise InstructionsFailed(text) from error
        except BaseException as error:
            self._failure = error
            raise
