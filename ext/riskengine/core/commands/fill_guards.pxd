"""Guards of trades that name a liquidation order (GD-12, WF-28)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport Books
from riskengine.core.commands.trade cimport Trade


cdef bint is_of_gone(
    Books& books, const Trade* trade, int64_t account_id, int32_t side
) noexcept nogil
cdef bint fills_whole(Books& books, const Trade* trade) noexcept nogil
cdef bint refuse_liquidation(Books& books, Trade* trade, Refusal* refusal) noexcept nogil
