"""Shelves: holders whose score cannot pass a ceiling soon (docs/SEMANTICS.md section 11).

A shelf is good while every mark stays within its reach of where it was when it was sorted. So
most holders are not looked at when counterparties are sought, just as most accounts are not when
a mark moves.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.fixedpoint cimport PPM, int128_t
from riskengine.core.state cimport Holder, Ranking, Shelf, State

cdef Ranking EMPTY
assert sizeof(EMPTY.shelves) == SHELVES * sizeof(Shelf)


cdef bint is_in_reach(int64_t mark, int64_t sorted_at, int64_t reach_ppm) noexcept nogil:
    return (
        <int128_t>sorted_at * (PPM - reach_ppm)
        <= <int128_t>mark * PPM
        <= <int128_t>sorted_at * (PPM + reach_ppm)
    )


cdef bint has_marks_in_reach(State& state, const Ranking* ranking, int shelf) noexcept nogil:
    """Return whether every mark is within the shelf's reach of where it was at its sorting."""
    cdef const Shelf* held = &ranking.shelves[shelf]
    cdef int64_t reach_ppm = reach_ppm_of(shelf)
    cdef size_t i
    if held.marks_ticks.size() != state.markets.size():
        return False
    for i in range(state.markets.size()):
        if not is_in_reach(state.markets[i].mark_price_ticks, held.marks_ticks[i], reach_ppm):
            return False
    return True


cdef void clear_shelf(State& state, Ranking* ranking, int shelf) noexcept nogil:
    """Take all holders from the shelf and sort it at the marks of now."""
    cdef Shelf* held = &ranking.shelves[shelf]
    cdef size_t i
    held.holders.clear()
    held.marks_ticks.resize(state.markets.size())
    for i in range(state.markets.size()):
        held.marks_ticks[i] = state.markets[i].mark_price_ticks


cdef int64_t take_down_out_of_reach(State& state, Ranking* ranking) noexcept nogil:
    """Have the holders watched whose shelves are not good any more.

    Return a bit for each of these shelves, whose marks are those of now.
    """
    cdef int64_t sorted_now = 0
    cdef int shelf
    for shelf in range(SHELVES):
        if not has_marks_in_reach(state, ranking, shelf):
            ranking.watched.insert(
                ranking.watched.end(),
                ranking.shelves[shelf].holders.begin(),
                ranking.shelves[shelf].holders.end(),
            )
            clear_shelf(state, ranking, shelf)
            sorted_now |= <int64_t>1 << shelf
    return sorted_now


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
