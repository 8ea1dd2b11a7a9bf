"""The frame of every command: start, rows, end_command (CM-1 to CM-8)."""

from libc.stdint cimport int64_t

cimport riskengine.core.index.watches as watches
cimport riskengine.core.losses.ranking as ranking
from riskengine.core.base.codes cimport (
    FIELD_TIME_NANOS,
    FIELD_VENUE_ID,
    FIELD_VENUE_TIME_NANOS,
    REJECT_REASON_BATCH_TOO_LARGE,
    REJECT_REASON_COLUMN_LENGTH,
    REJECT_REASON_EMPTY_BATCH,
    REJECT_REASON_NOTHING_DUE,
    REJECT_REASON_OUT_OF_RANGE,
)
from riskengine.core.base.column cimport Column
from riskengine.core.base.refusal cimport Refusal, refuse
from riskengine.core.books.books cimport Books, is_loading
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.fund_window cimport forget_windows
from riskengine.core.books.limits cimport FUND_ACCOUNT_BASE, MAX_REJECTIONS_KEPT, MAX_ROWS
from riskengine.core.books.timers cimport next_timer
from riskengine.core.commands.consequences cimport begin_work, go_on
from riskengine.core.commands.guards cimport (
    refuse_while_live,
    refuse_while_loading,
    refuse_while_pending,
)
from riskengine.core.commands.judgement cimport arm_stale, judge_nobody
from riskengine.core.commands.state cimport State
from riskengine.core.losses.means cimport look_at_funds, note_changed, note_slot
from riskengine.core.waterfall.late_fills cimport forget_past

cdef enum:
    WHOLE_COMMAND = -1
    MOST_FORGOTTEN = 1024  # ended orders, by a command that finds more past their time


