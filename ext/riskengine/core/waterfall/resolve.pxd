"""What becomes of a leg that the book does not take: take-over or ADL (LS-1 to LS-4, FD-2)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.queue cimport Queue
from riskengine.core.margin.model cimport Risk


cdef Risk resolve(
    Desk& desk, Queue& queue, int32_t leg, int64_t close_lots, Risk risk
) noexcept nogil
cdef void deleverage_fund(Desk& desk, Queue& queue, int32_t fund, Risk risk) noexcept nogil
