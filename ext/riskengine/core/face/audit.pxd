"""Conservation of money, invariants and counters."""

from riskengine.core.books.desk cimport Desk


cdef list conservation_views(Desk& desk)
cdef object counters_view(Desk& desk)
cdef int assert_invariants(Desk& desk) except -1
