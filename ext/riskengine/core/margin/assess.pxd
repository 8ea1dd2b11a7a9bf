"""The first verb: what an account is worth, and what is required of it (MG-2 to MG-5)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books, Leg
from riskengine.core.books.market cimport Market
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.requirement cimport leg_maintenance_ceil
from riskengine.core.margin.value cimport leg_value


cdef inline Risk assess(Books& books, int32_t account) noexcept nogil:
    """Return equity = balance + sum(size * mark - cost) and maintenance = sum MM(|size| * mark).

    Rules MG-4, MG-5.
    """
    cdef Risk risk
    cdef const Leg* leg
    cdef const Market* market
    cdef int32_t index = books.accounts[account].first_leg
    risk.equity_atoms = books.accounts[account].balance_atoms
    risk.maintenance_atoms = 0
    while index >= 0:
        leg = &books.legs[index]
        market = &books.markets[leg.market]
        risk.equity_atoms += leg_value(market, leg)
        risk.maintenance_atoms += leg_maintenance_ceil(
            market, leg.size_lots, market.now.unit_value_atoms
        )
        index = leg.next_leg
    return risk


cdef int64_t initial_margin(Books& books, int32_t account) noexcept nogil
cdef int64_t gross_notional(Books& books, int32_t account) noexcept nogil
