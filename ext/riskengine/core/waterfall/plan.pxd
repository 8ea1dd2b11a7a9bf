"""Which legs to close, and how much of each (WF-1, WF-5 to WF-8)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books
from riskengine.core.books.limits cimport MAX_LEGS_PER_ACCOUNT
from riskengine.core.margin.model cimport Risk


cdef struct Close:
    int64_t maintenance_atoms
    int64_t market_id
    int64_t close_lots
    int64_t unsliced_lots  # that are to be closed without the book
    int32_t leg
    int32_t sliced


cdef struct Plan:
    int32_t count
    Close[MAX_LEGS_PER_ACCOUNT] closes


cdef void plan_whole(Books& books, int32_t account, Plan* plan) noexcept nogil
cdef void plan_least_close(
    Books& books, int32_t account, Risk risk, int64_t buffer_ppm, bint for_orders, Plan* plan
) noexcept nogil
