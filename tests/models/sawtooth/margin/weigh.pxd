"""How steeply the surplus of the toy goes with a price: by that of the tiers and by the flanks."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport PPM, div_ceil, div_floor, mul_div_ceil
from riskengine.core.books.books cimport Books, Leg
from riskengine.core.books.market cimport Market
from riskengine.core.margin.model cimport Weight
from riskengine.core.margin.tiers cimport lowest_rate_ppm, rate_up_to_ppm
from riskengine.core.margin.value cimport notional_at

cdef enum:
    WEIGHED_FLANK = 2  # as the requirement's; `make second-model` halves it as well


cdef inline Weight weigh(
    Books& books, int32_t leg_index, int64_t unit_value_atoms, int64_t share_ppm
) noexcept nogil:
    """Return how steeply f goes with the price of a leg of notional N, in atoms for all of it.

    The requirement rises by at most N * (r + 2) and falls by at most N * (2 - r_0), where r_0 is
    the lowest rate of the tiers, and r that of 2 * N. Rounded up.
    """
    cdef const Leg* leg = &books.legs[leg_index]
    cdef const Market* market = &books.markets[leg.market]
    cdef int64_t notional = notional_at(leg.size_lots, unit_value_atoms)
    cdef int64_t flank_ppm = WEIGHED_FLANK * share_ppm
    cdef int64_t rate_ppm = rate_up_to_ppm(market, 2 * notional)
    cdef int64_t gain = <int64_t>div_floor(share_ppm * lowest_rate_ppm(market), PPM) - flank_ppm
    cdef int64_t loss = <int64_t>div_ceil(share_ppm * rate_ppm, PPM) + flank_ppm
    cdef int64_t value_ppm = PPM if leg.size_lots > 0 else -PPM
    cdef Weight weight
    weight.on_rise_atoms = mul_div_ceil(notional, loss - value_ppm, PPM)
    weight.on_fall_atoms = mul_div_ceil(notional, value_ppm - gain, PPM)
    return weight
