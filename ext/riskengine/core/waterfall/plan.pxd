"""Which legs to close, and how much of each (docs/SEMANTICS.md section 7.2)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.state cimport MAX_POSITIONS_PER_ACCOUNT, State


cdef struct Leg:
    int64_t maintenance_atoms
    int64_t market_id
    int64_t close_lots
    int32_t market
    int32_t sliced


cdef struct Plan:
    int32_t count
    Leg[128] legs


cdef void list_legs(State& state, int32_t account, Plan* plan) noexcept nogil
cdef void plan_least_close(
    State& state, int32_t account, int64_t buffer_ppm, bint for_orders, Plan* plan
) noexcept nogil
