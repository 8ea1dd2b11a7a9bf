"""Invariants of the watches and their heaps (docs/proofs/trigger-index.md)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.paged cimport PagedHeap
from riskengine.core.books.books cimport Leg
from riskengine.core.index.index cimport (
    NEVER,
    NOWHERE,
    SIDES,
    Entry,
    WatchPair,
    price_heap,
    relative_heap,
    watches_reference,
)


cdef int assert_heap(Books& books, Index& index, int32_t heap_index) except -1:
    """Assert that a heap is in order, and that it and the pairs of its watches agree."""
    cdef PagedHeap[Entry]* heap = &index.heaps[heap_index]
    cdef const WatchPair* pair
    cdef const Leg* leg
    cdef int64_t key
    cdef int at
    cdef size_t slot
    for slot in range(heap.size()):
        pair = &index.watches[heap[0][slot].watch]
        leg = &books.legs[heap[0][slot].watch]
        at = heap[0][slot].side
        key = heap[0][slot].key
        assert (
            watches_reference(heap_index)
            or heap_index == price_heap(leg.market, at)
            or heap_index == relative_heap(leg.market, at)
        ), "I13: a watch stands in a heap of its market and side"
        assert pair.account == leg.account >= 0, "I13: a watch knows whose leg it is beside"
        assert pair.heaps[at] == heap_index, "I13: a watch knows its heap"
        assert pair.slots[at] == <int32_t>slot, "I13: a watch knows its slot"
        assert pair.keys[at] == key, "I13: key of the watch"
        assert key != NEVER, "I13: a watch that never fires is not listed"
        if slot > 0:
            assert heap[0][(slot - 1) >> 2].key <= key, "I14: heap order"
    return 0


cdef size_t armed_watches(Index& index) except? 0:
    """Return how many watches are armed; assert that these and no others stand in a heap."""
    cdef size_t armed = 0
    cdef size_t i
    cdef int side
    for i in range(index.watches.size()):
        for side in range(SIDES):
            armed += index.watches[i].keys[side] != NEVER
            assert (index.watches[i].keys[side] != NEVER) == (
                index.watches[i].slots[side] != NOWHERE
            ), "I13: what is armed stands in a heap"
    return armed


cdef int assert_watches(Books& books, Index& index) except -1:
    """Raise AssertionError that names the first invariant of the index that is broken."""
    cdef size_t i
    cdef size_t listed = 0
    for i in range(index.heaps.size()):
        assert_heap(books, index, <int32_t>i)
        listed += index.heaps[i].size()
    assert listed == armed_watches(index), "I13: every armed watch is listed"
    return 0
