"""Firing of timers that are due."""

from riskengine.core.state cimport State


cdef void run_timers(State& state) noexcept nogil
