"""Would an order be accepted (QS-1 to QS-6, QS-11)."""

from libc.stdint cimport int64_t

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.desk cimport Desk


cdef struct Order:
    int64_t account_id
    int64_t market_id
    int64_t side
    int64_t size_lots
    int64_t price_ticks
    bint reduce_only
    int64_t isolated_market_id
    int64_t equity_after_atoms
    int64_t initial_after_atoms


cdef bint refuse_order(Desk& desk, Order* order, Refusal* refusal) noexcept nogil
