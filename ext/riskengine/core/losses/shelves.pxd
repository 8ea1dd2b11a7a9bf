"""Shelves: holders whose score cannot pass a ceiling soon (docs/proofs/rankings.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport greatest
from riskengine.core.books.books cimport Books
from riskengine.core.losses.queue cimport SHELF_LEVELS, Holder, Ranking, Shelf
from riskengine.core.losses.score cimport Standing, highest_score_ppm

cdef enum:
    GENERATION_BITS = 4
    GENERATIONS = 1 << GENERATION_BITS  # of shelves on a level, by when their marks were set
    SHELVES = SHELF_LEVELS * GENERATIONS


cdef inline int64_t highest_on_ppm(
    Books& books, const Ranking* ranking, const Standing* standing, int level
) noexcept nogil:
    """Return a score that the holder cannot pass while its markets are in the shelf's reach."""
    cdef const Shelf* held = &ranking.shelves[ranking.newest[level]]
    cdef bint has_marks_of_now = held.sequence == books.sequence
    cdef int64_t reach_ppm = held.reach_ppm if has_marks_of_now else held.wide_reach_ppm
    return highest_score_ppm(standing, reach_ppm, ranking.ceiling_ppm)


cdef inline void shelve(
    Books& books, Ranking* ranking, const Standing* standing, Holder holder
) noexcept nogil:
    """Put the holder on a shelf of the longest reach that is safe, or have it watched.

    Tried from the level where it was before, up or down.
    """
    cdef int level = <int>greatest(holder.level, 0)
    cdef int step = 0
    cdef int64_t highest_ppm
    holder.market_bits = standing.market_bits
    holder.level = -1
    while 0 <= level < SHELF_LEVELS:
        highest_ppm = highest_on_ppm(books, ranking, standing, level)
        if highest_ppm <= ranking.ceiling_ppm:
            holder.highest_ppm = highest_ppm
            holder.level = level
            if step < 0:
                break
            step = 1
        elif step > 0:
            break
        else:
            step = -1
        level += step
    if holder.level >= 0:
        ranking.shelves[ranking.newest[holder.level]].holders.push_back(holder)
    else:
        ranking.watched.push_back(holder)


cdef vector[int32_t] markets_marked_since(Books& books, int64_t sequence) noexcept nogil
cdef uint64_t bits_out_of_reach(
    Books& books, const Shelf* shelf, const vector[int32_t]& markets
) noexcept nogil
cdef void clear_shelves(Books& books, Ranking* ranking) noexcept nogil
cdef void take_down_out_of_reach(Books& books, Ranking* ranking) noexcept nogil
cdef void open_shelves(Books& books, Ranking* ranking) noexcept nogil
cdef void take_down_above_ceiling(Ranking* ranking) noexcept nogil
