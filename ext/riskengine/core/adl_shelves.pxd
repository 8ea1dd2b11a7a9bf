"""Shelves: holders whose score cannot pass a ceiling soon (docs/SEMANTICS.md section 11)."""

from libc.stdint cimport int64_t

from riskengine.core.adl_score cimport Standing, highest_score_ppm
from riskengine.core.fixedpoint cimport PPM, div_ceil
from riskengine.core.state cimport Holder, Ranking, State

cdef enum:
    LEVELS = 6  # of reach, each twice as long as the one below
    COLUMN_BITS = 3
    COLUMNS = 1 << COLUMN_BITS  # a holder keeps to one; they lose their reach one after the other
    SHELVES = LEVELS * COLUMNS
    SHORTEST_PPM = 5_000


cdef inline int64_t reach_ppm_of(int shelf) noexcept nogil:
    """Return how far each mark may go from where it was when the shelf was sorted."""
    cdef int64_t longest_ppm = <int64_t>SHORTEST_PPM << (shelf >> COLUMN_BITS)
    return (longest_ppm * (2 * COLUMNS - (shelf & (COLUMNS - 1)))) >> (COLUMN_BITS + 1)


cdef inline int64_t wide_reach_ppm_of(int shelf) noexcept nogil:
    """Return how far two marks within the shelf's reach can be from each other, rounded up."""
    cdef int64_t reach_ppm = reach_ppm_of(shelf)
    return <int64_t>div_ceil(2 * reach_ppm * PPM, PPM - reach_ppm)


cdef inline bint shelve(
    Ranking* ranking,
    const Standing* standing,
    Holder holder,
    int64_t sorted_now,
    int likely_level,
) noexcept nogil:
    """Put the holder on the shelf of the longest reach that is safe; return whether there is one.

    `sorted_now` has a bit for each shelf whose marks are those of now. The likely level is tried
    first.
    """
    cdef int64_t reach_ppm, highest_ppm
    cdef int column = holder.account & (COLUMNS - 1)
    cdef int lowest = -1
    cdef int highest = LEVELS - 1
    cdef int level = likely_level
    cdef int shelf
    while lowest < highest:
        shelf = level * COLUMNS + column
        if (sorted_now >> shelf) & 1:
            reach_ppm = reach_ppm_of(shelf)
        else:
            reach_ppm = wide_reach_ppm_of(shelf)
        highest_ppm = highest_score_ppm(standing, reach_ppm, ranking.ceiling_ppm)
        if highest_ppm <= ranking.ceiling_ppm:
            lowest = level
            holder.highest_ppm = highest_ppm
        else:
            highest = level - 1
        level = (lowest + highest + 1) >> 1
    if lowest >= 0:
        ranking.shelves[lowest * COLUMNS + column].holders.push_back(holder)
    return lowest >= 0


cdef bint has_marks_in_reach(State& state, const Ranking* ranking, int shelf) noexcept nogil
cdef void clear_shelf(State& state, Ranking* ranking, int shelf) noexcept nogil
cdef int64_t take_down_out_of_reach(State& state, Ranking* ranking) noexcept nogil
cdef void take_down_above_ceiling(Ranking* ranking) noexcept nogil
