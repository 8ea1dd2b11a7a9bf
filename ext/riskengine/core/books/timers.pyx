"""Timers in the log's time (TM-1): a binary heap."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport (
    ACCOUNT_RETRY,
    CROSS,
    DEBT_DUE,
    ORDER_DEADLINE,
    Books,
    Timer,
)


cdef bint is_before(const Timer* a, const Timer* b) noexcept nogil:
    """Order of timers: by time, then by making (TM-1)."""
    if a.time_nanos != b.time_nanos:
        return a.time_nanos < b.time_nanos
    return a.made < b.made


cdef void raise_timer(Books& books, size_t at) noexcept nogil:
    """Raise the timer at a place of the heap to where it belongs; those before it are a heap."""
    cdef Timer timer = books.timers[at]
    while at > 0 and is_before(&timer, &books.timers[(at - 1) >> 1]):
        books.timers[at] = books.timers[(at - 1) >> 1]
        at = (at - 1) >> 1
    books.timers[at] = timer


cdef void put_timer(Books& books, const Timer& timer) noexcept nogil:
    """Put a timer into the heap."""
    books.timers.push_back(timer)
    raise_timer(books, books.timers.size() - 1)


cdef void add_timer(Books& books, Timer& timer) noexcept nogil:
    """Number the timer and put it into the heap."""
    books.timers_made += 1
    timer.made = books.timers_made
    put_timer(books, timer)


cdef void add_deadline(Books& books, int64_t time_nanos, int64_t liquidation_id) noexcept nogil:
    """Have the order looked at when a command's time reaches `time_nanos` (TM-2)."""
    cdef Timer timer
    timer.time_nanos = time_nanos
    timer.subject = liquidation_id
    timer.asset = -1
    timer.isolated_market = CROSS
    timer.kind = ORDER_DEADLINE
    add_timer(books, timer)


cdef void add_account_timer(
    Books& books, int64_t time_nanos, int32_t account, int64_t kind
) noexcept nogil:
    """Set a timer that stands for an account."""
    cdef Timer timer
    timer.time_nanos = time_nanos
    timer.subject = books.accounts[account].account_id
    timer.asset = books.accounts[account].asset
    timer.isolated_market = books.accounts[account].isolated_market
    timer.kind = kind
    add_timer(books, timer)


cdef void add_retry(Books& books, int64_t time_nanos, int32_t account) noexcept nogil:
    """Have the account looked at when a command's time reaches `time_nanos` (TM-3)."""
    add_account_timer(books, time_nanos, account, ACCOUNT_RETRY)


cdef void add_debt_due(Books& books, int64_t time_nanos, int32_t account) noexcept nogil:
    """Have the account's debt be due when a command's time reaches `time_nanos` (TM-5)."""
    add_account_timer(books, time_nanos, account, DEBT_DUE)


cdef int64_t next_timer(Books& books) noexcept nogil:
    """Return the time of the next timer, 0 when there is none."""
    return 0 if books.timers.empty() else books.timers[0].time_nanos


cdef Timer pop_timer(Books& books) noexcept nogil:
    """Remove the next timer and return it; there is one."""
    cdef Timer first = books.timers[0]
    cdef Timer last = books.timers.back()
    cdef size_t at = 0
    cdef size_t child = 1
    books.timers.pop_back()
    while child < books.timers.size():
        if child + 1 < books.timers.size() and is_before(
            &books.timers[child + 1], &books.timers[child]
        ):
            child += 1
        if not is_before(&books.timers[child], &last):
            break
        books.timers[at] = books.timers[child]
        at = child
        child = 2 * at + 1
    if not books.timers.empty():
        books.timers[at] = last
    return first


cdef void move_timers(Books& books, int64_t nanos) noexcept nogil:
    """Have deadlines and retries come so much later; debts are due when they were (TM-6)."""
    cdef size_t i
    for i in range(books.timers.size()):
        if books.timers[i].kind != DEBT_DUE:
            books.timers[i].time_nanos += nanos
        raise_timer(books, i)
