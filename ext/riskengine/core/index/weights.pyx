"""Weights of legs: how fast f = 10^6 * E - share * M falls with a price.

See docs/proofs/trigger-index.md.

When the mark of a leg of notional N moves by the part d of itself, f falls by at most
N * d * weight: weight = 10^6 - share * r for a long, 10^6 + share * r for a short, with the rate r
that is worst anywhere inside the band. Weights are rounded up, so that slack is never overstated.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport (
    PPM,
    greatest,
    int128_t,
    magnitude,
    mul_div_ceil,
    mul_div_floor,
)
from riskengine.core.books.books cimport Books, Leg
from riskengine.core.books.market cimport Market
from riskengine.core.index.index cimport ABOVE, BELOW, NEVER, Index, WatchPair
from riskengine.core.index.watches cimport own_pair
from riskengine.core.margin.assess cimport lots_value, tier_of


cdef inline bint requirement_outgrows_value(const Market* market, int64_t share_ppm) noexcept nogil:
    """Return whether share * M can rise faster than a long's value, at the highest tier."""
    return (
        share_ppm * market.rules.tiers[market.rules.tier_count - 1].maintenance_rate_ppm
        > <int64_t>PPM * PPM
    )


cdef inline int64_t fall_ppm(const Market* market, int64_t share_ppm) noexcept nogil:
    """Return the least by which share * M falls with the price, in ppm of the value."""
    return mul_div_floor(share_ppm, market.rules.tiers[0].maintenance_rate_ppm, PPM)


cdef inline int64_t rise_ppm(
    const Market* market, int64_t notional_atoms, int64_t share_ppm
) noexcept nogil:
    """Return the most by which share * M rises until the price has doubled, in ppm of the value."""
    cdef int32_t tier = tier_of(market, 2 * notional_atoms)
    return mul_div_ceil(share_ppm, market.rules.tiers[tier].maintenance_rate_ppm, PPM)


cdef int64_t weight_ppm(
    const Market* market,
    int64_t lots,
    int64_t notional_atoms,
    int64_t share_ppm,
    bint outgrows,
) noexcept nogil:
    """Return the most that f changes by, over N * d, in ppm; for a short up to d = 1."""
    cdef int64_t highest, fall
    if lots < 0:
        return PPM + rise_ppm(market, notional_atoms, share_ppm)
    fall = PPM - fall_ppm(market, share_ppm)
    if not outgrows:
        return fall
    highest = market.rules.tiers[market.rules.tier_count - 1].maintenance_rate_ppm
    return greatest(fall, mul_div_ceil(share_ppm, highest, PPM) - PPM)


cdef void weigh(
    Books& books, Index& index, int32_t account, int64_t share_ppm, Weighing* weighing
) noexcept nogil:
    """List the account's legs with their weights."""
    cdef const Leg* leg
    cdef const WatchPair* pair
    cdef const Market* market
    cdef WeighedLeg* weighed
    cdef bint outgrows
    cdef bint any_requirement_outgrows = False
    cdef bint any_relief_side_armed = False
    cdef int64_t notional
    cdef int128_t weight = 0
    cdef int32_t count = 0
    cdef int32_t leg_index = books.accounts[account].first_leg
    while leg_index >= 0:
        leg = &books.legs[leg_index]
        pair = own_pair(index, leg_index, account)
        market = &books.markets[leg.market]
        notional = magnitude(lots_value(market, leg.size_lots))
        outgrows = requirement_outgrows_value(market, share_ppm)
        weighed = &weighing.legs[count]
        weighed.leg = leg_index
        weighed.market = leg.market
        weighed.harm_side = <int32_t>BELOW if leg.size_lots > 0 else <int32_t>ABOVE
        weighed.weight_atoms = greatest(
            1,
            mul_div_ceil(
                notional,
                weight_ppm(market, leg.size_lots, notional, share_ppm, outgrows),
                PPM,
            ),
        )
        weight += weighed.weight_atoms
        any_requirement_outgrows |= outgrows
        any_relief_side_armed |= pair.keys[1 - weighed.harm_side] != NEVER
        count += 1
        leg_index = leg.next_leg
    weighing.count = count
    weighing.weight_atoms = weight
    weighing.any_requirement_outgrows = any_requirement_outgrows
    weighing.any_relief_side_armed = any_relief_side_armed


cdef bint has_both_sides(const Weighing* weighing) noexcept nogil:
    """Return whether there are longs and shorts."""
    cdef int32_t i
    for i in range(1, weighing.count):
        if weighing.legs[i].harm_side != weighing.legs[0].harm_side:
            return True
    return False


cdef int128_t reference_weight(
    Books& books, const Weighing* weighing, int64_t share_ppm
) noexcept nogil:
    """Return the most that f falls by when all prices go together, over the part, in atoms.

    One side's legs lose by their weights while the other's gain: value, less what share * M rises
    by (longs, when prices rise), or with what it falls by (shorts, when they fall).
    """
    cdef int128_t on_fall = 0
    cdef int128_t on_rise = 0
    cdef const Market* market
    cdef int64_t lots, notional
    cdef int32_t i
    for i in range(weighing.count):
        market = &books.markets[weighing.legs[i].market]
        lots = books.legs[weighing.legs[i].leg].size_lots
        notional = magnitude(lots_value(market, lots))
        if lots > 0:
            on_fall += weighing.legs[i].weight_atoms
            on_rise -= mul_div_floor(
                notional, PPM - rise_ppm(market, notional, share_ppm), PPM
            )
        else:
            on_rise += weighing.legs[i].weight_atoms
            on_fall -= mul_div_floor(notional, PPM + fall_ppm(market, share_ppm), PPM)
    if on_fall > on_rise:
        on_rise = on_fall
    return on_rise if on_rise > 0 else 0
