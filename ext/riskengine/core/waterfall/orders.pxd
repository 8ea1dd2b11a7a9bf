"""Liquidation orders: issue, fill, end, forget (docs/SEMANTICS.md sections 7.1 to 7.4)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.state cimport State
from riskengine.core.margin.assess cimport Risk
from riskengine.core.waterfall.plan cimport Leg


cdef int32_t find_order(State& state, int64_t liquidation_id) noexcept nogil
cdef bint issue_order(State& state, int32_t account, const Leg* leg) noexcept nogil
cdef void fill_order(
    State& state, int32_t order, int64_t size_lots, int64_t price_ticks
) noexcept nogil
cdef void end_order(State& state, int32_t order, int32_t outcome) noexcept nogil
cdef void forget_orders(State& state, int32_t account) noexcept nogil
cdef int64_t take_fee(
    State& state, int32_t account, int32_t market, int64_t closed_lots, int64_t equity_atoms
) noexcept nogil
