"""Setting and firing of watches; each stands in an ordered heap of its price and side."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.paged cimport PagedHeap
from riskengine.core.books.desk cimport Desk
from riskengine.core.index.index cimport Entry, Index, WatchPair, WatchSide


cdef void add_pairs(Index& index, int32_t leg) noexcept nogil
cdef void drop_watches(Index& index, int32_t leg) noexcept nogil


cdef inline WatchPair* own_pair(Index& index, int32_t leg, int32_t account) noexcept nogil:
    """Return the pair beside the account's leg; what another holder of the slot left is dropped."""
    if <size_t>leg >= index.watches.size():
        add_pairs(index, leg)
    if index.watches[leg].account != account:
        drop_watches(index, leg)
        index.watches[leg].account = account
    return &index.watches[leg]


cdef void set_watch(
    Index& index, int32_t leg, WatchSide side, int32_t heap, int64_t key
) noexcept nogil
cdef void fire_side(Desk& desk, Index& index, int32_t heap_index, int64_t reached) noexcept nogil


cdef inline bint is_reached(const PagedHeap[Entry]& heap, int64_t reached) noexcept nogil:
    """Return whether the heap's first watch is reached; if not, none is."""
    return not heap.empty() and heap[0].key <= reached


cdef inline void fire(Desk& desk, Index& index, int32_t below_heap, int64_t price) noexcept nogil:
    """Touch the accounts whose watches in a heap and in the next, its other side, are reached."""
    if is_reached(index.heaps[below_heap], -price):
        fire_side(desk, index, below_heap, -price)
    if is_reached(index.heaps[below_heap + 1], price):
        fire_side(desk, index, below_heap + 1, price)


cdef void fire_marks(Desk& desk, Index& index, int32_t market) noexcept nogil
cdef void end_command(Desk& desk, Index& index) noexcept nogil
