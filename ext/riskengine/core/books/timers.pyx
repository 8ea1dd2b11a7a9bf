"""Timers in the log's time (TM-1): a binary heap."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t

from riskengine.core.books.books cimport Books, Timer


cdef bint is_before(const Timer* a, const Timer* b) noexcept nogil:
    if a.time_nanos != b.time_nanos:
        return a.time_nanos < b.time_nanos
    return a.made < b.made


cdef void add_timer(
    Books& books, int64_t time_nanos, int64_t kind, int64_t subject
) noexcept nogil:
    """Have the subject looked at when a command's time reaches `time_nanos`."""
    cdef Timer timer
    cdef size_t at = books.timers.size()
    books.timers_made += 1
    timer.time_nanos = time_nanos
    timer.made = books.timers_made
    timer.subject = subject
    timer.kind = kind
    books.timers.push_back(timer)
    while at > 0 and is_before(&timer, &books.timers[(at - 1) >> 1]):
        books.timers[at] = books.timers[(at - 1) >> 1]
        at = (at - 1) >> 1
    books.timers[at] = timer


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
