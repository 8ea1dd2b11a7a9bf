"""Liquidation orders: issue, fill, cut, end, forget (WF-11 to WF-18, WF-24)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books, LiquidationOrder
from riskengine.core.books.desk cimport Desk
from riskengine.core.margin.model cimport Risk
from riskengine.core.waterfall.plan cimport Close


cdef struct Fill:
    int64_t size_lots
    int64_t price_ticks
    int64_t closed_lots  # of the account's position
    Risk before  # of the account


cdef int32_t find_order(Books& books, int64_t liquidation_id) noexcept nogil
cdef void adopt_order(Books& books, const LiquidationOrder* made) noexcept nogil
cdef int32_t order_leg(Books& books, const LiquidationOrder* order) noexcept nogil
cdef int64_t held_lots(Books& books, const LiquidationOrder* order) noexcept nogil
cdef bint issue_order(
    Desk& desk, const Close* close, int32_t attempt_number, Risk risk
) noexcept nogil
cdef Fill describe_fill(
    Books& books, int32_t order, int64_t size_lots, int64_t price_ticks
) noexcept nogil
cdef void fill_order(Desk& desk, int32_t order, const Fill* fill) noexcept nogil
cdef void fill_ended(Books& books, int64_t liquidation_id, int64_t size_lots) noexcept nogil
cdef void cancel_order(Desk& desk, int32_t order) noexcept nogil
cdef void end_order(Desk& desk, int32_t order, int32_t outcome) noexcept nogil
cdef void reduce_order(Desk& desk, int32_t order, int64_t unfilled_lots) noexcept nogil
cdef void forget_orders(Books& books, int32_t account) noexcept nogil
