"""Invariants of the rankings for auto-deleveraging (docs/SEMANTICS.md section 11)."""

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.queue cimport Queue


cdef int assert_rankings(Desk& desk, Queue& queue) except -1
