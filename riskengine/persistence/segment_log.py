"""The embedded command log: checksummed segment files in a folder of their own.

Threads: appends only touch memory, under a lock held for microseconds; `sync`, `trim` and `close`
share a second lock, held across I/O, during which the interpreter lock is free. Files that a trim
removes are none of the log any more, and are removed without it: that may take long.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Lock

from riskengine.persistence.command_log import LogHead, LogRecord, ReadProgress
from riskengine.persistence.errors import (
    JournalClosed,
    JournalDamaged,
    JournalFailed,
    SequenceTrimmed,
    told,
)
from riskengine.persistence.files import Files, make_folder, write_all
from riskengine.persistence.folder_lock import FolderLock
from riskengine.persistence.group_buffer import Group, GroupBuffer
from riskengine.persistence.mark import MARK_NAME, DurableMark, create_mark, open_mark
from riskengine.persistence.options import SegmentOptions
from riskengine.persistence.reader import SegmentSpan, read_spans, spans_from
from riskengine.persistence.recovery import Recovered, RecoveryReport, Segment, recover
from riskengine.persistence.rules import Admit, refuse, replayable_from
from riskengine.persistence.segment import (
    FIRST_HASH,
    HEADER_BYTES,
    LOG_ID_BYTES,
    SegmentHeader,
    crc_seed,
)
from riskengine.persistence.spare import SpareSegment

_CLOSED = "the log is closed"


class SegmentLog:
    """Implement `CommandLog` on the files of one folder; made by `open_segment_log`.

    `report` says what opening found. A trim drops whole segments.
    """

    def __init__(
        self,
        files: Files,
        folder: Path,
        options: SegmentOptions,
        *,
        recovered: Recovered,
        mark: DurableMark,
        spare: SpareSegment,
        lock: FolderLock,
    ) -> None:
        last = recovered.segments[-1]
        self.report: RecoveryReport = recovered.report
        self._files = files
        self._folder = folder
        self._options = options
        self._segments = recovered.segments
        self._fd = recovered.fd
        self._mark = mark
        self._spare = spare
        self._folder_lock = lock
        self._durable = (recovered.next_sequence - 1, recovered.epoch)
        self._trimmed_bytes = 0
        self._failure: BaseException | None = None
        self._closed = False
        self._buffer_lock = Lock()
        self._io_lock = Lock()
        self._trim_lock = Lock()
        self._buffer = GroupBuffer(
            next_sequence=recovered.next_sequence,
            epoch=recovered.epoch,
            last_hash=recovered.last_hash,
            offset=last.end_offset,
            segment_end=_record_limit(last),
            segment_bytes=options.segment_bytes,
            payload_limit_bytes=options.payload_limit_bytes,
            seed=crc_seed(last.header.log_id),
        )

    @property
    def head(self) -> LogHead:
        with self._buffer_lock:
            sequence, epoch = self._durable
            size_bytes = sum(segment.end_offset for segment in self._segments)
            written_bytes = size_bytes + self._trimmed_bytes
        return LogHead(sequence, epoch, size_bytes, written_bytes)

    @property
    def log_id(self) -> bytes:
        return self._mark.current.log_id

    @property
    def first_sequence(self) -> int:
        with self._buffer_lock:
            return self._segments[0].header.first_sequence

    @property
    def replayable_from(self) -> int:
        with self._buffer_lock:
            headers = [segment.header for segment in self._segments]
            return replayable_from(headers, self._durable[0])

    @property
    def pending_bytes(self) -> int:
        return self._buffer.pending_bytes

    def append(self, record: LogRecord, *, expected_sequence: int, epoch: int) -> None:
        with self._buffer_lock:
            self._check_usable()
            self._buffer.append(record, expected_sequence, epoch)

    def sync(self) -> int:
        with self._io_lock:
            with self._buffer_lock:
                self._check_usable()
                groups = self._buffer.take()
            self._write_groups(groups)
            return self._durable[0]

    def read(self, from_sequence: int, progress: ReadProgress | None = None) -> Iterator[LogRecord]:
        with self._buffer_lock:
            if self._closed:
                raise JournalClosed(_CLOSED)
            spans = self._spans()
        first_sequence = spans[0].header.first_sequence
        if from_sequence < first_sequence:
            raise SequenceTrimmed(from_sequence, first_sequence)
        return read_spans(
            self._files,
            spans_from(spans, from_sequence),
            from_sequence,
            progress,
            lambda: self.first_sequence,
        )

    def trim(self, before_sequence: int) -> int:
        with self._trim_lock:
            self._remove(self._let_go(before_sequence))
            return self.first_sequence

    def close(self) -> None:
        with self._trim_lock, self._io_lock:
            with self._buffer_lock:
                if self._closed:
                    return
                self._closed = True
                groups = self._buffer.take()
            try:
                if self._failure is None:
                    self._write_groups(groups)
                    self._settle_mark()
            finally:
                self._release()

    def _check_usable(self) -> None:
        if self._closed:
            raise JournalClosed(_CLOSED)
        if self._failure is not None:
            raise JournalFailed(f"the log failed before: {self._failure}") from self._failure

    def _spans(self) -> list[SegmentSpan]:
        lasts = [segment.header.first_sequence - 1 for segment in self._segments[1:]]
        lasts.append(self._durable[0])
        return [
            SegmentSpan(segment.path, segment.header, last_sequence, segment.end_offset)
            for segment, last_sequence in zip(self._segments, lasts, strict=True)
        ]

    def _write_groups(self, groups: list[Group]) -> None:
        """Write and sync each group; with none, make the mark durable."""
        with self._failing_for_good():
            for group in groups:
                if group.opens_segment:
                    self._roll(group)
                end_offset = write_all(self._files, self._fd, group.buffers, group.offset)
                self._files.fdatasync(self._fd)
                self._check_in_place()
                self._mark.advance(group.last_sequence)
                with self._buffer_lock:
                    self._segments[-1].end_offset = end_offset
                    self._durable = (group.last_sequence, group.epoch)
                    self._buffer.written(group.size_bytes)
                if 2 * end_offset >= self._segments[-1].header.segment_bytes:
                    self._spare.prepare()
            if not groups:
                self._mark.seal()

    def _settle_mark(self) -> None:
        """State the end in both slots: one that is lost while the log is closed takes nothing."""
        with self._failing_for_good():
            self._mark.settle(self._durable[0], self._segments[0].header.first_sequence)

    def _check_in_place(self) -> None:
        """Raise OSError when the segment was removed or moved: no start would find it."""
        path = self._segments[-1].path
        if not self._files.is_at(path, self._fd):
            raise OSError(errno.ENOENT, "the segment is no longer in its place", str(path))

    def _roll(self, group: Group) -> None:
        """Go on in a new segment; all before it is synced already.

        It takes the place of one of other rules that has no record. The pages of the old one leave
        the cache, so that the next spare finds memory that is warm.
        """
        header = SegmentHeader(
            self._mark.current.log_id,
            self._options.segment_bytes,
            group.first_sequence,
            group.first_epoch,
            group.previous_hash,
        )
        fd, path = self._spare.take(header)
        self._files.drop_cached(self._fd)
        self._files.close(self._fd)
        self._fd = fd
        with self._buffer_lock:
            if self._segments[-1].path == path:
                del self._segments[-1]
            self._segments.append(Segment(path, header, HEADER_BYTES))

    def _let_go(self, before_sequence: int) -> list[Segment]:
        """Take the oldest segments out of the log; once the mark says so they are none of it."""
        with self._io_lock:
            with self._buffer_lock:
                self._check_usable()
                later = self._segments[1:]
            count = sum(segment.header.first_sequence <= before_sequence for segment in later)
            if not count:
                return []
            with self._failing_for_good():
                self._mark.settle(self._durable[0], self._segments[count].header.first_sequence)
            with self._buffer_lock:
                dropped, self._segments = self._segments[:count], self._segments[count:]
                self._trimmed_bytes += sum(segment.end_offset for segment in dropped)
            return dropped

    def _remove(self, dropped: list[Segment]) -> None:
        """Remove files that are none of the log any more, while that goes on; raises OSError.

        What is left of them the next start removes.
        """
        for segment in dropped:
            with suppress(FileNotFoundError):
                self._files.unlink(segment.path)
        if dropped:
            self._files.fsync_folder(self._folder)

    @contextmanager
    def _failing_for_good(self) -> Iterator[None]:
        """Refuse everything after any error: part of a group may be written, its rest is lost."""
        try:
            yield
        except OSError as error:
            self._failure = error
            raise JournalFailed(f"journal in {self._folder} failed: {told(error)}") from error
        except BaseException as error:
            self._failure = error
            raise

    def _release(self) -> None:
        with ExitStack() as steps:
            steps.callback(self._folder_lock.release)
            steps.callback(self._mark.close)
            steps.callback(self._files.close, self._fd)
            steps.callback(self._spare.close)


def open_segment_log(
    folder: Path,
    options: SegmentOptions | None = None,
    *,
    files: Files | None = None,
    progress: ReadProgress | None = None,
    admit: Admit = refuse,
) -> SegmentLog:
    """Open the log in a folder, creating both if need be, and recover it.

    The whole log is read and verified; `progress` follows that. One that ends with records of other
    rules goes on in a new segment if `admit` lets it. Raises `JournalLocked`, `JournalDamaged`,
    `JournalFailed` when the system refuses a call, and what `admit` does.
    """
    options = options or SegmentOptions()
    files = files or Files()
    try:
        make_folder(files, folder)
        with ExitStack() as undo:
            lock = FolderLock(folder)
            undo.callback(lock.release)
            mark = _open_or_create_mark(files, folder)
            undo.callback(mark.close)
            lock.hold_too(partial(files.lock, mark.fd))
            spare = SpareSegment(
                files,
                folder,
                segment_bytes=options.segment_bytes,
                background=options.spare_in_background,
            )
            recovered = recover(files, folder, mark.current, admit, progress) or _first_segment(
                spare, mark.current.log_id, options.segment_bytes
            )
            undo.callback(files.close, recovered.fd)
            first_sequence = recovered.segments[0].header.first_sequence
            mark.settle(recovered.next_sequence - 1, first_sequence)
            undo.pop_all()
    except OSError as error:
        raise JournalFailed(f"journal in {folder} cannot be opened: {error}") from error
    return SegmentLog(
        files, folder, options, recovered=recovered, mark=mark, spare=spare, lock=lock
    )


def _record_limit(last: Segment) -> int:
    """Return up to which offset the last segment takes records: no more if others decided it."""
    return last.header.segment_bytes if last.header.is_of_own_rules else last.end_offset


def _open_or_create_mark(files: Files, folder: Path) -> DurableMark:
    names = files.list_names(folder)
    if MARK_NAME not in names:
        segments = [name for name in names if name.endswith(".log")]
        if segments:
            raise JournalDamaged(folder / MARK_NAME, 0, 0, "the durable mark is missing")
        create_mark(files, folder, os.urandom(LOG_ID_BYTES))
    return open_mark(files, folder)


def _first_segment(spare: SpareSegment, log_id: bytes, segment_bytes: int) -> Recovered:
    header = SegmentHeader(log_id, segment_bytes, 1, 0, FIRST_HASH)
    fd, path = spare.take(header)
    return Recovered(
        [Segment(path, header, HEADER_BYTES)], fd, 1, 0, FIRST_HASH, RecoveryReport(0, 0)
    )
