"""What the prices of its legs can take from the slack of an account.

See docs/proofs/trigger-index.md.

All that is known here of the margin model are the two numbers that it gives for each leg, with
what it promises of them (see margin/weigh).
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport greatest, int128_t
from riskengine.core.books.books cimport Books
from riskengine.core.index.index cimport ABOVE, BELOW, NEVER, Index, WatchPair
from riskengine.core.index.watches cimport own_pair
from riskengine.core.margin.model cimport Weight, is_harmed_by_both, is_harmed_by_rise
from riskengine.core.margin.weigh cimport weigh


cdef void weigh_legs(
    Books& books, Index& index, int32_t account, int64_t share_ppm, Weighing* weighing
) noexcept nogil:
    """List the account's legs with their weights."""
    cdef const WatchPair* pair
    cdef WeighedLeg* weighed
    cdef Weight on
    cdef bint any_requirement_outgrows = False
    cdef bint any_relief_side_armed = False
    cdef int128_t sum_atoms = 0
    cdef int64_t weight_atoms
    cdef int32_t harm_side, market
    cdef int32_t count = 0
    cdef int32_t leg = books.accounts[account].first_leg
    while leg >= 0:
        pair = own_pair(index, leg, account)
        market = books.legs[leg].market
        on = weigh(books, leg, books.markets[market].now.unit_value_atoms, share_ppm)
        harm_side = <int32_t>ABOVE if is_harmed_by_rise(on) else <int32_t>BELOW
        weight_atoms = greatest(1, greatest(on.on_rise_atoms, on.on_fall_atoms))
        sum_atoms += weight_atoms
        any_requirement_outgrows |= is_harmed_by_both(on)
        any_relief_side_armed |= pair.keys[1 - harm_side] != NEVER
        weighed = &weighing.legs[count]
        count += 1
        weighed.on = on
        weighed.weight_atoms = weight_atoms
        weighed.pair = pair
        weighed.leg = leg
        weighed.market = market
        weighed.harm_side = harm_side
        leg = books.legs[leg].next_leg
    weighing.count = count
    weighing.weight_atoms = sum_atoms
    weighing.any_requirement_outgrows = any_requirement_outgrows
    weighing.any_relief_side_armed = any_relief_side_armed


cdef bint has_both_sides(const Weighing* weighing) noexcept nogil:
    """Return whether some legs are harmed by a rise and some by a fall."""
    cdef int32_t i
    for i in range(1, weighing.count):
        if weighing.legs[i].harm_side != weighing.legs[0].harm_side:
            return True
    return False


cdef int128_t reference_weight(const Weighing* weighing) noexcept nogil:
    """Return the most that f falls by when all prices go together, over the part, in atoms.

    The legs on the side of harm lose while the others gain.
    """
    cdef int128_t on_rise = 0
    cdef int128_t on_fall = 0
    cdef int32_t i
    for i in range(weighing.count):
        on_rise += weighing.legs[i].on.on_rise_atoms
        on_fall += weighing.legs[i].on.on_fall_atoms
    if on_fall > on_rise:
        on_rise = on_fall
    return on_rise if on_rise > 0 else 0
