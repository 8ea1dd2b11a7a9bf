"""The watches of a leg: on the side of its harm, on that of its relief, or on both.

A band in ticks becomes a key: the first price that is outside it.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport div_floor, int128_t, least
from riskengine.core.books.books cimport Books
from riskengine.core.books.market cimport Market
from riskengine.core.index.index cimport (
    ABOVE,
    ALWAYS,
    BELOW,
    NEVER,
    Index,
    WatchSide,
    price_heap,
    relative_heap,
)
from riskengine.core.index.reference cimport relative_price_floor, widest_band
from riskengine.core.index.watches cimport own_pair, set_watch
from riskengine.core.index.weights cimport WeighedLeg


cdef int64_t band_ticks(
    const Market* market, int64_t slack_atoms, int128_t weight_atoms
) noexcept nogil:
    """Return floor(mark * slack / weight), at most the mark itself; weight > 0, as each leg's."""
    if slack_atoms >= weight_atoms:
        return market.now.mark_price_ticks
    return <int64_t>div_floor(<int128_t>market.now.mark_price_ticks * slack_atoms, weight_atoms)


cdef int64_t relative_band_ticks(
    int64_t price, int64_t slack_atoms, int128_t weight_atoms
) noexcept nogil:
    """Return how far a relative price may go; one less than the part, since it was rounded down.

    weight > 0, as each leg's.
    """
    if slack_atoms >= weight_atoms:
        return widest_band(price) - 1
    return least(
        <int64_t>div_floor(<int128_t>price * slack_atoms, weight_atoms), widest_band(price)
    ) - 1


cdef inline int64_t fall_key(const Market* market, int64_t ticks) noexcept nogil:
    """Return the key that fires when the mark has fallen by more than that many ticks."""
    if ticks >= market.now.mark_price_ticks - 1:
        return NEVER
    return -(market.now.mark_price_ticks - ticks - 1)


cdef inline int64_t rise_key(const Market* market, int64_t ticks) noexcept nogil:
    """Return the key that fires when the mark has risen by more than that many ticks."""
    if ticks >= market.rules.max_price_ticks - market.now.mark_price_ticks:
        return NEVER
    return market.now.mark_price_ticks + ticks + 1


cdef void watch_harm(
    Books& books,
    Index& index,
    const WeighedLeg* weighed,
    int64_t slack_atoms,
    int128_t weight_atoms,
    bint is_relative,
) noexcept nogil:
    """Arm a leg on the side of its harm."""
    cdef const Market* market = &books.markets[weighed.market]
    cdef int side = weighed.harm_side
    cdef int32_t heap = price_heap(weighed.market, side)
    cdef int64_t price, ticks, key
    if is_relative:
        heap = relative_heap(weighed.market, side)
        price = relative_price_floor(books, index, market)
        ticks = relative_band_ticks(price, slack_atoms, weight_atoms)
        key = ticks + 1 + (-price if side == BELOW else price)
    else:
        ticks = band_ticks(market, slack_atoms, weight_atoms)
        key = fall_key(market, ticks) if side == BELOW else rise_key(market, ticks)
    set_watch(index, weighed.leg, <WatchSide>side, heap, key)


cdef void set_relief_side(
    Books& books, Index& index, const WeighedLeg* weighed, int32_t heap, int64_t key
) noexcept nogil:
    """Set the watch of a leg on the side on which its own price does no harm."""
    set_watch(index, weighed.leg, <WatchSide>(1 - weighed.harm_side), heap, key)


cdef void clear_relief_side(Books& books, Index& index, const WeighedLeg* weighed) noexcept nogil:
    """Take out the watch of a leg on the side on which its own price does no harm."""
    set_relief_side(books, index, weighed, price_heap(weighed.market, 1 - weighed.harm_side), NEVER)


cdef void watch_both_sides(
    Books& books, Index& index, const WeighedLeg* weighed, int64_t fall_ticks, int64_t rise_ticks
) noexcept nogil:
    """Arm a leg on both sides of its mark; on a side where it may go that far it never fires."""
    cdef const Market* market = &books.markets[weighed.market]
    cdef int64_t fall = fall_key(market, fall_ticks)
    cdef int64_t rise = rise_key(market, rise_ticks)
    set_watch(index, weighed.leg, BELOW, price_heap(weighed.market, BELOW), fall)
    set_watch(index, weighed.leg, ABOVE, price_heap(weighed.market, ABOVE), rise)


cdef void always_fire(Books& books, Index& index, int32_t account) noexcept nogil:
    """Arm all legs of the account so that any mark of one of their markets has it looked at."""
    cdef int32_t market
    cdef int32_t leg = books.accounts[account].first_leg
    while leg >= 0:
        market = books.legs[leg].market
        own_pair(index, leg, account)
        set_watch(index, leg, BELOW, price_heap(market, BELOW), NEVER)
        set_watch(index, leg, ABOVE, price_heap(market, ABOVE), ALWAYS)
        leg = books.legs[leg].next_leg
