"""Firing of timers that are due."""

from riskengine.core.books.desk cimport Desk


cdef bint run_timers(Desk& desk) noexcept nogil
