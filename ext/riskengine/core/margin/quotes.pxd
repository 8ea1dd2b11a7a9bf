"""Bankruptcy quotes, limit prices and liquidation prices (WF-10 to WF-12, QS-7, QS-8)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books
from riskengine.core.books.market cimport Market
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.value cimport lots_value


cdef inline int64_t close_value(
    const Market* market, int64_t size_lots, int64_t close_lots
) noexcept nogil:
    """Return what closing that much of a position brings at mark; negative for a short."""
    cdef int64_t value = lots_value(market, close_lots)
    return value if size_lots > 0 else -value


cdef int64_t bankruptcy_quote_ceil(
    Books& books, int32_t leg, int64_t close_lots, Risk risk
) noexcept nogil
cdef int64_t quote_price_floor(
    const Market* market, int64_t size_lots, int64_t close_lots, int64_t quote_atoms
) noexcept nogil
cdef int64_t limit_price(
    const Market* market, int64_t size_lots, int64_t close_lots, int64_t quote_atoms
) noexcept nogil
cdef int64_t discounted_price(
    const Market* market, int64_t size_lots, int64_t discount_ppm
) noexcept nogil
cdef int64_t bankruptcy_price(Books& books, int32_t leg, Risk risk) noexcept nogil
cdef int64_t liquidation_price(Books& books, int32_t leg, Risk risk) noexcept nogil
