"""The report of a venue that is being loaded (LD-10)."""

from libc.stdint cimport int64_t

from riskengine.core.books.books cimport Books


cdef object load_report_view(Books& books, int64_t time_nanos)
