"""Judgement of the accounts that a command touched (docs/SEMANTICS.md section 6)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.state cimport State


cdef void touch_market(State& state, int32_t market) noexcept nogil
cdef void touch_all(State& state) noexcept nogil
cdef void touch_marked(State& state) noexcept nogil
cdef void look_at(State& state, int32_t account) noexcept nogil
cdef void judge(State& state) noexcept nogil
cdef void arm_stale(State& state) noexcept nogil
cdef bint would_act(State& state, int32_t index) noexcept nogil
cdef int64_t scan(State& state) noexcept nogil
