"""The index: watches on prices, and the heaps in which they stand.

Three prices are watched: the reference level, and of each market its mark and its mark relative to
the reference. Each has a heap a side.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t, uint16_t
from libcpp.vector cimport vector

from riskengine.core.base.paged cimport Beside, PagedHeap
from riskengine.core.books.books cimport Books, Leg

cdef enum WatchSide:
    BELOW = 0
    ABOVE = 1

cdef enum:
    SIDES = 2
    HEAPS_PER_MARKET = 2 * SIDES
    NOWHERE = -1  # slot of a watch that stands in no heap

cdef enum:
    FIRST_REFERENCE_LEVEL = 1 << 30

cdef extern from *:
    const int64_t NEVER "INT64_MAX"  # key of a watch that does not fire
    const int64_t ALWAYS "INT64_MIN"  # key of a watch that fires at any mark


cdef struct WatchPair:
    int64_t[SIDES] keys  # by WatchSide; NEVER when not armed on it
    int32_t[SIDES] slots  # place in its heap; NOWHERE when it is in none
    uint16_t[SIDES] heaps  # in Index.heaps; of a watch that is in one
    int32_t account  # whose leg it is beside; -1 before the first


cdef struct Entry:
    int64_t key  # fires when key <= what is watched (ABOVE), key <= -what is watched (BELOW)
    int32_t watch  # in Index.watches
    int32_t side


cdef struct Fired:
    int32_t watch
    int32_t side
    int32_t slot  # where it stood when it fired


cdef cppclass Index:
    bint full_scan  # find liquidations without the index; for tests and benchmarks
    Beside[WatchPair, Leg] watches  # one beside each leg
    vector[PagedHeap[Entry]] heaps  # by reference_heap, price_heap, relative_heap
    vector[Fired] fired  # in the running command, or in work that is pending
    int64_t reference_level  # how high all markets stand together
    int64_t marks_since_reference  # set since it was followed
    vector[int64_t] referred_ticks  # marks by market when it was, 0 before a market's first


cdef inline int32_t reference_heap(int side) noexcept nogil:
    """Return the heap of the watches on the reference on that side."""
    return side


cdef inline int32_t price_heap(int32_t market, int side) noexcept nogil:
    """Return the heap of the watches on the market's mark on that side."""
    return SIDES + HEAPS_PER_MARKET * market + side


cdef inline int32_t relative_heap(int32_t market, int side) noexcept nogil:
    """Return the heap of the watches on the market's relative price on that side."""
    return price_heap(market, side) + SIDES


cdef inline size_t heap_count(size_t markets) noexcept nogil:
    """Return how many heaps that many markets need, with those of the reference."""
    return SIDES + HEAPS_PER_MARKET * markets


cdef inline bint watches_reference(int32_t heap) noexcept nogil:
    """Return whether the heap is of the reference, not of a market's price."""
    return heap < SIDES


cdef void index_init(Index& index, Books& books) noexcept nogil
cdef void copy_index(Index& index, Index& origin) noexcept nogil
cdef void add_market(Index& index, size_t markets) noexcept nogil
