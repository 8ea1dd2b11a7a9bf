"""Trigger heaps: two ordered structures for a price, one a side (docs/SEMANTICS.md section 10).

Each is an indexed 4-ary heap, smallest key first; a position knows the place of its triggers, so
that they can be moved or taken out. A trigger for a fall carries its price negated.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.id_map cimport prefetch
from riskengine.core.paged cimport Paged
from riskengine.core.state cimport ABOVE, BELOW, NEVER, Position, State, Trigger, TriggerSide, touch

cdef enum:
    ARITY = 4
    LINE = 4  # triggers in a cache line


cdef inline void put(
    State& state, Paged[Trigger]& heap, size_t slot, Trigger trigger
) noexcept nogil:
    heap[slot] = trigger
    state.positions[trigger.position].heap_slots[trigger.side] = <int32_t>slot


cdef void rise(State& state, Paged[Trigger]& heap, size_t slot, Trigger trigger) noexcept nogil:
    """Place the trigger at the slot or above it."""
    cdef size_t parent
    while slot > 0:
        parent = (slot - 1) >> 2
        if heap[parent].key <= trigger.key:
            break
        put(state, heap, slot, heap[parent])
        slot = parent
    put(state, heap, slot, trigger)


cdef inline void fetch_grandchildren(
    const Paged[Trigger]& heap, size_t child, size_t size
) noexcept nogil:
    """Fetch the children of a child and of its three siblings, one of which comes next."""
    cdef size_t at = child * ARITY + 1
    cdef size_t end = at + ARITY * ARITY
    while at < end and at < size:
        prefetch(&heap[at])
        at += LINE


cdef void sink(State& state, Paged[Trigger]& heap, size_t slot, Trigger trigger) noexcept nogil:
    """Place the trigger at the slot or below it."""
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
        if heap[least_child].key >= trigger.key:
            break
        put(state, heap, slot, heap[least_child])
        slot = least_child
    put(state, heap, slot, trigger)


cdef void take_out(State& state, Paged[Trigger]& heap, size_t slot) noexcept nogil:
    cdef Trigger moved = heap.back()
    heap.pop_back()
    if slot == heap.size():
        return
    if slot > 0 and moved.key < heap[(slot - 1) >> 2].key:
        rise(state, heap, slot, moved)
    else:
        sink(state, heap, slot, moved)


cdef void drop_trigger(State& state, int32_t index, TriggerSide side) noexcept nogil:
    """Take the position's trigger on one side out of its heap, if it is armed."""
    cdef Position* position = &state.positions[index]
    if position.trigger_keys[<int>side] == NEVER:
        return
    position.trigger_keys[<int>side] = NEVER
    take_out(
        state, state.trigger_heaps[position.heaps[<int>side]], position.heap_slots[<int>side]
    )


cdef void set_trigger(
    State& state, int32_t index, TriggerSide side, int32_t heap_index, int64_t key
) noexcept nogil:
    """Set, move or (with NEVER) take out the position's trigger on one side."""
    cdef Position* position = &state.positions[index]
    cdef int64_t present = position.trigger_keys[<int>side]
    cdef Paged[Trigger]* heap = &state.trigger_heaps[heap_index]
    cdef Trigger trigger
    if present != NEVER and (key == NEVER or position.heaps[<int>side] != heap_index):
        drop_trigger(state, index, side)
        present = NEVER
    if key == present:
        return
    position.trigger_keys[<int>side] = key
    position.heaps[<int>side] = heap_index
    trigger.key = key
    trigger.position = index
    trigger.side = <int32_t>side
    if present == NEVER:
        heap.push_back(trigger)
        rise(state, heap[0], heap.size() - 1, trigger)
    elif key < present:
        rise(state, heap[0], position.heap_slots[<int>side], trigger)
    else:
        sink(state, heap[0], position.heap_slots[<int>side], trigger)


cdef void drop_triggers(State& state, int32_t position) noexcept nogil:
    """Take both triggers of a position out."""
    drop_trigger(state, position, BELOW)
    drop_trigger(state, position, ABOVE)


cdef void fire_side(State& state, int32_t heap_index, int64_t reached) noexcept nogil:
    cdef Paged[Trigger]* heap = &state.trigger_heaps[heap_index]
    cdef Trigger trigger
    cdef int32_t account
    while not heap.empty() and heap[0][0].key <= reached:
        trigger = heap[0][0]
        account = state.positions[trigger.position].account
        state.positions[trigger.position].trigger_keys[trigger.side] = NEVER
        take_out(state, heap[0], 0)
        state.totals.fired_triggers += 1
        state.totals.recomputed_accounts += not state.accounts[account].touched
        touch(state, account)


cdef void fire(State& state, int32_t below_heap, int64_t price) noexcept nogil:
    """Touch the accounts whose triggers in a heap and in the next, its other side, are reached."""
    fire_side(state, below_heap + <int32_t>BELOW, -price)
    fire_side(state, below_heap + <int32_t>ABOVE, price)


cdef void fire_triggers(State& state, int32_t market) noexcept nogil:
    """Touch the accounts whose triggers the market's mark has reached, and take those out."""
    fire(state, price_heap(market, BELOW), state.markets[market].mark_price_ticks)