cdef bint refuse_time(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil:
    """Refuse a time that goes back, or beyond its bound (CM-1)."""
    if time_nanos < desk.books.time_nanos:
        refuse_whole(
            progress,
            REJECT_REASON_OUT_OF_RANGE,
            FIELD_TIME_NANOS,
            time_nanos,
            desk.books.time_nanos,
        )
        return True
    if time_nanos > FUND_ACCOUNT_BASE:
        refuse_whole(
            progress, REJECT_REASON_OUT_OF_RANGE, FIELD_TIME_NANOS, time_nanos, FUND_ACCOUNT_BASE
        )
        return True
    return False


cdef void begin(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil:
    """Begin with nothing applied, refused or told."""
    progress.applied_rows = 0
    progress.rejected_rows = 0
    progress.started = False
    progress.succeeded = False
    progress.is_amid = desk.running.is_pending
    progress.is_quiet = False
    progress.previous_time_nanos = desk.books.time_nanos
    progress.time_nanos = time_nanos
    desk.running.events.clear()


cdef bint start_amid(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil:
    """Start a command as `start` does, also while work is pending (WK-4)."""
    begin(desk, progress, time_nanos)
    if refuse_time(desk, progress, time_nanos):
        return False
    desk.books.sequence += 1
    desk.books.time_nanos = time_nanos
    look_at_funds(desk)
    progress.started = True
    return True


cdef bint start(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil:
    """Take the next sequence and the time; False when that is refused (CM-1, WK-4).

    Nothing else may be kept if no row is applied: `end_command` takes both back.
    """
    cdef Refusal refusal
    if not start_amid(desk, progress, time_nanos):
        return False
    if refuse_while_pending(desk, &refusal):
        refuse_row(progress, WHOLE_COMMAND, &refusal)
        return False
    return True


cdef bint start_live(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil:
    """Start a command that is not taken while the venue is being loaded (LD-1)."""
    cdef Refusal refusal
    if not start(desk, progress, time_nanos):
        return False
    if refuse_while_loading(desk.books, &refusal):
        refuse_row(progress, WHOLE_COMMAND, &refusal)
        return False
    return True


cdef bint start_live_amid(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil:
    """Start a command that a live venue takes, also while work is pending (LD-1, WK-4)."""
    if desk.running.is_pending:
        return start_amid(desk, progress, time_nanos)
    return start_live(desk, progress, time_nanos)


cdef bint start_loading(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil:
    """Start a command that is taken only while the venue is being loaded (LD-1)."""
    cdef Refusal refusal
    if not start(desk, progress, time_nanos):
        return False
    if refuse_while_live(desk.books, &refusal):
        refuse_row(progress, WHOLE_COMMAND, &refusal)
        return False
    return True


cdef void refuse_whole(
    Progress& progress, int reason, int field, int64_t value, int64_t limit
) noexcept nogil:
    """Refuse the command before any of its rows."""
    cdef Refusal refusal
    refuse(&refusal, reason, field, value, limit)
    refuse_row(progress, WHOLE_COMMAND, &refusal)


cdef void refuse_row(Progress& progress, int64_t row, const Refusal* refusal) noexcept nogil:
    """Count a row that was refused, and keep why while there is room (CM-7)."""
    cdef RowRefusal kept
    progress.rejected_rows += 1
    if progress.refusals.size() < MAX_REJECTIONS_KEPT:
        kept.row = row
        kept.refusal = refusal[0]
        progress.refusals.push_back(kept)


cdef void follow(State& state) noexcept nogil:
    """Have follow what does from rows that were applied, or go on with that (CM-5, WK-3).

    While the venue is being loaded nothing follows, and nothing is noted of funds. Rule LD-3.
    """
    if is_loading(state.desk.books):
        judge_nobody(state.desk)
        forget_windows(state.desk.books)
        state.desk.running.changed_funds.clear()
        return
    if not state.desk.running.is_pending:
        begin_work(state)
        note_slot(state.desk)
    go_on(state)


cdef void end_work(State& state, bint has_paused) noexcept nogil:
    """Note funds, forget what is past, and have everybody watched who has changed (CM-5).

    The slot of all of the work is that in which it began; one that has come since begins now
    (WK-3).
    """
    note_changed(state.desk)
    if has_paused:
        look_at_funds(state.desk)
        note_slot(state.desk)
    forget_past(state.desk.books, MOST_FORGOTTEN)
    ranking.end_command(state.desk, state.queue)
    arm_stale(state.desk, state.index)
    watches.end_command(state.desk, state.index)


cdef void note_time(Desk& desk) noexcept nogil:
    """Begin the slot that the time lies in, and forget what is past: nothing else follows (TM-6).
    """
    if not is_loading(desk.books):
        note_slot(desk)
        note_changed(desk)
    forget_past(desk.books, MOST_FORGOTTEN)


cdef void end_command(State& state, Progress& progress) noexcept nogil:
    """Do what follows; take the sequence back if nothing was applied (CM-4, CM-5).

    What passes while work is pending is booked, and nothing follows from it before that goes on.
    """
    cdef bint has_paused = state.desk.running.is_pending
    if not progress.started:
        return
    if progress.applied_rows == 0:
        state.desk.books.sequence -= 1
        state.desk.books.time_nanos = progress.previous_time_nanos
        return
    progress.succeeded = True
    if progress.is_amid:
        return
    if progress.is_quiet:
        note_time(state.desk)
        return
    follow(state)
    if not state.desk.running.is_pending:
        end_work(state, has_paused)


cdef bint refuse_column(
    Progress& progress, int field, const Column& column, int64_t rows
) noexcept nogil:
    """Refuse a column that is not as long as the first one (CM-2)."""
    if column.rows() == rows:
        return False
    refuse_whole(progress, REJECT_REASON_COLUMN_LENGTH, field, column.rows(), rows)
    return True


cdef bint refuse_optional_column(
    Progress& progress, int field, const Column& column, int64_t rows
) noexcept nogil:
    """Refuse a column that is neither empty nor as long as the first one."""
    return column.rows() != 0 and refuse_column(progress, field, column, rows)


cdef bint refuse_venue_columns(
    Progress& progress, const VenueColumns& columns, int64_t rows
) noexcept nogil:
    """Refuse columns for the venue's own notes that do not fit; nothing else looks at them (CM-2).
    """
    return refuse_optional_column(
        progress, FIELD_VENUE_ID, columns.venue_id, rows
    ) or refuse_optional_column(
        progress, FIELD_VENUE_TIME_NANOS, columns.venue_time_nanos, rows
    )


cdef bint refuse_rows(Progress& progress, int field, int64_t rows) noexcept nogil:
    """Refuse a batch without rows or with too many; the field is that of its first column.

    Rule CM-2.
    """
    if rows == 0:
        refuse_whole(progress, REJECT_REASON_EMPTY_BATCH, field, 0, 1)
    elif rows > MAX_ROWS:
        refuse_whole(progress, REJECT_REASON_BATCH_TOO_LARGE, field, rows, MAX_ROWS)
    return not 1 <= rows <= MAX_ROWS


cdef void take_sequence(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil:
    """Take a sequence at the time that it is: nothing changes and nothing follows (CM-8)."""
    begin(desk, progress, time_nanos)
    if time_nanos != desk.books.time_nanos:
        refuse_whole(
            progress,
            REJECT_REASON_OUT_OF_RANGE,
            FIELD_TIME_NANOS,
            time_nanos,
            desk.books.time_nanos,
        )
        return
    desk.books.sequence += 1
    progress.succeeded = True


cdef void apply_tick(Books& books, Progress& progress) noexcept nogil:
    """Let the timers that are due fire at the end of the command; refuse when none is (GD-20)."""
    cdef int64_t due = next_timer(books)
    cdef Refusal refusal
    if due != 0 and due <= books.time_nanos:
        accept_row(progress)
        return
    refuse(&refusal, REJECT_REASON_NOTHING_DUE, FIELD_TIME_NANOS, books.time_nanos, due)
    refuse_row(progress, 0, &refusal)


cdef void apply_continue(Desk& desk, Progress& progress) noexcept nogil:
    """Go on with the work that is pending at the end of the command; refuse when there is none.

    Rule WK-3.
    """
    cdef Refusal refusal
    if progress.is_amid:
        progress.is_amid = False
        accept_row(progress)
        return
    refuse(&refusal, REJECT_REASON_NOTHING_DUE, FIELD_TIME_NANOS, desk.books.time_nanos, 0)
    refuse_row(progress, 0, &refusal)
