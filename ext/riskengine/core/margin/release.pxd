"""The fourth verb: how much requirement closing a leg gives back."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport magnitude
from riskengine.core.books.books cimport Books
from riskengine.core.books.market cimport Market
from riskengine.core.margin.tiers cimport maintenance_ceil
from riskengine.core.margin.value cimport notional_of


cdef inline int64_t release(Books& books, int32_t leg, int64_t close_lots) noexcept nogil:
    """Return MM(|size| * mark) - MM((|size| - close) * mark); close is at most |size| (WF-10).

    Never falls as `close_lots` rises, and the whole leg releases at least an atom.
    """
    cdef const Market* market = &books.markets[books.legs[leg].market]
    cdef int64_t held = magnitude(books.legs[leg].size_lots)
    expect(close_lots <= held)
    return maintenance_ceil(market, notional_of(market, held)) - maintenance_ceil(
        market, notional_of(market, held - close_lots)
    )
