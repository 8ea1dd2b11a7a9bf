"""Trigger heaps: two ordered structures a market, one a side (docs/SEMANTICS.md section 10)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.state cimport State, TriggerSide


cdef void set_trigger(State& state, int32_t position, TriggerSide side, int64_t key) noexcept nogil
cdef void drop_triggers(State& state, int32_t position) noexcept nogil
cdef void fire_triggers(State& state, int32_t market) noexcept nogil
