"""A toy, to show that the margin model can be another one: tiers, and teeth upon them.

A leg requires what the tiers say and twice its lots' value of the ticks from its price to the
nearest multiple of 16. Value goes by one of these a tick, so the requirement outgrows it on either
flank of a tooth: a leg is harmed by a rise as by a fall, but for a short whose tiers require all of
it.
"""

from libc.stdint cimport int64_t

from riskengine.core.base.fixedpoint cimport div_floor, least, round_down_to
from riskengine.core.books.market cimport Market
from riskengine.core.margin.tiers cimport initial_ceil, maintenance_ceil
from riskengine.core.margin.value cimport notional_at

cdef enum:
    TOOTH_TICKS = 16
    FLANK = 2  # what a tooth requires by the tick, in what its lots are worth by the tick


cdef inline int64_t tooth(
    const Market* market, int64_t lots, int64_t unit_value_atoms
) noexcept nogil:
    """Return 2 * |lots| * multiplier * min(p mod 16, 16 - p mod 16) in atoms, p being the price."""
    # A multiplier is a power of 10, so > 0.
    cdef int64_t price = <int64_t>div_floor(unit_value_atoms, market.rules.multiplier_atoms)
    cdef int64_t past = price - round_down_to(price, TOOTH_TICKS)
    return notional_at(
        FLANK * lots, market.rules.multiplier_atoms * least(past, TOOTH_TICKS - past)
    )


cdef inline int64_t leg_maintenance_ceil(
    const Market* market, int64_t lots, int64_t unit_value_atoms
) noexcept nogil:
    """Return MM(|lots| * mark) and the tooth in atoms."""
    return maintenance_ceil(market, notional_at(lots, unit_value_atoms)) + tooth(
        market, lots, unit_value_atoms
    )


cdef inline int64_t leg_initial_ceil(
    const Market* market, int64_t lots, int64_t unit_value_atoms
) noexcept nogil:
    """Return IM(|lots| * mark) and the tooth in atoms."""
    return initial_ceil(market, notional_at(lots, unit_value_atoms)) + tooth(
        market, lots, unit_value_atoms
    )
