"""Timers in the log's time (TM-1)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books, Timer


cdef enum:
    NANOS_PER_MILLI = 1000000


cdef bint is_before(const Timer* a, const Timer* b) noexcept nogil
cdef void put_timer(Books& books, const Timer& timer) noexcept nogil
cdef void add_deadline(Books& books, int64_t time_nanos, int64_t liquidation_id) noexcept nogil
cdef void add_retry(Books& books, int64_t time_nanos, int32_t account) noexcept nogil
cdef void add_debt_due(Books& books, int64_t time_nanos, int32_t account) noexcept nogil
cdef int64_t next_timer(Books& books) noexcept nogil
cdef Timer pop_timer(Books& books) noexcept nogil
cdef void move_timers(Books& books, int64_t nanos) noexcept nogil
