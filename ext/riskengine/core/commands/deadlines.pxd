"""Firing of timers that are due."""

from riskengine.core.books.state cimport State


cdef void run_timers(State& state) noexcept nogil
