"""Invariant of the judgement: the index overlooks nobody."""

from riskengine.core.commands.state cimport State


cdef int assert_nobody_is_overlooked(State& state) except -1
