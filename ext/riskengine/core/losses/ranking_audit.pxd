"""Invariants of the rankings for auto-deleveraging (docs/SEMANTICS.md section 11)."""

from riskengine.core.books.state cimport State


cdef int assert_rankings(State& state) except -1
