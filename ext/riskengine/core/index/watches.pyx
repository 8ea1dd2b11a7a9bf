"""Watches: each leg has a pair, one a side, in the heaps of the prices that they are set on.

A heap is an indexed 4-ary one, smallest key first; a pair knows the places of its entries, so that
they can be moved or taken out. A watch for a fall carries its price negated.

A watch that fires stays in its heap until its command ends, not armed any more: nearly always it
is armed anew by then, and has to move only from where it stood to where its new key belongs. So it
is with the watches of a leg that is closed: the next holder of its slot drops or takes them over.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t, uint16_t

from riskengine.core.base.expect cimport expect
from riskengine.core.base.id_map cimport prefetch
from riskengine.core.base.paged cimport PagedHeap
from riskengine.core.books.desk cimport Desk, touch
from riskengine.core.books.limits cimport MAX_MARKETS
from riskengine.core.index.index cimport (
    ABOVE,
    BELOW,
    HEAPS_PER_MARKET,
    NEVER,
    NOWHERE,
    SIDES,
    Entry,
    Fired,
    Index,
    WatchPair,
    WatchSide,
    price_heap,
)

cdef enum:
    ARITY = 4
    LINE = 4  # entries in a cache line
    AHEAD = 8  # fired watches whose accounts are fetched
    HEAP_NUMBERS = 1 << 16  # that a pair can name

assert SIDES + HEAPS_PER_MARKET * MAX_MARKETS <= HEAP_NUMBERS


cdef inline void put(
    Index& index, PagedHeap[Entry]& heap, size_t slot, Entry entry
) noexcept nogil:
    """Write an entry into a slot, and note in its pair where it stands."""
    heap[slot] = entry
    index.watches[entry.watch].slots[entry.side] = <int32_t>slot


cdef void rise(Index& index, PagedHeap[Entry]& heap, size_t slot, Entry entry) noexcept nogil:
    """Place the entry at the slot or above it."""
    cdef size_t parent
    while slot > 0:
        parent = (slot - 1) >> 2
        if heap[parent].key <= entry.key:
            break
        put(index, heap, slot, heap[parent])
        slot = parent
    put(index, heap, slot, entry)


cdef inline void fetch_grandchildren(
    const PagedHeap[Entry]& heap, size_t child, size_t size
) noexcept nogil:
    """Fetch the children of a child and of its three siblings, one of which comes next."""
    cdef size_t at = child * ARITY + 1
    cdef size_t end = at + ARITY * ARITY
    while at < end and at < size:
        prefetch(&heap[at])
        at += LINE


cdef void sink(Index& index, PagedHeap[Entry]& heap, size_t slot, Entry entry) noexcept nogil:
    """Place the entry at the slot or below it."""
    cdef size_t size = heap.size()
    cdef size_t child, least_child, last
    while True:
        child = slot * ARITY + 1
        if child >= size:
            break
        fetch_grandchildren(heap, child, size)
        least_child = child
        last = child + ARITY if child + ARITY < size else size
        for child in range(child + 1, last):
            if heap[child].key < heap[least_child].key:
                least_child = child
        if heap[least_child].key >= entry.key:
            break
        put(index, heap, slot, heap[least_child])
        slot = least_child
    put(index, heap, slot, entry)


cdef void take_out(Index& index, PagedHeap[Entry]& heap, size_t slot) noexcept nogil:
    """Fill the slot with the heap's last entry; the pair of the one that was there is not told."""
    cdef Entry moved = heap.back()
    expect(slot < heap.size())
    heap.pop_back()
    if slot == heap.size():
        return
    if slot > 0 and moved.key < heap[(slot - 1) >> 2].key:
        rise(index, heap, slot, moved)
    else:
        sink(index, heap, slot, moved)


cdef void add_pairs(Index& index, int32_t leg) noexcept nogil:
    """Add pairs of watches that are not armed, up to that leg's."""
    cdef WatchPair pair
    cdef int side
    for side in range(SIDES):
        pair.keys[side] = NEVER
        pair.slots[side] = NOWHERE
        pair.heaps[side] = 0
    pair.account = -1
    while index.watches.size() <= <size_t>leg:
        index.watches.push_back(pair)


cdef void drop_watch(Index& index, int32_t watch, WatchSide side) noexcept nogil:
    """Take one watch of a pair out of its heap, if it is in one."""
    cdef WatchPair* pair = &index.watches[watch]
    cdef int32_t slot = pair.slots[<int>side]
    if slot == NOWHERE:
        return
    pair.keys[<int>side] = NEVER
    pair.slots[<int>side] = NOWHERE
    take_out(index, index.heaps[pair.heaps[<int>side]], slot)


