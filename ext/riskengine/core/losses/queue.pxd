"""The queue: rankings of the holders of a side of a market, for auto-deleveraging."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t, uint64_t
from libcpp.vector cimport vector

from riskengine.core.books.books cimport Books

cdef enum:
    SHELF_LEVELS = 7  # of the reach of shelves, each twice as long as the one below


cdef struct Holder:
    int64_t highest_ppm  # score that it cannot pass while its markets are in its shelf's reach
    uint64_t market_bits  # of the markets in which the account has positions
    int32_t leg
    int32_t account
    int32_t version  # of the account when this was noted; another one makes it void
    int32_t level  # of the shelf on which it was last; -1 when there was none that was safe


cdef struct Ranked:
    int64_t score_ppm
    int64_t account_id
    int32_t is_fund
    Holder holder


cdef cppclass Shelf:
    int64_t reach_ppm  # how far each mark may go from where it was when that was set
    int64_t wide_reach_ppm  # how far two marks within reach can be from each other
    int64_t sequence  # of the command that set all of them
    vector[int64_t] lowest_ticks  # by market: the marks that are within reach
    vector[int64_t] highest_ticks
    vector[Holder] holders


cdef cppclass Ranking:
    bint is_built
    bint is_updating  # holders are being placed for a use, as units allow (WK-1)
    size_t placed  # of the positions of the market if it is being built, else of those that wait
    vector[Holder] waiting  # to be placed by their scores of this use
    int64_t sequence  # of the command whose scores are in the heap
    size_t logged  # how much of Changes.accounts is in it
    int64_t holders  # when it was built
    int64_t ceiling_ppm  # highest score of the holders that are not in the heap
    vector[Ranked] heap
    vector[Holder] above  # the ceiling, by the last command that looked: those in the heap
    vector[Holder] watched  # not above it, and on no shelf
    vector[Shelf] shelves  # not looked at while the marks stay within reach; none before the first
    int32_t[SHELF_LEVELS] newest  # by level: the shelf for those who come, marked last


cdef cppclass Queue:
    bint full_scan  # rank everybody for each allocation; for tests and benchmarks
    vector[Ranking] rankings  # market * 2 + (0 longs, 1 shorts)
    int64_t built_rankings


cdef inline bint is_current(Books& books, const Holder* holder) noexcept nogil:
    """Return whether the account is as it was when the holder was noted."""
    return books.accounts[holder.account].version == holder.version
