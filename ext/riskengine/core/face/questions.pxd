"""The owner of the state, and the questions that it answers."""

from riskengine.core.books.state cimport State


cdef class Questions:
    cdef State state