cdef void drop_watches(Index& index, int32_t leg) noexcept nogil:
    """Take both watches beside a leg out."""
    drop_watch(index, leg, BELOW)
    drop_watch(index, leg, ABOVE)


cdef bint is_fired(const WatchPair* pair, int side) noexcept nogil:
    """Return whether the watch has fired, is not armed anew, and still stands in its heap."""
    return pair.slots[side] != NOWHERE and pair.keys[side] == NEVER


cdef void set_watch(
    Index& index, int32_t leg, WatchSide side, int32_t heap_index, int64_t key
) noexcept nogil:
    """Set, move or (with NEVER) take out the watch beside the leg on one side."""
    cdef WatchPair* pair = &index.watches[leg]
    cdef PagedHeap[Entry]* heap = &index.heaps[heap_index]
    cdef int32_t slot
    cdef int64_t present
    cdef Entry entry
    expect(pair.account >= 0)
    if key == NEVER or pair.heaps[<int>side] != heap_index:
        drop_watch(index, leg, side)
    present = pair.keys[<int>side]
    if key == present:
        return
    slot = pair.slots[<int>side]
    if is_fired(pair, side):
        present = heap[0][slot].key
    pair.keys[<int>side] = key
    pair.heaps[<int>side] = <uint16_t>heap_index
    entry.key = key
    entry.watch = leg
    entry.side = <int32_t>side
    if slot == NOWHERE:
        heap.push_back(entry)
        rise(index, heap[0], heap.size() - 1, entry)
    elif key < present:
        rise(index, heap[0], slot, entry)
    else:
        sink(index, heap[0], slot, entry)


cdef void end_command(Desk& desk, Index& index) noexcept nogil:
    """Take out what has fired and was not armed anew, and what stands beside legs that are gone."""
    cdef Fired fired
    cdef int32_t leg
    cdef size_t i
    for i in range(index.fired.size()):
        fired = index.fired[i]
        if is_fired(&index.watches[fired.watch], fired.side):
            drop_watch(index, fired.watch, <WatchSide>fired.side)
    index.fired.clear()
    for i in range(desk.running.closed_legs.size()):
        leg = desk.running.closed_legs[i]
        if <size_t>leg < index.watches.size() and desk.books.legs[leg].account < 0:
            drop_watches(index, leg)
    desk.running.closed_legs.clear()


cdef inline void list_fired(Index& index, PagedHeap[Entry]& heap, size_t slot) noexcept nogil:
    """List the watch in the slot as fired, and fetch its pair."""
    cdef Fired fired
    fired.watch = heap[slot].watch
    fired.side = heap[slot].side
    fired.slot = <int32_t>slot
    index.fired.push_back(fired)
    prefetch(&index.watches[fired.watch])


cdef void list_reached(Index& index, PagedHeap[Entry]& heap, int64_t reached) noexcept nogil:
    """List the watches of a heap of which the top is reached, from there down: keys rise that way.
    """
    cdef size_t at = index.fired.size()
    cdef size_t child, last
    list_fired(index, heap, 0)
    while at < index.fired.size():
        child = <size_t>index.fired[at].slot * ARITY + 1
        last = min(child + ARITY, heap.size())
        while child < last:
            if heap[child].key <= reached:
                list_fired(index, heap, child)
            child += 1
        at += 1


cdef void fire_side(Desk& desk, Index& index, int32_t heap_index, int64_t reached) noexcept nogil:
    """Disarm the watches of one heap whose keys are at most `reached`, and touch their accounts.

    Its first one is among them.
    """
    cdef size_t first = index.fired.size()
    cdef size_t count, at
    cdef WatchPair* pair
    cdef int32_t side
    list_reached(index, index.heaps[heap_index], reached)
    count = index.fired.size()
    for at in range(first, count):
        if at + AHEAD < count:
            pair = &index.watches[index.fired[at + AHEAD].watch]
            prefetch(&desk.books.accounts[pair.account])
        pair = &index.watches[index.fired[at].watch]
        side = index.fired[at].side
        if pair.keys[side] != NEVER:
            pair.keys[side] = NEVER
            desk.totals.engine.fired_triggers += 1
            desk.totals.engine.recomputed_accounts += (
                not desk.books.accounts[pair.account].touched
            )
            touch(desk, pair.account)


cdef void fire_marks(Desk& desk, Index& index, int32_t market) noexcept nogil:
    """Touch the accounts whose watches the market's mark has reached."""
    fire(desk, index, price_heap(market, BELOW), desk.books.markets[market].now.mark_price_ticks)
