"""Time that passed without the engine: what waits for it to work waits longer (TM-6, TM-7).

Nothing else follows from these commands, and they tell nothing: what is due by the new time comes
with the next command.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t

from riskengine.core.base.codes cimport FIELD_LOG_TIME_NANOS, LIQUIDATION_OUTCOME_UNSPECIFIED
from riskengine.core.base.refusal cimport Refusal, refuse_outside
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.limits cimport FUND_ACCOUNT_BASE
from riskengine.core.books.timers cimport move_timers
from riskengine.core.commands.frame cimport Progress, accept_row, refuse_row
from riskengine.core.losses.means cimport look_at_funds
from riskengine.core.waterfall.late_fills cimport move_kept


cdef void move_waits(Books& books, int64_t nanos) noexcept nogil:
    """Move deadlines, second terms, retries and what is kept for a time by what was missed (TM-6).

    Times that count for everybody alike stay: when debts are due, and the window of the funds.
    """
    cdef size_t i
    if nanos == 0:
        return
    for i in range(books.orders.size()):
        if (
            books.orders[i].liquidation_id > 0
            and books.orders[i].outcome == LIQUIDATION_OUTCOME_UNSPECIFIED
        ):
            books.orders[i].deadline_nanos += nanos
    for i in range(books.attempts.size()):
        if books.attempts[i].account >= 0 and books.attempts[i].retry_nanos > 0:
            books.attempts[i].retry_nanos += nanos
    move_timers(books, nanos)
    move_kept(books, nanos)


cdef void await_marks(Books& books) noexcept nogil:
    """Have every market wait for a mark: what it has is as old as the gap (TM-8)."""
    cdef size_t i
    for i in range(books.markets.size()):
        books.markets[i].now.awaits_mark = 1


cdef void apply_started(Desk& desk, Progress& progress) noexcept nogil:
    """Go on after a gap, which is what the command's time is beyond the last one (TM-6)."""
    move_waits(desk.books, progress.time_nanos - progress.previous_time_nanos)
    await_marks(desk.books)
    progress.is_quiet = True
    accept_row(progress)


cdef void apply_log_time(Desk& desk, Progress& progress, int64_t log_time_nanos) noexcept nogil:
    """Put the log's time forward; refuse to put it back, or beyond its bound (TM-7)."""
    cdef Refusal refusal
    if refuse_outside(
        &refusal, FIELD_LOG_TIME_NANOS, log_time_nanos, progress.time_nanos, FUND_ACCOUNT_BASE
    ):
        refuse_row(progress, 0, &refusal)
        return
    move_waits(desk.books, log_time_nanos - progress.time_nanos)
    desk.books.time_nanos = log_time_nanos
    look_at_funds(desk)
    progress.is_quiet = True
    accept_row(progress)
