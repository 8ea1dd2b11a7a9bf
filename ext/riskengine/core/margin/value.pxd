"""What lots and legs are worth.

Equity is a balance and the values of legs. `assess` sums it, and losses/score does where it walks
the legs for other sums too; `what_if` adds what a change makes of a value.
"""

from libc.stdint cimport int64_t

from riskengine.core.base.fixedpoint cimport magnitude
from riskengine.core.books.books cimport Leg
from riskengine.core.books.market cimport Market


cdef inline int64_t value_at(int64_t lots, int64_t unit_value_atoms) noexcept nogil:
    """Return the value of lots of which one is worth so much, in atoms, signed as the lots are."""
    return lots * unit_value_atoms


cdef inline int64_t notional_at(int64_t lots, int64_t unit_value_atoms) noexcept nogil:
    """Return that value's magnitude in atoms."""
    return magnitude(value_at(lots, unit_value_atoms))


cdef inline int64_t lots_value(const Market* market, int64_t lots) noexcept nogil:
    """Return the value of lots at mark in atoms, signed as the lots are."""
    return value_at(lots, market.now.unit_value_atoms)


cdef inline int64_t notional_of(const Market* market, int64_t lots) noexcept nogil:
    """Return |lots| * mark in atoms."""
    return notional_at(lots, market.now.unit_value_atoms)


cdef inline int64_t leg_value(const Market* market, const Leg* leg) noexcept nogil:
    """Return what the leg adds to equity in atoms: size * mark - cost, its unrealised PnL.

    Rule ST-4.
    """
    return lots_value(market, leg.size_lots) - leg.cost_atoms
