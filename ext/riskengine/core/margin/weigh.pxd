"""The third verb: how steeply an account's surplus goes with the price of a leg.

Let f = 10^6 * equity - share * maintenance, as a function of the leg's price, and P the price at
which it is weighed, as a rule its mark. Whatever the other prices are, a model promises of the two
numbers that it gives:

- *Reach.* Between any two prices from nothing to 2 * P, f falls by at most 10^6 * on_rise * d / P
  when the price rises by d, and by at most 10^6 * on_fall * d / P when it falls by d. A negative
  number is a gain: f rises by at least so much.
- *Relief.* A number that is not positive keeps its sign at any price: on that side f never falls.
- *Rounding.* Both hold for maintenance before it is rounded up, by less than an atom a leg.

So f moves up by at most what the other side's number says, the side of harm is that of the larger
number, and the requirement outgrows the value where both are positive. What else a model promises:
see margin/model.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport (
    PPM,
    from_ppm_ceil,
    from_ppm_floor,
    greatest,
    int128_t,
    magnitude,
)
from riskengine.core.books.books cimport Books, Leg
from riskengine.core.books.market cimport Market
from riskengine.core.margin.model cimport Weight
from riskengine.core.margin.tiers cimport highest_rate_ppm, lowest_rate_ppm, rate_up_to_ppm
from riskengine.core.margin.value cimport value_at


cdef inline Weight weigh(
    Books& books, int32_t leg_index, int64_t unit_value_atoms, int64_t share_ppm
) noexcept nogil:
    """Return how steeply f goes with the price of a leg of notional N, in atoms for all of it.

    f changes by N * (10^6 -/+ share * r / 10^6) for a long/short, r being the rate of the tier: at
    least that of the first, at most, up to twice the price, that of 2 * N. Rounded up.
    """
    cdef const Leg* leg = &books.legs[leg_index]
    cdef const Market* market = &books.markets[leg.market]
    cdef int64_t value = value_at(leg.size_lots, unit_value_atoms)
    cdef int64_t notional = magnitude(value)
    cdef int64_t least = from_ppm_floor(share_ppm * lowest_rate_ppm(market))
    cdef int64_t most = from_ppm_ceil(share_ppm * rate_up_to_ppm(market, 2 * notional))
    # What is required more when the price doubles, and less when it falls to nothing.
    cdef int64_t required = from_ppm_ceil(<int128_t>notional * most)
    cdef int64_t released = from_ppm_floor(<int128_t>notional * least)
    cdef Weight weight
    weight.on_rise_atoms = required - value
    weight.on_fall_atoms = value - released
    if share_ppm * highest_rate_ppm(market) > <int64_t>PPM * PPM:
        weight.on_rise_atoms = greatest(1, weight.on_rise_atoms)
    return weight
