"""The first verb: what an account is worth, and what is required of it (MG-2 to MG-5)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books, Leg
from riskengine.core.books.market cimport Market
from riskengine.core.margin.requirement cimport leg_initial_ceil
from riskengine.core.margin.value cimport notional_of


cdef int64_t initial_margin(Books& books, int32_t account) noexcept nogil:
    """Return sum IM(|size| * mark) over the account's legs (MG-5)."""
    cdef int64_t total = 0
    cdef const Leg* leg
    cdef const Market* market
    cdef int32_t index = books.accounts[account].first_leg
    while index >= 0:
        leg = &books.legs[index]
        market = &books.markets[leg.market]
        total += leg_initial_ceil(market, leg.size_lots, market.now.unit_value_atoms)
        index = leg.next_leg
    return total


cdef int64_t gross_notional(Books& books, int32_t account) noexcept nogil:
    """Return sum(|size| * mark) over the account's legs."""
    cdef int64_t total = 0
    cdef const Leg* leg
    cdef int32_t index = books.accounts[account].first_leg
    while index >= 0:
        leg = &books.legs[index]
        total += notional_of(&books.markets[leg.market], leg.size_lots)
        index = leg.next_leg
    return total
