"""The frame of every command: start, rows, finish (docs/SEMANTICS.md section 5)."""

from libc.stdint cimport int64_t

from riskengine.core.base.codes cimport (
    FIELD_TIME_NANOS,
    REJECT_REASON_BATCH_TOO_LARGE,
    REJECT_REASON_COLUMN_LENGTH,
    REJECT_REASON_EMPTY_BATCH,
    REJECT_REASON_NOTHING_DUE,
    REJECT_REASON_OUT_OF_RANGE,
)
from riskengine.core.base.refusal cimport Refusal, refuse
from riskengine.core.books.state cimport FUND_ACCOUNT_BASE, MAX_REJECTIONS_KEPT, MAX_ROWS, State
from riskengine.core.books.timers cimport next_timer
from riskengine.core.commands.deadlines cimport run_timers
from riskengine.core.commands.judgement cimport arm_stale, judge
from riskengine.core.index.triggers cimport drop_fired
from riskengine.core.losses.ranking cimport trim_changes
from riskengine.core.waterfall.fund cimport pay_all_debts

cdef enum:
    WHOLE_COMMAND = -1


cdef bint start(State& state, Command& command, int64_t time_nanos) noexcept nogil:
    """Take the next sequence and the time; False when the time is refused.

    Nothing else may be kept if no row is applied: `finish` takes both back.
    """
    command.applied_rows = 0
    command.rejected_rows = 0
    command.started = False
    command.succeeded = False
    command.previous_time_nanos = state.time_nanos
    state.events.clear()
    if time_nanos < state.time_nanos:
        refuse_whole(
            command, REJECT_REASON_OUT_OF_RANGE, FIELD_TIME_NANOS, time_nanos, state.time_nanos
        )
        return False
    if time_nanos > FUND_ACCOUNT_BASE:
        refuse_whole(
            command, REJECT_REASON_OUT_OF_RANGE, FIELD_TIME_NANOS, time_nanos, FUND_ACCOUNT_BASE
        )
        return False
    state.sequence += 1
    state.time_nanos = time_nanos
    command.started = True
    return True


cdef void refuse_whole(
    Command& command, int reason, int field, int64_t value, int64_t limit
) noexcept nogil:
    """Refuse the command before any of its rows."""
    cdef Refusal refusal
    refuse(&refusal, reason, field, value, limit)
    note_row(command, WHOLE_COMMAND, False, &refusal)


cdef void note_row(
    Command& command, int64_t row, bint applied, const Refusal* refusal
) noexcept nogil:
    """Count a row and keep its refusal, if it was refused."""
    cdef RowRefusal kept
    if applied:
        command.applied_rows += 1
        return
    command.rejected_rows += 1
    if command.refusals.size() < MAX_REJECTIONS_KEPT:
        kept.row = row
        kept.refusal = refusal[0]
        command.refusals.push_back(kept)


cdef void finish(State& state, Command& command) noexcept nogil:
    """Run timers, judgement and debts; take the sequence back if nothing was applied."""
    if not command.started:
        return
    if command.applied_rows == 0:
        state.sequence -= 1
        state.time_nanos = command.previous_time_nanos
        return
    command.succeeded = True
    run_timers(state)
    judge(state)
    if not state.bankrupt_accounts.empty():
        pay_all_debts(state)
    trim_changes(state)
    arm_stale(state)
    drop_fired(state)


cdef bint refuse_column(
    Command& command, int field, int64_t length, int64_t rows
) noexcept nogil:
    """Refuse a column that is not as long as the first one."""
    if length == rows:
        return False
    refuse_whole(command, REJECT_REASON_COLUMN_LENGTH, field, length, rows)
    return True


cdef bint refuse_optional_column(
    Command& command, int field, int64_t length, int64_t rows
) noexcept nogil:
    """Refuse a column that is neither empty nor as long as the first one."""
    return length != 0 and refuse_column(command, field, length, rows)


cdef bint refuse_rows(Command& command, int field, int64_t rows) noexcept nogil:
    """Refuse a batch without rows or with too many; the field is that of its first column."""
    if rows == 0:
        refuse_whole(command, REJECT_REASON_EMPTY_BATCH, field, 0, 1)
    elif rows > MAX_ROWS:
        refuse_whole(command, REJECT_REASON_BATCH_TOO_LARGE, field, rows, MAX_ROWS)
    return not 1 <= rows <= MAX_ROWS


cdef bint refuse_tick(State& state, Command& command) noexcept nogil:
    """Refuse a tick at which no timer is due."""
    cdef int64_t due = next_timer(state)
    cdef Refusal refusal
    if due != 0 and due <= state.time_nanos:
        return False
    refuse(&refusal, REJECT_REASON_NOTHING_DUE, FIELD_TIME_NANOS, state.time_nanos, due)
    note_row(command, 0, False, &refusal)
    return True
