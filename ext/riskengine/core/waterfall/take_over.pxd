"""Take-over: the fund gets lots of an account at the mark, and a discount (LS-2, LS-3)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.desk cimport Desk
from riskengine.core.margin.model cimport Risk


cdef struct Offer:
    int32_t leg
    int64_t lots
    int64_t discount_atoms


cdef Offer offer(Desk& desk, int32_t leg, int64_t lots, Risk risk) noexcept nogil
cdef bint is_taken(Desk& desk, const Offer* offered) noexcept nogil
cdef void take_over(Desk& desk, const Offer* offered, Risk risk) noexcept nogil
