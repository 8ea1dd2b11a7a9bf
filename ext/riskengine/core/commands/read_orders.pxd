"""Reading back liquidation orders, and what ids lead to (see commands/read_back)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.words cimport Words
from riskengine.core.books.books cimport Books

cdef enum:
    LEAST_WORDS = 2  # that anything on a list takes


cdef int32_t market_index(Books& books, int64_t market_id, Words& words) noexcept nogil
cdef int32_t asset_index(Books& books, int64_t asset_id, Words& words) noexcept nogil
cdef void read_attempt(Books& books, int32_t account, Words& words) noexcept nogil
cdef void read_ended(Books& books, Words& words) noexcept nogil
cdef void list_orders(Books& books, Words& words) noexcept nogil
