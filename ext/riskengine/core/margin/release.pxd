"""The fourth verb: how much requirement closing a leg gives back."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport magnitude
from riskengine.core.books.books cimport Books
from riskengine.core.books.market cimport Market
from riskengine.core.margin.requirement cimport leg_maintenance_ceil


cdef inline int64_t release(Books& books, int32_t leg, int64_t close_lots) noexcept nogil:
    """Return MM(|size| * mark) - MM((|size| - close) * mark); close is at most |size| (WF-10).

    Never falls as `close_lots` rises, and the whole leg releases at least an atom.
    """
    cdef const Market* market = &books.markets[books.legs[leg].market]
    cdef int64_t held = magnitude(books.legs[leg].size_lots)
    expect(close_lots <= held)
    return leg_maintenance_ceil(market, held, market.now.unit_value_atoms) - leg_maintenance_ceil(
        market, held - close_lots, market.now.unit_value_atoms
    )
