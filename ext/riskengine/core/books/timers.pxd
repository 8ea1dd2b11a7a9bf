"""Timers in the log's time (TM-1)."""

from libc.stdint cimport int64_t

from riskengine.core.books.books cimport Books, Timer


cdef enum:
    NANOS_PER_MILLI = 1000000


cdef void add_timer(
    Books& books, int64_t time_nanos, int64_t kind, int64_t subject
) noexcept nogil
cdef int64_t next_timer(Books& books) noexcept nogil
cdef Timer pop_timer(Books& books) noexcept nogil
