"""Attempts: what is kept of an account only while it is being liquidated."""

from libc.stdint cimport int32_t

from riskengine.core.books.books cimport Books


cdef void begin_attempt(Books& books, int32_t account) noexcept nogil
cdef void end_attempt(Books& books, int32_t account) noexcept nogil
