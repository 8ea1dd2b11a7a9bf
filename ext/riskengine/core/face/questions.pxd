"""The owner of the state, and the questions that it answers."""

from riskengine.core.commands.state cimport State


cdef class ReadOnlyEngine:
    cdef State state

    cdef int assert_rest(self) except -1
