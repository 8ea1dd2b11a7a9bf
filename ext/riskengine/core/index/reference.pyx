"""The reference: how high all markets stand together (docs/proofs/trigger-index.md).

It follows the marks once for about every mark of each market, so that what it costs to look at all
heaps when it moves is a few nanoseconds a mark.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport div_floor, greatest, int128_t, least, mul_div_floor
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.index.index cimport BELOW, Index, reference_heap, relative_heap
from riskengine.core.index.watches cimport fire

cdef enum:
    MOVE_BITS = 30  # of the part of itself by which a price has moved
    LEAST_LEVEL_BITS = 24  # so that relative prices fit
    MOST_LEVEL_BITS = 44  # and keep some bits more than a mark


cdef void follow_from_now(Books& books, Index& index) noexcept nogil:
    """Follow the marks from those of now on."""
    cdef size_t i
    for i in range(books.markets.size()):
        index.referred_ticks[i] = books.markets[i].now.mark_price_ticks


cdef int64_t mean_move(Books& books, Index& index) noexcept nogil:
    """Return the mean part by which marks have moved since last asked, times 2^30.

    A market counts by its positions, and at most as doubled.
    """
    cdef int128_t moves = 0
    cdef int64_t legs = 0
    cdef int64_t held, before, now, move
    cdef size_t i
    for i in range(books.markets.size()):
        before = index.referred_ticks[i]
        now = books.markets[i].now.mark_price_ticks
        index.referred_ticks[i] = now
        if before > 0:
            held = <int64_t>books.directory.market_legs[i].size()
            move = least(now, 2 * before) - before
            # before > 0, as asked above.
            move = mul_div_floor(move, <int64_t>1 << MOVE_BITS, before)
            moves += <int128_t>held * move
            legs += held
    return <int64_t>div_floor(moves, greatest(legs, 1))


cdef void fire_all(Desk& desk, Index& index) noexcept nogil:
    """Touch whom the level that was just set reaches: by itself, or by a relative price."""
    cdef size_t i
    fire(desk, index, reference_heap(BELOW), index.reference_level)
    for i in range(desk.books.markets.size()):
        fire_relative_marks(desk, index, <int32_t>i)


cdef void note_marks(Desk& desk, Index& index, int64_t marks) noexcept nogil:
    """Count marks that have been set; when due, follow them and touch whom that reaches."""
    cdef int64_t level = index.reference_level
    index.marks_since_reference += marks
    if index.marks_since_reference < <int64_t>desk.books.markets.size():
        return
    index.marks_since_reference = 0
    level += <int64_t>div_floor(
        <int128_t>level * mean_move(desk.books, index), <int64_t>1 << MOVE_BITS
    )
    level = least(level, <int64_t>1 << MOST_LEVEL_BITS)
    level = greatest(level, <int64_t>1 << LEAST_LEVEL_BITS)
    if level != index.reference_level:
        index.reference_level = level
        fire_all(desk, index)


cdef void fire_relative_marks(Desk& desk, Index& index, int32_t market) noexcept nogil:
    """Touch the accounts whose watches the market's relative price has reached."""
    cdef int32_t below = relative_heap(market, BELOW)
    if index.heaps[below].empty() and index.heaps[below + 1].empty():
        return
    fire(desk, index, below, relative_price_floor(desk.books, index, &desk.books.markets[market]))
