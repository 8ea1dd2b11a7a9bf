"""The index: how it begins, and how it grows with the markets."""

from libc.stddef cimport size_t

from riskengine.core.books.books cimport Books


cdef void index_init(Index& index, Books& books) noexcept nogil:
    """Begin an empty index of books that stay where they are."""
    index.watches.stand_beside(books.legs)
    index.full_scan = False
    index.reference_level = FIRST_REFERENCE_LEVEL
    index.marks_since_reference = 0


cdef void add_market(Index& index, size_t markets) noexcept nogil:
    """Make room for the heaps of one more market; `markets` counts it already."""
    index.heaps.resize(heap_count(markets))
    index.referred_ticks.push_back(0)


cdef void copy_index(Index& index, Index& origin) noexcept nogil:
    """Make an index that has just begun another's copy.

    Its books are a copy already, with what stands in the rooms beside their legs.
    """
    index.full_scan = origin.full_scan
    index.watches.take_over(origin.watches)
    index.heaps = origin.heaps
    index.fired = origin.fired
    index.reference_level = origin.reference_level
    index.marks_since_reference = origin.marks_since_reference
    index.referred_ticks = origin.referred_ticks
