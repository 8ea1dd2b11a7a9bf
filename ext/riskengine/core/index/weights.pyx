"""Weights of legs: how fast f = 10^6 * E - share * M falls with a price (SEMANTICS section 10).

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
from riskengine.core.books.state cimport ABOVE, BELOW, NEVER, Market, Position, State
from riskengine.core.margin.assess cimport lots_value, tier_of


cdef inline bint outruns(const Market* market, int64_t share_ppm) noexcept nogil:
    """Return whether share * M can rise faster than a long's value, at the highest tier."""
    return (
        share_ppm * market.tiers[market.tier_count - 1].maintenance_rate_ppm
        > <int64_t>PPM * PPM
    )


cdef inline int64_t fall_ppm(const Market* market, int64_t share_ppm) noexcept nogil:
    """Return the least by which share * M falls with the price, in ppm of the value."""
    return mul_div_floor(share_ppm, market.tiers[0].maintenance_rate_ppm, PPM)


cdef inline int64_t rise_ppm(
    const Market* market, int64_t notional_atoms, int64_t share_ppm
) noexcept nogil:
    """Return the most by which share * M rises until the price has doubled, in ppm of the value."""
    cdef int32_t tier = tier_of(market, 2 * notional_atoms)
    return mul_div_ceil(share_ppm, market.tiers[tier].maintenance_rate_ppm, PPM)


cdef int64_t weight_ppm(
    const Market* market,
    int64_t lots,
    int64_t notional_atoms,
    int64_t share_ppm,
    bint is_outrun,
) noexcept nogil:
    """Return the most that f changes by, over N * d, in ppm; for a short up to d = 1."""
    cdef int64_t highest, fall
    if lots < 0:
        return PPM + rise_ppm(market, notional_atoms, share_ppm)
    fall = PPM - fall_ppm(market, share_ppm)
    if not is_outrun:
        return fall
    highest = market.tiers[market.tier_count - 1].maintenance_rate_ppm
    return greatest(fall, mul_div_ceil(share_ppm, highest, PPM) - PPM)


cdef void weigh(State& state, int32_t account, int64_t share_ppm, Legs* legs) noexcept nogil:
    """List the account's legs with their weights."""
    cdef const Position* position
    cdef const Market* market
    cdef Leg* leg
    cdef bint is_outrun
    cdef bint any_outruns = False
    cdef bint any_free_side_armed = False
    cdef int64_t notional
    cdef int128_t weight = 0
    cdef int32_t count = 0
    cdef int32_t index = state.accounts[account].first_position
    while index >= 0:
        position = &state.positions[index]
        market = &state.markets[position.market]
        notional = magnitude(lots_value(market, position.size_lots))
        is_outrun = outruns(market, share_ppm)
        leg = &legs.legs[count]
        leg.position = index
        leg.market = position.market
        leg.harm_side = <int32_t>BELOW if position.size_lots > 0 else <int32_t>ABOVE
        leg.weight_atoms = greatest(
            1,
            mul_div_ceil(
                notional,
                weight_ppm(market, position.size_lots, notional, share_ppm, is_outrun),
                PPM,
            ),
        )
        weight += leg.weight_atoms
        any_outruns |= is_outrun
        any_free_side_armed |= position.trigger_keys[1 - leg.harm_side] != NEVER
        count += 1
        index = position.next_position
    legs.count = count
    legs.weight_atoms = weight
    legs.any_outruns = any_outruns
    legs.any_free_side_armed = any_free_side_armed


cdef bint has_both_sides(const Legs* legs) noexcept nogil:
    """Return whether there are longs and shorts."""
    cdef int32_t i
    for i in range(1, legs.count):
        if legs.legs[i].harm_side != legs.legs[0].harm_side:
            return True
    return False


cdef int128_t reference_weight(State& state, const Legs* legs, int64_t share_ppm) noexcept nogil:
    """Return the most that f falls by when all prices go together, over the part, in atoms.

    One side's legs lose by their weights while the other's gain: value, less what share * M rises
    by (longs, when prices rise), or with what it falls by (shorts, when they fall).
    """
    cdef int128_t on_fall = 0
    cdef int128_t on_rise = 0
    cdef const Market* market
    cdef int64_t lots, notional
    cdef int32_t i
    for i in range(legs.count):
        market = &state.markets[legs.legs[i].market]
        lots = state.positions[legs.legs[i].position].size_lots
        notional = magnitude(lots_value(market, lots))
        if lots > 0:
            on_fall += legs.legs[i].weight_atoms
            on_rise -= mul_div_floor(
                notional, PPM - rise_ppm(market, notional, share_ppm), PPM
            )
        else:
            on_rise += legs.legs[i].weight_atoms
            on_fall -= mul_div_floor(notional, PPM + fall_ppm(market, share_ppm), PPM)
    if on_fall > on_rise:
        on_rise = on_fall
    return on_rise if on_rise > 0 else 0
