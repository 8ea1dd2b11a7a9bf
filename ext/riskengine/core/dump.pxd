"""The whole state as plain values, for inspection."""

from riskengine.core.state cimport State


cdef dict dump_state(State& state)
