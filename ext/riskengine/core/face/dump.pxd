"""The whole state as plain values, for inspection."""

from riskengine.core.books.state cimport State


cdef dict dump_state(State& state)
