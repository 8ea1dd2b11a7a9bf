"""What lots and legs are worth at mark; nothing else says it."""

from libc.stdint cimport int64_t

from riskengine.core.base.fixedpoint cimport magnitude
from riskengine.core.books.books cimport Leg
from riskengine.core.books.market cimport Market


cdef inline int64_t lots_value(const Market* market, int64_t lots) noexcept nogil:
    """Return the value of lots at mark in atoms, signed as the lots are."""
    return lots * market.now.unit_value_atoms


cdef inline int64_t notional_of(const Market* market, int64_t lots) noexcept nogil:
    """Return |lots| * mark in atoms."""
    return magnitude(lots_value(market, lots))


cdef inline int64_t leg_value(const Market* market, const Leg* leg) noexcept nogil:
    """Return what the leg adds to equity in atoms: size * mark - cost, its unrealised PnL.

    Rule ST-4.
    """
    return lots_value(market, leg.size_lots) - leg.cost_atoms
