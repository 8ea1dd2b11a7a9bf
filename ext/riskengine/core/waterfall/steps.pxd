"""The waterfall of one account: step, conclude, finish (docs/SEMANTICS.md section 7)."""

from libc.stdint cimport int32_t

from riskengine.core.books.state cimport State


cdef void begin(State& state, int32_t account) noexcept nogil
cdef void step(State& state, int32_t account) noexcept nogil
cdef void conclude(State& state, int32_t account) noexcept nogil
cdef void finish(State& state, int32_t account) noexcept nogil
