"""Shelves: holders whose score cannot pass a ceiling soon (docs/proofs/rankings.md).

A holder is not looked at while the marks of its markets stay within its shelf's reach of where
they were. So most holders rest when counterparties are sought, just as most accounts do when a
mark moves.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t, uint64_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport PPM, mul_div_ceil, mul_div_floor
from riskengine.core.books.books cimport Books
from riskengine.core.losses.queue cimport SHELF_LEVELS, Holder, Ranking, Shelf
from riskengine.core.losses.score cimport market_bit

cdef extern from *:
    const uint64_t ALL_BITS "UINT64_MAX"

cdef enum:
    SHORTEST_PPM = 5_000


cdef vector[int32_t] markets_marked_since(Books& books, int64_t sequence) noexcept nogil:
    """Return the markets that were marked after that command."""
    cdef vector[int32_t] marked
    cdef size_t i
    for i in range(books.markets.size()):
        if books.markets[i].now.marked_sequence > sequence:
            marked.push_back(<int32_t>i)
    return marked


cdef uint64_t bits_out_of_reach(
    Books& books, const Shelf* shelf, const vector[int32_t]& markets
) noexcept nogil:
    """Return the bits of those of the markets whose marks are out of the shelf's reach."""
    cdef uint64_t bits = 0
    cdef size_t i
    cdef int32_t market
    if shelf.lowest_ticks.size() != books.markets.size():
        return ALL_BITS
    for i in range(markets.size()):
        market = markets[i]
        if not (
            shelf.lowest_ticks[market]
            <= books.markets[market].now.mark_price_ticks
            <= shelf.highest_ticks[market]
        ):
            bits |= market_bit(market)
    return bits


cdef inline void set_mark(Books& books, Shelf* shelf, int32_t market) noexcept nogil:
    """Have the shelf's reach in the market begin at the mark of now."""
    cdef int64_t mark = books.markets[market].now.mark_price_ticks
    shelf.lowest_ticks[market] = mul_div_ceil(mark, PPM - shelf.reach_ppm, PPM)
    shelf.highest_ticks[market] = mul_div_floor(mark, PPM + shelf.reach_ppm, PPM)


cdef void clear_shelf(Books& books, Ranking* ranking, int32_t index) noexcept nogil:
    """Take all holders from the shelf and set its marks to those of now."""
    cdef Shelf* shelf = &ranking.shelves[index]
    cdef size_t i
    shelf.holders.clear()
    shelf.sequence = books.sequence
    shelf.lowest_ticks.resize(books.markets.size())
    shelf.highest_ticks.resize(books.markets.size())
    for i in range(books.markets.size()):
        set_mark(books, shelf, <int32_t>i)
    ranking.newest[index >> GENERATION_BITS] = index


cdef void clear_shelves(Books& books, Ranking* ranking) noexcept nogil:
    """Take all holders from all shelves; set the shelves up if there are none yet."""
    cdef Shelf* shelf
    cdef int32_t i
    ranking.shelves.resize(SHELVES)
    for i in range(SHELVES):
        shelf = &ranking.shelves[i]
        shelf.holders.clear()
        shelf.reach_ppm = <int64_t>SHORTEST_PPM << (i >> GENERATION_BITS)
        # PPM - reach > 0: the longest reach is 32 %.
        shelf.wide_reach_ppm = mul_div_ceil(2 * shelf.reach_ppm, PPM, PPM - shelf.reach_ppm)
        if i & (GENERATIONS - 1) == 0:
            clear_shelf(books, ranking, i)


cdef void take_all_down(Books& books, Ranking* ranking, int32_t index) noexcept nogil:
    """Have all holders of the shelf watched and set its marks to those of now."""
    cdef vector[Holder]* holders = &ranking.shelves[index].holders
    ranking.watched.insert(ranking.watched.end(), holders.begin(), holders.end())
    clear_shelf(books, ranking, index)


cdef void take_down(
    Books& books, Ranking* ranking, int32_t index, const vector[int32_t]& marked, uint64_t bits
) noexcept nogil:
    """Have those watched that hold one of the markets; all when they are at least half."""
    cdef Shelf* shelf = &ranking.shelves[index]
    cdef size_t before = shelf.holders.size()
    cdef size_t kept = 0
    cdef size_t i
    for i in range(before):
        if shelf.holders[i].market_bits & bits:
            ranking.watched.push_back(shelf.holders[i])
        else:
            shelf.holders[kept] = shelf.holders[i]
            kept += 1
    shelf.holders.resize(kept)
    if 2 * kept <= before:
        take_all_down(books, ranking, index)
        return
    for i in range(marked.size()):
        if market_bit(marked[i]) & bits:
            set_mark(books, shelf, marked[i])


cdef void take_down_out_of_reach(Books& books, Ranking* ranking) noexcept nogil:
    """Have the holders watched who have a position in a market that is out of their reach."""
    cdef vector[int32_t] marked = markets_marked_since(books, ranking.sequence)
    cdef uint64_t bits
    cdef int32_t i
    for i in range(SHELVES):
        if not ranking.shelves[i].holders.empty() or ranking.newest[i >> GENERATION_BITS] == i:
            bits = bits_out_of_reach(books, &ranking.shelves[i], marked)
            if bits != 0:
                take_down(books, ranking, i, marked, bits)


cdef void open_shelf(Books& books, Ranking* ranking, int32_t level) noexcept nogil:
    """Have the newest shelf of the level be one that this command set.

    An empty shelf if there is one; else its holders join those that came last.
    """
    cdef int32_t i
    if ranking.shelves[ranking.newest[level]].sequence == books.sequence:
        return
    for i in range(level << GENERATION_BITS, (level + 1) << GENERATION_BITS):
        if ranking.shelves[i].holders.empty():
            clear_shelf(books, ranking, i)
            return


cdef void open_shelves(Books& books, Ranking* ranking) noexcept nogil:
    """Have the holders that come put on shelves with the marks of now where one is empty."""
    cdef int32_t level
    for level in range(SHELF_LEVELS):
        open_shelf(books, ranking, level)


cdef void take_down_above_ceiling(Ranking* ranking) noexcept nogil:
    """Have the holders watched that could now score above the ceiling, which was lowered."""
    cdef vector[Holder]* holders
    cdef size_t i, kept
    cdef int shelf
    for shelf in range(SHELVES):
        holders = &ranking.shelves[shelf].holders
        kept = 0
        for i in range(holders.size()):
            if holders[0][i].highest_ppm > ranking.ceiling_ppm:
                ranking.watched.push_back(holders[0][i])
            else:
                holders[0][kept] = holders[0][i]
                kept += 1
        holders.resize(kept)
