"""Which open orders end or are cut because of what became of their account (WF-23, WF-24)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.waterfall.round cimport Round


cdef bint exceeds_position(Books& books, int32_t account) noexcept nogil
cdef void end_orders(Desk& desk, Round& round) noexcept nogil
cdef int32_t open_order_of(Books& books, int32_t account, int32_t market) noexcept nogil
cdef void cut_further_order(Desk& desk, int64_t liquidation_id, int64_t lots) noexcept nogil
cdef int64_t order_left_by(Books& books, int32_t account, int32_t market) noexcept nogil
