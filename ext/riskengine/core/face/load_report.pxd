"""The report of a venue that is being loaded (LD-10)."""

from riskengine.core.books.books cimport Books


cdef object load_report_view(Books& books)
