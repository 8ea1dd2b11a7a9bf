"""Invariants of the trigger index."""

from riskengine.core.state cimport State


cdef int assert_triggers(State& state) except -1
