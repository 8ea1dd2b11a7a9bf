"""Shelves: holders whose score cannot pass a ceiling soon (docs/SEMANTICS.md section 11).

A shelf is good while every mark stays within its reach of where it was when it was sorted. So
most holders are not looked at when counterparties are sought, just as most accounts are not when
a mark moves.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.fixedpoint cimport PPM, int128_t, mul_div_ceil
from riskengine.core.state cimport Holder, Ranking, Shelf, State

cdef enum:
    SHORTEST_PPM = 5_000


cdef bint is_in_reach(int64_t mark, int64_t sorted_at, int64_t reach_ppm) noexcept nogil:
    return (
        <int128_t>sorted_at * (PPM - reach_ppm)
        <= <int128_t>mark * PPM
        <= <int128_t>sorted_at * (PPM + reach_ppm)
    )


cdef vector[int32_t] markets_marked_since(State& state, int64_t sequence) noexcept nogil:
    """Return the markets that were marked after that command."""
    cdef vector[int32_t] marked
    cdef size_t i
    for i in range(state.markets.size()):
        if state.markets[i].marked_sequence > sequence:
            marked.push_back(<int32_t>i)
    return marked


cdef bint has_marks_in_reach(
    State& state, const Shelf* shelf, const vector[int32_t]& markets
) noexcept nogil:
    """Return whether these marks are within the shelf's reach of where they were at its sorting."""
    cdef size_t i
    if shelf.marks_ticks.size() != state.markets.size():
        return False
    for i in range(markets.size()):
        if not is_in_reach(
            state.markets[markets[i]].mark_price_ticks,
            shelf.marks_ticks[markets[i]],
            shelf.reach_ppm,
        ):
            return False
    return True


cdef void clear_shelf(State& state, Shelf* shelf) noexcept nogil:
    """Take all holders from the shelf and sort it at the marks of now."""
    cdef size_t i
    shelf.holders.clear()
    shelf.sequence = state.sequence
    shelf.marks_ticks.resize(state.markets.size())
    for i in range(state.markets.size()):
        shelf.marks_ticks[i] = state.markets[i].mark_price_ticks


cdef void clear_shelves(State& state, Ranking* ranking) noexcept nogil:
    """Take all holders from all shelves; set the shelves up if there are none yet."""
    cdef Shelf* shelf
    cdef int64_t longest_ppm
    cdef int i
    ranking.shelves.resize(SHELVES)
    for i in range(SHELVES):
        shelf = &ranking.shelves[i]
        longest_ppm = <int64_t>SHORTEST_PPM << (i >> COLUMN_BITS)
        shelf.reach_ppm = longest_ppm * (2 * COLUMNS - (i & (COLUMNS - 1))) >> (COLUMN_BITS + 1)
        shelf.wide_reach_ppm = mul_div_ceil(2 * shelf.reach_ppm, PPM, PPM - shelf.reach_ppm)
        clear_shelf(state, shelf)


cdef void take_down_out_of_reach(State& state, Ranking* ranking) noexcept nogil:
    """Have the holders watched whose shelves are not good any more."""
    cdef vector[int32_t] marked = markets_marked_since(state, ranking.sequence)
    cdef Shelf* shelf
    cdef int i
    for i in range(SHELVES):
        shelf = &ranking.shelves[i]
        if not has_marks_in_reach(state, shelf, marked):
            ranking.watched.insert(
                ranking.watched.end(), shelf.holders.begin(), shelf.holders.end()
            )
            clear_shelf(state, shelf)


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
