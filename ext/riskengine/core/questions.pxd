"""The owner of the state, and the questions that it answers."""

from riskengine.core.state cimport State


cdef class Questions:
    cdef State state
