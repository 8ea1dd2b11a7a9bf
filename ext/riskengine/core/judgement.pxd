"""Judgement of the accounts that a command touched (docs/SEMANTICS.md section 6)."""

from libc.stdint cimport int32_t

from riskengine.core.state cimport State


cdef void touch_market(State& state, int32_t market) noexcept nogil
cdef void touch_all(State& state) noexcept nogil
cdef void judge(State& state) noexcept nogil
