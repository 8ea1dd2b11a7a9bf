"""Firing of timers that are due; stale ones are dropped (TM-1 to TM-5)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport LIQUIDATION_OUTCOME_EXPIRED, LIQUIDATION_OUTCOME_UNSPECIFIED
from riskengine.core.books.books cimport (
    DEBT_DUE,
    ORDER_DEADLINE,
    Books,
    LiquidationOrder,
    Timer,
    attempt_of,
    find_account,
)
from riskengine.core.books.desk cimport Desk, take_unit, touch
from riskengine.core.books.timers cimport next_timer, pop_timer
from riskengine.core.waterfall.debts cimport note_due_debts
from riskengine.core.waterfall.orders cimport cancel_order, end_order, find_order


cdef bint waits_for_retry(Books& books, int32_t account, int64_t time_nanos) noexcept nogil:
    """Return whether the account waits for a retry at that time."""
    return (
        books.accounts[account].attempt >= 0
        and attempt_of(books, account).retry_nanos == time_nanos
    )


cdef bint is_due(const LiquidationOrder* order, int64_t time_nanos) noexcept nogil:
    """Return whether the order is open with that deadline: its number may be a later one's."""
    return (
        order.outcome == LIQUIDATION_OUTCOME_UNSPECIFIED and order.deadline_nanos == time_nanos
    )


cdef void reach_deadline(Desk& desk, int32_t order) noexcept nogil:
    """Have an open order be cancelled, or end it if it has been or has no second term (WF-26)."""
    if desk.books.parameters.second_term_millis > 0 and not desk.books.orders[order].cancelling:
        cancel_order(desk, order)
    else:
        end_order(desk, order, LIQUIDATION_OUTCOME_EXPIRED)


cdef void fire(Desk& desk, const Timer* timer) noexcept nogil:
    """Bring about what the timer is for; nothing, if that is gone (TM-2 to TM-5)."""
    cdef int32_t subject
    if timer.kind == ORDER_DEADLINE:
        subject = find_order(desk.books, timer.subject)
        if subject >= 0 and is_due(&desk.books.orders[subject], timer.time_nanos):
            reach_deadline(desk, subject)
    elif timer.kind == DEBT_DUE:
        desk.running.are_debts_due = True
    else:
        subject = find_account(desk.books, timer.subject, timer.asset, timer.isolated_market)
        if subject >= 0 and waits_for_retry(desk.books, subject, timer.time_nanos):
            attempt_of(desk.books, subject).retry_nanos = 0
            touch(desk, subject)


cdef bint run_timers(Desk& desk) noexcept nogil:
    """Fire every timer that was due when the work began, for a unit; return whether all have.

    Rules TM-1, WK-3.
    """
    cdef Timer timer
    while (
        not desk.books.timers.empty()
        and next_timer(desk.books) <= desk.running.begun_time_nanos
    ):
        if not take_unit(desk):
            return False
        timer = pop_timer(desk.books)
        fire(desk, &timer)
    if desk.running.are_debts_due:
        note_due_debts(desk)
    return True
