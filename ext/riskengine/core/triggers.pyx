"""Trigger heaps: two ordered structures a market, one a side (docs/SEMANTICS.md section 10).

Each is an indexed 4-ary heap, smallest key first; a position knows the place of its trigger, so
that it can be moved or taken out. A trigger for a fall carries its price negated.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.paged cimport Paged
from riskengine.core.state cimport ABOVE, BELOW, NEVER, Position, State, Trigger, TriggerSide, touch

cdef enum:
    ARITY = 4


cdef inline void put(
    State& state, Paged[Trigger]& heap, size_t slot, Trigger trigger, int side
) noexcept nogil:
    heap[slot] = trigger
    state.positions[trigger.position].heap_slots[side] = <int32_t>slot


cdef void rise(
    State& state, Paged[Trigger]& heap, size_t slot, Trigger trigger, int side
) noexcept nogil:
    """Place the trigger at the slot or above it."""
    cdef size_t parent
    while slot > 0:
        parent = (slot - 1) >> 2
        if heap[parent].key <= trigger.key:
            break
        put(state, heap, slot, heap[parent], side)
        slot = parent
    put(state, heap, slot, trigger, side)


cdef void sink(
    State& state, Paged[Trigger]& heap, size_t slot, Trigger trigger, int side
) noexcept nogil:
    """Place the trigger at the slot or below it."""
    cdef size_t size = heap.size()
    cdef size_t child, least_child, last
    while True:
        child = slot * ARITY + 1
        if child >= size:
            break
        least_child = child
        last = child + ARITY if child + ARITY < size else size
        for child in range(child + 1, last):
            if heap[child].key < heap[least_child].key:
                least_child = child
        if heap[least_child].key >= trigger.key:
            break
        put(state, heap, slot, heap[least_child], side)
        slot = least_child
    put(state, heap, slot, trigger, side)


cdef void take_out(State& state, Paged[Trigger]& heap, size_t slot, int side) noexcept nogil:
    cdef Trigger moved = heap.back()
    heap.pop_back()
    if slot == heap.size():
        return
    if slot > 0 and moved.key < heap[(slot - 1) >> 2].key:
        rise(state, heap, slot, moved, side)
    else:
        sink(state, heap, slot, moved, side)


cdef void set_trigger(
    State& state, int32_t index, TriggerSide side, int64_t key
) noexcept nogil:
    """Set, move or (with NEVER) take out the position's trigger on one side."""
    cdef Position* position = &state.positions[index]
    cdef int64_t present = position.trigger_keys[<int>side]
    cdef Paged[Trigger]* heap
    cdef Trigger trigger
    if key == present:
        return
    heap = &state.trigger_heaps[position.market * 2 + <int>side]
    position.trigger_keys[<int>side] = key
    trigger.key = key
    trigger.position = index
    trigger.reserved = 0
    if key == NEVER:
        take_out(state, heap[0], position.heap_slots[<int>side], side)
    elif present == NEVER:
        heap.push_back(trigger)
        rise(state, heap[0], heap.size() - 1, trigger, side)
    elif key < present:
        rise(state, heap[0], position.heap_slots[<int>side], trigger, side)
    else:
        sink(state, heap[0], position.heap_slots[<int>side], trigger, side)


cdef void drop_triggers(State& state, int32_t position) noexcept nogil:
    """Take both triggers of a position out."""
    set_trigger(state, position, BELOW, NEVER)
    set_trigger(state, position, ABOVE, NEVER)


cdef void fire_side(State& state, int32_t market, TriggerSide side, int64_t reached) noexcept nogil:
    cdef Paged[Trigger]* heap = &state.trigger_heaps[market * 2 + <int>side]
    cdef int32_t position, account
    while not heap.empty() and heap[0][0].key <= reached:
        position = heap[0][0].position
        account = state.positions[position].account
        state.positions[position].trigger_keys[<int>side] = NEVER
        take_out(state, heap[0], 0, side)
        state.totals.fired_triggers += 1
        state.totals.recomputed_accounts += not state.accounts[account].touched
        touch(state, account)


cdef void fire_triggers(State& state, int32_t market) noexcept nogil:
    """Touch the accounts whose triggers the market's mark has reached, and take those out."""
    fire_side(state, market, BELOW, -state.markets[market].mark_price_ticks)
    fire_side(state, market, ABOVE, state.markets[market].mark_price_ticks)
