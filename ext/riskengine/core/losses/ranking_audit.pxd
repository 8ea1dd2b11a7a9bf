"""Invariants of the rankings for auto-deleveraging (docs/proofs/rankings.md)."""

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.queue cimport Queue


cdef int assert_rankings(Desk& desk, Queue& queue) except -1
