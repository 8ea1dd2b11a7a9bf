"""Invariants of the trigger index."""

from riskengine.core.books.state cimport State


cdef int assert_triggers(State& state) except -1
